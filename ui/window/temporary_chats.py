"""Temporary chats and comparisons in the window: begun, kept after all, or gone without a trace."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from desktop.services import Services
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.pane.temporary_mode import TemporaryMode
from ui.widgets.announcement import announce
from ui.window.desk import Desk
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace


class TemporaryChats(QObject):
    """Begins temporary chats, and stores them when the user keeps them."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        mode: TemporaryMode,
        desk: Desk,
        workspace: Workspace,
        bar: TitleBar,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._mode = mode
        self._desk = desk
        self._workspace = workspace
        self._bar = bar
        bar.keep_wanted.connect(self.keep)
        mode.changed.connect(self._show)
        workspace.line.answering_changed.connect(self._show)

    @Slot()
    def begin(self) -> None:
        """Show an empty chat that is stored nowhere."""
        self._desk.new_chat(temporary=True)

    @Slot()
    def keep(self) -> None:
        """Store the temporary chats that are shown, and what follows in them."""
        if self._mode.is_on and not self._workspace.is_answering:
            self._tasks.start(self._keep(), name="window.keep_temporary", failed=self._desk.say_error)

    async def _keep(self) -> None:
        store = await self._services.store()
        chats = [pane.chat for pane in self._workspace.line]
        said = [chat.conversation for chat in chats if chat.conversation.messages]
        await store.conversations.create_all(said)
        for chat in chats:
            chat.keep_from_now_on()
        self._mode.take_files()
        self._mode.set_on(on=False)
        self._workspace.kept_after_all([each.id for each in said])
        announce(self._workspace, tr("This chat is saved from now on."))

    @Slot()
    def _show(self) -> None:
        """Mark the window while what it shows is stored nowhere; what was left is stopped and forgotten."""
        self._bar.show_temporary(on=self._mode.is_on, can_keep=not self._workspace.is_answering)
        if not self._mode.is_on:
            self._workspace.stop_temporary()
            if hashes := self._mode.take_files():
                self._tasks.start(self._forget(hashes), name="window.forget_files", failed=self._desk.say_error)

    async def _forget(self, hashes: list[str]) -> None:
        await (await self._services.store()).files.discard(hashes)
