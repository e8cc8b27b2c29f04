"""Progress notice for files that take long to read."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.base.strings import number_text, tr
from ui.widgets.notice_bar import NoticeBar, NoticeStack

_AFTER_MS = 400


class SlowReading(QObject):
    """Notice for one slow file, with a button that cancels reading. `end` removes the notice."""

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
        """Show the number of pages read."""
        if self._bar is not None:
            self._bar.say(
                tr("Reading {name}: page {done} of {of}…", name=self._name, done=number_text(done), of=number_text(of))
            )

    def end(self) -> None:
        """Remove the notice."""
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
