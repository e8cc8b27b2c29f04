"""Responses, OpenAI's newer API format: the body of a request. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.conversation_types import JsonValue, Role
from desktop.domain.tool_types import ToolSpec
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest, SentResult
from desktop.providers.wire.chat_body import output_format, own_tools
from desktop.providers.wire.tool_messages import arguments_text, paired_messages, plain_id, result_text, sealed_items
from desktop.providers.wire.tool_schemas import arguments_schema, description
from desktop.providers.wire.unsupported_features import SEARCH_SOURCES

_RENAMED = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}
_WITHIN = {
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
    "response_format": ("text", "format"),
}
"""Parameters of Chat Completions that are nested in an object in this API format."""


def responses_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the JSON of a request: the whole history, not stored by the server (`store` is false), and set parameters.

    Parameters have the names of Chat Completions everywhere else, and are renamed here.
    """
    body: dict[str, JsonValue] = {**defaults}
    for name, value in request.parameters.values.items():
        if name in _WITHIN:
            outer, own = _WITHIN[name]
            _put_within(body, outer, own, _flat(value))
        else:
            body[_RENAMED.get(name, name)] = value
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict):
        body["reasoning"] = {"summary": "auto", **reasoning}
    _offer(request, body)
    system = "\n\n".join(each.text for each in request.messages if each.role is Role.SYSTEM)
    if system:
        body["instructions"] = system
    spoken = [each for each in request.messages if each.role is not Role.SYSTEM]
    said = [item for message in paired_messages(spoken) for item in _items(message)]
    return {**body, "model": request.model, "input": said, "stream": True, "store": False}


def _offer(request: ChatRequest, body: dict[str, JsonValue]) -> None:
    """Add tools, web search and the response's schema to a body."""
    searched: list[JsonValue] = [{"type": "web_search"}] if request.web_search else []
    if request.tools or searched:
        body["tools"] = [*own_tools(body), *map(_tool, request.tools), *searched]
    if body.get("tools"):
        # Encrypted reasoning must be sent back with the results of tools
        body.setdefault("include", ["reasoning.encrypted_content", *([SEARCH_SOURCES] if searched else [])])
    if request.output is not None:
        _put_within(body, "text", "format", {"type": "json_schema", **output_format(request.output)})


def _put_within(body: dict[str, JsonValue], outer: str, name: str, value: JsonValue) -> None:
    held = body.get(outer)
    body[outer] = {**(held if isinstance(held, dict) else {}), name: value}


def _items(message: ChatMessage) -> list[JsonValue]:
    """Return a message as input items: results, sealed items in their order, the content, and calls."""
    items: list[JsonValue] = [
        {"type": "function_call_output", "call_id": plain_id(each.call), "output": _output(each)}
        for each in message.results
    ]
    phase: dict[str, JsonValue] = {}
    for item in sealed_items(message):
        if item.get("type") == "message":
            phase = {"phase": item.get("phase")}
        elif "type" in item:
            # Nothing is stored, and Azure rejects the ID of an item that it did not store
            items.append({name: value for name, value in item.items() if name != "id"})
    if message.text or message.attached or not (items or message.calls):
        items.append({"role": str(message.role), "content": _content(message), **phase})
    for call in message.calls:
        arguments = arguments_text(call.arguments)
        items.append({"type": "function_call", "call_id": plain_id(call.id), "name": call.name, "arguments": arguments})
    return items


def _output(result: SentResult) -> JsonValue:
    """Return a result's text, followed by its images if any."""
    text = result_text(result)
    if not result.images:
        return text
    shown: list[JsonValue] = [{"type": "input_text", "text": text}] if text else []
    return [*shown, *_parts(result.images)]


def _content(message: ChatMessage) -> JsonValue:
    """Return a message's text, after its attachments if any."""
    if not message.attached:
        return message.text
    parts = _parts(message.attached)
    return [*parts, {"type": "input_text", "text": message.text}] if message.text else parts


def _parts(attached: Sequence[AttachedPart]) -> list[JsonValue]:
    parts: list[JsonValue] = []
    for part in attached:
        url = f"data:{part.media_type};base64,{part.data}"
        if part.is_picture:
            parts.append({"type": "input_image", "image_url": url, "detail": "auto"})
        else:
            parts.append({"type": "input_file", "filename": part.name, "file_data": url})
    return parts


def _tool(tool: ToolSpec) -> JsonValue:
    # Not strict, because optional arguments would have to be required
    return {
        "type": "function",
        "name": tool.name,
        **description(tool),
        "parameters": arguments_schema(tool),
        "strict": False,
    }


def _flat(value: JsonValue) -> JsonValue:
    """Convert a response format of Chat Completions: in this API format, the schema's fields are next to its type."""
    schema = value.get("json_schema") if isinstance(value, dict) else None
    return {"type": "json_schema", **schema} if isinstance(schema, dict) else value
