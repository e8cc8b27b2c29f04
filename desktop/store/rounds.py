"""Blind rounds as they are kept from the shuffle to the reveal: nothing lists or finds what is in them."""

from __future__ import annotations

import functools
from math import isfinite

import msgspec

from desktop.mask import Mask
from desktop.store import index_text, row_mapping, vote_rows
from desktop.store.conversations import masked
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.voting.blind_round import BlindRound

_ROUND = msgspec.json.Decoder(BlindRound)


class Rounds:
    """The blind rounds of one database. Every method raises StoreError's tree."""

    def __init__(self, database: Database, mask: Mask) -> None:
        self._database = database
        self._mask = mask

    async def save(self, held: BlindRound, cost: float, *, durable: bool = True) -> None:
        """Keep a round as it stands, with the US dollars of its answers so far: on the disk on return.

        Where it is not `durable` it survives the process, and power loss within seconds.
        """

        def job(sql: Sql) -> None:
            """On the writer's thread: a server may have given keys back."""
            hide = functools.cache(self._mask.hide)
            told = tuple(
                msgspec.structs.replace(
                    each, messages=tuple(masked(message, hide, self._mask.pieces) for message in each.messages)
                )
                for each in held.conversations
            )
            state = row_mapping.to_json(msgspec.structs.replace(held, conversations=told))
            spent = max(cost, 0.0) if isfinite(cost) else 0.0
            sql.run_great(
                "INSERT INTO rounds (id, created_at, cost, state) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET cost = excluded.cost, state = excluded.state",
                (index_text.clean(held.id), row_mapping.to_ms(held.created_at), spent, state),
            )

        await self._database.write(job, durable=durable)

    async def list(self) -> tuple[BlindRound, ...]:
        """Those that were not revealed, the newest first, as far as they can be read."""
        return await self._database.read(_list)

    async def delete(self, round_id: str) -> None:
        """Forget a round, without a trace; votes that were given in it stay, as those of the comparison it became."""
        values = (index_text.clean(round_id),)
        await self._database.write(lambda sql: sql.run("DELETE FROM rounds WHERE id = ?", values), scrub=True)


def _list(sql: Sql) -> tuple[BlindRound, ...]:
    if not vote_rows.is_there(sql):
        return ()
    found: list[BlindRound] = []
    for (state,) in sql.each("SELECT state FROM rounds ORDER BY created_at DESC, seq DESC"):
        try:
            found.append(_ROUND.decode(row_mapping.text_of(state)))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
    return tuple(found)
