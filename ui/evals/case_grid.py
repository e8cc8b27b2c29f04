"""Grid of a suite's cases: one row per case, one column per variable; typed, pasted or imported from CSV."""

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
"""Maximum number of cases that can be edited in the window. Larger suites are edited as files."""


class CaseGrid(QTableWidget):
    """Table with one row per case and an empty row at the end. Pasted spreadsheet cells fill rows and columns."""

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
        """The variables, followed by the expected answer and the tags."""
        return self._columns

    def want(self, names: Sequence[str]) -> None:
        """Set the columns. Other columns stay if they contain anything."""
        rows, unshown = self.rows(), self.unshown()
        used = {name for row in rows for name, value in row.items() if value.strip()}
        kept = [name for name in self._columns if name in used and name not in names]
        self._show([*names, *kept], rows, unshown)

    def rows(self) -> list[dict[str, str]]:
        """Return the cases that are not empty, each as values by column."""
        return [values for values, _ in self._told()]

    def unshown(self) -> list[Mapping[str, JsonValue]]:
        """Return, for the same cases as `rows`, the fields that have no column."""
        return [unshown for _, unshown in self._told()]

    def _told(self) -> list[tuple[dict[str, str], Mapping[str, JsonValue]]]:
        cases: list[tuple[dict[str, str], Mapping[str, JsonValue]]] = []
        for row in range(self.rowCount()):
            items = [self.item(row, column) for column in range(self.columnCount())]
            head = cast("QTableWidgetItem | None", self.verticalHeaderItem(row))  # the stubs promise one
            values = {
                name: item.text() if item is not None else "" for name, item in zip(self._columns, items, strict=True)
            }
            if any(value.strip() for value in values.values()):
                cases.append((values, head.data(_UNSHOWN) or {} if head is not None else {}))
        return cases

    def show_rows(
        self,
        rows: Sequence[Mapping[str, str]],
        names: Sequence[str] = (),
        unshown: Sequence[Mapping[str, JsonValue]] = (),
    ) -> None:
        """Replace the cases. The columns are `names` and all names in the rows.

        `unshown` contains the fields without a column, which stay with their case.
        """
        told = dict.fromkeys(name for row in rows for name in row)
        others = (each for each in told if each not in (EXPECTED, TAGS))
        columns = list(dict.fromkeys([*names, *others, EXPECTED, TAGS]))
        self._show(columns, rows[:_MOST_ROWS], unshown)

    def bring(self, rows: Sequence[Mapping[str, str]], unshown: Sequence[Mapping[str, JsonValue]]) -> None:
        """Append cases to the existing ones."""
        names = [each for each in self._columns if each not in (EXPECTED, TAGS)]
        self.show_rows([*self.rows(), *rows], names, [*self.unshown(), *unshown])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste into cells, or clear them with Delete."""
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
        """Paste rows separated by line ends and cells separated by tabs."""
        top, first_column = max(self.currentRow(), 0), max(self.currentColumn(), 0)
        for row, cells in enumerate(csv.reader(io.StringIO(text), delimiter="\t"), top):
            if row >= _MOST_ROWS:
                return
            while row >= self.rowCount():
                self.insertRow(self.rowCount())
            for column, value in enumerate(cells, first_column):
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
