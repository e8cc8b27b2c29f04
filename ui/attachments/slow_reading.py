"""Says that a file is being read where that takes longer than a moment, with its pages as they are done."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.base.strings import number_text, tr
from ui.widgets.notice_bar import NoticeBar, NoticeStack

_AFTER_MS = 400


class SlowReading(QObject):
    """Of one file; `end` takes away what was said. A press on what it offers stops the reading."""

    stopped = Signal()

    def __init__(self, notices: NoticeStack, name: str) -> None:
        super().__init__(notices)
        self._notices = notices
        self._name = name
        self._bar: NoticeBar | None = None
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._timer.timeout.connect(self._say)
        self._timer.start()

    def tell(self, done: int, of: int) -> None:
        """So many pages are read."""
        if self._bar is not None:
            self._bar.say(
                tr("Reading {name}: page {done} of {of}…", name=self._name, done=number_text(done), of=number_text(of))
            )

    def end(self) -> None:
        """It is read, or will not be."""
        self._timer.stop()
        if self._bar is not None:
            self._bar.dismiss()
        self.deleteLater()

    @Slot()
    def _say(self) -> None:
        self._bar = self._notices.show_notice(
            tr("Reading {name}…", name=self._name),
            tone="plain",
            action=tr("Stop reading"),
            act=self.stopped.emit,
            life_ms=0,
        )
