"""The rows as Qt's model: rows that begin alike stay, whatever comes after them, and views are told exactly that."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAccessible, QFont
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.makers import answer, heard, prompt
from ui.base.theme import Theme
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row
from ui.transcript.message.segment_builder import SegmentBuilder
from ui.transcript.text.look import Look


@pytest.fixture(scope="module")
def rows(qapp: QApplication) -> list[Row]:
    """Ten rows."""
    builder = SegmentBuilder(Look.of(Theme.load("light"), QFont(qapp.font())))
    return [Row(prompt(f"Question {number}?"), "You", builder) for number in range(10)]


_PICKED = st.lists(st.integers(0, 9), max_size=6, unique=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_PICKED, after=_PICKED)
def test_only_what_differs_is_taken_out_and_put_in(rows: list[Row], before: list[int], after: list[int]) -> None:
    model = RowsModel()
    model.replace([rows[number] for number in before])
    gone, come = heard(model.rowsRemoved), heard(model.rowsInserted)
    same = model.replace([rows[number] for number in after])
    assert before[:same] == after[:same]
    assert before[same : same + 1] != after[same : same + 1] or same == len(before) == len(after)
    assert [each[1:] for each in gone] == ([(same, len(before) - 1)] if same < len(before) else [])
    assert [each[1:] for each in come] == ([(same, len(after) - 1)] if same < len(after) else [])
    assert [*model.rows] == [rows[number] for number in after]


def test_a_change_is_told_of_its_own_row_alone_and_to_screen_readers_alone(rows: list[Row]) -> None:
    model = RowsModel()
    model.replace(rows)
    changed = heard(model.dataChanged)
    before = QAccessible.isActive()
    QAccessible.setActive(False)
    model.tell(rows[3])
    assert changed == []
    QAccessible.setActive(True)
    for row in (rows[3], rows[-1]):
        model.tell(row)
    places: list[int] = []
    for top, *_ in changed:
        assert isinstance(top, QModelIndex)
        places.append(top.row())
    assert places == [3, 9]
    model.replace(rows[:3])
    with pytest.raises(ValueError, match="not in list"):
        model.tell(rows[3])
    QAccessible.setActive(before)


def test_beyond_the_last_row_there_is_nothing(rows: list[Row]) -> None:
    model = RowsModel()
    assert (model.last, model.rowCount(), model.data(model.index(0))) == (None, 0, None)
    model.replace(rows[:1])
    assert model.last is rows[0]
    assert model.rowCount(model.index(0)) == 0
    assert model.row_at(QModelIndex()) is None


def test_a_screen_reader_hears_what_was_said_and_by_whom(rows: list[Row]) -> None:
    model = RowsModel()
    model.replace([Row(answer("*so*"), "grok", rows[0].builder)])
    roles = (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.AccessibleDescriptionRole,
        Qt.ItemDataRole.DecorationRole,
    )
    assert [model.data(model.index(0), role) for role in roles] == ["*so*", "so", "grok", None]
