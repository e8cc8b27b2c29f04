"""What is said while an answer is awaited: what is being waited for, and for how long."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Usage
from desktop.domain.events import (
    Event,
    Notice,
    Progress,
    ReasoningDelta,
    RetryWait,
    Started,
    TextDelta,
    ToolAnswered,
    ToolCalled,
    ToolWaiting,
    UsageUpdate,
)
from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from ui.pane.chat import Live

CALL = ToolCallPart(id="1", name="clock", arguments="{}", server="time")
CALLED, WAITS = ToolCalled(call=CALL), ToolWaiting(call="1", waiting=True)
ANSWERED = ToolAnswered(call=CALL, result=ToolResultPart(call="1", status=ToolStatus.OK))
NOTICE = Notice(code="x", message="A parameter was dropped.")


def live(*events: Event) -> Live:
    made = Live(since=100.0)
    for event in events:
        made.take(event)
    return made


@pytest.mark.parametrize(
    ("events", "remote", "embedded"),
    [
        ((), "waiting · 3 s", "loading model"),
        ((NOTICE, UsageUpdate(usage=Usage(input_tokens=1))), "waiting · 3 s", "loading model"),
        ((Started(),), "waiting · 3 s", "waiting · 3 s"),
        ((Progress(fraction=0.254),), "reading prompt · 25%", "reading prompt · 25%"),
        ((Progress(fraction=0.5), Progress(fraction=1.0)), "waiting · 3 s", "waiting · 3 s"),
        ((Started(), ReasoningDelta(text="hm")), "responding · 3 s", "responding · 3 s"),
        ((Progress(fraction=0.5), TextDelta(text="so")), "responding · 3 s", "responding · 3 s"),
        ((CALLED,), "responding · 3 s", "responding · 3 s"),
        ((CALLED, WAITS), "waiting for approval", "waiting for approval"),
        ((CALLED, WAITS, ToolWaiting(call="1", waiting=False)), "responding · 3 s", "responding · 3 s"),
        ((CALLED, WAITS, ANSWERED), "responding · 3 s", "responding · 3 s"),
    ],
)
def test_it_says_what_is_waited_for(events: tuple[Event, ...], remote: str, embedded: str) -> None:
    made = live(*events)
    assert made.state(103.2, embedded=False) == remote
    assert made.state(103.2, embedded=True) == embedded


def test_what_its_request_waits_for_is_known_until_it_waits_no_more() -> None:
    wait = RetryWait(attempt=1, wait_s=40, reason="busy")
    left = live(wait, NOTICE).wait_left()
    assert left is not None
    assert 30 < left.wait_s <= 40
    assert live(wait, Started()).wait_left() is None
    assert live(RetryWait(attempt=1, wait_s=0, reason="busy")).wait_left() is None


def test_a_clock_that_was_read_before_is_no_negative_wait() -> None:
    assert live().state(99.0, embedded=False) == "waiting · 0 s"


@pytest.mark.parametrize(
    ("events", "quiet", "said"),
    [
        ((), 9.9, ""),
        ((), 10.2, "No data for 10 s. Waiting up to 300 s."),
        ((Started(),), 299, "No data for 299 s. Waiting up to 300 s."),
        ((TextDelta(text="so"),), 10.2, "No data for 10 s. Waiting up to 60 s."),
        ((TextDelta(text="so"), CALLED), 75, ""),
        ((TextDelta(text="so"), CALLED, ANSWERED), 10.2, "No data for 10 s. Waiting up to 60 s."),
        ((TextDelta(text="so"), NOTICE), 59, "No data for 59 s. Waiting up to 60 s."),
        ((TextDelta(text="so"),), 75, "No data for 75 s. Waiting up to 300 s."),
        ((TextDelta(text="so"),), 301, ""),
        ((RetryWait(attempt=1, wait_s=40, reason="busy"),), 30, ""),
    ],
)
def test_a_stall_says_how_long_it_is_waited_for(events: tuple[Event, ...], quiet: float, said: str) -> None:
    made = live(*events)
    assert made.stall(made.data_at + quiet, (300, 60)) == said
