"""Gives widgets the colours of another palette: those that are seen at once, the others before they are shown."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_SLICE_S = 0.004
"""For how long hidden widgets are polished in one go: a fraction of a frame."""


class Polisher(QObject):
    """Has widgets look up their colours anew; the style sheet, which names them by their roles, stays.

    Hidden ones come when there is nothing else to do, and each at the latest while it is being shown.
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
        """Whatever is shown is polished before it is painted."""
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
        """Hear what is shown, for as long as something waits: a filter over all events has its price."""
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
        """Polish one, what is above it first: colours are passed on downwards."""
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
