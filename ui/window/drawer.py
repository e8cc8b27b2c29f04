"""The place for a panel at the side of the panes: one at a time, as wide as it was dragged last."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_LEAST = 300
"""Pixels that are left to the panes."""


class Drawer(QSplitter):
    """The panes, and beside them a panel where one is open; where there is no room for both, the panel alone."""

    dragged = Signal(int)
    """The panel has another width, in pixels."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._panel: QWidget | None = None
        self._page: QWidget | None = None
        self._widths: dict[QWidget, int] = {}
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._moved)

    def hold(self, panes: QWidget) -> None:
        """Take the panes in, made as its child: what has many widgets in it is dear to move to another parent."""
        self.addWidget(panes)
        self.setStretchFactor(0, 1)

    @property
    def _panes(self) -> QWidget:
        panes = self.widget(0)
        assert panes is not None
        return panes

    def width_of(self, panel: QWidget) -> int:
        """The width that a panel had last; 0 for one that was never open."""
        return self._widths.get(panel, 0)

    @property
    def panel(self) -> QWidget | None:
        """The panel that is open."""
        return self._panel

    def open(self, panel: QWidget, width: int) -> None:
        """Show a panel in a width."""
        if panel is self._panel and width == self._widths[panel]:
            return
        if self.indexOf(panel) < 0:
            panel.hide()
            self.addWidget(panel)
            self.setStretchFactor(self.indexOf(panel), 0)
        self._widths[panel] = width
        self.close_panel()
        self._panel = panel
        panel.show()
        self._make_room()
        wide = min(self._widths[panel], max(self.width() - _LEAST, panel.minimumWidth()))
        others = [0] * (self.count() - 1)
        others[self.indexOf(panel) - 1] = wide
        self.setSizes([max(self.width() - wide, 1), *others])

    @property
    def page(self) -> QWidget | None:
        """What stands in the place of all this."""
        return self._page

    def show_instead(self, page: QWidget | None) -> None:
        """Let a page, made as its child, have all the room; the panes again without one."""
        if self._page is not None:
            self._page.hide()
        self._page = page
        self.close_panel()
        if page is not None:
            self.addWidget(page)
            self.setStretchFactor(self.indexOf(page), 1)
            page.show()
        self._make_room()

    def close_panel(self) -> None:
        """Leave all the room to the panes."""
        if self._panel is not None:
            self._panel.hide()
            self._panel = None
            self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Room for one of both is enough."""
        least = super().minimumSizeHint()
        shown = self._page or self._panel or self._panes
        return QSize(max(shown.minimumWidth(), shown.minimumSizeHint().width()), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the panes where there is room for them."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        panel = self._panel
        self._panes.setVisible(self._page is None and (panel is None or self.width() >= _LEAST + panel.minimumWidth()))

    @Slot()
    def _moved(self) -> None:
        if self._panel is not None and not self._panes.isHidden():
            self._widths[self._panel] = self._panel.width()
            self.dragged.emit(self._panel.width())
