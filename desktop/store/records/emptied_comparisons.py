"""Deletes comparisons together with the last of their conversations."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

import msgspec

from desktop.store.records import row_mapping, vote_rows
from desktop.store.sqlite.sql import Sql


class _Pane(msgspec.Struct):
    conversation: str = ""


class _State(msgspec.Struct):
    panes: tuple[_Pane, ...] = ()


def holding(sql: Sql, conversations: Collection[str]) -> dict[str, list[int]]:
    """Return the ROWIDs of the comparisons that contain these conversations, by conversation id.

    Reads all comparisons.
    """
    wanted = {*conversations}
    found: dict[str, list[int]] = {}
    for seq, state in sql.each("SELECT seq, state FROM comparisons"):
        for each in wanted.intersection(conversations_of(row_mapping.text_of(state))):
            found.setdefault(each, []).append(row_mapping.number_of(seq))
    return found


def forget(sql: Sql, comparisons: Iterable[int], *, keep_votes: bool) -> None:
    """Delete those of the comparisons whose conversations no longer exist."""
    for seq in {*comparisons}:
        row = sql.row("SELECT id, state FROM comparisons WHERE seq = ?", (seq,))
        if row is not None and not are_there(sql, conversations_of(row_mapping.text_of(row[1]))):
            sql.run("DELETE FROM comparisons WHERE seq = ?", (seq,))
            vote_rows.forget_comparison(sql, row_mapping.text_of(row[0]), keep=keep_votes)


def are_there(sql: Sql, conversations: Sequence[str]) -> bool:
    """Whether any of the conversations exists, even in the trash."""
    asked = "SELECT count(*) FROM conversations WHERE id IN (SELECT value FROM json_each(?))"
    return bool(sql.integer(asked, (json.dumps(list(conversations)),)))


def conversations_of(state: str) -> list[str]:
    """Return the conversation ids in a comparison's state; none if it is unreadable."""
    try:
        return [pane.conversation for pane in msgspec.json.decode(state, type=_State).panes if pane.conversation]
    except (msgspec.MsgspecError, RecursionError):
        return []
