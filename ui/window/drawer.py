"""Area for panels beside the panes. It shows one panel at a time, and each panel keeps its width."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_LEAST = 300
"""Minimum width in pixels of the panes beside a panel."""


class Drawer(QSplitter):
    """Splitter with the panes and an optional panel beside them. A narrow window shows only the panel."""

    page_changed = Signal()
    """Emitted after a page was shown instead of the panes, or the panes again."""
    dragged = Signal(int)
    """Emitted with the new width of the panel in pixels."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._panel: QWidget | None = None
        self._page: QWidget | None = None
        self._widths: dict[QWidget, int] = {}
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._moved)

    def hold(self, panes: QWidget) -> None:
        """Add the panes. They must be a child already, because changing the parent of large widgets is slow."""
        self.addWidget(panes)
        self.setStretchFactor(0, 1)

    @property
    def _panes(self) -> QWidget:
        panes = self.widget(0)
        assert panes is not None
        return panes

    def width_of(self, panel: QWidget) -> int:
        """Return the last width of a panel in pixels, or 0 if it was never open."""
        return self._widths.get(panel, 0)

    @property
    def panel(self) -> QWidget | None:
        """The open panel, or None."""
        return self._panel

    def open(self, panel: QWidget, width: int) -> None:
        """Show a panel with a width in pixels."""
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
        """The page that is shown instead of the panes, or None."""
        return self._page

    def show_instead(self, page: QWidget | None) -> None:
        """Show a page, which must be a child already, instead of the panes. None shows the panes again."""
        if self._page is not None:
            self._page.hide()
        self._page = page
        self.close_panel()
        if page is not None:
            self.addWidget(page)
            self.setStretchFactor(self.indexOf(page), 1)
            page.show()
        self._make_room()
        self.page_changed.emit()

    def close_panel(self) -> None:
        """Hide the panel and give its space to the panes."""
        if self._panel is not None:
            self._panel.hide()
            self._panel = None
            self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size of what is visible."""
        least = super().minimumSizeHint()
        shown = self._page or self._panel or self._panes
        return QSize(max(shown.minimumWidth(), shown.minimumSizeHint().width()), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the panes beside the panel if there is enough space."""
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
