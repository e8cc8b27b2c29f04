"""Settings page for connections: add, edit, test and remove them."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import OWN_MODEL_FILES, USER_CONNECTIONS, Policy
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import EMBEDDED, Settings
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.check_view import CheckView
from ui.connections.connection_text import about
from ui.connections.edit_dialog import EditConnectionDialog
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, hairline
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph


class ConnectionEntry(QWidget):
    """Row of one connection. Asks for confirmation in the row before removing the connection."""

    edit_wanted = Signal(object)
    test_wanted = Signal(object)
    sign_out_wanted = Signal(object)
    removed = Signal(object)
    """Emitted with the Connection after the user confirmed its removal."""

    def __init__(self, connection: Connection, services: Services, themes: Themes) -> None:
        super().__init__()
        self.connection = connection
        self._account: str | None = None
        self._testing = False
        self._services = services
        self.check = CheckView(services, themes)
        self._about = Paragraph("", "muted")
        self._buttons = QWidget()
        self._question = QWidget()
        name = connection.name
        self.test = button(tr("Test"), name=tr("Test {name}", name=name))
        self.edit = button(tr("Edit…"), name=tr("Edit {name}", name=name))
        self.sign_out = button(tr("Sign out"), name=tr("Sign out of {name}", name=name))
        self.remove = button(tr("Remove"), name=tr("Remove {name}", name=name))
        self.really = button(tr("Remove"), "danger", tr("Remove {name} and its key", name=name))
        self.keep = button(tr("Keep"), name=tr("Keep {name}", name=name))
        self._lay_out()
        self._connect()
        self.show_facts()

    @property
    def about(self) -> str:
        """The description of the connection."""
        return self._about.text()

    def show_account(self, account: str) -> None:
        """Show who is signed in with Entra ID. If nobody is, testing starts with a sign-in."""
        self._account = account
        self.show_facts()

    def show_facts(self) -> None:
        """Update the description."""
        models = len(self._services.gateway.known_of(self.connection.name))
        this_run = self._services.keys.only_this_run(self.connection)
        self._about.setText(about(self.connection, models, this_run=this_run, account=self._account))
        self.sign_out.setVisible(bool(self._account))
        self._name_test()

    def show_testing(self, *, on: bool) -> None:
        """Turn the Test button into one that stops the test, or back."""
        self._testing = on
        self._name_test()

    def _name_test(self) -> None:
        name = self.connection.name
        shown, called = tr("Test"), tr("Test {name}", name=name)
        if self._testing:
            shown, called = tr("Stop"), tr("Stop testing {name}", name=name)
        elif self._account == "":
            shown, called = tr("Sign in"), tr("Sign in to {name}", name=name)
        self.test.setText(shown)
        self.test.setAccessibleName(called)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(ElidedLabel(self.connection.name, "strong"))
        words.addWidget(self._about)
        row.addLayout(words, 1)
        shown = QHBoxLayout(self._buttons)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(6)
        own = self.connection != EMBEDDED
        takes_key = self.connection.auth is Auth.KEY and not self.connection.key_env
        given = self._services.settings.policy.is_predefined(self.connection)
        for each, wanted in (
            (self.test, True),
            (self.edit, own and self.connection.kind is not Kind.EMBEDDED and (not given or takes_key)),
            (self.sign_out, False),
            (self.remove, own and not given),
        ):
            shown.addWidget(each)
            each.setVisible(wanted)
        row.addWidget(self._buttons)
        column.addLayout(row)
        asked = QHBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(6)
        keyless = tr("Remove the connection? Its conversations are kept.")
        keyed = tr("Remove the connection and its key? Its conversations are kept.")
        said = Paragraph(keyless if self.connection.file else keyed)
        asked.addWidget(said, 1)
        asked.addWidget(self.keep)
        asked.addWidget(self.really)
        self._question.hide()
        self.check.hide()
        column.addWidget(self._question)
        column.addWidget(self.check)
        column.addSpacing(4)
        column.addWidget(hairline())

    def _connect(self) -> None:
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.connection))
        self.test.clicked.connect(lambda: self.test_wanted.emit(self.connection))
        self.sign_out.clicked.connect(lambda: self.sign_out_wanted.emit(self.connection))
        self.remove.clicked.connect(self._ask)
        self.keep.clicked.connect(self._stay)
        self.really.clicked.connect(lambda: self.removed.emit(self.connection))

    @Slot()
    def _ask(self) -> None:
        self._buttons.hide()
        self._question.show()
        self.keep.setFocus()

    @Slot()
    def _stay(self) -> None:
        self._question.hide()
        self._buttons.show()
        self.remove.setFocus()


class ConnectionsPage(Page):
    """Settings page that lists the connections. Removing one never affects conversations."""

    changed = Signal()
    """Emitted when connections were added, removed or changed."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes) -> None:
        super().__init__(
            tr("Connections"),
            tr(
                "Servers and model files that Paragone can use: Azure AI Foundry, other servers and GGUF "
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
        """The last confirmation or error."""
        return self._said.text()

    def refresh(self) -> None:
        """Update the list, keeping unchanged entries."""
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
        """Test a connection, just as its button does."""
        entry = self.entries.get(name)
        if entry is not None and entry.test.isEnabled():
            self._test(entry.connection)
            entry.test.setFocus()

    def _show_accounts(self) -> None:
        """Show who is signed in at each connection, because connections may share an account."""
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
        """Disable adding connections, with an explanation, if policy forbids it."""
        if not policy.get(USER_CONNECTIONS) and not policy.get(OWN_MODEL_FILES):
            self.add.setEnabled(False)
            self._say(tr("Your organization does not allow other connections."))

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
            self._say(tr("Signed out of the account {name} and all connections that used it.", name=account.name))
        self._show_accounts()

    @Slot(object)
    def _remove(self, connection: Connection) -> None:
        self._tasks.start(self._forget(connection), name="connections.remove", failed=self._say_error)

    async def _forget(self, connection: Connection) -> None:
        settings = await asyncio.to_thread(self._services.settings_file.update, partial(_without, name=connection.name))
        self._services.use(settings)
        self._say(tr("{name} was removed. Its conversations are kept and can still be read.", name=connection.name))
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
    """Return settings without a connection, and without a default model that used it."""
    settings = settings.without_connection(name)
    locked = settings.policy.locks(DEFAULT_MODEL.key) is not None
    if not locked and settings.get(DEFAULT_MODEL).partition("/")[0] == name:
        settings = settings.set(DEFAULT_MODEL, DEFAULT_MODEL.default)
    return settings
