"""Several answers to one prompt: at the same time, and one that fails leaves the others alone."""

from __future__ import annotations

import asyncio

import pytest

from desktop.domain.conversation_types import Message, Status
from desktop.domain.events import Event, TextDelta
from desktop.errors import RateLimited, StoreFull
from desktop.session.ask_all import Outcome, ask_all
from desktop.text.phrases import english
from tests.desktop.session.fakes import MemoryJournal, ScriptedProvider, said, session


async def test_each_outcome_stands_in_its_place_and_is_told_when_it_comes() -> None:
    providers = [
        ScriptedProvider([said("one")]),
        ScriptedProvider([[TextDelta(text="half"), RateLimited(english("Slow down."))]]),
        ScriptedProvider([said("three")]),
    ]
    journals = [MemoryJournal(), MemoryJournal(), MemoryJournal(refuse_begin=[StoreFull(english("The disk is full."))])]
    sessions = [session(provider, journal) for provider, journal in zip(providers, journals, strict=True)]
    heard: list[tuple[int, Event]] = []
    ended: dict[int, Outcome] = {}
    outcomes = await ask_all(
        sessions, "hello", listener=lambda place, event: heard.append((place, event)), ended=ended.__setitem__
    )
    first, second, third = outcomes
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.text, first.status) == ("one", Status.COMPLETE)
    assert (second.text, second.status) == ("half", Status.FAILED)
    assert isinstance(third, StoreFull)
    assert ended == dict(enumerate(outcomes))
    assert (1, TextDelta(text="half")) in heard


async def test_a_bug_in_one_is_raised_after_the_others_ended() -> None:
    broken = ScriptedProvider([[ZeroDivisionError()]])
    fine = MemoryJournal()
    with pytest.raises(ZeroDivisionError):
        await ask_all(
            [session(broken, MemoryJournal()), session(ScriptedProvider([said("fine")]), fine)],
            "hello",
            listener=lambda _place, _event: None,
            ended=lambda _place, _outcome: None,
        )
    assert [message.text for message in fine.finished] == ["fine"]


async def test_cancelling_ends_and_keeps_all() -> None:
    journals = [MemoryJournal() for _ in range(5)]
    providers = [ScriptedProvider([[TextDelta(text="begun"), None]]) for _ in journals]
    asking = asyncio.create_task(
        ask_all(
            [session(provider, journal) for provider, journal in zip(providers, journals, strict=True)],
            "hello",
            listener=lambda _place, _event: None,
            ended=lambda _place, _outcome: None,
        )
    )
    for provider in providers:
        await provider.waiting.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert all([each.status for each in journal.finished] == [Status.INTERRUPTED] for journal in journals)
