"""The Messages format, event by event: tool calls, the server's own web search, and what goes back unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.events import Cited, Notice, ProviderToolUsed, ReasoningDelta, Sealed, StreamEvent, ToolRequested
from desktop.errors import AnswerTooLarge
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.messages import MessagesReader
from desktop.providers.wire.tool_calls import MOST_ARGUMENTS

Block = dict[str, Any]
PAGES = [
    {"type": "web_search_result", "url": "https://a.example/", "title": "First", "encrypted_content": "Eo8B"},
    {"type": "web_search_result", "url": "https://b.example/", "encrypted_content": "Eo8C"},
    {"type": "web_search_result", "url": "javascript:x", "title": "No page"},
]
USE: Block = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
RESULT: Block = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": PAGES}
ERROR: Block = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
QUERY = '{"query": "x"}'


def block(index: int, start: Block, *deltas: Block, stopped: bool = True) -> list[Block]:
    pieces: list[Block] = [{"type": "content_block_start", "index": index, "content_block": start}]
    pieces += [{"type": "content_block_delta", "index": index, "delta": each} for each in deltas]
    return [*pieces, {"type": "content_block_stop", "index": index}] if stopped else pieces


def piece(text: str) -> Block:
    return {"type": "input_json_delta", "partial_json": text}


def call(index: int, call_id: str, name: str, *pieces: str, stopped: bool = True) -> list[Block]:
    start: Block = {"type": "tool_use", "id": call_id, "name": name, "input": {}}
    return block(index, start, *map(piece, pieces), stopped=stopped)


def end(reason: str) -> Block:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 5}}


def read(*values: object) -> tuple[MessagesReader, list[StreamEvent]]:
    reader = MessagesReader(RequestTarget(host="h", model="claude"))
    events = [event for each in values for event in reader.read(json.dumps(each))]
    return reader, [*events, *reader.flush()]


def calls(events: list[StreamEvent]) -> list[tuple[str, str, str]]:
    return [(each.id, each.name, each.arguments) for each in events if isinstance(each, ToolRequested)]


def sealed(events: list[StreamEvent]) -> list[Block]:
    return [json.loads(each.data) for each in events if isinstance(each, Sealed)]


def uses(events: list[StreamEvent]) -> list[ProviderToolUsed]:
    return [each for each in events if isinstance(each, ProviderToolUsed)]


@pytest.mark.parametrize(
    ("pieces", "reason", "ended"),
    [
        (['{"x"', ": 1}"], "tool_use", "tool_calls"),
        (["", '{"x": 1}'], "end_turn", "tool_calls"),
        (['{"x": 1}'], "max_tokens", "length"),
    ],
)
def test_calls_are_joined_in_order(pieces: list[str], reason: str, ended: str) -> None:
    reader, events = read(*call(0, "a", "f", *pieces), *call(1, "b", "g"), end(reason))
    assert calls(events) == [("a", "f", '{"x": 1}'), ("b", "g", "{}")]
    assert reader.finish_reason == ended


def test_a_call_may_come_whole_or_without_its_stop() -> None:
    whole = {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}
    _, events = read(*block(0, whole, stopped=False), *call(1, "b", "g", '{"y', stopped=False), end("max_tokens"))
    assert calls(events) == [("a", "f", '{"x":1}'), ("b", "g", '{"y')]


def test_an_answer_that_was_not_streamed_is_read_alike() -> None:
    content = [
        {"type": "thinking", "thinking": "", "signature": "EqQB"},
        {**USE, "input": {"query": "x"}},
        RESULT,
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
    ]
    reader, events = read({"type": "message", "content": content, "stop_reason": "tool_use"})
    assert (calls(events), reader.finish_reason) == ([("a", "f", '{"x":1}')], "tool_calls")
    assert sealed(events) == content[:3]
    assert [each.result for each in uses(events)] == ["First – https://a.example/\nhttps://b.example/"]


def test_thoughts_go_back_in_order_with_their_signatures() -> None:
    first = block(0, {"type": "thinking", "thinking": ""}, {"type": "signature_delta", "signature": "EqQB"})
    hidden = block(1, {"type": "redacted_thinking", "data": "AbC"})
    unsigned = block(2, {"type": "thinking", "thinking": ""}, {"type": "thinking_delta", "thinking": "So."})
    _, events = read(*first, *hidden, *unsigned, *call(3, "a", "f"), end("tool_use"))
    thinking: Block = {"type": "thinking", "thinking": "", "signature": "EqQB"}
    assert sealed(events) == [thinking, {"type": "redacted_thinking", "data": "AbC"}]
    assert [each.text for each in events if isinstance(each, ReasoningDelta)] == ["So."]


def test_a_web_search_is_told_with_its_pages_and_goes_back() -> None:
    searched = [*block(0, USE, piece('{"query"'), piece(': "x"}')), *block(1, RESULT)]
    found = {"type": "web_search_result_location", "url": "https://a.example/", "title": "First"}
    cited = block(2, {"type": "text", "text": "It is."}, {"type": "citations_delta", "citation": found})
    reader, events = read(*searched, *cited, end("end_turn"))
    (use,) = uses(events)
    assert use == ProviderToolUsed(
        id="srvtoolu_1", name="web_search", arguments=QUERY, result="First – https://a.example/\nhttps://b.example/"
    )
    assert sealed(events) == [{**USE, "input": {"query": "x"}}, RESULT]
    assert [each for each in events if isinstance(each, Cited)] == [Cited(url="https://a.example/", title="First")]
    assert reader.finish_reason == "stop"


def test_a_failed_search_is_told_with_its_code() -> None:
    _, events = read(*block(0, USE, piece(QUERY)), *block(1, {**RESULT, "content": ERROR}), end("end_turn"))
    assert [(each.result, each.failed) for each in uses(events)] == [("max_uses_exceeded", True)]


@pytest.mark.parametrize(
    ("reason", "ended", "told"),
    [("pause_turn", "pause", 0), ("tool_use", "tool_calls", 0), ("end_turn", "stop", 1)],
)
def test_a_search_that_is_still_running_goes_back(reason: str, ended: str, told: int) -> None:
    called = call(1, "a", "f") if reason == "tool_use" else []
    reader, events = read(*block(0, USE, piece(QUERY)), *called, end(reason))
    assert (reader.finish_reason, len(uses(events))) == (ended, told)
    assert sealed(events) == [{**USE, "input": {"query": "x"}}]
    assert not [each for each in events if isinstance(each, Notice)]


def test_the_result_of_an_earlier_search_is_told() -> None:
    _, events = read(*block(0, RESULT), end("end_turn"))
    (use,) = uses(events)
    assert (use.id, use.name, use.arguments) == ("srvtoolu_1", "web_search", "")


def test_arguments_are_bounded() -> None:
    reader = MessagesReader(RequestTarget(host="h"))
    start, delta = call(0, "a", "f", "x" * (MOST_ARGUMENTS // 2 + 1), stopped=False)
    reader.read(json.dumps(start))
    reader.read(json.dumps(delta))
    with pytest.raises(AnswerTooLarge):
        reader.read(json.dumps(delta))


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "web_search_tool_result", "thinking"])
@pytest.mark.parametrize("value", [None, 5, [], {}, "x", [None, {"url": 5}]])
def test_any_shape_of_a_block_is_survived(kind: str, value: object) -> None:
    odd: Block = {"type": kind, "id": value, "name": value, "input": value, "content": value, "tool_use_id": value}
    reader, _ = read(*block(0, odd, {"partial_json": value, "thinking": value}), end("end_turn"))
    assert reader.finish_reason in {"stop", "tool_calls"}
    assert reader.finish_word == "end_turn"
