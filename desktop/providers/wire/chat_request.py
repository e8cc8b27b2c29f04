"""The wire of chat completions: a request's body; chunks.py reads its answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest


def _content(message: ChatMessage) -> JsonValue:
    """A message's text alone, or after its pictures. Files are given as what they say: this wire takes none."""
    if not message.attached:
        return message.text
    message = files_as_text(message)
    shown: list[JsonValue] = [
        {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{part.data}", "detail": "auto"}}
        for part in message.attached
    ]
    return [*shown, {"type": "text", "text": message.text}] if message.text else shown


def files_as_text(message: ChatMessage) -> ChatMessage:
    """A message with the text of its files before its own; of what is attached to it, images stay."""
    texts = [part.text for part in message.attached if not part.is_picture]
    said = "\n\n".join(filter(None, [*texts, message.text]))
    return msgspec.structs.replace(message, text=said, attached=tuple(filter(_is_picture, message.attached)))


def _is_picture(part: AttachedPart) -> bool:
    return part.is_picture


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
