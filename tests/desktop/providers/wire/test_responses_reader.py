"""The Responses wire, event by event: what ends an answer, what is said once, and characters in two halves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.events import (
    ModelNamed,
    Notice,
    ProviderToolUsed,
    ReasoningDelta,
    Sealed,
    StreamEvent,
    TextDelta,
    ToolRequested,
)
from desktop.errors import ProviderError, StreamFailed
from desktop.net.options import NetworkOptions
from desktop.providers.wire.body_decoder import BodyDecoder
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.responses import ResponsesReader

HALF = {"type": "response.output_text.delta", "delta": "half"}


def read(*given: Any) -> tuple[ResponsesReader, list[StreamEvent]]:  # noqa: ANN401 - any JSON
    reader = ResponsesReader(RequestTarget(host="x.example", model="m"))
    return reader, [event for each in given for event in reader.read(json.dumps(each))]


def cut(reason: str, **fields: str) -> dict[str, Any]:
    return {"type": "response.incomplete", "response": {"incomplete_details": {"reason": reason}, **fields}}


def text(events: list[StreamEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def notices(events: list[StreamEvent]) -> list[str]:
    return [event.code for event in events if isinstance(event, Notice)]


@pytest.mark.parametrize(
    "last",
    [
        {"object": "response", "status": "queued", "output": []},
        {"object": "response", "status": "in_progress", "output": []},
        {"type": "response.completed", "response": {"status": "cancelled"}},
        {"type": "response.cancelled", "response": {}},
        {"type": "response.completed", "response": {"status": "completed", "error": {"message": "quota gone"}}},
        {"type": "response.completed", "response": {"status": "failed"}},
        {"type": "response.failed", "response": {}},
        {"type": "response.failed"},
    ],
)
def test_what_failed_or_goes_on_is_no_end(last: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as failed:
        read(HALF, last)
    assert type(failed.value) is StreamFailed or "quota" in failed.value.message


@pytest.mark.parametrize(
    ("last", "reason", "said"),
    [
        ({"type": "response.completed"}, "stop", []),
        ({"type": "response.completed", "response": {"status": "completed"}}, "stop", []),
        ({"type": "response.incomplete"}, "incomplete", ["odd_finish_reason"]),
        (cut("max_output_tokens"), "length", []),
        ({**cut("max_output_tokens", status="incomplete"), "type": "response.completed"}, "length", []),
        (cut("max_tool_calls"), "max_tool_calls", ["odd_finish_reason"]),
    ],
)
def test_an_end_says_why(last: dict[str, Any], reason: str, said: list[str]) -> None:
    reader, events = read(HALF, last)
    assert (text(events), reader.finish_reason, notices(events)) == ("half", reason, said)


def test_characters_in_two_halves_are_made_whole() -> None:
    delta = {"type": "response.output_text.delta"}
    reader, events = read({**delta, "delta": "A\ud83d"}, {**delta, "delta": "\ude00B\ud83d"})
    assert text(events) == "A\U0001f600B"
    assert reader.flush() == [TextDelta(text="\ufffd")]


def test_a_part_that_comes_as_a_whole_is_given_once() -> None:
    done = {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "all of it"}
    refused = {"type": "response.refusal.done", "output_index": 0, "content_index": 1, "refusal": " No."}
    piece = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "all of it"}
    output: list[Any] = [{"type": "message", "content": []}]
    end: Any = {"type": "response.completed", "response": {"status": "completed", "output": output}}
    doubled: list[Any] = [piece, done, refused, done, end]
    for given in ([done, refused, end], doubled):
        _, events = read(*given)
        assert (text(events), notices(events)) == ("all of it No.", ["refusal"])


def test_very_many_parts_of_a_last_event_are_one_text() -> None:
    parts = [{"type": "output_text", "text": "x"}] * 5_000
    thoughts = {"type": "reasoning", "summary": [{"text": "hm"}] * 3}
    output = [thoughts, {"type": "message", "content": parts}]
    _, events = read({"object": "response", "status": "completed", "model": "m-1", "output": output})
    assert events == [
        ModelNamed(model="m-1"),
        ReasoningDelta(text="hm\n\nhm\n\nhm", summary=True),
        TextDelta(text="x" * 5_000),
    ]


def test_the_model_is_named_once() -> None:
    begun = [{"type": "response.in_progress", "response": {"model": f"m-{number}"}} for number in range(3)]
    assert read(*begun)[1] == [ModelNamed(model="m-0")]


@pytest.mark.parametrize("is_stream", [True, False])
def test_a_long_answer_in_escapes_is_read(is_stream: bool) -> None:
    said = "\u5b57" * 300_000
    whole: dict[str, Any] = {"object": "response", "output": [{"type": "message", "content": [{"text": said}]}]}
    body = json.dumps({"type": "response.completed", "response": whole} if is_stream else whole)
    asked = RequestTarget(host="x.example", model="m")
    decoder = BodyDecoder("", NetworkOptions(), asked, ResponsesReader(asked))
    events = decoder.feed((f"data: {body}\n\n" if is_stream else body).encode()) + decoder.finish()
    assert (decoder.failure, text(events) == said) == (None, True)


CALL: dict[str, Any] = {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "f", "arguments": '{"x": 1}'}
OTHER: dict[str, Any] = {**CALL, "id": "fc_2", "call_id": "b", "name": "g", "arguments": "{}"}
SEARCH: dict[str, Any] = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search", "query": "x", "sources": [{"type": "url", "url": "https://a.example/"}]},
}
THOUGHT: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
PREAMBLE: dict[str, Any] = {"type": "message", "phase": "commentary", "content": []}


def item(kind: str, index: int, value: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"response.output_item.{kind}", "output_index": index, "item": value}


def arguments(kind: str, index: int, **fields: str) -> dict[str, Any]:
    return {"type": f"response.function_call_arguments.{kind}", "output_index": index, **fields}


def completed(*output: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"status": "completed", "output": [*output]}}


def requested(*given: Any) -> tuple[ResponsesReader, list[tuple[str, str, str]]]:  # noqa: ANN401 - any JSON
    reader, events = read(*given)
    found = [each for each in (*events, *reader.flush()) if isinstance(each, ToolRequested)]
    return reader, [(each.id, each.name, each.arguments) for each in found]


STARTED = [item("added", 1, {**CALL, "arguments": ""}), item("added", 2, {**OTHER, "arguments": ""})]
PIECES = [arguments("delta", 2, delta="{}"), *(arguments("delta", 1, delta=each) for each in ('{"x"', ": 1}"))]
DONE = [item("done", 1, CALL), item("done", 2, OTHER)]


@pytest.mark.parametrize(
    "given",
    [
        [*STARTED, *PIECES, *DONE, completed(CALL, OTHER)],
        [*STARTED, *PIECES, completed()],
        [*STARTED, arguments("done", 1, arguments='{"x": 1}'), arguments("done", 2, arguments="{}"), completed()],
        [*DONE, completed()],
        [*STARTED, completed(CALL, OTHER)],
        [completed(CALL, OTHER)],
        [{"object": "response", "status": "completed", "output": [CALL, OTHER]}],
        [{key: value for key, value in each.items() if key != "output_index"} for each in (*STARTED, *DONE)]
        + [completed(CALL, OTHER)],
    ],
)
def test_calls_are_requested_once_and_in_order(given: list[Any]) -> None:
    reader, found = requested(*given)
    assert found == [("a", "f", '{"x": 1}'), ("b", "g", "{}")]
    assert (reader.finish_reason, reader.finish_word) == ("tool_calls", "completed")


def test_a_call_that_was_cut_off_is_requested_as_it_is() -> None:
    reader, found = requested(STARTED[0], PIECES[1], cut("max_output_tokens"))
    assert (found, reader.finish_reason) == ([("a", "f", '{"x"')], "length")


def test_a_stream_that_breaks_requests_nothing() -> None:
    assert requested(*STARTED, *PIECES, *DONE)[1] == []


@pytest.mark.parametrize("streamed", [True, False])
def test_what_goes_back_keeps_its_order(*, streamed: bool) -> None:
    items = [THOUGHT, SEARCH, PREAMBLE, {**THOUGHT, "id": "rs_2"}, CALL]
    done = [item("done", at, each) for at, each in enumerate(items)] if streamed else []
    _, events = read(*done, completed(*items))
    sealed = [json.loads(each.data) for each in events if isinstance(each, Sealed)]
    assert sealed == [THOUGHT, SEARCH, {"type": "message", "phase": "commentary"}, {**THOUGHT, "id": "rs_2"}]
    (use,) = (each for each in events if isinstance(each, ProviderToolUsed))
    assert use == ProviderToolUsed(id="ws_1", name="web_search", arguments='{"query":"x"}', result="https://a.example/")


def test_a_search_does_not_go_back_without_the_reasoning_before_it() -> None:
    _, events = read(item("done", 0, {**THOUGHT, "encrypted_content": None}), item("done", 1, SEARCH))
    assert not [each for each in events if isinstance(each, Sealed)]
    assert len([each for each in events if isinstance(each, ProviderToolUsed)]) == 1


@pytest.mark.parametrize(
    ("used", "name", "given", "result", "failed"),
    [
        ({**SEARCH, "status": "failed"}, "web_search", '{"query":"x"}', "https://a.example/", True),
        ({"type": "web_search_call", "action": {"url": "u"}}, "web_search", '{"url":"u"}', "", False),
        ({"type": "mcp_call", "name": "t", "arguments": "{}", "output": "o"}, "t", "{}", "o", False),
        ({"type": "mcp_call", "name": "t", "arguments": "{}", "error": "e"}, "t", "{}", "e", True),
        ({"type": "custom_tool_call", "name": "x_search", "input": "q"}, "x_search", "q", "", False),
        ({"type": "code_interpreter_call", "code": "1"}, "code_interpreter", '{"code":"1"}', "", False),
        ({"type": "web_search_call", "action": 5, "name": [], "status": {}}, "web_search", "{}", "", False),
    ],
)  # fmt: skip
def test_a_tool_that_the_provider_ran_is_told(
    used: dict[str, Any], name: str, given: str, result: str, *, failed: bool
) -> None:
    reader, events = read(item("done", 0, used), completed())
    (use,) = (each for each in events if isinstance(each, ProviderToolUsed))
    assert (use.name, use.arguments, use.result, use.failed) == (name, given, result, failed)
    assert reader.finish_reason == "stop"
