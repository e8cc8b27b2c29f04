"""Stored comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import msgspec

from desktop.domain import comparison_json
from desktop.domain.comparison import MOST_PANES, Comparison, ComparisonSummary
from desktop.domain.conversation_types import ConversationSummary, ModelRef
from desktop.errors import ComparisonUnknown
from desktop.store.records import emptied_comparisons, index_text, row_mapping, vote_rows
from desktop.store.records.trash_times import trashed_before
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Cell, Sql
from desktop.store.votes import Votes
from desktop.text.phrases import bounded, phrase

_TRASHED = "UPDATE comparisons SET trashed_at = ? WHERE seq = ?"
_CHATS_TRASHED = (
    "UPDATE conversations SET trashed_at = ? WHERE trashed_at IS NULL AND id IN (SELECT value FROM json_each(?))"
)
_TRASHED_WITH = (
    "SELECT id FROM conversations WHERE id IN (SELECT value FROM json_each(?))"
    " AND trashed_at = (SELECT trashed_at FROM comparisons WHERE seq = ?) ORDER BY seq"
)
_BEGUN_BEFORE = f"""
SELECT {row_mapping.SUMMARY} FROM conversations c JOIN comparisons k
WHERE c.id IN (SELECT value FROM json_each(?)) AND k.seq = ? AND c.trashed_at IS NULL AND c.created_at < k.created_at
    AND EXISTS (SELECT 1 FROM messages m WHERE m.conversation = c.seq AND m.created_at < k.created_at)
ORDER BY c.seq
"""  # noqa: S608 - only constants
_LARGEST_LISTED = 16 << 20
"""Maximum length of a comparison's state that is decoded for lists."""

_LISTED = (
    "SELECT id, title, created_at, updated_at, CASE WHEN length(state) <= ? THEN state ELSE '{}' END FROM comparisons"
    " WHERE (trashed_at IS NOT NULL) = ? ORDER BY updated_at DESC, seq DESC"
)


class _Pane(msgspec.Struct):
    model: str
    conversation: str


class _Panes(msgspec.Struct):
    panes: tuple[_Pane, ...] = ()
    merges: tuple[str, ...] = ()


_PANES = msgspec.json.Decoder(_Panes)


class Comparisons:
    """Comparisons stored in one database. All methods may raise StoreError."""

    def __init__(self, database: Database, clock: Callable[[], datetime], votes: Votes) -> None:
        self._votes = votes
        self._database = database
        self._clock = clock

    async def save(self, comparison: Comparison) -> bool:
        """Store a comparison, replacing its previous state and restoring it from the trash.

        Returns False, without storing it, if all its messages were permanently deleted.
        """
        return await self._database.write(lambda sql: save(sql, comparison))

    async def get(self, comparison_id: str) -> Comparison:
        """Return a comparison, even from the trash.

        Raises:
            ComparisonUnknown: If there is none with this id.
        """
        return await self._database.read(lambda sql: read(sql, comparison_id))

    async def list(self, *, trashed: bool = False) -> tuple[ComparisonSummary, ...]:
        """Return all comparisons outside the trash, or all in it, most recently used first."""
        return await self._database.read(lambda sql: _list(sql, trashed=trashed))

    async def is_listed(self, comparison_id: str) -> bool:
        """Whether a comparison with this id exists outside the trash."""
        asked = "SELECT 1 FROM comparisons WHERE id = ? AND trashed_at IS NULL"
        return bool(await self._database.read(lambda sql: sql.rows(asked, (index_text.clean(comparison_id),))))

    async def rename(self, comparison_id: str, title: str) -> None:
        """Set the title.

        Raises:
            ComparisonUnknown: If there is none with this id.
        """
        await self._change(comparison_id, "UPDATE comparisons SET title = ? WHERE seq = ?", index_text.clean(title))

    async def trash(self, comparison_id: str, *, keep: Collection[str] | None = ()) -> None:
        """Move a comparison to the trash together with its chats, except those in `keep`.

        If `keep` is None, no chat is moved. Chats that other comparisons show are not moved either.

        Raises:
            ComparisonUnknown: If there is none with this id.
        """
        at = row_mapping.to_ms(self._clock())

        def job(sql: Sql) -> None:
            """Move everything with the same time, by which `restore` recognizes the chats."""
            seq = _known(sql, comparison_id)
            sql.run(_TRASHED, (at, seq))
            if keep is not None:
                chats = {*_chats(sql, seq)} - {*keep} - _shown_elsewhere(sql)
                sql.run(_CHATS_TRASHED, (at, json.dumps(sorted(chats))))

        await self._database.write(job)

    async def restore(self, comparison_id: str) -> None:
        """Restore a comparison with the chats that were trashed with it.

        Raises:
            ComparisonUnknown: If there is none with this id.
        """

        def job(sql: Sql) -> None:
            _restore(sql, _known(sql, comparison_id))

        await self._database.write(job)

    async def trashed_with(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of the chats that were moved to the trash together with these comparisons.

        Raises:
            ComparisonUnknown: If an id is unknown.
        """

        def job(sql: Sql) -> tuple[str, ...]:
            return tuple(each for id_ in ids for each in _trashed_with(sql, _known(sql, id_)))

        return await self._database.read(job)

    async def begun_before(self, comparison_id: str) -> tuple[ConversationSummary, ...]:
        """Return the chats of a comparison that have messages older than the comparison.

        Raises:
            ComparisonUnknown: If there is none with this id.
        """

        def job(sql: Sql) -> tuple[ConversationSummary, ...]:
            seq = _known(sql, comparison_id)
            found = sql.rows(_BEGUN_BEFORE, (json.dumps(_chats(sql, seq)), seq))
            return row_mapping.summaries(found)

        return await self._database.read(job)

    async def purge(self, ids: Sequence[str]) -> None:
        """Delete comparisons permanently, but not their conversations.

        Their votes are deleted too, unless the settings let votes outlive the responses.

        Raises:
            ComparisonUnknown: If an id is unknown; nothing is deleted then.
        """
        keep = self._votes.outlive()

        def job(sql: Sql) -> None:
            """Delete in one transaction, so that an unknown id deletes nothing."""
            for seq, id_ in [(_known(sql, id_), id_) for id_ in ids]:
                sql.run("DELETE FROM comparisons WHERE seq = ?", (seq,))
                vote_rows.forget_comparison(sql, id_, keep=keep)

        await self._database.write(job, scrub=True)

    async def purge_trashed(self, before: datetime) -> int:
        """Permanently delete the comparisons that were trashed before a time, and return their number."""
        ids = await trashed_before(
            self._database, "comparisons", row_mapping.to_ms(before), row_mapping.to_ms(self._clock())
        )
        if ids:
            await self.purge(ids)
        return len(ids)

    async def _change(self, comparison_id: str, statement: str, value: str | int | None) -> None:
        def job(sql: Sql) -> None:
            seq = _known(sql, comparison_id)
            sql.run(statement, (value, seq))

        await self._database.write(job)


def save(sql: Sql, comparison: Comparison) -> bool:
    """Store a comparison and return whether it was stored.

    It is not stored if all its messages were permanently deleted.

    Raises:
        apsw.Error: If the database fails.
    """
    said = [pane.conversation for pane in comparison.panes if pane.said]
    kept = sql.row("SELECT seq, trashed_at FROM comparisons WHERE id = ?", (index_text.clean(comparison.id),))
    if kept is None and said and not emptied_comparisons.are_there(sql, said):
        return False
    if kept is not None and kept[1] is not None:
        _restore(sql, row_mapping.number_of(kept[0]))
    state = comparison_json.fields(comparison)
    for name in ("id", "title", "created_at", "updated_at"):
        del state[name]  # they have columns of their own
    sql.run(
        "INSERT INTO comparisons (id, title, created_at, updated_at, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated_at = excluded.updated_at,"
        " state = excluded.state, trashed_at = NULL",
        (
            index_text.clean(comparison.id),
            index_text.clean(comparison.title),
            row_mapping.to_ms(comparison.created_at),
            row_mapping.to_ms(comparison.updated_at),
            row_mapping.to_json(state),
        ),
    )
    return True


def read(sql: Sql, comparison_id: str) -> Comparison:
    """Return a comparison, even from the trash, as far as it is readable.

    Raises:
        ComparisonUnknown: If there is none with this id.
    """
    _known(sql, comparison_id)
    row = sql.row(
        "SELECT id, title, created_at, updated_at, state FROM comparisons WHERE id = ?",
        (index_text.clean(comparison_id),),
    )
    assert row is not None
    return _comparison(*row)


def _list(sql: Sql, *, trashed: bool) -> tuple[ComparisonSummary, ...]:
    # One at a time, because each may be some megabytes.
    return tuple(_summary(*row) for row in sql.each(_LISTED, (_LARGEST_LISTED, trashed)))


def _summary(id_: Cell, title: Cell, created_at: Cell, updated_at: Cell, held: Cell) -> ComparisonSummary:
    """Return a list entry. Only the models and conversations of the panes and the merged chats are decoded."""
    state = row_mapping.text_of(held)
    try:
        listed = _PANES.decode(state)
        panes, merges = [(_model(each.model), each.conversation) for each in listed.panes], listed.merges
    except (msgspec.DecodeError, RecursionError):
        whole = _comparison(id_, title, created_at, updated_at, state)
        panes, merges = [(each.model, each.conversation) for each in whole.panes], whole.merges
    return ComparisonSummary(
        id=row_mapping.text_of(id_),
        title=bounded(row_mapping.text_of(title)),
        updated_at=row_mapping.from_ms(updated_at),
        models=tuple(model for model, _ in panes[:MOST_PANES]),
        conversations=tuple(conversation for _, conversation in panes[:MOST_PANES]),
        merges=merges,
    )


def _model(text: str) -> ModelRef:
    connection, slash, name = text.partition("/")
    if not slash:
        raise msgspec.ValidationError("Expected connection/name")
    return row_mapping.model_ref(connection, name)


def _comparison(id_: Cell, title: Cell, created_at: Cell, updated_at: Cell, kept: Cell) -> Comparison:
    """Return the comparison of a row, as far as it is readable."""
    state = row_mapping.text_of(kept)
    try:
        fields = msgspec.json.decode(state, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        fields = {"all of it": state}  # one part that cannot be read
    times = {"created_at": row_mapping.from_ms(created_at), "updated_at": row_mapping.from_ms(updated_at)}
    known = {"id": row_mapping.text_of(id_), "title": bounded(row_mapping.text_of(title)), **times}
    try:
        return comparison_json.as_far_as_possible({**fields, **known})
    except RecursionError:
        return comparison_json.as_far_as_possible({"all of it": state, **known})


def _restore(sql: Sql, seq: int) -> None:
    back = json.dumps(_trashed_with(sql, seq))
    sql.run("UPDATE conversations SET trashed_at = NULL WHERE id IN (SELECT value FROM json_each(?))", (back,))
    sql.run(_TRASHED, (None, seq))


def _chats(sql: Sql, seq: int) -> list[str]:
    """Return the ids of the chats in a comparison."""
    row = sql.row("SELECT state FROM comparisons WHERE seq = ?", (seq,))
    return emptied_comparisons.conversations_of(row_mapping.text_of(row[0])) if row is not None else []


def _trashed_with(sql: Sql, seq: int) -> list[str]:
    found = sql.rows(_TRASHED_WITH, (json.dumps(_chats(sql, seq)), seq))
    return [row_mapping.text_of(id_) for (id_,) in found]


def _shown_elsewhere(sql: Sql) -> set[str]:
    """Return the ids of the chats in all comparisons outside the trash."""
    states = sql.each("SELECT state FROM comparisons WHERE trashed_at IS NULL")
    return {each for (state,) in states for each in emptied_comparisons.conversations_of(row_mapping.text_of(state))}


def _known(sql: Sql, comparison_id: str) -> int:
    seq = sql.integer("SELECT seq FROM comparisons WHERE id = ?", (index_text.clean(comparison_id),))
    if seq is None:
        raise ComparisonUnknown(phrase("There is no comparison “{id}”.", id=comparison_id))
    return seq
