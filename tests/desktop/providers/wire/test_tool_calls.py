"""Tool calls over Chat Completions, in the pieces of many servers: joined, bounded and told once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.events import Notice, Sealed, StreamEvent, TextDelta, ToolRequested
from desktop.errors import AnswerTooLarge
from desktop.providers.wire.chunks import ChunkReader
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.tool_calls import LONGEST_NAME, MOST_ARGUMENTS, MOST_CALLS

TARGET = RequestTarget(host="h", model="m")
Entry = dict[str, Any]


def entry(index: int | None = 0, name: str | None = None, arguments: object = None, **more: object) -> Entry:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return {**({} if index is None else {"index": index}), **more, "function": function}


def chunk(*calls: Entry, finish: str | None = None, **delta: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": [*calls], **delta}, "finish_reason": finish}]}


def end(reason: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def read(*chunks: object) -> tuple[ChunkReader, list[StreamEvent]]:
    reader = ChunkReader(TARGET)
    events = [event for each in chunks for event in reader.read(json.dumps(each))]
    return reader, [*events, *reader.flush()]


def calls(events: list[StreamEvent]) -> list[tuple[str, str, str]]:
    return [(each.id, each.name, each.arguments) for each in events if isinstance(each, ToolRequested)]


PIECES = [
    chunk(entry(0, "f", "", id="call_1", type="function")),
    *(chunk(entry(0, arguments=piece)) for piece in ('{"a"', ": 1}")),
]
AS_OBJECTS = [("a", "f", "{}"), ("b", "g", '{"x":1}')]
TWO = [("a", "f", "{}"), ("b", "g", '{"x": 1}')]


@pytest.mark.parametrize(
    ("chunks", "found"),
    [
        ([*PIECES, end("tool_calls")], [("call_1", "f", '{"a": 1}')]),
        ([*PIECES, end("stop")], [("call_1", "f", '{"a": 1}')]),  # Gemini's layer
        ([*PIECES, chunk(finish="tool_calls")], [("call_1", "f", '{"a": 1}')]),  # vLLM: an empty list at the end
        ([chunk(entry(0, "f", "{}", id="a"), entry(1, "g", '{"x": 1}', id="b"), finish="tool_calls")], TWO),  # xAI
        ([chunk(entry(0, "f", "{}", id="a")), chunk(entry(0, "g", '{"x": 1}', id="b")), end("stop")], TWO),
        ([chunk(entry(None, "f", "{}", id="a"), entry(None, "g", '{"x": 1}', id="b")), end("stop")], TWO),
        ([chunk(entry(0, "f", {}, id="a")), chunk(entry(1, "g", {"x": 1}, id="b")), end("stop")], AS_OBJECTS),
        (
            [chunk(entry(0, "f", "", id="a")), chunk(entry(1, "g", "", id="b")), chunk(entry(1, arguments='{"x": 1}')),
             chunk(entry(0, arguments="{}")), end("tool_calls")],
            TWO,
        ),
        ([chunk(entry(0, "f", "{", id="a")), chunk(entry(0, "f", "}", id="a")), end("tool_calls")], [TWO[0]]),
        ([chunk(entry(0, "f", "{", id="a")), chunk(entry(0, arguments="}", id="")), end("tool_calls")], [TWO[0]]),
        ([chunk(entry(0, "f", '{"a', id="a")), end("length")], [("a", "f", '{"a')]),  # cut off
        ([chunk(entry(0, id="a")), chunk(entry(0, "f", "{}")), end("tool_calls")], [TWO[0]]),
    ],
)  # fmt: skip
def test_calls_are_joined_in_order(chunks: list[Entry], found: list[tuple[str, str, str]]) -> None:
    reader, events = read(*chunks)
    assert calls(events) == found
    assert reader.finish_reason == ("length" if chunks[-1] == end("length") else "tool_calls")


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(entry(0, "f", "{}"), entry(0, "f", '{"x": 1}'))],
        [chunk(entry(0, "f", "{}")), chunk(entry(0, "f", '{"x": 1}'))],
        [chunk(entry(0, "f", "{}", id="same"), entry(1, "f", '{"x": 1}', id="same"))],
        [chunk(entry(None, "f", "{}")), chunk(entry(None, "f", '{"x": 1}'))],
    ],
)
def test_calls_without_ids_of_their_own_get_some(chunks: list[Entry]) -> None:
    _, events = read(*chunks, end("tool_calls"))
    first, second = calls(events)
    assert (first[1:], second[1:]) == (("f", "{}"), ("f", '{"x": 1}'))
    assert all((first[0], second[0]))
    assert first[0] != second[0]


def test_the_call_of_the_first_api_is_read() -> None:
    pieces = ({"name": "f", "arguments": ""}, {"arguments": '{"a":'}, {"arguments": "1}"})
    sent = [{"choices": [{"delta": {"function_call": each}}]} for each in pieces]
    reader, events = read(*sent, end("function_call"))
    assert [each[1:] for each in calls(events)] == [("f", '{"a":1}')]
    assert reader.finish_reason == "tool_calls"


def test_a_whole_answer_has_its_calls_behind_its_text() -> None:
    message = {"content": "I look.", "tool_calls": [entry(None, "f", "{}", id="a")]}
    reader, events = read({"choices": [{"message": message, "finish_reason": "tool_calls"}]})
    assert events == [TextDelta(text="I look."), ToolRequested(id="a", name="f", arguments="{}")]
    assert reader.finish_reason == "tool_calls"


@pytest.mark.parametrize("sent", [[], None, [None, 5, "x"], {"id": "a"}])
def test_what_is_no_call_is_none(sent: object) -> None:
    reader, events = read({"choices": [{"delta": {"content": "hi", "tool_calls": sent}}]}, end("stop"))
    assert (events, reader.finish_reason) == ([TextDelta(text="hi")], "stop")


def test_a_stream_that_breaks_requests_nothing() -> None:
    assert calls(read(*PIECES)[1]) == []


def test_a_stream_that_ends_without_a_reason_requests_what_it_has() -> None:
    reader = ChunkReader(TARGET)
    for each in PIECES:
        reader.read(json.dumps(each))
    notices = reader.end_without_reason()
    assert [each.code for each in notices if isinstance(each, Notice)] == ["no_finish_reason"]
    assert calls(reader.flush()) == [("call_1", "f", '{"a": 1}')]
    assert reader.finish_reason == "tool_calls"


def test_too_many_calls_are_left_out_with_a_notice() -> None:
    many = chunk(*(entry(at, "f", "{}", id=f"c{at}") for at in range(MOST_CALLS + 5)))
    _, events = read(many, chunk(entry(MOST_CALLS + 1, arguments="more")), end("tool_calls"))
    assert len(calls(events)) == MOST_CALLS
    assert [each.code for each in events if isinstance(each, Notice)] == ["tool_calls_dropped"]


def test_a_call_without_a_name_is_left_out_with_a_notice() -> None:
    reader, events = read(chunk(entry(0, arguments="{}", id="a")), end("stop"))
    assert (calls(events), reader.finish_reason) == ([], "stop")
    assert [each.code for each in events if isinstance(each, Notice)] == ["tool_call_unnamed"]


def test_arguments_are_bounded() -> None:
    reader = ChunkReader(TARGET)
    piece = json.dumps(chunk(entry(0, "f", "x" * (MOST_ARGUMENTS // 4), id="a")))
    for _ in range(3):
        reader.read(piece)
    with pytest.raises(AnswerTooLarge):
        reader.read(json.dumps(chunk(entry(0, arguments="x" * (MOST_ARGUMENTS // 4)))))


def test_a_name_is_truncated() -> None:
    ((_, name, _),) = calls(read(chunk(entry(0, "n" * 9_999, "{}", id="a")), end("stop"))[1])
    assert len(name) == LONGEST_NAME


def test_what_deepseek_and_gemini_need_back_is_sealed() -> None:
    extra = {"google": {"thought_signature": "AbC"}}
    thoughts = [{"choices": [{"delta": {"reasoning_content": each}}]} for each in ("So ", "what?")]
    _, events = read(*thoughts, chunk(entry(0, "f", "{}", id="a", extra_content=extra)), end("tool_calls"))
    sealed = [json.loads(each.data) for each in events if isinstance(each, Sealed)]
    assert sealed == [{"reasoning_content": "So what?"}, {"tool_call_id": "a", "extra_content": extra}]
    assert not [each for each in read(*thoughts, end("stop"))[1] if isinstance(each, Sealed)]


def test_a_character_in_two_halves_beside_a_call_leaves_the_call_alone() -> None:
    call = json.dumps(entry(0, "f", "{}", id="a"))
    torn = f'{{"choices": [{{"delta": {{"content": "A\\ud83d", "tool_calls": [{call}]}}}}]}}'
    reader = ChunkReader(TARGET)
    events = [*reader.read(torn), *reader.read('{"choices": [{"delta": {"content": "\\ude00"}}]}')]
    events += [*reader.read(json.dumps(end("stop"))), *reader.flush()]
    assert "".join(each.text for each in events if isinstance(each, TextDelta)) == "A\U0001f600"
    assert calls(events) == [("a", "f", "{}")]
