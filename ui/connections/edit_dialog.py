"""Dialog that edits a connection's address, key and typed models. A key never moves to another server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.credentials.accounts import accounts_of
from desktop.domain.conversation_types import Connection
from desktop.errors import CredentialError, ParagoneError
from desktop.net.origin import same_origin
from desktop.services import Services
from desktop.settings.values import Settings
from desktop.system.log import logger
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.base_dialog import ConnectionDialog
from ui.connections.connection_text import KINDS, for_this_run
from ui.connections.endpoint_form import EndpointForm
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_log = logger("ui.connections")


class EditConnectionDialog(ConnectionDialog):
    """Dialog that edits a connection. It can save without a check, because the server may be down."""

    saved = Signal(str)
    """Emitted with the name of the changed connection."""

    def __init__(
        self, existing: Connection, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Edit {name}", name=existing.name), services, tasks, themes, parent)
        self._existing = existing
        self._where = Paragraph(f"{tr(KINDS[existing.kind])}.", "muted")
        self.endpoint = EndpointForm(services, existing)
        self._cancel = button(tr("Cancel"))
        self._try = button(tr("Check"))
        self._go = button(tr("Save"), "primary")
        self._go.setDefault(True)
        self._lay_out()
        self.endpoint.edited.connect(self._edited)
        self.endpoint.grown.connect(self.body.fit_soon)
        self._cancel.clicked.connect(self.reject)
        self._try.clicked.connect(self._start_check)
        self._go.clicked.connect(self._save)
        self.run(self._look_for_keyring(), "connections.keyring")

    def done(self, result: int) -> None:
        """Close the dialog without discarding the existing sign-in."""
        self.check.signed_in.pop(accounts_of(self._existing).current or "", None)
        super().done(result)

    def _lay_out(self) -> None:
        column = self.body.column
        column.addWidget(label(tr("Edit {name}", name=self._existing.name), "heading"))
        column.addSpacing(4)
        column.addWidget(self._where)
        column.addSpacing(16)
        column.addWidget(self.endpoint)
        column.addWidget(self.outcome)
        column.addStretch(1)
        self.body.buttons.addWidget(self._try)
        self.body.buttons.addStretch(1)
        self.body.buttons.addWidget(self._cancel)
        self.body.buttons.addWidget(self._go)

    async def _look_for_keyring(self) -> None:
        self._where.setText(f"{tr(KINDS[self._existing.kind])}. {await self.keyring_sentence()}")
        self.body.fit_soon()

    @Slot()
    def _edited(self) -> None:
        self.outcome.hide()
        self.check.clear()

    def _entered(self) -> Connection | None:
        """Return the entered connection, or show what is wrong and return None."""
        self.endpoint.put_right()
        try:
            return self.endpoint.connection()
        except ParagoneError as error:
            self.endpoint.say(sentence(error), bad=True)
            return None

    @Slot()
    def _start_check(self) -> None:
        connection = self._entered()
        if connection is not None:
            self.outcome.show()
            self._try.setEnabled(False)
            self.run(self._check(connection, self.endpoint.typed_key), "connections.check", ended=self._ready)

    @Slot()
    def _ready(self) -> None:
        self._try.setEnabled(True)
        self._go.setEnabled(True)

    async def _check(self, connection: Connection, typed: str) -> None:
        key = typed or await self.services.keys.get(connection) or ""
        await self.check.run(connection, key, self.endpoint.named)
        self.body.fit_soon()

    @Slot()
    def _save(self) -> None:
        connection = self._entered()
        if connection is not None:
            self._go.setEnabled(False)
            self.keep(self._keep(connection, self.endpoint.typed_key), "connections.keep", ended=self._ready)

    async def _keep(self, connection: Connection, typed: str) -> None:
        """Save the connection and its key as they are now; later edits have no effect."""
        stored, key_place = await self.services.settle_headers(connection, self._existing)

        def change(settings: Settings) -> Settings:
            """Change the connection under the settings file's lock, preserving other changes."""
            return settings.with_connection(stored)

        settings = await asyncio.to_thread(self.services.settings_file.update, change)
        self.services.use(settings)
        self.services.gateway.note_check(stored.name, self.check.tried)
        self.check.signed_in.clear()
        if typed:
            key = await self.services.keys.keep(connection, typed)
            key_place = key_place if key_place is not None and key_place.problem is not None else key
            self.endpoint.key.clear()
        if self._existing.secret_headers and not stored.secret_headers:
            await self._forgotten(self.services.keys.forget_headers(self._existing))
        if not same_origin(connection.url, self._existing.url) or connection.auth is not self._existing.auth:
            # If the keyring is unavailable, the old key remains in it, unused, because it is bound to the old server.
            await self._forgotten(self.services.forget_secrets(self._existing, stored))
        self.saved.emit(connection.name)
        if key_place is not None and key_place.problem is not None:
            self.outcome.show()
            self.check.say(for_this_run(key_place.problem))
            self._go.hide()
            self._try.hide()
            self._cancel.setText(tr("Close"))
            self.body.fit_soon()
        else:
            self.accept()

    async def _forgotten(self, forgetting: Awaitable[None]) -> None:
        try:
            await forgetting
        except CredentialError as error:
            _log.warning("the key of an old address stays in the keyring: %s", error.code)
