"""Imports the votes in one of Paragone's own exports, in batches and with a report line for each vote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from desktop.domain.conversation_types import bounded_time
from desktop.errors import PolicyForbids
from desktop.store.store import Store
from desktop.system.log import logger
from desktop.text.phrases import Phrase, phrase
from desktop.transfer.archives.loose_json import MOST_LISTED, Unreadable
from desktop.transfer.import_drafts import with_count
from desktop.transfer.import_report import Begins, ItemState, ReportItem
from desktop.transfer.source import Source
from desktop.voting.vote import Vote

_log = logger("transfer.votes")

MOST_VOTES = MOST_LISTED
"""Maximum number of votes in one file."""

_BATCH = 500


async def import_votes(
    store: Store,
    source: Source,
    done: Callable[[int], None],
    stopped: Callable[[], bool],
    begin: Begins,
    *,
    keep: bool,
) -> list[ReportItem]:
    """Save new votes, or only preview them; none if a policy forbids voting. Return the report lines.

    `begin` is called with the new votes, on a thread, before any vote is saved. Raises StoreError.
    """
    if source.votes:
        try:
            store.votes.require()
        except PolicyForbids:
            return [
                _broken(
                    with_count(
                        phrase("Votes are left out: your organization does not allow saving votes"), source.votes
                    )
                )
            ]
    items: list[ReportItem] = []
    seen: set[str] = set()
    most = min(source.votes, MOST_VOTES)
    for start in range(0, most, _BATCH):
        if stopped():
            return items
        read = await asyncio.to_thread(_read, source, range(start, min(start + _BATCH, most)))
        votes = [entry for entry in read if isinstance(entry, Vote)]
        here = await store.votes.known([entry.id for entry in votes])
        once = {entry.id: entry for entry in reversed(votes)}.values()
        new = [entry for entry in once if entry.id not in here and entry.id not in seen]
        if keep and new:
            await asyncio.to_thread(begin, [_item(entry, is_new=True) for entry in new])
            await store.votes.add(*reversed(new))
        fresh = {entry.id for entry in new}
        for entry in read:
            items.append(entry if isinstance(entry, ReportItem) else _item(entry, is_new=entry.id in fresh))
            fresh.discard(items[-1].id)
        seen |= {entry.id for entry in new}
        done(start + len(read))
    if most < source.votes:
        left = source.votes - most
        items.append(_broken(with_count(phrase("Votes beyond the limit for one file are left out"), left)))
    return items


def _read(source: Source, places: Sequence[int]) -> list[Vote | ReportItem]:
    """Return votes, and report lines for unreadable ones."""
    make = source.format.vote
    assert make is not None
    votes: list[Vote | ReportItem] = []
    for place in places:
        try:
            votes.append(make(source.vote(place)))
        except Unreadable as error:
            votes.append(_broken(error.reason))
        except Exception as error:  # noqa: BLE001 - whatever one of them holds, the others are to be kept
            _log.error("a vote could not be read", exc_info=error)
            votes.append(_broken(phrase("The contents are in an unknown format.")))
    return votes


def _item(vote: Vote, *, is_new: bool) -> ReportItem:
    state = ItemState.NEW if is_new else ItemState.HERE
    return ReportItem(title=phrase("A vote"), state=state, id=vote.id, updated_at=bounded_time(vote.at), is_vote=True)


def _broken(reason: Phrase | str) -> ReportItem:
    return ReportItem(title=phrase("A vote"), state=ItemState.BROKEN, reasons=(reason,), is_vote=True)
