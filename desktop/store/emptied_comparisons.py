"""Comparisons none of whose conversations is left: they go with the last of these, by whose prompt they are called."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from desktop.store import row_mapping, vote_rows
from desktop.store.sqlite.sql import Sql

_HOLDING = (
    "SELECT seq, id, state FROM comparisons"
    " WHERE EXISTS (SELECT 1 FROM json_each(?) AS gone WHERE instr(comparisons.state, gone.value))"
)


class _Pane(msgspec.Struct):
    conversation: str = ""


class _State(msgspec.Struct):
    panes: tuple[_Pane, ...] = ()


def forget(sql: Sql, conversations: Sequence[str], *, keep_votes: bool) -> None:
    """Forget the comparisons that held some conversations, which are gone, and hold none that is there."""
    for seq, id_, state in sql.rows(_HOLDING, (json.dumps(list(conversations)),)):
        if not are_there(sql, conversations_of(row_mapping.text_of(state))):
            sql.run("DELETE FROM comparisons WHERE seq = ?", (seq,))
            vote_rows.forget_comparison(sql, row_mapping.text_of(id_), keep=keep_votes)


def are_there(sql: Sql, conversations: Sequence[str]) -> bool:
    """Whether any of some conversations is there, be it in the trash."""
    asked = "SELECT count(*) FROM conversations WHERE id IN (SELECT value FROM json_each(?))"
    return bool(sql.integer(asked, (json.dumps(list(conversations)),)))


def conversations_of(state: str) -> list[str]:
    """The ids in a comparison's panes; none in one that cannot be read."""
    try:
        return [pane.conversation for pane in msgspec.json.decode(state, type=_State).panes if pane.conversation]
    except (msgspec.MsgspecError, RecursionError):
        return []
