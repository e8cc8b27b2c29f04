"""The wire format of chat completions, as servers write it."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def chunk(
    delta: dict[str, Any] | None = None,
    finish: str | None = None,
    *,
    choice: dict[str, Any] | None = None,
    **more: object,
) -> dict[str, Any]:
    """A chunk with one choice, to which `choice` adds; `more` goes beside `choices`."""
    only = {"index": 0, "delta": delta or {}, "finish_reason": finish, "logprobs": None, **(choice or {})}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1764000000, "model": "grok-3-mini-beta"}
    return {**head, "choices": [only], **more}


def bare(**fields: object) -> dict[str, Any]:
    """A chunk without choices."""
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "grok-3-mini-beta", "choices": [], **fields}


def event(value: dict[str, Any] | str, end: str = "\n") -> bytes:
    """One server-sent event with `end` as its line end."""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"data: {data}{end}{end}".encode()


SOURCES = [("https://example.org/a", "First page"), ("https://example.org/b", "Second [page]")]
"""What the answers of the behaviour `cited` rest on, over each wire."""


def usage(prompt: int = 7, completion: int = 5, reasoning: int | None = None) -> dict[str, Any]:
    """A usage object as xAI counts: reasoning on top of completion."""
    total = prompt + completion + (reasoning or 0)
    found: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    if reasoning is not None:
        found["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    return found


def answer(words: list[str], finish: str = "stop", end: str = "\n") -> list[bytes]:
    """The events of a good answer: role, words, finish reason, usage."""
    events = [event(chunk({"role": "assistant", "content": ""}), end)]
    events += [event(chunk({"content": word}), end) for word in words]
    events += [event(chunk(finish=finish), end), event(bare(usage=usage(completion=len(words))), end)]
    return [*events, f"data: [DONE]{end}{end}".encode()]


def refused_feature(model: str, asked: dict[str, Any]) -> str:
    """What is said of a request by a model that lacks what its name says; OpenAI's words and Ollama's."""
    tools: object = asked.get("tools")
    if model == "no-tools" and tools:
        return "no-tools does not support tools"
    if model == "no-search" and ("web_search" in str(tools) or "web_search_options" in asked):
        return "Hosted tool 'web_search' is not supported with no-search."
    if model == "no-sources" and "action.sources" in str(asked.get("include")):
        return "Invalid value: 'web_search_call.action.sources'. Supported values are: 'reasoning.encrypted_content'."
    if model == "no-schema" and "json_schema" in str({**asked, "messages": [], "input": []}):
        return "'response_format' of type 'json_schema' is not supported with this model."
    return ""
