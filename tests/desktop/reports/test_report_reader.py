"""A comparison's report read from a store: what is missing, and what its votes say of its panes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop.reports.comparison_report import ComparisonReport
from desktop.reports.report_phrases import claims, known
from desktop.reports.report_reader import read_report
from desktop.store.store import Store
from desktop.voting.vote import Vote
from tests.desktop.reports import samples
from tests.desktop.store.new_database import put_database


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "data")) as opened:
        yield opened


async def kept(store: Store, turns: int, *votes: Vote) -> ComparisonReport:
    conversations = [samples.conversation(pane, turns) for pane in range(2)]
    for each in conversations:
        await store.conversations.create(each)
    comparison = samples.comparison(conversations)
    await store.comparisons.save(comparison)
    await store.votes.add(*votes)
    return await read_report(store, comparison, version="1")


async def test_votes_stand_in_their_turns(store: Store) -> None:
    conversations = [samples.conversation(pane, 2) for pane in range(2)]
    report = await kept(store, 2, samples.vote(conversations, 1, 0), samples.vote(conversations, 1, 1, blind=False))
    assert {turn: [each.vote.blind for each in votes] for turn, votes in report.votes.items()} == {1: [True, False]}
    assert "1 vote given with model names visible is not counted." in [*known(report)]


async def test_what_the_ranking_claims_is_claimed_of_the_panes(store: Store) -> None:
    conversations = [samples.conversation(pane, 10) for pane in range(2)]
    report = await kept(store, 10, *(samples.vote(conversations, turn, 0) for turn in range(10)))
    assert "grok-4.7 is better than gpt-6-sol." in [*claims(report)]


async def test_a_conversation_that_was_deleted_is_missing_and_its_votes_are_told(store: Store) -> None:
    conversations = [samples.conversation(pane, 1) for pane in range(2)]
    await kept(store, 1, samples.vote(conversations, 0, 0))
    await store.conversations.purge(["c1"])
    comparison = await store.comparisons.get("k1")
    report = await read_report(store, comparison, version="1")
    assert [pane.is_deleted for pane in report.panes] == [False, True]
    assert len(report.turns) == 1


async def test_a_vote_on_an_answer_that_is_not_shown_is_its_panes_all_the_same(store: Store) -> None:
    conversations = [samples.conversation(pane, 10) for pane in range(2)]
    votes = [samples.vote(conversations, turn, 0) for turn in range(10)]
    gone = msgspec.structs.replace(votes[0], answers=("elsewhere", "a1-0"))
    report = await kept(store, 10, gone, *votes[1:])
    assert report.ranking is not None
    assert sorted(report.ranking.counts.names) == ["gpt-6-sol", "grok-4.7"]
    assert report.ranking.counts.total == 10
