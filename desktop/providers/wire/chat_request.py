"""The wire of chat completions: a request's body; chunks.py reads its answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain import JsonValue
from desktop.providers.provider import ChatMessage, ChatRequest


def _content(message: ChatMessage) -> JsonValue:
    """A message's text alone, or after its pictures. Files are given as what they say: this wire takes none."""
    if not message.attached:
        return message.text
    texts = [part.text for part in message.attached if not part.is_picture]
    shown: list[JsonValue] = [
        {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{part.data}", "detail": "auto"}}
        for part in message.attached
        if part.is_picture
    ]
    said = "\n\n".join(filter(None, [*texts, message.text]))
    return [*shown, {"type": "text", "text": said}] if said else shown


def chat_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The JSON of a request: only what was set, over `defaults`; usage is asked for."""
    messages: list[JsonValue] = [{"role": str(each.role), "content": _content(each)} for each in request.messages]
    return {
        "stream_options": {"include_usage": True},
        **defaults,
        **request.parameters.values,
        "model": request.model,
        "messages": messages,
        "stream": True,
    }
