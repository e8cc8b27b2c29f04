"""What the dialogs of connections share: one width, a height that follows what is shown, tasks that end with them."""

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

NO_KEYRING = phrase("This computer has no usable keyring: the key is kept until Paragone quits, never in a file.")


class ConnectionDialog(QDialog):
    """Open it with `open()`. Esc cancels what runs, but for the moment in which something is being kept."""

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
        """End with all that was begun; sign-ins for what was not kept are forgotten."""
        self._over = True
        self.give_up()
        for connection in self.check.signed_in.values():
            self.tasks.start(self.services.entra.leave(connection), name="connections.leave")
        self.check.signed_in.clear()
        super().done(result)

    def give_up(self) -> None:
        """End what runs, but for what is being kept."""
        for task in set(self._running):
            task.cancel()

    def reject(self) -> None:
        """Close without keeping anything; not while something is being kept."""
        if not self._keeping:
            super().reject()

    def run(self, work: Coroutine[object, object, None], name: str, *, ended: Callable[[], None] | None = None) -> None:
        """Do something that ends with the dialog; `ended` is called where it was not cancelled."""
        task = self.tasks.start(work, name=name, failed=self.failed)
        self._running.add(task)

        def over(task: asyncio.Task[None]) -> None:
            """What is cancelled was cancelled by the dialog's end, and nobody is left to tell."""
            self._running.discard(task)
            if ended is not None and not task.cancelled() and not self._over:
                ended()

        task.add_done_callback(over)

    def keep(self, work: Coroutine[object, object, None], name: str, *, ended: Callable[[], None]) -> None:
        """Do something that is not broken off."""
        self._keeping = True

        def over(task: asyncio.Task[None]) -> None:
            """The dialog may close again."""
            self._keeping = False
            if not task.cancelled() and not self._over:
                ended()

        self.tasks.start(work, name=name, failed=self.failed).add_done_callback(over)

    def failed(self, error: ParagoneError) -> None:
        """Say why something could not be done; nothing once the dialog is closed, and with it all that would say it."""
        if self._over:
            return
        self.outcome.show()
        self.check.say(f"{tr(error.message)}\n{tr(error.hint)}".strip())

    async def keyring_sentence(self) -> str:
        """Where a key goes, with the keyring's name; asks nobody to unlock it."""
        try:
            name = await self.services.keys.keyring_found()
        except CredentialError:
            return tr(NO_KEYRING)
        return tr("The key is stored in this computer's keyring ({name}), never in a file.", name=name)
