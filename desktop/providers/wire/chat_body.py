"""Chat Completions: the body of a request. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import ToolSpec
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest, OutputSchema, SentCall
from desktop.providers.wire.tool_messages import arguments_text, paired_messages, result_text, sealed_items
from desktop.providers.wire.tool_schemas import arguments_schema, description, is_strict, response_schema


def chat_body(request: ChatRequest, defaults: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the JSON of a request: the parameters that are set, over `defaults`, plus the usage option.

    Tools are added to those that the user set as a parameter. Only OpenAI's search models and some gateways know
    `web_search_options`.
    """
    body: dict[str, JsonValue] = {
        "stream_options": {"include_usage": True},
        **defaults,
        **request.parameters.values,
        "model": request.model,
        "messages": [each for message in paired_messages(request.messages) for each in _messages(message)],
        "stream": True,
    }
    if request.tools:
        body["tools"] = [*own_tools(body), *map(_tool, request.tools)]
    if request.web_search:
        body.setdefault("web_search_options", {})
    if request.output is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": output_format(request.output)}
    return body


def own_tools(body: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Return the tools that the user set as a parameter."""
    own = body.get("tools")
    return own if isinstance(own, list) else []


def output_format(output: OutputSchema) -> dict[str, JsonValue]:
    """Return a response's schema with its name, in OpenAI's form. It is strict if the schema allows that."""
    schema = response_schema(output.schema)
    return {"name": output.name, "schema": schema, "strict": is_strict(schema)}


def files_as_text(message: ChatMessage) -> ChatMessage:
    """Return a message with the text of its files before its own; attached images do not change."""
    texts = [part.text for part in message.attached if not part.is_picture]
    said = "\n\n".join(filter(None, [*texts, message.text]))
    return msgspec.structs.replace(message, text=said, attached=tuple(filter(_is_picture, message.attached)))


def _messages(message: ChatMessage) -> list[JsonValue]:
    """Return a message in this API format: one per tool result, followed by the message's own content."""
    sent: list[JsonValue] = [
        {"role": "tool", "tool_call_id": each.call, "content": result_text(each)} for each in message.results
    ]
    if message.results and not (message.text or message.attached):
        return sent
    whole: dict[str, JsonValue] = {"role": str(message.role), "content": _content(message)}
    if message.calls:
        items = sealed_items(message)
        extras = {str(each.get("tool_call_id")): each for each in items if "tool_call_id" in each}
        whole["content"] = message.text or None
        whole["tool_calls"] = [{**_call(each), **_extra(extras, each.id)} for each in message.calls]
        reasoning = [each["reasoning_content"] for each in items if "reasoning_content" in each]
        if reasoning:  # DeepSeek and Kimi reject calls without it
            whole["reasoning_content"] = reasoning[-1]
    return [*sent, whole]


def _call(call: SentCall) -> dict[str, JsonValue]:
    function: JsonValue = {"name": call.name, "arguments": arguments_text(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _extra(extras: Mapping[str, Mapping[str, JsonValue]], call: str) -> dict[str, JsonValue]:
    """Return the field with which Gemini recognizes its own call."""
    extra = extras.get(call, {}).get("extra_content")
    return {} if extra is None else {"extra_content": extra}


def _tool(tool: ToolSpec) -> JsonValue:
    function: JsonValue = {"name": tool.name, **description(tool), "parameters": arguments_schema(tool)}
    return {"type": "function", "function": function}


def _content(message: ChatMessage) -> JsonValue:
    """Return a message's text, after its images if any. Files become text, as this API format has none."""
    if not message.attached:
        return message.text
    message = files_as_text(message)
    shown: list[JsonValue] = [
        {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{part.data}", "detail": "auto"}}
        for part in message.attached
    ]
    return [*shown, {"type": "text", "text": message.text}] if message.text else shown


def _is_picture(part: AttachedPart) -> bool:
    return part.is_picture
