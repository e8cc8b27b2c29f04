"""The cases of a suite that is made: a row a case, a column a variable, typed, pasted or brought from a CSV file."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QTableWidget, QTableWidgetItem, QWidget

from desktop.domain.conversation_types import JsonValue
from ui.base.strings import tr

EXPECTED, TAGS = "expected", "tags"
_ROWS_SHOWN = 7
_UNSHOWN = Qt.ItemDataRole.UserRole
_MOST_ROWS = 20_000
"""Cases that are typed or brought into the window; a suite of more is a file."""


class CaseGrid(QTableWidget):
    """As many rows as cases, and an empty one to go on in. Pasting a table of a spreadsheet fills rows and columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 0, parent)
        self._columns: list[str] = []
        self.setAccessibleName(tr("Cases"))
        self.setProperty("role", "figures")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableWidget.SelectionMode.ContiguousSelection)
        self.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(30)
        self.horizontalHeader().setDefaultSectionSize(190)
        self.horizontalHeader().setStretchLastSection(True)
        self.setFixedHeight(30 * (_ROWS_SHOWN + 1))
        self.itemChanged.connect(self._go_on)
        self.want((EXPECTED, TAGS))

    @property
    def columns(self) -> Sequence[str]:
        """The variables, then what is expected and the tags."""
        return self._columns

    def want(self, names: Sequence[str]) -> None:
        """Have a column for each of these; one that nobody wants and that holds something stays."""
        rows, unshown = self.rows(), self.unshown()
        used = {name for row in rows for name, value in row.items() if value.strip()}
        kept = [name for name in self._columns if name in used and name not in names]
        self._show([*names, *kept], rows, unshown)

    def rows(self) -> list[dict[str, str]]:
        """The cases as far as anything is typed, by column."""
        return [values for values, _ in self._told()]

    def unshown(self) -> list[Mapping[str, JsonValue]]:
        """What the same cases have that no column shows."""
        return [unshown for _, unshown in self._told()]

    def _told(self) -> list[tuple[dict[str, str], Mapping[str, JsonValue]]]:
        found: list[tuple[dict[str, str], Mapping[str, JsonValue]]] = []
        for row in range(self.rowCount()):
            items = [self.item(row, column) for column in range(self.columnCount())]
            head = cast("QTableWidgetItem | None", self.verticalHeaderItem(row))  # the stubs promise one
            values = {
                name: item.text() if item is not None else "" for name, item in zip(self._columns, items, strict=True)
            }
            if any(value.strip() for value in values.values()):
                found.append((values, head.data(_UNSHOWN) or {} if head is not None else {}))
        return found

    def show_rows(
        self,
        rows: Sequence[Mapping[str, str]],
        names: Sequence[str] = (),
        unshown: Sequence[Mapping[str, JsonValue]] = (),
    ) -> None:
        """Show other cases, with a column for each name that they or `names` have; `unshown` stays with its case."""
        told = dict.fromkeys(name for row in rows for name in row)
        others = (each for each in told if each not in (EXPECTED, TAGS))
        columns = list(dict.fromkeys([*names, *others, EXPECTED, TAGS]))
        self._show(columns, rows[:_MOST_ROWS], unshown)

    def bring(self, rows: Sequence[Mapping[str, str]], unshown: Sequence[Mapping[str, JsonValue]]) -> None:
        """Add cases to those that are there."""
        names = [each for each in self._columns if each not in (EXPECTED, TAGS)]
        self.show_rows([*self.rows(), *rows], names, [*self.unshown(), *unshown])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste fills cells, Delete empties them."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste(QGuiApplication.clipboard().text())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            for item in self.selectedItems():
                item.setText("")
        else:
            super().keyPressEvent(event)
            if self.state() is QTableWidget.State.EditingState:
                event.accept()  # else the window takes the key for the beginning of a prompt

    def _paste(self, text: str) -> None:
        """Lines are rows, tabs go to the next column, as spreadsheets copy them."""
        top, left = max(self.currentRow(), 0), max(self.currentColumn(), 0)
        for row, cells in enumerate(csv.reader(io.StringIO(text), delimiter="\t"), top):
            if row >= _MOST_ROWS:
                return
            while row >= self.rowCount():
                self.insertRow(self.rowCount())
            for column, value in enumerate(cells, left):
                if column < self.columnCount():
                    self.setItem(row, column, QTableWidgetItem(value))

    def _show(
        self, columns: Sequence[str], rows: Sequence[Mapping[str, str]], unshown: Sequence[Mapping[str, JsonValue]]
    ) -> None:
        self.blockSignals(True)  # noqa: FBT003 - Qt's own
        self._columns = list(columns)
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(len(rows) + 1)
        named = {EXPECTED: tr("Expected"), TAGS: tr("Tags")}
        self.setHorizontalHeaderLabels([named.get(each, each) for each in columns])
        for row, values in enumerate(rows):
            head = QTableWidgetItem(str(row + 1))
            head.setData(_UNSHOWN, unshown[row] if row < len(unshown) else {})
            self.setVerticalHeaderItem(row, head)
            for column, name in enumerate(columns):
                if value := values.get(name, ""):
                    self.setItem(row, column, QTableWidgetItem(value))
        self.blockSignals(False)  # noqa: FBT003 - Qt's own

    @Slot(QTableWidgetItem)
    def _go_on(self, item: QTableWidgetItem) -> None:
        if item.row() == self.rowCount() - 1 and item.text().strip() and self.rowCount() < _MOST_ROWS:
            self.insertRow(self.rowCount())
