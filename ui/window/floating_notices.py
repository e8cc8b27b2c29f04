"""Notices that float above a page, and the column that contains both."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.labels import hairline
from ui.widgets.notice_bar import NoticeStack

_BELOW, _BESIDE, _WIDEST = 56, 16, 620
"""Distance of notices from the top, minimum distance from the sides, and maximum width, in pixels."""


class FloatingNotices(QObject):
    """Positions notices above a page. `within` is the parent of both."""

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
        """Follow the size and the position of the page."""
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
    """Arrange a title above a page, with notices that float over the page."""
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(title)
    layout.addWidget(hairline())
    layout.addWidget(page, 1)
    FloatingNotices(notices, over=page, within=column)
