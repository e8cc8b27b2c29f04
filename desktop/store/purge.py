"""Conversations deleted for good, few at once and many in slices, so that what others write is never held up.

The search index forgets securely word by word, which costs 2 ms a message in a large index. Many are therefore
deleted with that turned off, and then the whole index is merged anew, which leaves nothing of what was deleted: 50
times as fast. That it is turned off is kept in the index itself: where a purge was killed, `finish` goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from desktop.store.records import emptied_comparisons, insert
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

Progress = Callable[[int, int], None]
"""How much is done, of how much."""

Holding = Mapping[str, Sequence[int]]
"""The numbers of the comparisons that hold a conversation, by its id."""

_AT_ONCE = 400
"""Messages that are deleted securely, in a second at most."""

_SLICE = 300
"""Messages in one slice of many: about 30 ms."""

_PAGES = 200
"""How much of an index is merged in one slice: about 30 ms."""

_INDEXES = ("messages_index", "conversations_index")


def silent(done: int, total: int) -> None:
    """Progress that nobody asked for."""
    del done, total


async def purge(
    database: Database, ids: Sequence[str], at_ms: int, progress: Progress = silent, *, keep_votes: bool = False
) -> None:
    """Delete conversations without a trace in the database's files, with the votes on their answers or without.

    Few are deleted all or none. Many are first moved to the trash, all or none; where it ends there, they are
    deleted when it is called again. Raises ConversationUnknown (then none is deleted), StoreError's tree.
    """
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
    """Leave nothing of what was deleted in the search index, where a purge of many left that to be done.

    Ends early where the store is closed; that it is to be done stays noted.
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
    """How many messages each conversation that is there has."""
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
    """Whether the indexes forget word by word from now on; where not, `finish` is to follow."""
    for index in _INDEXES:
        sql.run(f"INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', ?)", (int(on),))  # noqa: S608


def is_merge_due(sql: Sql) -> bool:
    """Whether something was deleted that an index has not forgotten yet."""
    return any(not sql.integer(f"SELECT v FROM {index}_config WHERE k = 'secure-delete'") for index in _INDEXES)  # noqa: S608 - only constants


def _merge(sql: Sql, index: str, pages: int) -> bool:
    """Merge a part of an index; whether there may be more to do."""
    before = sql.connection.total_changes()
    sql.run(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
    return sql.connection.total_changes() - before > 1


def _delete_some(sql: Sql, left: list[str], holding: Holding, *, keep_votes: bool) -> None:
    """Delete a slice of what is left, and take from the list those that are gone; with them go their comparisons."""
    gone, room = 0, _SLICE
    while room > 0 and gone < len(left):
        deleted = insert.purge_some(sql, left[gone], room, keep_votes=keep_votes)
        if deleted < room:
            gone += 1
        room -= deleted + 1
    _forget_emptied(sql, left[:gone], holding, keep_votes=keep_votes)
    del left[:gone]
