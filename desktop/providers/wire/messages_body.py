"""Messages, Anthropic's API format: the body of a request. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.conversation_types import JsonValue, Role
from desktop.domain.tool_types import ToolSpec
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest, SentResult
from desktop.providers.wire.chat_body import own_tools
from desktop.providers.wire.tool_messages import (
    arguments_object,
    described_calls,
    paired_messages,
    plain_id,
    sealed_items,
)
from desktop.providers.wire.tool_schemas import arguments_schema, closed_schema

_MOST_OUTPUT = 8_192
"""Maximum output tokens for a model whose limit is unknown, since this API format requires a limit."""

_LIMITS = ("max_tokens", "max_completion_tokens")
_NO_EFFORT = frozenset({"none", "minimal"})

_WEB_SEARCH: JsonValue = {"type": "web_search_20250305", "name": "web_search"}
"""Web search that all current Claude models support; later versions also run code that filters the results."""


def messages_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the JSON of a request, with parameters renamed from Chat Completions.

    Reasoning is requested, as a summary, if the model is known to reason or an effort is set.
    """
    parameters = {**defaults, **request.parameters.values}
    limits = [parameters.pop(name) for name in _LIMITS if name in parameters]
    body: dict[str, JsonValue] = {"max_tokens": limits[0] if limits else request.most_output or _MOST_OUTPUT}
    stop = parameters.pop("stop", None)
    if stop is not None:
        body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    effort = parameters.pop("reasoning_effort", None)
    if effort in _NO_EFFORT:
        pass
    elif effort is not None or request.reasons:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        if effort is not None:
            body["output_config"] = {"effort": effort}
    system = "\n\n".join(each.text for each in request.messages if each.role is Role.SYSTEM)
    if system:
        body["system"] = system
    body |= parameters
    _offer(request, body)
    spoken = paired_messages([each for each in request.messages if each.role is not Role.SYSTEM])
    if not body.get("tools"):  # then calls and results are rejected
        spoken = described_calls(spoken)
    return {**body, "model": request.model, "messages": _messages(spoken), "stream": True}


def _offer(request: ChatRequest, body: dict[str, JsonValue]) -> None:
    """Add tools, web search and the response's schema to a body."""
    searched = [_WEB_SEARCH] if request.web_search else []
    if request.tools or searched:
        body["tools"] = [*own_tools(body), *map(_tool, request.tools), *searched]
    if request.output is not None:
        held = body.get("output_config")
        form: JsonValue = {"type": "json_schema", "schema": closed_schema(request.output.schema)}
        body["output_config"] = {**(held if isinstance(held, dict) else {}), "format": form}


def _tool(tool: ToolSpec) -> JsonValue:
    text = tool.description.strip()
    described: dict[str, JsonValue] = {"description": text} if text else {}
    return {"name": tool.name, **described, "input_schema": arguments_schema(tool)}


def _messages(messages: Sequence[ChatMessage]) -> list[JsonValue]:
    """Return messages in this API format. A prompt is merged into preceding results, which are of the same role."""
    sent: list[JsonValue] = []
    blocks: list[JsonValue] = []
    for at, message in enumerate(messages):
        before = messages[at - 1] if at else None
        if before is not None and before.results and message.role is Role.USER:
            blocks += _blocks(message)
            continue
        if message.results or message.calls or message.sealed:
            blocks = _blocks(message)
            sent.append({"role": str(message.role), "content": blocks})
        else:
            sent.append({"role": str(message.role), "content": _content(message)})
    return sent


def _blocks(message: ChatMessage) -> list[JsonValue]:
    """Return a message's blocks: results, sealed blocks in their order, attachments, text, and calls."""
    blocks: list[JsonValue] = [_result(each) for each in message.results]
    sealed: list[JsonValue] = [item for item in sealed_items(message) if "type" in item]
    running = _running(sealed)
    blocks += sealed[: len(sealed) - running]
    blocks += _parts(message.attached)
    if message.text.strip():
        blocks.append({"type": "text", "text": message.text})
    # The server continues with a tool of its own that it has not run yet, so that block must be the last one
    blocks += sealed[len(sealed) - running :]
    for call in message.calls:
        arguments = arguments_object(call.arguments)
        blocks.append({"type": "tool_use", "id": plain_id(call.id), "name": call.name, "input": arguments})
    return blocks


def _running(sealed: Sequence[JsonValue]) -> int:
    """Return the number of blocks at the end that are uses of the server's own tools without results."""
    number = 0
    for item in reversed(sealed):
        if not isinstance(item, dict) or item.get("type") != "server_tool_use":
            break
        number += 1
    return number


def _result(result: SentResult) -> JsonValue:
    parts = _parts(result.images)
    text: list[JsonValue] = [{"type": "text", "text": result.text}] if result.text.strip() else []
    block: dict[str, JsonValue] = {"type": "tool_result", "tool_use_id": plain_id(result.call)}
    if parts:
        block["content"] = [*text, *parts]
    elif text:
        block["content"] = result.text
    if result.is_error:
        block["is_error"] = True
    return block


def _content(message: ChatMessage) -> JsonValue:
    """Return a message's text, after its attachments if any."""
    if not message.attached:
        return message.text
    parts = _parts(message.attached)
    return [*parts, {"type": "text", "text": message.text}] if message.text else parts


def _parts(attached: Sequence[AttachedPart]) -> list[JsonValue]:
    parts: list[JsonValue] = []
    for part in attached:
        source: JsonValue = {"type": "base64", "media_type": part.media_type, "data": part.data}
        if part.is_picture:
            parts.append({"type": "image", "source": source})
        else:
            parts.append({"type": "document", "source": source, "title": part.name})
    return parts
