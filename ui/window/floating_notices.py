"""Where the window's notices lie: over the page, below the headers of the panes, so that nothing moves for them."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.labels import hairline
from ui.widgets.notice_bar import NoticeStack

_BELOW, _BESIDE, _WIDEST = 56, 16, 620
"""Pixels from the page's top, at least from its sides, and what the eye takes in at once."""


class FloatingNotices(QObject):
    """Keeps them there, `within` what holds the page and them: as its child they go and come with it."""

    def __init__(self, notices: NoticeStack, *, over: QWidget, within: QWidget) -> None:
        super().__init__(within)
        self._notices = notices
        self._over = over
        self._within = within
        notices.setParent(within)
        notices.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # its wheel is not the page's
        notices.changed.connect(self._place)
        over.installEventFilter(self)
        notices.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go along with the page."""
        moved = watched is self._over and event.type() in (QEvent.Type.Resize, QEvent.Type.Move)
        if moved or (watched is self._notices and event.type() == QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _place(self) -> None:
        notices, over = self._notices, self._over
        if notices.isHidden():
            return
        width = min(_WIDEST, over.width() - 2 * _BESIDE)
        corner = over.mapTo(self._within, QPoint((over.width() - width) // 2, _BELOW))
        notices.setGeometry(corner.x(), corner.y(), width, max(notices.heightForWidth(width), 0))
        notices.raise_()


def fill_column(column: QWidget, title: QWidget, notices: NoticeStack, page: QWidget) -> None:
    """Put a title above a page, and the notices over that."""
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(title)
    layout.addWidget(hairline())
    layout.addWidget(page, 1)
    FloatingNotices(notices, over=page, within=column)
