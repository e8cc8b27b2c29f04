"""Repaints widgets after a palette change: visible ones at once, hidden ones before they are shown."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_SLICE_S = 0.004
"""Time slice in seconds for polishing hidden widgets, a fraction of a frame."""


class Polisher(QObject):
    """Makes widgets update their colors without replacing the style sheet, which refers to palette roles.

    Hidden widgets are polished when the application is idle, at the latest before they are shown.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left: dict[QWidget, None] = {}
        self._idle = QTimer(self)
        self._idle.timeout.connect(self._go_on)

    def polish(self) -> None:
        """Polish all widgets of the application."""
        polished = Qt.WidgetAttribute.WA_WState_Polished  # others will be, once they are shown
        every = [each for each in QApplication.allWidgets() if each.testAttribute(polished)]
        self._left = dict.fromkeys(every)
        for each in every:
            if each.isVisible():
                self._take(each)
        self._listen()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Polish a widget that is about to be shown."""
        if event.type() is QEvent.Type.Show and watched in self._left and isinstance(watched, QWidget):
            self._take(watched)
        return False

    @Slot()
    def _go_on(self) -> None:
        until = time.perf_counter() + _SLICE_S
        while self._left and time.perf_counter() < until:
            self._take(next(iter(self._left)))
        self._listen()

    def _listen(self) -> None:
        """Install the event filter only while widgets are waiting, because filtering all events is costly."""
        app, wanted = QApplication.instance(), bool(self._left)
        if app is None or wanted == self._idle.isActive():
            return
        if wanted:
            app.installEventFilter(self)
            self._idle.start()
        else:
            app.removeEventFilter(self)
            self._idle.stop()

    def _take(self, widget: QWidget) -> None:
        """Polish one widget after its ancestors, because colors are inherited."""
        if widget not in self._left:
            return
        del self._left[widget]
        if not isValid(widget):
            return
        above = widget.parentWidget()
        if above is not None and not widget.isWindow():
            self._take(above)
        if not isValid(widget):  # some make what they hold anew once they have other colours
            return
        widget.style().polish(widget)
        widget.update()
