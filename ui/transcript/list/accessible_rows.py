"""The transcript as screen readers find it: a list whose items are messages with a name and a text.

Qt's own items of a list have no text to be gone through, only a name. These two are registered with Qt by the view.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QListView, QWidget
from shiboken6 import Shiboken

from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row
from ui.widgets.accessible_text import AccessibleText

LONGEST_NAME, LONGEST_TEXT = 4_000, 100_000
"""Characters of a message that an item is named by, and of its text: of all that is longer its beginning."""


class AccessibleRows(QAccessibleWidget):
    """The list. Qt deletes it with its view, and its items when they are given up."""

    def __init__(self, view: QListView, model: RowsModel) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = view
        self._model = model
        self._cover: QWidget | None = None
        self._items: dict[Row, AccessibleRow] = {}
        self._ids: dict[Row, int] = {}

    def item(self, row: Row) -> AccessibleRow:
        """What stands for a row, always the same."""
        if row not in self._items:
            made = AccessibleRow(self._view, self._model, row)
            self._items[row] = made
            self._ids[row] = QAccessible.registerAccessibleInterface(made)
        return self._items[row]

    def give_up(self, rows: list[Row]) -> None:
        """These are not shown any more."""
        for row in rows:
            if row in self._items:
                QAccessible.deleteAccessibleInterface(self._ids.pop(row))
                del self._items[row]

    def forget(self) -> None:
        """The view goes."""
        self.give_up(list(self._items))

    def childCount(self) -> int:
        """As many as there are messages, and what lies over them."""
        return len(self._model.rows) + (self._cover is not None)

    def child(self, index: int) -> QAccessibleInterface:
        """The message of a place; behind the last one what lies over them."""
        rows = self._model.rows
        if self._cover is not None and index == len(rows):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.item(rows[index]) if 0 <= index < len(rows) else _nothing()

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of a message."""
        if self._cover is not None and child.object() is self._cover:
            return len(self._model.rows)
        return child.number if isinstance(child, AccessibleRow) else -1

    def cover(self, widget: QWidget | None) -> None:
        """This lies over the messages now, or nothing."""
        self._cover = widget

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """The message at a point of the screen."""
        viewport = self._view.viewport()
        point = viewport.mapFromGlobal(QPoint(x, y))
        if self._cover is not None and self._cover.geometry().contains(point):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.child(self._view.indexAt(point).row()) if viewport.rect().contains(point) else _nothing()

    def focusChild(self) -> QAccessibleInterface:
        """The message that the keyboard is on."""
        current = self._view.currentIndex()
        return self.child(current.row()) if current.isValid() and self._view.hasFocus() else _nothing()


class AccessibleRow(QAccessibleInterface):
    """A message."""

    def __init__(self, view: QListView, model: RowsModel, row: Row) -> None:
        super().__init__()
        self._view = view
        self._model = model
        self._row = row
        self._text = AccessibleText(lambda: row.heard[:LONGEST_TEXT])

    @property
    def number(self) -> int:
        """Its place, -1 where it is not shown any more."""
        try:
            return self._model.number(self._row)
        except ValueError:
            return -1

    def isValid(self) -> bool:
        """Whether its view is there still."""
        return Shiboken.isValid(self._view)

    def object(self) -> QObject:
        """A row is no object of Qt's."""
        return cast("QObject", None)

    def parent(self) -> QAccessibleInterface:
        """The list."""
        return QAccessible.queryAccessibleInterface(self._view)

    def role(self) -> QAccessible.Role:
        """An item of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Whether it is seen, and has the keyboard."""
        made = QAccessible.State()
        made.focusable = made.multiLine = made.readOnly = True
        made.focused = self._view.hasFocus() and self._view.currentIndex().row() == self.number
        inside = self._view.viewport().rect()
        made.offscreen = not self._view.visualRect(self._model.index(self.number)).intersects(inside)
        made.invisible = not self._view.isVisible()
        return made

    def rect(self) -> QRect:
        """Where it lies on the screen."""
        within = self._view.visualRect(self._model.index(self.number))
        return QRect(self._view.viewport().mapToGlobal(within.topLeft()), within.size())

    def text(self, t: QAccessible.Text) -> str:
        """What it says, and who says it."""
        if t == QAccessible.Text.Name:
            said = self._row.heard
            return said if len(said) <= LONGEST_NAME else f"{said[:LONGEST_NAME]}…"
        return self._row.author if t == QAccessible.Text.Description else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Nobody writes into it."""

    def childCount(self) -> int:
        """There is nothing in it."""
        return 0

    def child(self, index: int) -> QAccessibleInterface:
        """There is nothing in it."""
        del index
        return _nothing()

    def indexOfChild(self, arg__1: QAccessibleInterface) -> int:
        """There is nothing in it."""
        del arg__1
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """There is nothing in it."""
        del x, y
        return _nothing()

    def interface_cast(self, arg__1: QAccessible.InterfaceType) -> int:
        """It has a text. A bare number, or None, would be taken for the address of something else."""
        has = arg__1 == QAccessible.InterfaceType.TextInterface
        return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(self._text)[0] if has else 0))


def _nothing() -> QAccessibleInterface:
    return cast("QAccessibleInterface", None)  # the stubs do not say that there may be none
