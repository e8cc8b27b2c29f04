"""Splitter with the sidebar, which keeps its width, can be hidden, and is hidden in narrow windows."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_NARROW = 760
"""Window width in pixels below which the sidebar is hidden."""


class Columns(QSplitter):
    """Splitter with the sidebar and the content side by side."""

    hidden = Signal()
    """Emitted when the user hides the sidebar."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._wanted_width = 0
        self._wanted = True
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._moved)

    def hold(self, sidebar: QWidget, rest: QWidget) -> None:
        """Add both widgets. They must be children already, because changing the parent of large widgets is slow."""
        self._wanted_width = sidebar.minimumWidth()
        self.addWidget(sidebar)
        self.addWidget(rest)
        self.setStretchFactor(1, 1)

    @property
    def _sidebar(self) -> QWidget:
        sidebar = self.widget(0)
        assert sidebar is not None
        return sidebar

    @property
    def sidebar_width(self) -> int:
        """Width of the sidebar in pixels, even while it is hidden."""
        return self._wanted_width

    @property
    def sidebar_wanted(self) -> bool:
        """Whether the sidebar is to be shown if there is enough space."""
        return self._wanted

    def show_sidebar(self, *, shown: bool, width: int | None = None) -> None:
        """Show or hide the sidebar, however little space there is."""
        self._wanted = shown
        self._wanted_width = width or self._wanted_width
        self._show(shown=shown)

    @Slot()
    def toggle(self) -> None:
        """Show the sidebar if it is hidden, and hide it otherwise."""
        shown = self._sidebar.isHidden()
        self.show_sidebar(shown=shown)
        if not shown:
            self.hidden.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the sidebar in a narrow window and show it again in a wide one."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            QTimer.singleShot(0, self, self._make_room)

    @Slot()
    def _make_room(self) -> None:
        narrow = self.width() < _NARROW
        in_use = self._sidebar.isAncestorOf(self.window().focusWidget() or self)
        if narrow and not in_use:
            self._show(shown=False)
        elif not narrow and self._wanted and self._sidebar.isHidden():
            self._show(shown=True)

    def _show(self, *, shown: bool) -> None:
        self._sidebar.setVisible(shown)
        if shown:
            self.setSizes([self._wanted_width, max(1, self.width() - self._wanted_width)])

    @Slot()
    def _moved(self) -> None:
        if not self._sidebar.isHidden():
            self._wanted_width = self._sidebar.width()
