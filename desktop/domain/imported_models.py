"""Source programs of imported chats. Their models have placeholder connections that are not in the settings."""

from __future__ import annotations

from typing import Final

from desktop.domain.conversation_types import ModelRef

PREFIX: Final = "imported-"
"""Prefix of the placeholder connection of an imported model, followed by the program's key."""

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
    """Return the program behind an imported chat's placeholder connection; empty for a real connection."""
    return _PROGRAMS.get(connection.removeprefix(PREFIX), "") if connection.startswith(PREFIX) else ""


def model_text(model: ModelRef) -> str:
    """Return a model as pages show it: `lab/gpt-4.1`, or “gpt-4o, imported from ChatGPT”."""
    program = program_of(model.connection)
    return f"{model.name}{_FROM}{program}" if program else str(model)


def model_of_text(named: str) -> ModelRef:
    """Parse the text that a page shows for a model.

    Raises:
        UsageError: If the text is not a model.
    """
    name, imported, program = named.rpartition(_FROM)
    connection = next((each for each, known in _PROGRAMS.items() if known == program), "") if imported else ""
    return ModelRef(connection=f"{PREFIX}{connection}", name=name) if connection and name else ModelRef.parse(named)
