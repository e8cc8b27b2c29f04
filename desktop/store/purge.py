"""Permanent deletion of conversations; large numbers are deleted in slices, so that other writes are not delayed.

The search index deletes securely word by word, which takes 2 ms per message in a large store. If many messages are
deleted, secure deletion is turned off, and the index is merged afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from desktop.store.records import emptied_comparisons, insert
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

Progress = Callable[[int, int], None]
"""Called with the number of deleted conversations and the total."""

Holding = Mapping[str, Sequence[int]]
"""ROWIDs of the comparisons that contain a conversation, by conversation id."""

_AT_ONCE = 400
"""Maximum messages that are deleted securely at once, which takes at most a second."""

_SLICE = 300
"""Number of messages per slice, which takes about 30 ms."""

_PAGES = 200
"""Number of index pages merged per slice, which takes about 30 ms."""

_INDEXES = ("messages_index", "conversations_index")


def silent(done: int, total: int) -> None:
    """Ignore the progress."""
    del done, total


async def purge(
    database: Database, ids: Sequence[str], at_ms: int, progress: Progress = silent, *, keep_votes: bool = False
) -> None:
    """Permanently delete conversations and the votes on their responses."""
    if not ids:
        return
    sizes = await database.read(lambda sql: _sizes(sql, ids))
    holding = await database.read(lambda sql: emptied_comparisons.holding(sql, ids))
    if sum(sizes.values()) <= _AT_ONCE and len(sizes) == len({*ids}):
        await database.write(lambda sql: _purge_few(sql, ids, holding, keep_votes=keep_votes), scrub=True)
        return
    await database.write(lambda sql: _begin(sql, ids, at_ms))
    left = [*dict.fromkeys(ids)]
    total = len(left)
    while left:
        await database.write(lambda sql: _delete_some(sql, left, holding, keep_votes=keep_votes), durable=False)
        progress(total - len(left), total)
    await finish(database)


async def finish(database: Database) -> None:
    """Remove deleted text from the search index after a large purge.

    Stops early when the store closes; the next start continues.
    """
    if database.read_only or database.is_ending() or not await database.read(is_merge_due):
        return
    for index in _INDEXES:
        pages = -_PAGES  # the first time all parts of the index take part, from then on what is left to do
        while not database.is_ending():
            if not await database.write(lambda sql, index=index, pages=pages: _merge(sql, index, pages), durable=False):
                break
            pages = _PAGES
    if database.is_ending():
        return
    await database.write(lambda sql: forget_securely(sql, on=True), scrub=True)


def _purge_few(sql: Sql, ids: Sequence[str], holding: Holding, *, keep_votes: bool) -> None:
    insert.purge(sql, ids, keep_votes=keep_votes)
    _forget_emptied(sql, ids, holding, keep_votes=keep_votes)


def _forget_emptied(sql: Sql, gone: Iterable[str], holding: Holding, *, keep_votes: bool) -> None:
    held = (seq for each in gone for seq in holding.get(each, ()))
    emptied_comparisons.forget(sql, held, keep_votes=keep_votes)


def _sizes(sql: Sql, ids: Sequence[str]) -> dict[str, int]:
    """Return the number of messages by conversation id."""
    return dict(
        sql.rows(
            "SELECT c.id, (SELECT count(*) FROM messages WHERE conversation = c.seq) FROM conversations c"
            " WHERE c.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
    )


def _begin(sql: Sql, ids: Sequence[str], at_ms: int) -> None:
    insert.set_trashed(sql, ids, at_ms)
    forget_securely(sql, on=False)


def forget_securely(sql: Sql, *, on: bool) -> None:
    """Turn secure deletion in the search indexes on or off; after `off`, `finish` must follow."""
    for index in _INDEXES:
        sql.run(f"INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', ?)", (int(on),))  # noqa: S608


def is_merge_due(sql: Sql) -> bool:
    """Whether an index still contains deleted text."""
    return any(not sql.integer(f"SELECT v FROM {index}_config WHERE k = 'secure-delete'") for index in _INDEXES)  # noqa: S608 - only constants


def _merge(sql: Sql, index: str, pages: int) -> bool:
    """Merge part of an index. Return whether more may remain."""
    before = sql.connection.total_changes()
    sql.run(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
    return sql.connection.total_changes() - before > 1


def _delete_some(sql: Sql, left: list[str], holding: Holding, *, keep_votes: bool) -> None:
    """Delete one slice, then remove conversations without messages and comparisons without conversations."""
    completed, room = 0, _SLICE
    while room > 0 and completed < len(left):
        deleted = insert.purge_some(sql, left[completed], room, keep_votes=keep_votes)
        if deleted < room:
            completed += 1
        room -= deleted + 1
    _forget_emptied(sql, left[:completed], holding, keep_votes=keep_votes)
    del left[:completed]
