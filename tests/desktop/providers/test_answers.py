"""The reader of one answer, on bodies that are given piece by piece."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable

import pytest

from desktop.domain.events import Finished, Notice, Progress, Started, StreamEvent, TextDelta
from desktop.errors import (
    AnswerTooLarge,
    AnswerUnreadable,
    Interrupted,
    NotAStream,
    ProviderError,
    Stalled,
    StreamFailed,
)
from desktop.net.options import NetworkOptions
from desktop.providers.wire.answer_reader import Patience, read_answer
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.transport import Reply
from desktop.text.phrases import english
from tests.servers.wire import DONE, answer, chunk, event

ASKED = RequestTarget(host="host")
QUICK = NetworkOptions(first_token_timeout_s=0.2, idle_timeout_s=0.1, max_event_bytes=20_000, max_answer_bytes=50_000)
STREAM = "text/event-stream; charset=utf-8"
Step = bytes | float | ProviderError


async def body(*steps: Step) -> AsyncGenerator[bytes, None]:
    """Bytes, pauses in seconds, and at last perhaps an error."""
    for step in steps:
        if isinstance(step, ProviderError):
            raise step
        if isinstance(step, bytes):
            yield step
        else:
            await asyncio.sleep(step)


async def read(
    *steps: Step, kind: str = STREAM, options: NetworkOptions = QUICK
) -> tuple[list[StreamEvent], ProviderError | None]:
    events: list[StreamEvent] = []
    reply = Reply(200, {"content-type": kind}, body(*steps))
    try:
        begun = asyncio.get_running_loop().time()
        async for found in read_answer(reply, options, ASKED, begun, after_finish_s=0.05):
            events.append(found)  # noqa: PERF401 - kept when an error ends it
    except ProviderError as error:
        return events, error
    return events, None


def text(events: list[StreamEvent]) -> str:
    return "".join(found.text for found in events if isinstance(found, TextDelta))


WORDS = ["Hello", " there"]
GOOD = b"".join(answer(WORDS))


async def test_a_good_answer_starts_and_finishes() -> None:
    events, error = await read(GOOD)
    assert error is None
    assert isinstance(events[0], Started)
    assert events[-1] == Finished(reason="stop")
    assert text(events) == "Hello there"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json", "text/html", "application/octet-stream"])
async def test_a_stream_is_known_by_what_it_is(kind: str) -> None:
    assert text((await read(GOOD, kind=kind))[0]) == "Hello there"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n\n ", b"\r\n: hi\r\n"])
async def test_how_a_stream_begins_does_not_matter(start: bytes) -> None:
    pieces = [(start + GOOD)[at : at + 1] for at in range(len(start + GOOD))]
    assert text((await read(*pieces))[0]) == "Hello there"


@pytest.mark.parametrize("kind", [STREAM, "application/json", ""])
async def test_a_whole_answer_is_accepted(kind: str) -> None:
    whole = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "length"}]}
    data = b"\xef\xbb\xbf " + json.dumps(whole).encode()
    events, error = await read(data[:2], data[2:9], data[9:], kind=kind)
    assert error is None
    assert (text(events), events[-1]) == ("Hello", Finished(reason="length"))


@pytest.mark.parametrize(
    ("data", "kind", "error"),
    [
        (b"<html><title>Sign in</title>", "text/html", NotAStream),
        (b"<!DOCTYPE html>" + b"x" * 1000, "text/event-stream", NotAStream),
        (b"OK", "text/plain", NotAStream),
        (b"", "text/plain", NotAStream),
        (b"", "", NotAStream),
        (b"", STREAM, Interrupted),
        (b": ping\n\n", STREAM, Interrupted),
        (b'{"status": "ok"}', "application/json", NotAStream),
        (b'{"broken', "application/json", AnswerUnreadable),
        (b'{"error": "x"}', "application/json", StreamFailed),
        (b'{"choices": [{"message": {"content": "cut"}}]}', "application/json", Interrupted),
        (b'event: error\ndata: {"message": "x"}\n\n', STREAM, StreamFailed),
        (b"event: error\ndata: out of memory\n\n", STREAM, StreamFailed),
        (b"data: {oops\n\n", STREAM, AnswerUnreadable),
        (b"data: [DONE]\n\n", STREAM, Interrupted),
    ],
)
async def test_what_is_no_answer_has_a_named_error(data: bytes, kind: str, error: type[ProviderError]) -> None:
    events, found = await read(data, kind=kind)
    assert type(found) is error
    assert not any(isinstance(event, Finished) for event in events)


async def test_a_pages_title_is_told() -> None:
    _, error = await read(b"<html><title>Sign in</title>", 5.0, kind="text/html")
    assert error is not None
    assert "“Sign in”" in error.message


async def test_events_that_are_not_known_are_passed_over() -> None:
    assert (await read(b"event: ping\ndata: hello\n\n" + GOOD))[1] is None


async def test_an_end_without_a_finish_reason_is_an_interruption_with_its_text() -> None:
    events, error = await read(b"".join(answer(WORDS)[:3]))
    assert type(error) is Interrupted
    assert text(events) == "Hello there"


@pytest.mark.parametrize("reason", [None, "", False, 0])
async def test_done_after_text_is_an_end_whose_reason_is_not_known(reason: object) -> None:
    """Snowflake, Novita and others give no reason in any chunk."""
    pieces = [event({"choices": [{"delta": {"content": word}, "finish_reason": reason}]}) for word in WORDS]
    events, error = await read(*pieces, DONE)
    assert error is None
    assert (text(events), events[-1]) == ("Hello there", Finished(reason="unknown"))
    assert [found.code for found in events if isinstance(found, Notice)] == ["no_finish_reason"]


@pytest.mark.parametrize(
    "before",
    [
        b"event: delta\ndata: {oops\n\n",  # perhaps the chunk with the rest of the text
        event(chunk({"reasoning_content": "Let me see."})),
    ],
)
async def test_done_is_no_end_after_something_unreadable_or_without_text(before: bytes) -> None:
    words = answer(WORDS)[:3] if b"oops" in before else []
    events, error = await read(*words, before, DONE)
    assert type(error) is Interrupted
    assert not any(isinstance(found, Finished) for found in events)


async def test_a_last_event_cut_in_the_middle_is_an_interruption() -> None:
    _, error = await read(answer(WORDS)[1], b'data: {"choices": [{"del')
    assert type(error) is Interrupted


async def test_what_arrived_before_the_connection_broke_is_delivered() -> None:
    last = event(chunk({"content": "!"})).rstrip(b"\n")
    events, error = await read(answer(WORDS)[1], last, Interrupted(english("broke")))
    assert text(events) == "Hello!"
    assert error is not None
    assert error.message == "broke"


async def test_events_before_an_error_in_the_same_bytes_are_delivered() -> None:
    events, error = await read(answer(WORDS)[1] + event({"error": "x"}) + answer(WORDS)[2])
    assert (text(events), type(error)) == ("Hello", StreamFailed)


@pytest.mark.parametrize(
    "after", [Interrupted(english("broke")), 5.0, event({"error": {"message": "late"}}), event("{oops")]
)
async def test_after_the_finish_reason_nothing_spoils_the_answer(after: Step) -> None:
    events, error = await read(*answer(WORDS)[:-2], after)
    assert error is None
    assert events[-1] == Finished(reason="stop")


async def test_an_error_after_the_finish_reason_is_noted() -> None:
    events, _ = await read(*answer(WORDS)[:-2], event({"error": {"message": "late"}}))
    assert [found.code for found in events if isinstance(found, Notice)] == ["failed_after_finish"]


async def test_after_the_finish_reason_trickling_bytes_are_not_read_for_long() -> None:
    trickle: list[Step] = [0.01, b": keep-alive\n"] * 500
    events, error = await read(*answer(WORDS)[:-2], *trickle, Interrupted(english("read to its end")))
    assert (error, events[-1]) == (None, Finished(reason="stop"))
    assert [found for found in events if isinstance(found, Notice)] == []


async def test_done_ends_the_answer_although_more_comes() -> None:
    events, error = await read(*answer(WORDS), event(chunk({"content": "late"})), 5.0)
    assert (error, text(events)) == (None, "Hello there")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([5.0], "no response within 0.2"),
        ([b": ping\n\n", 0.05] * 100, "no response within 0.2"),
        ([answer(WORDS)[1], 5.0], "in the middle"),
        ([answer(WORDS)[1], *([b": ping\n\n", 0.05] * 100)], "in the middle"),
    ],
)
async def test_silence_and_mere_keep_alives_stall(steps: list[Step], said: str) -> None:
    _, error = await read(*steps)
    assert type(error) is Stalled
    assert said in error.message


def at(when: float, patience: Patience, *events: StreamEvent) -> float:
    patience.saw(list(events), when, finished=False)
    return patience.deadline


def test_patience_follows_bytes_tokens_and_progress() -> None:
    patience = Patience(NetworkOptions(first_token_timeout_s=300, idle_timeout_s=60), 1000)
    assert patience.deadline == 1300
    assert at(1100, patience) == 1300
    assert at(1200, patience, Progress(fraction=0.5)) == 1500
    assert at(1400, patience, TextDelta(text="a")) == 1460
    assert at(1450, patience) == 1510
    assert at(1680, patience) == 1700


def test_arguments_of_a_call_count_as_progress() -> None:
    patience = Patience(NetworkOptions(first_token_timeout_s=300, idle_timeout_s=60), 1000)
    for when, called, deadline in ((1200, 10, 1500), (1400, 20, 1700), (1500, 20, 1700)):
        patience.saw([], when, finished=False, called=called)
        assert patience.deadline == deadline


@pytest.mark.parametrize(
    "make",
    [
        lambda: [answer(WORDS)[1], b"data: " + b"x" * 30_000],
        lambda: [answer(WORDS)[1], *([event(chunk({"content": "more" * 100}))] * 200)],
        lambda: [b"{" + b" " * 30_000],
        lambda: [b": " + b"x" * 30_000],
    ],
)
async def test_too_much_is_stopped(make: Callable[[], list[Step]]) -> None:
    _, error = await read(*make(), DONE)
    assert type(error) is AnswerTooLarge


async def test_the_reader_closes_the_body_when_it_is_closed() -> None:
    closed = asyncio.Event()

    async def forever() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield answer(WORDS)[1]
        finally:
            closed.set()

    events = read_answer(Reply(200, {}, forever()), QUICK, ASKED, asyncio.get_running_loop().time())
    await anext(events)
    await events.aclose()
    assert closed.is_set()
