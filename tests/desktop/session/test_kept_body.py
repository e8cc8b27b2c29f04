"""What is sent again is what this program writes over that wire, for that model; all else is refused in a sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from desktop.catalog.catalog_entry import PARAMETERS
from desktop.domain.conversation_types import JsonValue, Parameters, Role, Wire
from desktop.embedded.embedded_provider import SAMPLER
from desktop.errors import RequestIncomplete
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest
from desktop.providers.wire.wire_format import FORMATS
from desktop.receipts.references import digest_of
from desktop.session.kept_body import require_own

WIRES = [Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES]
FILES = {digest_of("QUJD")}
SAID = (
    ChatMessage(role=Role.SYSTEM, text="Be short."),
    ChatMessage(role=Role.USER, text="One?"),
    ChatMessage(role=Role.ASSISTANT, text="Yes."),
    ChatMessage(
        role=Role.USER,
        text="Two?",
        attached=(
            AttachedPart(name="a.png", media_type="image/png", data="QUJD"),
            AttachedPart(name="a.pdf", media_type="application/pdf", data="QUJD", text="Says it."),
        ),
    ),
)
OF_KIND: dict[object, JsonValue] = {float: 0.5, int: 5, str: "low"}
VALUES: dict[str, JsonValue] = {name: OF_KIND.get(spec.kind, ["x"]) for name, spec in PARAMETERS.items()}
DEFAULTS: dict[Wire, dict[str, JsonValue]] = {Wire.CHAT: {"return_progress": True}}


def written(wire: Wire, values: dict[str, JsonValue] | None = None) -> dict[str, Any]:
    """A body as the wire's own code writes it."""
    parameters = Parameters(values=VALUES if values is None else values)
    request = ChatRequest(model="m", messages=SAID, parameters=parameters, reasons=True)
    return dict(FORMATS[wire].body(request, DEFAULTS.get(wire, {})))


def require(wire: Wire, body: object, **parameters: JsonValue) -> None:
    require_own(wire, msgspec.json.encode(body), model="m", parameters=parameters, files=FILES)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("values", [{}, VALUES, {**SAMPLER, "top_k": 4}, {"max_completion_tokens": 9}])
def test_whatever_a_wire_writes_with_every_parameter_that_can_be_set_passes(
    wire: Wire, values: dict[str, JsonValue]
) -> None:
    require(wire, written(wire, values))


def test_a_parameter_of_the_conversation_s_own_passes_with_its_value_alone() -> None:
    body = written(Wire.CHAT) | {"mirostat": 2}
    require(Wire.CHAT, body, mirostat=2)
    with pytest.raises(RequestIncomplete):
        require(Wire.CHAT, body)
    with pytest.raises(RequestIncomplete):
        require(Wire.CHAT, body, mirostat=1)
    tools: list[JsonValue] = [{"type": "web_search"}]
    with pytest.raises(RequestIncomplete):
        require(Wire.CHAT, written(Wire.CHAT) | {"tools": tools}, tools=tools)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"model": None},
        {"tools": [{"type": "web_search"}]},
        {"metadata": {"x": "not looked at"}},
        {"store": True},
        {"stream": False},
        {"stream": 1},
        {"previous_response_id": "r"},
        {"temperature": {"x": "y"}},
        {"system": [{"type": "text", "text": "x", "cache_control": {"x": "y"}}], "instructions": ["x"]},
    ],
)
def test_what_no_wire_of_ours_writes_is_refused(wire: Wire, change: dict[str, JsonValue]) -> None:
    with pytest.raises(RequestIncomplete):
        require(wire, written(wire) | change)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "message",
    [
        5,
        {"role": "user"},
        {"role": "user", "content": "x", "tool_calls": ["x"]},
        {"role": "tool", "content": "x"},
        {"role": ["x"], "content": "x"},
        {"role": "user", "content": {"a": 1}},
        {"role": "user", "content": [{"type": "input_audio", "data": "QUJD"}]},
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"x": "y"}}]},
    ],
)
def test_a_message_that_no_wire_of_ours_writes_is_refused(wire: Wire, message: JsonValue) -> None:
    body = written(wire)
    body["input" if wire is Wire.RESPONSES else "messages"].append(message)
    with pytest.raises(RequestIncomplete):
        require(wire, body)


@pytest.mark.parametrize("name", ["model", "stream", "messages"])
def test_what_every_request_has_is_not_left_out(name: str) -> None:
    body = written(Wire.CHAT)
    del body[name]
    with pytest.raises(RequestIncomplete):
        require(Wire.CHAT, body)


@pytest.mark.parametrize("wire", WIRES)
def test_pictures_and_files_that_are_not_kept_here_are_refused(wire: Wire) -> None:
    whole = msgspec.json.encode(written(wire))
    addresses = whole.replace(b"data:image/png;base64,QUJD", b"https://example.org/a.png")
    for body in (whole.replace(b"QUJD", b"QUJE"), addresses):
        if body != whole:
            with pytest.raises(RequestIncomplete):
                require_own(wire, body, model="m", files=FILES)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "body", [b"not json", b"", b"[]", b"[" * 100_000, b'"\xff"', b'{"a":"\\ud800"}', b"{}", b"{}\n"]
)
def test_what_is_no_object_of_a_wire_is_refused(wire: Wire, body: bytes) -> None:
    with pytest.raises(RequestIncomplete):
        require_own(wire, body, model="m")


def test_a_field_that_is_there_twice_is_refused_as_is_the_body_of_another_wire() -> None:
    body = msgspec.json.encode(written(Wire.CHAT))
    with pytest.raises(RequestIncomplete):
        require_own(Wire.CHAT, b'{"model":"dear",' + body[1:], model="m", files=FILES)
    with pytest.raises(RequestIncomplete):
        require_own(Wire.MESSAGES, body, model="m", files=FILES)


def test_the_sentence_names_a_field_but_repeats_no_text_of_a_stranger() -> None:
    for name, said in (("tools", "“tools”"), ("\u202e<b>", "repeated: Paragone never sends requests in this form")):
        with pytest.raises(RequestIncomplete) as raised:
            require(Wire.CHAT, written(Wire.CHAT) | {name: 1})
        assert said in raised.value.message


@pytest.mark.parametrize(
    ("wire", "field", "said"),
    [
        (Wire.CHAT, {"tools": [{"type": "function"}]}, "offers tools"),
        (Wire.CHAT, {"response_format": {"type": "json_schema"}}, "response schema"),
        (Wire.RESPONSES, {"text": {"format": {"type": "json_schema"}}}, "response schema"),
        (Wire.MESSAGES, {"output_config": {"format": {}, "effort": "low"}}, "response schema"),
    ],
)
def test_requests_with_tools_or_a_schema_are_sent_again_only_in_their_chat(
    wire: Wire, field: dict[str, JsonValue], said: str
) -> None:
    with pytest.raises(RequestIncomplete, match=said) as raised:
        require(wire, written(wire) | field)
    assert "Regenerate" in raised.value.hint
