"""The page of connections: each with what is known of it; add, edit, test, remove."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain import Auth, Connection, Kind
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import OWN_MODEL_FILES, USER_CONNECTIONS, Policy
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import Settings
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.connection_entry import ConnectionEntry
from ui.connections.edit_dialog import EditConnectionDialog
from ui.strings import sentence, tr
from ui.tasks import Tasks
from ui.theme import Themes
from ui.widgets.buttons import button
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph


class ConnectionsPage(Page):
    """Lists what the settings hold. Conversations are never touched: without a connection they can still be read."""

    changed = Signal()
    """Connections came, went or changed."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes) -> None:
        super().__init__(
            tr("Connections"),
            tr(
                "Servers and model files that Paragone can use: Azure AI Foundry, other servers, GGUF "
                "files on this computer."
            ),
            keywords="add edit test remove address key azure foundry openai gguf endpoint",
        )
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self.entries: dict[str, ConnectionEntry] = {}
        self._tests: dict[str, asyncio.Task[None]] = {}
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.add = button(tr("Add connection"), "primary")
        self._said = Paragraph("", "muted")
        self._said.hide()
        self.column.addWidget(self._list)
        self.column.addSpacing(16)
        self.column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addSpacing(12)
        self.column.addWidget(self._said)
        self.add.clicked.connect(self._add)
        self._obey(services.settings.policy)
        self.refresh()

    @property
    def said(self) -> str:
        """What was said last: that something is gone, or why it could not be."""
        return self._said.text()

    def refresh(self) -> None:
        """List the connections again; entries of connections that are as they were stay as they are."""
        wanted = {connection.name: connection for connection in self._services.settings.all_connections}
        for name, entry in list(self.entries.items()):
            if wanted.get(name) != entry.connection:
                if name in self._tests:
                    self._tests.pop(name).cancel()
                self._lines.removeWidget(entry)
                entry.hide()
                entry.deleteLater()
                del self.entries[name]
        for position, (name, connection) in enumerate(wanted.items()):
            if name not in self.entries:
                self.entries[name] = self._entry(connection)
                self._lines.insertWidget(position, self.entries[name])
            self.entries[name].show_facts()
        self._show_accounts()

    def test(self, name: str) -> None:
        """Test a connection, as its button does."""
        entry = self.entries.get(name)
        if entry is not None and entry.test.isEnabled():
            self._test(entry.connection)
            entry.test.setFocus()

    def _show_accounts(self) -> None:
        """Say who is signed in where: one account may be used by several connections."""
        for name, entry in self.entries.items():
            if entry.connection.auth is Auth.ENTRA:
                self._tasks.start(self._show_account(name), name="connections.account", failed=self._say_error)

    async def _show_account(self, name: str) -> None:
        account = await self._services.entra.account(self._services.settings.connection(name))
        if name in self.entries:
            self.entries[name].show_account(account.name or account.id if account is not None else "")

    def _entry(self, connection: Connection) -> ConnectionEntry:
        entry = ConnectionEntry(connection, self._services, self._themes)
        entry.edit_wanted.connect(self._edit)
        entry.test_wanted.connect(self._test)
        entry.sign_out_wanted.connect(self._sign_out)
        entry.removed.connect(self._remove)
        return entry

    def _obey(self, policy: Policy) -> None:
        """Say so where nothing can be added."""
        if not policy.get(USER_CONNECTIONS) and not policy.get(OWN_MODEL_FILES):
            self.add.setEnabled(False)
            self._say(tr("Your organization's policy allows no other connections."))

    @Slot()
    def _add(self) -> None:
        dialog = AddConnectionDialog(self._services, self._tasks, self._themes, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self._changed)
        dialog.open()

    @Slot(object)
    def _edit(self, connection: Connection) -> None:
        dialog = EditConnectionDialog(connection, self._services, self._tasks, self._themes, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self._changed)
        dialog.open()

    @Slot(str)
    def _changed(self, name: str) -> None:
        del name
        self.refresh()
        self.changed.emit()

    @Slot(object)
    def _test(self, connection: Connection) -> None:
        entry = self.entries[connection.name]
        running = self._tests.pop(connection.name, None)
        if running is not None:
            running.cancel()
            entry.show_testing(on=False)
            entry.check.stopped()
            return
        self._said.hide()
        entry.show_testing(on=True)
        entry.check.show()
        failed = partial(self._test_failed, connection.name)
        task = self._tasks.start(self._run_test(connection, entry), name="connections.test", failed=failed)
        task.add_done_callback(partial(self._tested, connection.name))
        self._tests[connection.name] = task

    async def _run_test(self, connection: Connection, entry: ConnectionEntry) -> None:
        key = await self._services.keys.get(connection) or ""
        named = connection.models
        if connection.kind is Kind.EMBEDDED:
            named = tuple(info.name for info in await self._services.gateway.models(connection.name))
        did = await entry.check.run(connection, key, named)
        self._services.gateway.note_check(connection.name, entry.check.tried)
        if did:
            await self._services.gateway.models(connection.name)
            self.changed.emit()
        if connection.auth is Auth.ENTRA:
            self._show_accounts()

    def _test_failed(self, name: str, error: ParagoneError) -> None:
        if name in self.entries:
            self.entries[name].check.say(sentence(error))

    def _tested(self, name: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and self._tests.get(name) is task:
            del self._tests[name]
            self.entries[name].show_testing(on=False)
            self.entries[name].show_facts()

    @Slot(object)
    def _sign_out(self, connection: Connection) -> None:
        self._tasks.start(self._forget_account(connection), name="connections.sign_out", failed=self._say_error)

    async def _forget_account(self, connection: Connection) -> None:
        account = await self._services.entra.sign_out(connection)
        if account is not None:
            self._say(tr("Signed out of {name} and all connections that used the account.", name=account.name))
        self._show_accounts()

    @Slot(object)
    def _remove(self, connection: Connection) -> None:
        self._tasks.start(self._forget(connection), name="connections.remove", failed=self._say_error)

    async def _forget(self, connection: Connection) -> None:
        settings = await asyncio.to_thread(self._services.settings_file.update, partial(_without, name=connection.name))
        self._services.use(settings)
        self._say(tr("{name} was removed. Its conversations are kept and can be read.", name=connection.name))
        self._changed(connection.name)
        try:
            await self._services.forget_secrets(connection)
        except ParagoneError as error:
            said = tr("{name} was removed, but its key may still be in the keyring.", name=connection.name)
            self._say(f"{said} {sentence(error)}")

    def _say_error(self, error: ParagoneError) -> None:
        self._say(sentence(error))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.show()


def _without(settings: Settings, name: str) -> Settings:
    """The settings without a connection; a default model of it gives way to the embedded one."""
    settings = settings.without_connection(name)
    locked = settings.policy.locks(DEFAULT_MODEL.key) is not None
    if not locked and settings.get(DEFAULT_MODEL).partition("/")[0] == name:
        settings = settings.set(DEFAULT_MODEL, DEFAULT_MODEL.default)
    return settings
