"""A table of many parts, which need wider columns the further up one reads: what is not in view waits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.list.message_list import MessageList
from ui.transcript.message.segments import TableSegment
from ui.transcript.text.table_document import TableDocument
from ui.transcript.transcript_view import TranscriptView

ROWS = 800
WORDS = ("i" * (number // 40) + "m" * (20 - number // 40) for number in range(ROWS))
"""Of as many letters, and wider the further up."""
TABLE = "| # | Name |\n|---|---|\n" + "".join(f"| 1 | {word} |\n" for word in WORDS)


@pytest.fixture
def view(show: Show) -> TranscriptView:
    """The end of a table in view, of which all is cut into slabs."""
    shown = show([prompt("Which?"), answer(TABLE)])
    shown.rows[1].parts.unroll(1_000)
    listed(shown).row_grew(1)
    settle()
    return shown


def settle() -> None:
    """Let columns be widened, which is done soon."""
    for _ in range(6):
        QApplication.processEvents()


def scrolled(messages: MessageList, distance: int) -> Iterator[None]:
    """Scrolls on by so many pixels until there is nothing more."""
    before: list[tuple[int, int, int]] = []
    while before != (now := [(each.row, each.number, each.top) for each in messages.placed]):
        before = now
        messages.scroll_by(distance)
        settle()
        yield


def tables(view: TranscriptView, *, seen: bool) -> list[TableSegment]:
    """The parts of the table that are in view, or all that are made."""
    slabs = [each.slab for each in listed(view).placed] if seen else view.rows[1].parts.body
    made = [slab for slab in slabs if getattr(slab, "is_made", False)]
    return [segment for slab in made for segment in slab.segments if isinstance(segment, TableSegment)]


def widths(segments: list[TableSegment]) -> set[tuple[float, ...]]:
    return {columns.widths() for segment in segments if isinstance(columns := segment._columns, TableDocument)}


def holes(messages: MessageList) -> list[int]:
    """Pixels between slabs in view and those below."""
    placed, width = messages.placed, messages.column[1]
    return [below.top - above.top - above.slab.height(width) for above, below in pairwise(placed)]


def test_only_the_parts_in_view_are_widened_at_once(view: TranscriptView, monkeypatch: pytest.MonkeyPatch) -> None:
    count, most = 0, 0
    widen = TableDocument.widen

    def counted(table: TableDocument, wanted: tuple[float, ...]) -> None:
        nonlocal count
        count += wanted != table._fixed
        widen(table, wanted)

    monkeypatch.setattr(TableDocument, "widen", counted)
    for _ in scrolled(listed(view), -200):
        most, count = max(most, count), 0
    assert len(tables(view, seen=False)) >= 18
    assert 0 < most <= 8
    assert len(widths(tables(view, seen=True))) == 1
    assert len(widths(tables(view, seen=False))) > 1


def test_parts_that_come_back_into_view_have_the_columns_of_all(view: TranscriptView) -> None:
    messages = listed(view)
    assert sum(1 for _ in scrolled(messages, -200)) > 20
    (widest,) = widths(tables(view, seen=True))
    for _ in scrolled(messages, 150):
        assert widths(tables(view, seen=True)) <= {widest}
        assert not any(holes(messages))
    assert widths(tables(view, seen=False)) == {widest}


def test_the_beginning_looks_the_same_after_each_way_down(view: TranscriptView) -> None:
    messages = listed(view)
    looks: list[QImage] = []
    for _ in range(2):
        assert sum(1 for _ in scrolled(messages, -200)) > 20
        looks.append(messages.viewport().grab().toImage())
        assert sum(1 for _ in scrolled(messages, 200)) > 20
    assert looks[0] == looks[1]


def test_a_part_of_which_all_columns_have_their_widths_is_laid_out_once(
    view: TranscriptView, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = TableDocument.narrow
    measured: list[tuple[float, ...]] = []

    def noted(table: TableDocument) -> bool:
        measured.append(table._fixed)
        return narrow(table)

    monkeypatch.setattr(TableDocument, "narrow", noted)
    assert sum(1 for _ in scrolled(listed(view), -200)) > 20
    assert not any(measured)
    for table in tables(view, seen=False):
        had = table._natural
        table.laid.document.setTextWidth(1_000_000)
        assert table.laid.natural_width() == had
