"""Stored blind rounds. Until they are revealed, lists and search do not show them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from math import isfinite
from typing import TypeVar

import msgspec

from desktop.domain.conversation_types import Conversation, Role
from desktop.redaction.redactor import Mask
from desktop.store.conversations import masked
from desktop.store.opening.store_opener import StoreOpener
from desktop.store.records import index_text, row_mapping, vote_rows
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.voting.blind_round import BlindRound


class _KeptRound(BlindRound, frozen=True, kw_only=True):
    """A stored round, with the process that runs it."""

    run: str = ""


R = TypeVar("R", bound=BlindRound)

_ROUND = msgspec.json.Decoder(BlindRound)
_KEPT = msgspec.json.Decoder(_KeptRound)


class Rounds:
    """Blind rounds stored in one database. All methods may raise StoreError."""

    def __init__(self, database: Database, opening: StoreOpener, mask: Mask) -> None:
        self._database = database
        self._opening = opening
        self._mask = mask

    async def save(self, held: BlindRound, cost: float, *, durable: bool = True) -> None:
        """Store a round with the cost of its responses so far.

        If not `durable`, the change may be lost in a power failure.
        """

        def job(sql: Sql) -> None:
            """Redact keys and store the round, on the writer's thread."""
            hide = functools.cache(self._mask.hide)
            told = tuple(
                msgspec.structs.replace(each, messages=tuple(masked(message, hide) for message in each.messages))
                for each in held.conversations
            )
            state = row_mapping.to_json(_kept(msgspec.structs.replace(held, conversations=told), self._opening.run_id))
            spent = max(cost, 0.0) if isfinite(cost) else 0.0
            since = held.asked_at or held.created_at  # what it costs is spent from then on
            sql.run_great(
                # None if another window turned it into a comparison
                "INSERT INTO rounds (id, created_at, cost, state) SELECT ?1, ?2, ?3, ?4"
                " WHERE NOT EXISTS (SELECT 1 FROM comparisons WHERE id = ?1)"
                " ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, cost = excluded.cost,"
                " state = excluded.state",
                (index_text.clean(held.id), row_mapping.to_ms(since), spent, state),
            )

        await self._database.write(job, durable=durable)

    async def list(self) -> tuple[BlindRound, ...]:
        """Return the unrevealed rounds that are readable, newest first."""
        return await self._database.read(lambda sql: tuple(_listed(sql, _ROUND)))

    async def left(self) -> tuple[BlindRound, ...]:
        """Return the unrevealed rounds of processes that have ended, newest first."""
        living = await self._database.beside(self._opening.living_since)
        kept = await self._database.read(lambda sql: tuple(_listed(sql, _KEPT)))
        return tuple(_plain(each) for each in kept if each.run not in {*living, self._opening.run_id})

    async def delete(self, round_id: str) -> None:
        """Delete a round permanently; its votes remain."""
        values = (index_text.clean(round_id),)
        await self._database.write(lambda sql: sql.run("DELETE FROM rounds WHERE id = ?", values), scrub=True)


def _kept(held: BlindRound, run: str) -> _KeptRound:
    return _KeptRound(**msgspec.structs.asdict(held), run=run)


def _plain(kept: _KeptRound) -> BlindRound:
    fields = msgspec.structs.asdict(kept)
    del fields["run"]
    return BlindRound(**fields)


def _listed(sql: Sql, decoder: msgspec.json.Decoder[R]) -> Iterator[R]:
    """Yield the readable rounds, newest first."""
    if not vote_rows.is_there(sql):
        return
    for (state,) in sql.each("SELECT state FROM rounds ORDER BY created_at DESC, seq DESC"):
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            if _is_whole(held := decoder.decode(row_mapping.text_of(state))):
                yield held


def _is_whole(held: BlindRound) -> bool:
    """Whether a round has the form in which the program writes it."""
    times = [held.created_at, held.asked_at, *(each.created_at for each in held.conversations)]
    return all(at is None or at.tzinfo is not None for at in times) and all(map(_is_chain, held.conversations))


def _is_chain(conversation: Conversation) -> bool:
    """Whether prompts and responses alternate without branches."""
    before: str | None = None
    for each, role in zip(conversation.messages, cycle((Role.USER, Role.ASSISTANT)), strict=False):
        if each.role is not role or each.parent != before or each.created_at.tzinfo is None:
            return False
        before = each.id
    return len({each.id for each in conversation.messages}) == len(conversation.messages)
