"""Receipts of answers, read from the store with what they refer to."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from desktop.receipts.receipt import Receipt
from desktop.receipts.references import Unresolved, messages_in, resolved
from desktop.store import index_text, row_mapping
from desktop.store.migrations import WITH_RECEIPTS, version
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_STATES = "SELECT id, state FROM receipts JOIN messages ON seq = message WHERE id IN (SELECT value FROM json_each(?))"


class SentRequest(msgspec.Struct, frozen=True):
    """A receipt, its body as it was sent, and what of that is not kept any more: there a reference stands."""

    receipt: Receipt
    body: bytes
    missing: Unresolved


class Receipts:
    """Every method raises StoreError's tree."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, message_id: str) -> SentRequest | None:
        """What was sent for an answer; None where that is not kept, as of older answers and imported ones."""
        return (await self.of([message_id])).get(message_id)

    async def of(self, message_ids: Sequence[str]) -> dict[str, SentRequest]:
        """Those of some answers that have one, by their ids."""
        return await self._database.read(lambda sql: _sent(sql, message_ids))


def _sent(sql: Sql, message_ids: Sequence[str]) -> dict[str, SentRequest]:
    if version(sql) < WITH_RECEIPTS:
        return {}
    found: dict[str, Receipt] = {}
    for id_, state in sql.rows(_STATES, (_listed(message_ids),)):
        try:
            found[id_] = msgspec.json.decode(state, type=Receipt)
        except (msgspec.DecodeError, RecursionError, TypeError):
            continue  # damaged: as if there were none
    bodies = {id_: each.body.encode() for id_, each in found.items() if not each.whole}
    texts = _texts(sql, sorted({each for body in bodies.values() for each in messages_in(body)}))
    whole = {id_: (each.body.encode(), Unresolved(0, 0)) for id_, each in found.items() if each.whole}
    told = whole | {id_: resolved(body, texts.get) for id_, body in bodies.items()}
    return {id_: SentRequest(found[id_], *told[id_]) for id_ in found}


def _texts(sql: Sql, ids: Sequence[str]) -> dict[str, str]:
    """The texts of the messages that are there still, by their ids."""
    rows = sql.rows("SELECT id, parts FROM messages WHERE id IN (SELECT value FROM json_each(?))", (_listed(ids),))
    return {id_: row_mapping.text(row_mapping.readable(row_mapping.text_of(parts))) for id_, parts in rows}


def _listed(ids: Sequence[str]) -> str:
    return json.dumps([index_text.clean(each) for each in ids])
