"""The store looked after from the window: opened, what is amiss said with its cure, tidied and backed up daily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.domain import now
from desktop.errors import CredentialError, ParagoneError, StoreError, StoreLocked
from desktop.services import Services
from desktop.settings.schema import RETENTION
from ui.strings import sentence, tr, trn
from ui.tasks import Tasks
from ui.widgets.notice_bar import NoticeStack

if TYPE_CHECKING:
    from desktop.store.store import Store

_LOOK_EVERY_MS = 15 * 60 * 1000
"""A computer that slept over midnight is noticed so soon."""


class StoreMaintenance(QObject):
    """Begins with `settle`, after the first paint."""

    storage_wanted = Signal()
    """The page about storage offers the cure."""
    opened = Signal()
    """The store is open: what it holds can be shown."""
    changed = Signal()
    """Conversations were deleted, since they are kept no longer."""

    def __init__(self, services: Services, tasks: Tasks, notices: NoticeStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._notices = notices
        self._day = ""
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    async def settle(self) -> bool:
        """Open the store and say what was found; whether it is open.

        Raises StoreError where that fails and no page offers a cure.
        """
        try:
            store = await self._services.store()
        except (StoreLocked, CredentialError) as error:
            self._notices.show_notice(
                sentence(error), tone="bad", action=tr("Open them…"), act=self.storage_wanted.emit
            )
            return False
        self.opened.emit()
        if store.encryption.on or self._services.settings.get(RETENTION) == "run":
            try:
                self._services.forget_plain_text()
            except (
                StoreError
            ) as error:  # as where the folder cannot be written: the conversations are there all the same
                self._notices.show_notice(sentence(error), tone="warn")
        self._tell(store)
        return True

    def begin(self) -> None:
        """Do from now on what is due once a day."""
        self._timer.start()
        self.look()

    @Slot()
    def look(self) -> None:
        """Do what is due once a day."""
        today = f"{now():%Y%m%d}"
        if today != self._day:
            self._day = today
            self._tasks.start(self._daily(), name="care.daily", failed=self._say)

    async def _daily(self) -> None:
        store = await self._services.store()
        await store.backup_daily()
        if await self._services.tidy():
            self.changed.emit()

    def _tell(self, store: Store) -> None:
        for notice in store.notices:
            if store.aside is not None and str(store.aside) in notice:
                self._notices.show_notice(tr(notice), tone="bad", action=tr("Restore…"), act=self.storage_wanted.emit)
            else:
                self._notices.show_notice(tr(notice), tone="warn")
        if self._services.new_code:
            self._notices.show_notice(
                tr("The conversations were encrypted, as the settings say. Their recovery code is shown once."),
                tone="warn",
                action=tr("Show the code…"),
                act=self.storage_wanted.emit,
            )
        if store.recovered:
            self._notices.show_notice(
                trn(
                    "{n} answer was cut off when Paragone last ended. What had come is kept.",
                    "{n} answers were cut off when Paragone last ended. What had come is kept.",
                    store.recovered,
                )
            )

    def _say(self, error: ParagoneError) -> None:
        self._notices.show_notice(sentence(error), tone="bad")
