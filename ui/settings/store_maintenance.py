"""Maintenance of the store by the window: opening, problems with remedies, daily cleanup and backup."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.domain.conversation_types import now
from desktop.errors import CredentialError, ParagoneError, StoreError, StoreLocked
from desktop.services import Services
from desktop.settings.schema import ENCRYPTION, RETENTION
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.widgets.notice_bar import NoticeBar, NoticeStack

if TYPE_CHECKING:
    from desktop.store.store import Store

Rounds = Callable[[], Awaitable[None]]
"""Function that completes the blind rounds of an earlier session."""

_LOOK_EVERY_MS = 15 * 60 * 1000
"""Interval at which the date is checked, because timers stop while the computer sleeps."""


class StoreMaintenance(QObject):
    """Opens and maintains the store; begins with `settle`, after the first paint."""

    storage_wanted = Signal()
    """Emitted when a problem has its remedy on the storage page, which is to be shown."""
    opened = Signal()
    """Emitted when the store is open."""
    changed = Signal()
    """Emitted after expired conversations were deleted."""
    renewing = Signal(int)
    """Emitted with the progress of updating the search index in percent, and with 100 at the end."""

    def __init__(self, services: Services, tasks: Tasks, notices: NoticeStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._notices = notices
        self._day = self._begun = ""
        """The days whose work was done, and is under way."""
        self._is_renewing = False
        self._locked: NoticeBar | None = None
        self._told: Store | None = None
        """The store whose state was said."""
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    async def settle(self) -> bool:
        """Open the store and report problems. Returns whether the store is open.

        Raises:
            StoreError: If the store cannot be opened and no page offers a remedy.
        """
        try:
            store = await self._services.store()
        except (StoreLocked, CredentialError) as error:
            self._forget_plain_text()  # what is typed meanwhile is not to lie beside them either
            self._say_locked(error)
            return False
        if self._locked is not None:
            self._locked.dismiss()
        self.opened.emit()
        get = self._services.settings.get
        if store.encryption.on or get(ENCRYPTION) or get(RETENTION) == "run":
            self._forget_plain_text()
        if store is not self._told:
            self._told = store
            self._tell(store)
        return True

    async def settle_again(self, rounds: Rounds) -> None:
        """Repeat the work done at startup, after the storage page opened or replaced the store."""
        if await self.settle():
            await self.begin(rounds)

    async def begin(self, rounds: Rounds) -> None:
        """Complete unfinished blind rounds, then start the daily work, so that the backup contains them."""
        await rounds()
        self._timer.start()
        self.look()

    @Slot()
    def look(self) -> None:
        """Do the daily work if it is due, and continue an index update that was interrupted."""
        if not self._is_renewing:
            self._is_renewing = True
            self._tasks.start(self._renew_index(), name="care.index", failed=self._say)
        today = f"{now():%Y%m%d}"
        if today not in (self._day, self._begun):
            self._begun = today
            self._tasks.start(self._daily(today), name="care.daily", failed=self._say)

    async def _daily(self, today: str) -> None:
        """Make the backup and clean up; tried again later if the disk is full."""
        try:
            store = await self._services.store()
            await store.backup_daily()
            if await self._services.tidy():
                self.changed.emit()
            self._day = today
        finally:
            self._begun = ""

    async def _renew_index(self) -> None:
        """Update the search index to the current version.

        An update that is interrupted continues later.
        """
        try:
            store = await self._services.store()
            await store.index_renewal.run(lambda state: self.renewing.emit(state.percent))
        finally:
            self._is_renewing = False

    def _tell(self, store: Store) -> None:
        for notice in store.notices:
            if store.aside is not None and str(store.aside) in notice:
                self._notices.show_notice(tr(notice), tone="bad", action=tr("Restore…"), act=self.storage_wanted.emit)
            else:
                self._notices.show_notice(tr(notice), tone="warn")
        if self._services.new_code:
            self._notices.show_notice(
                tr(
                    "The conversations were encrypted, as required by the settings. The recovery code is "
                    "shown only once."
                ),
                tone="warn",
                action=tr("Show code…"),
                act=self.storage_wanted.emit,
            )
        if store.recovered:
            self._notices.show_notice(
                trn(
                    "{n} response was interrupted when Paragone last closed. The partial response is saved.",
                    "{n} responses were interrupted when Paragone last closed. The partial responses are saved.",
                    store.recovered,
                )
            )

    def _say_locked(self, error: ParagoneError) -> None:
        act = self.storage_wanted.emit
        self._locked = self._notices.show_notice(sentence(error), tone="bad", action=tr("Open…"), act=act)
        self._locked.dismissed.connect(self._is_away)

    @Slot()
    def _is_away(self) -> None:
        self._locked = None

    def _forget_plain_text(self) -> None:
        try:
            self._services.forget_plain_text()
        except StoreError as error:  # as where the folder cannot be written: the conversations are there all the same
            self._notices.show_notice(sentence(error), tone="warn")

    def _say(self, error: ParagoneError) -> None:
        self._notices.show_notice(sentence(error), tone="bad")
