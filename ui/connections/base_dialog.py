"""Base class of the connection dialogs: fixed width, height that follows the content, and tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop.errors import CredentialError, ParagoneError
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.check_view import CheckView
from ui.widgets.dialog_body import DialogBody
from ui.widgets.labels import hairline

_WIDTH = 560

NO_KEYRING = phrase(
    "This computer has no usable keyring: the key is kept in memory until Paragone quits, never in a file."
)


class ConnectionDialog(QDialog):
    """Dialog whose tasks end with it; open it with `open()`. Esc cancels everything except saving."""

    def __init__(self, title: str, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.services = services
        self.tasks = tasks
        self.check = CheckView(services, themes)
        self.outcome = QWidget()
        """The check below its line; hidden before there was one."""
        self.body = DialogBody(self)
        self._running: set[asyncio.Task[None]] = set()
        self._keeping = False
        self._over = False
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setFixedWidth(_WIDTH)
        self.check.grown.connect(self.body.follow_soon)
        shown = QVBoxLayout(self.outcome)
        shown.setContentsMargins(0, 16, 0, 0)
        shown.setSpacing(10)
        shown.addWidget(hairline())
        shown.addWidget(self.check)
        self.outcome.hide()

    def done(self, result: int) -> None:
        """Close the dialog, cancel all work and discard sign-ins that are not used."""
        self._over = True
        self.give_up()
        for connection in self.check.signed_in.values():
            self.tasks.start(self.services.entra.leave(connection), name="connections.leave")
        self.check.signed_in.clear()
        super().done(result)

    def give_up(self) -> None:
        """Cancel all work except saving."""
        for task in set(self._running):
            task.cancel()

    def reject(self) -> None:
        """Close without saving, unless something is being saved."""
        if not self._keeping:
            super().reject()

    def run(self, work: Coroutine[object, object, None], name: str, *, ended: Callable[[], None] | None = None) -> None:
        """Run a task that is canceled when the dialog closes; `ended` is called unless that happened."""
        task = self.tasks.start(work, name=name, failed=self.failed)
        self._running.add(task)

        def over(task: asyncio.Task[None]) -> None:
            """Call `ended`, unless the dialog canceled the task."""
            self._running.discard(task)
            if ended is not None and not task.cancelled() and not self._over:
                ended()

        task.add_done_callback(over)

    def keep(self, work: Coroutine[object, object, None], name: str, *, ended: Callable[[], None]) -> None:
        """Run a task that saves something; it is never canceled, and the dialog stays open meanwhile."""
        self._keeping = True

        def over(task: asyncio.Task[None]) -> None:
            """Allow the dialog to be closed again."""
            self._keeping = False
            if not task.cancelled() and not self._over:
                ended()

        self.tasks.start(work, name=name, failed=self.failed).add_done_callback(over)

    def failed(self, error: ParagoneError) -> None:
        """Show an error unless the dialog is closed."""
        if self._over:
            return
        self.outcome.show()
        self.check.say(f"{tr(error.message)}\n{tr(error.hint)}".strip())

    async def keyring_sentence(self) -> str:
        """Return a sentence on where a key would be stored, without unlocking the keyring."""
        try:
            name = await self.services.keys.keyring_found()
        except CredentialError:
            return tr(NO_KEYRING)
        return tr("The key is stored in this computer's keyring ({name}), never in a file.", name=name)
