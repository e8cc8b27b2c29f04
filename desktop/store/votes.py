"""Stored votes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from desktop.errors import VoteUnknown
from desktop.redaction.redactor import Mask
from desktop.store.records import index_text, vote_rows
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase
from desktop.voting.tally import Counts
from desktop.voting.vote import Vote

_EDITED = """
WITH given AS (
    SELECT votes.id, votes.at, prompts.seq, prompts.conversation, prompts.parent FROM votes
    JOIN vote_answers ON vote_answers.vote = votes.seq
    JOIN messages AS answers ON answers.id = vote_answers.message
    JOIN messages AS prompts ON prompts.seq = answers.parent
    WHERE votes.id IN (SELECT value FROM json_each(?))
), beside AS (
    SELECT messages.seq, max(created_at) OVER (
        PARTITION BY messages.conversation, messages.parent ORDER BY messages.seq DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS later
    FROM (SELECT DISTINCT conversation, parent FROM given) AS places
    JOIN messages ON messages.conversation = places.conversation AND messages.parent IS places.parent
    WHERE role = 'user'
)
SELECT DISTINCT id FROM given JOIN beside ON beside.seq = given.seq WHERE later >= at
"""
"""Query for votes whose prompt was edited later. Each pair of prompts is compared once."""


class KeptVotes(NamedTuple):
    """Stored votes, oldest first, and the number of unreadable votes."""

    votes: tuple[Vote, ...]
    damaged: int


class Votes:
    """Votes stored in one database. All methods may raise StoreError.

    `require` raises PolicyForbids if voting is not allowed; `outlive` returns whether votes remain after their
    responses are deleted.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], mask: Mask) -> None:
        self._mask = mask
        self._database = database
        self._clock = clock
        self.require: Callable[[], None] = lambda: None
        self.outlive: Callable[[], bool] = lambda: False

    async def add(self, *votes: Vote) -> int:
        """Store votes (all or, on failure, none) and return how many are new. May raise PolicyForbids."""
        self.require()
        return await self._database.write(lambda sql: sum([vote_rows.add(sql, self.masked(each)) for each in votes]))

    def masked(self, vote: Vote) -> Vote:
        """Return a vote with keys redacted in the model names reported by servers."""
        contenders = tuple(
            msgspec.structs.replace(contender, server_model=self._mask.hide(contender.server_model))
            for contender in vote.contenders
        )
        return vote if contenders == vote.contenders else msgspec.structs.replace(vote, contenders=contenders)

    async def get(self, vote_id: str) -> Vote:
        """Return a vote.

        Raises:
            VoteUnknown: If there is no such vote, or it is unreadable.
        """
        return await self._database.read(lambda sql: _known(sql, vote_id))

    async def list(self) -> KeptVotes:
        """Return all votes, including withdrawn ones, except those of unrevealed rounds."""
        return await self._database.read(lambda sql: _kept(vote_rows.read_all(sql)))

    async def are_there(self) -> bool:
        """Whether there are any votes, including withdrawn ones."""
        return await self._database.read(
            lambda sql: vote_rows.is_there(sql) and bool(sql.rows("SELECT 1 FROM votes LIMIT 1"))
        )

    async def pairs(self) -> Counts:
        """Count how often models were compared in votes that count; faster than `list`."""
        return await self._database.read(vote_rows.pairs)

    async def given_in(self, comparisons: Sequence[str]) -> KeptVotes:
        """Return the votes that were given in some comparisons."""
        return await self._database.read(lambda sql: _kept(vote_rows.given_in(sql, comparisons)))

    async def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those ids that exist."""
        asked = "SELECT id FROM votes WHERE id IN (SELECT value FROM json_each(?))"
        values = (json.dumps([index_text.clean(each) for each in ids]),)
        return await self._database.read(
            lambda sql: frozenset(id_ for (id_,) in sql.rows(asked, values)) if vote_rows.is_there(sql) else frozenset()
        )

    async def brought(self, votes: Sequence[Vote]) -> frozenset[str]:
        """Return the ids of existing votes that were imported and belong to no comparison here."""
        asked = json.dumps([index_text.clean(each.id) for each in votes])
        where = "id IN (SELECT value FROM json_each(?)) AND (comparison IS NULL OR comparison NOT IN"
        statement = f"SELECT id FROM votes WHERE {where} (SELECT id FROM comparisons))"  # noqa: S608 - of constants
        return await self._database.read(
            lambda sql: (
                frozenset(id_ for (id_,) in sql.rows(statement, (asked,))) if vote_rows.is_there(sql) else frozenset()
            )
        )

    async def lengths(self, answers: Sequence[str]) -> dict[str, int]:
        """Return the text lengths of existing responses by id."""
        asked = json.dumps([index_text.clean(each) for each in answers])
        return await self._database.read(lambda sql: vote_rows.lengths(sql, asked))

    async def edited_since(self, votes: Sequence[Vote]) -> frozenset[str]:
        """Return the ids of votes whose prompt was edited later. These votes belong to the original prompt."""
        values = (json.dumps([index_text.clean(each.id) for each in votes]),)
        return await self._database.read(
            lambda sql: (
                frozenset(id_ for (id_,) in sql.rows(_EDITED, values)) if vote_rows.is_there(sql) else frozenset()
            )
        )

    async def undo(self, vote_id: str) -> bool:
        """Withdraw a vote, which remains stored but no longer counts. Return whether it is readable."""
        at = self._clock()

        def job(sql: Sql) -> bool:
            """Withdraw the vote, unless it was withdrawn before."""
            vote = vote_rows.read_one(sql, vote_id)
            if vote is not None and vote.undone is None:
                vote_rows.change(sql, msgspec.structs.replace(vote, undone=at))
            return vote is not None

        return await self._database.write(job)

    async def delete(self, ids: Sequence[str]) -> int:
        """Delete votes permanently, even damaged ones, and return their number."""

        def job(sql: Sql) -> int:
            count = 0
            for each in {*ids}:
                sql.run("DELETE FROM votes WHERE id = ?", (index_text.clean(each),))
                count += sql.connection.changes()
            return count

        return await self._database.write(job, scrub=True)


def _known(sql: Sql, vote_id: str) -> Vote:
    vote = vote_rows.read_one(sql, vote_id)
    if vote is None:
        raise VoteUnknown(phrase("There is no vote “{id}”.", id=vote_id))
    return vote


def _kept(found: Iterable[Vote | None]) -> KeptVotes:
    read = list(found)
    votes = tuple(each for each in read if each is not None)
    return KeptVotes(votes, len(read) - len(votes))
