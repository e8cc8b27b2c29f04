"""The programs that imported chats come from; their models stand on connections that never were."""

from __future__ import annotations

from typing import Final

from desktop.domain.conversation_types import ModelRef

PREFIX: Final = "imported-"
"""What the name of the connection of an imported model begins with; the rest is the program's."""

_PROGRAMS: Final = {
    "ai-studio": "Google AI Studio",
    "chatgpt": "ChatGPT",
    "claude": "Claude",
    "deepseek": "DeepSeek",
    "open-webui": "Open WebUI",
    "librechat": "LibreChat",
    "chatbox": "Chatbox",
    "chatbotui": "ChatbotUI",
    "big-agi": "big-AGI",
    "cherry-studio": "Cherry Studio",
    "gemini": "Gemini",
    "grok": "Grok",
    "jan": "Jan",
    "llm": "llm",
    "lm-studio": "LM Studio",
    "markdown": "Markdown",
    "mistral": "Mistral",
    "nextchat": "NextChat",
    "paragone-markdown": "Paragone (Markdown)",
    "typingmind": "TypingMind",
    "witsy": "Witsy",
}
_FROM: Final = ", imported from "


def program_of(connection: str) -> str:
    """The program that what stands on this connection was imported from; empty where it is a connection's own name."""
    return _PROGRAMS.get(connection.removeprefix(PREFIX), "") if connection.startswith(PREFIX) else ""


def model_text(model: ModelRef) -> str:
    """A model as pages to read name it: `lab/gpt-4.1`, or “gpt-4o, imported from ChatGPT”."""
    program = program_of(model.connection)
    return f"{model.name}{_FROM}{program}" if program else str(model)


def model_of_text(named: str) -> ModelRef:
    """The model that a page names so. Raises UsageError where it is none."""
    name, imported, program = named.rpartition(_FROM)
    connection = next((each for each, known in _PROGRAMS.items() if known == program), "") if imported else ""
    return ModelRef(connection=f"{PREFIX}{connection}", name=name) if connection and name else ModelRef.parse(named)
