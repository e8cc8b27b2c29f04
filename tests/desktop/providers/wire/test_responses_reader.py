"""The Responses wire, event by event: what ends an answer, what is said once, and characters in two halves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.events import ModelNamed, Notice, ReasoningDelta, StreamEvent, TextDelta
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
