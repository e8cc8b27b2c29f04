"""A comparison's report read from the store: its conversations, its votes, and what these say."""

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
    """The report of a comparison as the store has it. Raises StoreError.

    A conversation that was deleted, or is damaged, is missing in it, which it says.
    """
    conversations: list[Conversation | None] = []
    for pane in comparison.panes:
        try:
            conversations.append(await store.conversations.get(pane.conversation))
        except (ConversationUnknown, StoreCorrupt):
            conversations.append(None)
    kept = await store.votes.given_in((comparison.id,))
    ranking = await asyncio.to_thread(_ranked, panes_of(comparison, conversations), kept.votes)
    return await asyncio.to_thread(
        report_of,
        comparison,
        conversations,
        kept.votes,
        ranking,
        version=version,
        at=at or now(),
        damaged_votes=kept.damaged,
    )


def _ranked(panes: Sequence[ReportPane], votes: Sequence[Vote]) -> Ranking | None:
    """What the blind votes say of the panes; None without any vote, or where they cannot be ranked."""
    if not votes:
        return None
    counts = counted_votes([*_by_pane(panes, votes)], VoteFilter())
    try:
        return ranked(counts, RankingOptions())
    except RankingImpossible:
        return None


def _by_pane(panes: Sequence[ReportPane], votes: Sequence[Vote]) -> Iterator[Vote]:
    """Votes whose contenders have the names of the panes: two of one model are told apart.

    An answer that is not shown any more is its model's pane's, where only one has that model.
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
