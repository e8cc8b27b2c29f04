"""Reads the contents of a comparison's report from the store: conversations, votes and their ranking."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import Conversation, now
from desktop.errors import ConversationUnknown, RankingImpossible, StoreCorrupt
from desktop.reports.comparison_report import ComparisonReport, ReportPane, panes_of, report_of
from desktop.store.store import Store
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import Ranking, RankingOptions
from desktop.voting.tally import VoteFilter, counted_votes
from desktop.voting.vote import Vote


async def read_report(
    store: Store, comparison: Comparison, *, version: str, at: datetime | None = None
) -> ComparisonReport:
    """Return the report of a comparison in the store.

    Deleted and damaged conversations are left empty, and the report says so.

    Raises:
        StoreError: If the store cannot be read.
    """
    conversations: list[Conversation | None] = []
    for pane in comparison.panes:
        try:
            conversations.append(await store.conversations.get(pane.conversation))
        except (ConversationUnknown, StoreCorrupt):
            conversations.append(None)
    stored_votes = await store.votes.given_in((comparison.id,))
    ranking = await asyncio.to_thread(_ranked, panes_of(comparison, conversations), stored_votes.votes)
    return await asyncio.to_thread(
        report_of,
        comparison,
        conversations,
        stored_votes.votes,
        ranking,
        version=version,
        at=at or now(),
        damaged_votes=stored_votes.damaged,
    )


def _ranked(panes: Sequence[ReportPane], votes: Sequence[Vote]) -> Ranking | None:
    """Return the ranking of the panes by blind votes, or None if there are no votes or they cannot be ranked."""
    if not votes:
        return None
    counts = counted_votes([*_by_pane(panes, votes)], VoteFilter())
    try:
        return ranked(counts, RankingOptions())
    except RankingImpossible:
        return None


def _by_pane(panes: Sequence[ReportPane], votes: Sequence[Vote]) -> Iterator[Vote]:
    """Yield the votes with pane names as contenders, so that two panes with the same model are distinguished.

    If a response is no longer shown, it is assigned to the pane with its model, provided that there is only one.
    """
    pane_of = {answer.id: pane for pane in panes for _, answer in pane.asked if answer is not None}
    models = Counter(str(pane.state.model) for pane in panes)
    alone = {model: pane for pane in panes if models[model := str(pane.state.model)] == 1}
    for vote in votes:
        contenders = list(vote.contenders)
        for place, answer in enumerate(vote.answers):
            model = contenders[place].model
            pane = pane_of.get(answer, alone.get(model))
            if pane is not None and str(pane.state.model) == model:
                contenders[place] = msgspec.structs.replace(contenders[place], model=str(pane.name))
        yield msgspec.structs.replace(vote, contenders=tuple(contenders))
