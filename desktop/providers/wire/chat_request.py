"""The wire of chat completions: a request's body; chunks.py reads its answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain import JsonValue
from desktop.providers.provider import ChatRequest


def chat_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The JSON of a request: only what was set, over `defaults`; usage is asked for."""
    messages: list[JsonValue] = [{"role": str(message.role), "content": message.text} for message in request.messages]
    return {
        "stream_options": {"include_usage": True},
        **defaults,
        **request.parameters.values,
        "model": request.model,
        "messages": messages,
        "stream": True,
    }
