"""Tools, web search and schemas in the requests of the three API formats, and a tool loop sent back in each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.domain.conversation_types import JsonValue, Parameters, Role
from desktop.domain.tool_types import ToolSpec
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest, OutputSchema, SentCall, SentResult
from desktop.providers.wire.chat_body import chat_body
from desktop.providers.wire.messages_body import messages_body
from desktop.providers.wire.responses_body import responses_body

Body = Callable[[ChatRequest, Mapping[str, JsonValue]], dict[str, JsonValue]]

SCHEMA: dict[str, JsonValue] = {"type": "object", "properties": {"x": {"type": "integer"}}}
STRICT: dict[str, JsonValue] = {**SCHEMA, "required": ["x"], "additionalProperties": False}
TOOL = ToolSpec(name="f", description="Finds.", schema={"$schema": "s", **SCHEMA})
BARE = ToolSpec(name="g")
IMAGE = AttachedPart(name="i.png", media_type="image/png", data="AA==")
ASKED = ChatMessage(role=Role.USER, text="hi")
SYSTEM = ChatMessage(role=Role.SYSTEM, text="Be kind.")
CALLED = ChatMessage(
    role=Role.ASSISTANT,
    text="I look.",
    calls=(SentCall(id="call:1", name="f", arguments='{"x": 1}'), SentCall(id="b", name="g", arguments="{oops")),
)
FOUND = ChatMessage(
    role=Role.USER,
    text="",
    results=(SentResult(call="call:1", text="found", images=(IMAGE,)), SentResult(call="b", text="no", is_error=True)),
)
MORE = ChatMessage(role=Role.USER, text="And now?")
REQUEST = ChatRequest(model="m", messages=(SYSTEM, ASKED), tools=(TOOL, BARE))
LOOP = replace(REQUEST, messages=(ASKED, CALLED, FOUND, MORE))

CHAT_TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "f", "description": "Finds.", "parameters": SCHEMA}},
    {"type": "function", "function": {"name": "g", "parameters": {"type": "object", "properties": {}}}},
]
FLAT_TOOLS = [{"type": "function", **each["function"], "strict": False} for each in CHAT_TOOLS]
CLAUDE_TOOLS: list[dict[str, Any]] = [
    {"name": "f", "description": "Finds.", "input_schema": SCHEMA},
    {"name": "g", "input_schema": {"type": "object", "properties": {}}},
]
ALL: list[Body] = [chat_body, responses_body, messages_body]


def body(make: Body, request: ChatRequest) -> dict[str, Any]:
    """A body as a server reads it."""
    return json.loads(json.dumps(make(request, {})))


def asked(make: Body, request: ChatRequest) -> list[dict[str, Any]]:
    sent = body(make, request)
    return sent["input" if make is responses_body else "messages"]


@pytest.mark.parametrize(
    ("make", "tools"), [(chat_body, CHAT_TOOLS), (responses_body, FLAT_TOOLS), (messages_body, CLAUDE_TOOLS)]
)
def test_tools_are_offered_beside_those_set_as_a_parameter(make: Body, tools: list[dict[str, Any]]) -> None:
    assert body(make, REQUEST)["tools"] == tools
    own = replace(REQUEST, parameters=Parameters(values={"tools": [{"own": 1}], "tool_choice": "auto"}))
    assert body(make, own)["tools"] == [{"own": 1}, *tools]
    assert body(make, own)["tool_choice"] == "auto"
    assert not {"tools", "include"} & body(make, replace(REQUEST, tools=())).keys()


def test_a_loop_goes_back_over_chat() -> None:
    _, called, first, second, more = asked(chat_body, LOOP)
    assert called == {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [
            {"id": "call:1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
            {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ],
    }
    assert first == {"role": "tool", "tool_call_id": "call:1", "content": "found"}
    assert second == {"role": "tool", "tool_call_id": "b", "content": "Error: no"}
    assert more == {"role": "user", "content": "And now?"}
    silent = replace(LOOP, messages=(ASKED, replace(CALLED, text=""), FOUND))
    assert asked(chat_body, silent)[1]["content"] is None


def test_what_a_chat_server_needs_back_goes_with_its_calls() -> None:
    extra = {"google": {"thought_signature": "AbC"}}
    sealed = (
        '{"reasoning_content": "So."}',
        json.dumps({"tool_call_id": "b", "extra_content": extra}),
        "broken",
        '{"type": "reasoning"}',
    )
    _, called, *_ = asked(chat_body, replace(LOOP, messages=(ASKED, replace(CALLED, sealed=sealed), FOUND)))
    assert called["reasoning_content"] == "So."
    assert [each.get("extra_content") for each in called["tool_calls"]] == [None, extra]
    answered = ChatMessage(role=Role.ASSISTANT, text="Done.", sealed=sealed)
    assert asked(chat_body, replace(LOOP, messages=(ASKED, answered)))[1] == {"role": "assistant", "content": "Done."}


def test_a_loop_goes_back_over_responses() -> None:
    sealed = (
        '{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}',
        '{"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}}',
        '{"type": "message", "phase": "commentary"}',
    )
    sent = asked(responses_body, replace(LOOP, messages=(ASKED, replace(CALLED, sealed=sealed), FOUND, MORE)))
    call = sent[4]["call_id"]
    assert sent[1:] == [
        {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"},
        {"type": "web_search_call", "status": "completed", "action": {"type": "search"}},
        {"role": "assistant", "content": "I look.", "phase": "commentary"},
        {"type": "function_call", "call_id": call, "name": "f", "arguments": '{"x": 1}'},
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{}"},
        {
            "type": "function_call_output",
            "call_id": call,
            "output": [
                {"type": "input_text", "text": "found"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
            ],
        },
        {"type": "function_call_output", "call_id": "b", "output": "Error: no"},
        {"role": "user", "content": "And now?"},
    ]
    silent = replace(LOOP, messages=(ASKED, replace(CALLED, text=""), FOUND))
    assert [each.get("type") for each in asked(responses_body, silent)][1:3] == ["function_call", "function_call"]


def test_a_loop_goes_back_over_messages() -> None:
    sealed = ('{"type": "thinking", "thinking": "So.", "signature": "EqQB"}',)
    first, called, found = asked(
        messages_body, replace(LOOP, messages=(ASKED, replace(CALLED, sealed=sealed), FOUND, MORE))
    )
    assert first == {"role": "user", "content": "hi"}
    call = called["content"][2]["id"]
    assert called["content"] == [
        {"type": "thinking", "thinking": "So.", "signature": "EqQB"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": call, "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "b", "name": "g", "input": {}},
    ]
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
    assert found == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": "found"}, image]},
            {"type": "tool_result", "tool_use_id": "b", "content": "no", "is_error": True},
            {"type": "text", "text": "And now?"},
        ],
    }
    assert call.replace("_", "").isalnum()


def test_a_result_without_text_has_no_content_over_messages() -> None:
    found = ChatMessage(role=Role.USER, text="", results=(SentResult(call="b", text=" "),))
    called = replace(CALLED, calls=CALLED.calls[1:], text=" ")
    _, call, result = asked(messages_body, replace(LOOP, messages=(ASKED, called, found)))
    assert [each["type"] for each in call["content"]] == ["tool_use"]
    assert result["content"] == [{"type": "tool_result", "tool_use_id": "b"}]


def test_a_paused_search_is_the_last_block_over_messages() -> None:
    done = ['{"type": "server_tool_use", "id": "s1"}', '{"type": "web_search_tool_result", "tool_use_id": "s1"}']
    running = '{"type": "server_tool_use", "id": "s2"}'
    paused = ChatMessage(role=Role.ASSISTANT, text="I look.", sealed=(*done, running))
    request = ChatRequest(model="m", messages=(ASKED, paused), web_search=True)
    (_, sent) = asked(messages_body, request)
    kinds = [each["type"] for each in sent["content"]]
    assert kinds == ["server_tool_use", "web_search_tool_result", "text", "server_tool_use"]


@pytest.mark.parametrize("make", ALL)
def test_an_unanswered_call_and_a_prompt_are_legal(make: Body) -> None:
    sent = asked(make, replace(LOOP, messages=(ASKED, CALLED, MORE)))
    said = json.dumps(sent)
    assert said.count("There is no result") == 2
    if make is messages_body:
        assert [each["role"] for each in sent] == ["user", "assistant", "user"]


def test_without_tools_a_loop_is_text_over_messages() -> None:
    sent = asked(messages_body, replace(LOOP, tools=()))
    assert [each["role"] for each in sent] == ["user", "assistant", "user"]
    assert all(isinstance(each["content"], str) for each in sent)


def test_web_search_is_a_tool_but_over_chat() -> None:
    request = replace(REQUEST, web_search=True)
    assert body(chat_body, request)["web_search_options"] == {}
    flat = body(responses_body, request)
    assert flat["tools"] == [*FLAT_TOOLS, {"type": "web_search"}]
    assert flat["include"] == ["reasoning.encrypted_content", "web_search_call.action.sources"]
    assert body(responses_body, REQUEST)["include"] == ["reasoning.encrypted_content"]
    search = {"type": "web_search_20250305", "name": "web_search"}
    assert body(messages_body, replace(request, tools=()))["tools"] == [search]


@pytest.mark.parametrize(("schema", "strict"), [(SCHEMA, False), (STRICT, True)])
def test_a_schema_is_sent_in_each_format(schema: dict[str, JsonValue], *, strict: bool) -> None:
    values: dict[str, JsonValue] = {"reasoning_effort": "low", "verbosity": "low"}
    output = OutputSchema(name="answer", schema={"$schema": "s", **schema})
    request = ChatRequest(model="m", messages=(ASKED,), parameters=Parameters(values=values), output=output)
    sent = {"name": "answer", "schema": schema, "strict": strict}
    assert body(chat_body, request)["response_format"] == {"type": "json_schema", "json_schema": sent}
    assert body(responses_body, request)["text"] == {"verbosity": "low", "format": {"type": "json_schema", **sent}}
    closed = {**schema, "additionalProperties": False}
    form = {"type": "json_schema", "schema": closed}
    assert body(messages_body, request)["output_config"] == {"effort": "low", "format": form}


@pytest.mark.parametrize("make", ALL)
def test_what_was_set_by_hand_stays(make: Body) -> None:
    chosen: dict[str, JsonValue] = {"tool_choice": "none", "tools": [{"type": "web_search"}]}
    request = ChatRequest(model="m", messages=(ASKED,), parameters=Parameters(values=chosen))
    sent = body(make, request)
    assert (sent["tools"], sent["tool_choice"]) == ([{"type": "web_search"}], "none")
