"""Keys page: the keyring in use, and the connections with stored keys, which can be removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.credentials.accounts import accounts_of
from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import CredentialError, ParagoneError
from desktop.services import Services
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.widgets.labels import hairline, label
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph


class KeysPage(Page):
    """Page that shows where keys are stored, but never a key. `changed` is emitted after a removal."""

    changed = Signal()

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(
            tr("Keys"),
            tr(
                "Keys are stored in the system keyring, never in a file. Each key belongs to one "
                "connection and one server."
            ),
            keywords=tr("keyring key secret remove this run only"),
        )
        self._services = services
        self._tasks = tasks
        self._keyring = ""
        self.keyring = Paragraph(tr("Looking for a keyring…"))
        self.column.addSpacing(8)
        self.column.addWidget(self.keyring)
        self.column.addSpacing(12)
        self.column.addWidget(hairline())
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.column.addWidget(self._list)
        self.said = Paragraph("", "muted")
        self.column.addSpacing(8)
        self.column.addWidget(self.said)

    @property
    def keyring_name(self) -> str:
        """Name of the keyring, or an empty string if there is none."""
        return self._keyring

    def refresh(self) -> None:
        """Update the keyring and the connections without unlocking anything."""
        self._tasks.start(self._look(), name="settings.keys")

    async def _look(self) -> None:
        try:
            self._keyring = await self._services.keys.keyring_found()
        except CredentialError as error:
            self._keyring = ""
            self.keyring.setText(
                tr(
                    "{problem} Until a keyring is available, keys are kept only until Paragone quits.",
                    problem=sentence(error),
                )
            )
        else:
            self.keyring.setText(tr("Keyring in use: {keyring}.", keyring=self._keyring))
        self._show()

    def _show(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        signing = [each for each in self._services.settings.all_connections if each.auth is Auth.KEY]
        for connection in signing:
            self._lines.addWidget(self._line(connection))
            self._lines.addWidget(hairline())
        if not signing:
            none = label(tr("No connection uses a key."), "muted")
            none.setContentsMargins(0, 12, 0, 0)
            self._lines.addWidget(none)

    def _line(self, connection: Connection) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 12, 0, 12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(connection.name))
        words.addWidget(label(self._about(connection), "muted"))
        row.addLayout(words, 1)
        if not connection.key_env:
            remove = QPushButton(tr("Remove key"))
            remove.setAccessibleName(tr("Remove the key for {name}", name=connection.name))
            remove.clicked.connect(partial(self._remove, connection))
            row.addWidget(remove)
        return line

    def _about(self, connection: Connection) -> str:
        account = accounts_of(connection).current
        if account is None:
            return tr("Not used: the connection's address is invalid.")
        origin = account.partition(" at ")[2]
        return tr("{place}, only for {origin}", place=self._place(connection), origin=origin)

    def _place(self, connection: Connection) -> str:
        if connection.key_env:
            return tr("In the environment variable {variable}", variable=connection.key_env)
        if self._services.keys.only_this_run(connection):
            return tr("Until Paragone quits")
        return tr("In {keyring}", keyring=self._keyring) if self._keyring else tr("Not stored")

    def _remove(self, connection: Connection) -> None:
        self._tasks.start(self._forget(connection), name="settings.forget_key", failed=self._say)

    async def _forget(self, connection: Connection) -> None:
        await self._services.keys.forget(connection)
        self.said.setText(
            tr("The key for {name} was removed. Edit the connection to enter another key.", name=connection.name)
        )
        self._show()
        self.changed.emit()

    def _say(self, error: ParagoneError) -> None:
        self.said.setText(sentence(error))
