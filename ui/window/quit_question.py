"""Question about responses in progress when the window is being closed: wait, stop or stay."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from desktop.settings.schema import QUITTING
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.settings.option_saver import OptionSaver
from ui.widgets.notice_bar import NoticeBar, NoticeStack

if TYPE_CHECKING:
    from PySide6.QtWidgets import QCheckBox, QMessageBox

_LOOK_MS = 200
"""Interval for checking whether all responses are complete, including those to queued prompts."""
_SESSION_S = 60
"""Time in seconds, after the system's session began to end, during which the window closes without a question."""


class QuitQuestion(QObject):
    """Asks in a non-modal box before the window closes. When the system shuts down, there is no question."""

    quit_wanted = Signal()
    """Emitted when the window may be closed."""

    def __init__(
        self, services: Services, tasks: Tasks, arriving: Callable[[], int], notices: NoticeStack, window: QWidget
    ) -> None:
        """Store the services; `arriving` returns the number of responses in progress."""
        super().__init__(window)
        self._services = services
        self._arriving = arriving
        self._notices = notices
        self._window = window
        self._saver = OptionSaver(services, tasks, self)
        self._decided = False
        self._session_ended: float | None = None
        self._waiting: NoticeBar | None = None
        self._box: QMessageBox | None = None
        self._looks = QTimer(self, interval=_LOOK_MS)
        self._looks.timeout.connect(self._quit_when_over)

    def may_close(self) -> bool:
        """Return whether the window may close now. If not, the user is asked, or responses are waited for."""
        arriving = self._arriving()
        ended = self._session_ended is not None and time.monotonic() - self._session_ended < _SESSION_S
        choice = self._services.settings.get(QUITTING)
        if not arriving or self._decided or ended or choice == "stop":
            return True
        if self._waiting is not None or choice == "ask":
            self._ask(arriving)
        else:
            self._wait()
        return False

    @Slot()
    def session_ends(self) -> None:
        """Close without a question for a while, because the system's session is about to end."""
        self._session_ended = time.monotonic()

    @Slot()
    def quit(self) -> None:
        """Quit without a question, because the system or a signal requires it."""
        self._decided = True
        self.quit_wanted.emit()

    def _ask(self, arriving: int) -> None:
        if self._box is not None:
            self._box.raise_()
            self._box.activateWindow()
            return
        from PySide6.QtWidgets import QCheckBox, QMessageBox  # the first paint needs neither

        box = self._box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Quit Paragone"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(trn("{n} response is still in progress", "{n} responses are still in progress", arriving))
        box.setInformativeText(
            tr("Partial responses are saved. You can continue stopped responses the next time you start Paragone.")
        )
        remember = QCheckBox(tr("Remember my choice"))
        box.setCheckBox(remember)
        wait = box.addButton(tr("Quit when finished"), QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton(tr("Stop and quit"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(wait)
        box.setEscapeButton(stay)
        wait.clicked.connect(lambda: self._choose("wait", remember))
        stop.clicked.connect(lambda: self._choose("stop", remember))
        stay.clicked.connect(self._stay)
        box.finished.connect(self._closed)
        box.open()

    def _choose(self, choice: str, remember: QCheckBox) -> None:
        if remember.isChecked():
            self._saver.put(QUITTING, choice)
        if choice == "wait" and self._arriving():
            self._wait()
        else:
            self._stay()
            QTimer.singleShot(0, self, self.quit)  # once the box is gone

    def _wait(self) -> None:
        """Close the window once all responses are complete. A notice lets the user cancel this."""
        if self._waiting is None:
            said = tr("Paragone will quit when all responses are complete.")
            bar = self._waiting = self._notices.show_notice(said, action=tr("Do not quit"))
            bar.dismissed.connect(self._wait_ended)
            self._looks.start()

    @Slot()
    def _stay(self) -> None:
        if self._waiting is not None:
            self._waiting.dismiss()

    @Slot()
    def _wait_ended(self) -> None:
        self._waiting = None
        self._looks.stop()

    @Slot()
    def _closed(self) -> None:
        self._box = None

    @Slot()
    def _quit_when_over(self) -> None:
        if not self._arriving():
            self._looks.stop()
            self.quit()
