"""Comparisons as the rest of the program keeps and finds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import msgspec

from desktop.domain import Value
from desktop.errors import ComparisonUnknown
from desktop.store import rows, words
from desktop.store.database import Database
from desktop.store.sql import Sql
from desktop.workspace import Arrangement, Comparison, ComparisonSummary, PaneState, Rule

_TRASHED = "UPDATE comparisons SET trashed_at = ? WHERE seq = ?"
_LISTED = (
    "SELECT id, title, updated_at, state FROM comparisons WHERE (trashed_at IS NOT NULL) = ?"
    " ORDER BY updated_at DESC, seq DESC"
)


class _State(Value, frozen=True, kw_only=True):
    """What a row keeps as JSON. What a later version added is ignored, what it broke has its default."""

    panes: tuple[PaneState, ...] = ()
    rule: str = Rule.OWN
    arrangement: str = Arrangement.ROW
    maximised: int | None = None
    winners: tuple[int | None, ...] = ()
    draft: str = ""


class Comparisons:
    """The comparisons of one database. Every method raises StoreError's tree."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def save(self, comparison: Comparison) -> None:
        """Keep a comparison as it is now, in the place of what was kept under its id; one in the trash comes out."""
        await self._database.write(lambda sql: _save(sql, comparison))

    async def get(self, comparison_id: str) -> Comparison:
        """A comparison, in the trash too. Raises ComparisonUnknown."""
        return await self._database.read(lambda sql: _get(sql, comparison_id))

    async def list(self, *, trashed: bool = False) -> tuple[ComparisonSummary, ...]:
        """All comparisons, those used last first; or those in the trash."""
        return await self._database.read(lambda sql: _list(sql, trashed=trashed))

    async def rename(self, comparison_id: str, title: str) -> None:
        """Set the title. Raises ComparisonUnknown."""
        await self._change(comparison_id, "UPDATE comparisons SET title = ? WHERE seq = ?", words.clean(title))

    async def trash(self, comparison_id: str) -> None:
        """Move it to the trash; its conversations stay. Raises ComparisonUnknown."""
        await self._change(comparison_id, _TRASHED, rows.to_ms(self._clock()))

    async def restore(self, comparison_id: str) -> None:
        """Take it out of the trash. Raises ComparisonUnknown."""
        await self._change(comparison_id, _TRASHED, None)

    async def _change(self, comparison_id: str, statement: str, value: str | int | None) -> None:
        def job(sql: Sql) -> None:
            seq = _known(sql, comparison_id)
            sql.run(statement, (value, seq))

        await self._database.write(job)


def _save(sql: Sql, comparison: Comparison) -> None:
    state = _State(
        panes=comparison.panes,
        rule=comparison.rule,
        arrangement=comparison.arrangement,
        maximised=comparison.maximised,
        winners=comparison.winners,
        draft=comparison.draft,
    )
    sql.run(
        "INSERT INTO comparisons (id, title, created_at, updated_at, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated_at = excluded.updated_at,"
        " state = excluded.state, trashed_at = NULL",
        (
            words.clean(comparison.id),
            words.clean(comparison.title),
            rows.to_ms(comparison.created_at),
            rows.to_ms(comparison.updated_at),
            rows.to_json(state),
        ),
    )


def _get(sql: Sql, comparison_id: str) -> Comparison:
    _known(sql, comparison_id)
    row = sql.row(
        "SELECT id, title, created_at, updated_at, state FROM comparisons WHERE id = ?", (words.clean(comparison_id),)
    )
    assert row is not None
    id_, title, created_at, updated_at, text = row
    state = _state(text)
    most = len(state.panes)
    return Comparison(
        id=id_,
        title=title,
        created_at=rows.from_ms(created_at),
        updated_at=rows.from_ms(updated_at),
        panes=state.panes,
        rule=Rule(state.rule) if state.rule in set(Rule) else Rule.OWN,
        arrangement=Arrangement(state.arrangement) if state.arrangement in set(Arrangement) else Arrangement.ROW,
        maximised=state.maximised if state.maximised is not None and 0 <= state.maximised < most else None,
        winners=tuple(place if place is not None and 0 <= place < most else None for place in state.winners),
        draft=state.draft,
    )


def _list(sql: Sql, *, trashed: bool) -> tuple[ComparisonSummary, ...]:
    found: Sequence[tuple[str, str, int, str]] = sql.rows(_LISTED, (trashed,))
    return tuple(_summary(*row) for row in found)


def _summary(id_: str, title: str, updated_at: int, text: str) -> ComparisonSummary:
    panes = _state(text).panes
    return ComparisonSummary(
        id=id_,
        title=title,
        updated_at=rows.from_ms(updated_at),
        models=tuple(pane.model for pane in panes),
        conversations=tuple(pane.conversation for pane in panes),
    )


def _state(text: str) -> _State:
    """The state of a row; of one that a later version broke, what can be read of it."""
    try:
        return msgspec.json.decode(text, type=_State)
    except msgspec.DecodeError:
        return _State(panes=tuple(_panes(text)))


def _panes(text: str) -> list[PaneState]:
    try:
        held = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return []
    panes = held.get("panes")
    found: list[PaneState] = []
    for each in cast("list[object]", panes) if isinstance(panes, list) else ():
        try:
            found.append(msgspec.convert(each, PaneState))
        except msgspec.ValidationError:
            continue  # of a later version: the others are shown
    return found


def _known(sql: Sql, comparison_id: str) -> int:
    seq = sql.integer("SELECT seq FROM comparisons WHERE id = ?", (words.clean(comparison_id),))
    if seq is None:
        raise ComparisonUnknown(f"There is no comparison “{comparison_id}”.")
    return seq
