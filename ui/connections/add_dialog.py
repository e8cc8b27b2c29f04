"""Dialog that adds a connection: server type, corrected address, key, and a real check before saving."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.credentials.keys import KeyPlace
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ParagoneError
from desktop.net.headers import without_keys
from desktop.services import Services
from desktop.settings.policy import OWN_MODEL_FILES, USER_CONNECTIONS, Policy
from desktop.settings.values import Settings
from desktop.text.phrases import phrase
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.base_dialog import ConnectionDialog
from ui.connections.connection_text import KINDS, for_this_run, numbered
from ui.connections.endpoint_form import SERVERS, EndpointForm
from ui.connections.file_form import FileForm
from ui.widgets.buttons import button
from ui.widgets.inputs import Segments
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_TITLES = tuple(KINDS[kind] for kind in (*(each.kind for each in SERVERS), Kind.EMBEDDED))
_FILE = len(SERVERS)
_NO_KEY = phrase("The file is read from its current location. Nothing is sent anywhere.")

_ASKS = phrase("Choose Check to send a very short prompt to one model.")


class AddConnectionDialog(ConnectionDialog):
    """Dialog that checks a new connection. Nothing is saved before the user presses Add."""

    added = Signal(str)
    """Emitted with the name of a saved connection."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(tr("Add connection"), services, tasks, themes, parent)
        self._checked: Connection | None = None
        self._trying: Connection | None = None
        self._keyring = tr("The key is stored in this computer's keyring, never in a file.")
        self._where = Paragraph(self._keyring, "muted")
        self._kinds = Segments([tr(title) for title in _TITLES], tr("Connection type"))
        self.endpoint = EndpointForm(services)
        self.file = FileForm(services, tasks)
        self._cancel = button(tr("Cancel"))
        self._go = button(tr("Check"), "primary")
        self._go.setDefault(True)
        self._lay_out()
        self._connect()
        self._kind_chosen(0)
        self._obey(services.settings.policy)
        (self.file.path if self._kinds.current == _FILE else self.endpoint.address).setFocus()
        self.run(self._look_for_keyring(), "connections.keyring")

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the check found."""
        return self.check.models

    @property
    def where(self) -> str:
        """The sentence that says where the key will be stored."""
        return self._where.text()

    def offer_file(self, path: Path) -> None:
        """Select a model file that was dropped on the window."""
        self._kinds.choose(_FILE)
        self.file.take(str(path))

    def done(self, result: int) -> None:
        """Close the dialog and cancel all work."""
        self.file.end()
        super().done(result)

    def _lay_out(self) -> None:
        column = self.body.column
        column.addWidget(label(tr("Add connection"), "heading"))
        column.addSpacing(4)
        column.addWidget(self._where)
        column.addSpacing(16)
        column.addWidget(self._kinds)
        column.addSpacing(14)
        column.addWidget(self.endpoint)
        column.addWidget(self.file)
        column.addWidget(self.outcome)
        column.addStretch(1)
        self.body.buttons.addStretch(1)
        self.body.buttons.addWidget(self._cancel)
        self.body.buttons.addWidget(self._go)

    def _obey(self, policy: Policy) -> None:
        """Disable the types that policy forbids."""
        for kind in range(len(_TITLES)):
            rule = OWN_MODEL_FILES if kind == _FILE else USER_CONNECTIONS
            if not policy.get(rule):
                self._kinds.forbid(kind, tr(policy.who_says(rule)))
        if not policy.get(USER_CONNECTIONS):
            self._kinds.choose(_FILE)

    def _connect(self) -> None:
        self._kinds.chosen.connect(self._kind_chosen)
        for form in (self.endpoint, self.file):
            form.edited.connect(self._edited)
            form.grown.connect(self.body.fit_soon)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._proceed)
        self.check.listed.connect(self._listed)

    @property
    def _form(self) -> EndpointForm | FileForm:
        return self.file if self._kinds.current == _FILE else self.endpoint

    @Slot(int)
    def _kind_chosen(self, index: int) -> None:
        is_file = index == _FILE
        self._where.setText(tr(_NO_KEY) if is_file else f"{self._keyring} {tr(_ASKS)}")
        self.endpoint.setVisible(not is_file)
        self.file.setVisible(is_file)
        if not is_file:
            self.endpoint.ask(SERVERS[index])
        self._edited()

    @Slot()
    def _edited(self) -> None:
        """Discard the result of the check after the input was edited."""
        self._checked = None
        self.outcome.hide()
        self.check.clear()
        self._offer(tr("Check"))
        self.body.fit_soon()

    async def _look_for_keyring(self) -> None:
        self._keyring = await self.keyring_sentence()
        if self._kinds.current != _FILE:
            self._where.setText(f"{self._keyring} {tr(_ASKS)}")
        self.body.fit_soon()

    @Slot()
    def _proceed(self) -> None:
        """Check the input, or save the connection that was checked."""
        form = self._form
        if isinstance(form, EndpointForm):
            form.put_right()
        try:
            connection = form.connection()
        except ParagoneError as error:
            form.say(sentence(error), bad=True)
            return
        self._go.setEnabled(False)
        key = self.endpoint.typed_key
        if self._checked is not None and msgspec.structs.replace(self._checked, name=connection.name) == connection:
            self.give_up()
            self.keep(self._keep(connection, key), "connections.keep", ended=self._ready)
        else:
            self.outcome.show()
            self.run(self._check(connection, key), "connections.check", ended=self._ready)

    @Slot()
    def _ready(self) -> None:
        self._go.setEnabled(True)

    def _offer(self, text: str) -> None:
        """Set the text and accessible name of the main button."""
        self._go.setText(text)
        self._go.setAccessibleName(text)

    async def _check(self, connection: Connection, typed: str) -> None:
        self._checked = None
        self._offer(tr("Check"))
        self._trying = connection
        try:
            if await self.check.run(connection, typed if connection.auth is Auth.KEY else "", self._form.named):
                self._offer_to_add(connection)
        finally:
            self._trying = None
        self.body.fit_soon()

    @Slot()
    def _listed(self) -> None:
        """Allow adding the connection while a busy model is still being tried.

        Model names that were typed are saved if the model answers or is busy.
        """
        if self._trying is not None and self.check.models and (not self._form.named or self.check.unlisted):
            self._offer_to_add(self._trying)
            self._ready()

    def _offer_to_add(self, connection: Connection) -> None:
        self._checked = connection
        found = len(self.check.models)
        self._offer(trn("Add {n} model", "Add {n} models", found) if found else tr("Add"))

    async def _keep(self, connection: Connection, typed_key: str) -> None:
        """Save the connection and its key as they are now; later edits have no effect."""
        sure = bool(connection.headers) and not await self.services.keys.has_keyring()
        stored, secret = without_keys(connection, sure=sure)
        kept = stored
        typed = () if connection.file else self.check.unlisted

        def add(settings: Settings) -> Settings:
            """Add the connection under the settings file's lock, so that no other process can take its name."""
            nonlocal kept
            kept = msgspec.structs.replace(stored, name=numbered(settings, stored.name), models=typed)
            return settings.with_connection(kept)

        settings = await asyncio.to_thread(self.services.settings_file.update, add)
        self.services.use(settings)
        self.services.gateway.learn(kept.name, self.check.infos)
        self.services.gateway.note_check(kept.name, self.check.tried)
        key_place = await self._keep_sign_in(connection, kept, typed_key)
        if secret:
            headers = await self.services.keys.keep_headers(kept, secret)
            key_place = key_place if key_place is not None and key_place.problem is not None else headers
        self.endpoint.key.clear()
        self.added.emit(kept.name)
        if key_place is not None and key_place.problem is not None:
            self._say_where(key_place, signed_in=kept.auth is Auth.ENTRA)
        else:
            self.accept()

    async def _keep_sign_in(self, checked: Connection, kept: Connection, typed_key: str) -> KeyPlace | None:
        """Store the credentials. Returns None if the connection has none."""
        if kept.auth is Auth.KEY:
            return await self.services.keys.keep(kept, typed_key)
        if kept.auth is Auth.ENTRA:
            # The name may have changed since the check
            await self.services.entra.adopt(self._checked or checked, kept)
            self.check.signed_in.clear()
            return self.services.entra.kept
        return None

    def _say_where(self, kept: KeyPlace, *, signed_in: bool) -> None:
        """Tell the user, before the dialog closes, that the key is stored only for this session."""
        assert kept.problem is not None
        self.check.say(for_this_run(kept.problem, signed_in=signed_in))
        self._go.hide()
        self._cancel.setText(tr("Close"))
        self.body.fit_soon()
