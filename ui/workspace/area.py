"""How panes lie: in a row, a column or a grid, dragged to size; too many for the room scroll instead of shrinking."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QWidget

from desktop.workspace import Arrangement

NARROWEST, LOWEST = 340, 220
"""Pixels of the narrowest and the lowest pane that can still be read."""

_SCALE = 1000


class PaneArea(QScrollArea):
    """Holds panes and owns none of them. `shares` are parts of the room, by pane."""

    shares_changed = Signal()
    """The user dragged a pane to another size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes: list[QWidget] = []
        self._shares: list[float] = []
        self._arrangement = Arrangement.ROW
        self._maximised: int | None = None
        self._lines: list[QSplitter] = []
        self._whole = QSplitter()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._whole)

    @property
    def shares(self) -> tuple[float, ...]:
        """What part of its line each pane has; 1 is an even part."""
        return tuple(self._shares)

    def arrange(
        self,
        panes: Sequence[QWidget],
        arrangement: Arrangement,
        shares: Sequence[float] = (),
        maximised: int | None = None,
    ) -> None:
        """Lay panes out; only the maximised one is shown where there is one."""
        given_place = maximised if maximised is not None and maximised < len(panes) else None
        same = (list(panes), arrangement, given_place) == (self._panes, self._arrangement, self._maximised)
        for pane in self._panes:
            if pane not in panes:
                pane.setParent(None)
        self._panes = list(panes)
        given = [share if share > 0 else 1.0 for share in shares]
        self._shares = (given + [1.0] * len(panes))[: len(panes)]
        self._arrangement = arrangement
        self._maximised = given_place
        if same:  # moving panes to new parents would take the keyboard from them
            self._fit()
        else:
            self._build()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give panes their shares of the new room."""
        super().resizeEvent(event)
        self._fit()

    def _build(self) -> None:
        old = self._whole
        across = self._arrangement is Arrangement.COLUMN
        lines = _lines(len(self._panes), self._arrangement)
        self._whole = _splitter(Qt.Orientation.Vertical)
        self._lines = []
        for line in lines:
            orientation = Qt.Orientation.Vertical if across else Qt.Orientation.Horizontal
            splitter = _splitter(orientation)
            for number in line:
                pane = self._panes[number]
                splitter.addWidget(pane)
                pane.setVisible(self._maximised in (None, number))
            splitter.splitterMoved.connect(self._dragged)
            self._lines.append(splitter)
            self._whole.addWidget(splitter)
            splitter.setVisible(self._maximised is None or self._maximised in line)  # before, it is a window
        self.setWidget(self._whole)  # deletes the old one, which holds no pane any more
        del old
        self._fit()

    def _fit(self) -> None:
        """No pane is narrower or lower than can be read: beyond that the area scrolls."""
        shown = 1 if self._maximised is not None else max((line.count() for line in self._lines), default=1)
        across = self._arrangement is Arrangement.COLUMN
        columns = 1 if across else shown
        rows = shown if across else 1 if self._maximised is not None else max(len(self._lines), 1)
        self._whole.setMinimumSize(columns * NARROWEST if columns > 1 else 0, rows * LOWEST if rows > 1 else 0)
        at = 0
        for line in self._lines:
            count = line.count()
            shares = self._shares[at : at + count]
            line.setSizes([max(round(share * _SCALE), 1) for share in shares])
            at += count

    @Slot()
    def _dragged(self) -> None:
        found: list[float] = []
        for line in self._lines:
            sizes = line.sizes()
            total = sum(sizes) or 1
            found += [size * len(sizes) / total for size in sizes]
        self._shares = found
        self.shares_changed.emit()


def _lines(count: int, arrangement: Arrangement) -> list[range]:
    """Which panes are in which line: a row and a column have one, a grid about as many as it has columns."""
    if arrangement is not Arrangement.GRID or count < 3:
        return [range(count)]
    columns = math.ceil(math.sqrt(count))
    return [range(first, min(first + columns, count)) for first in range(0, count, columns)]


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    made = QSplitter(orientation)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(1)
    return made
