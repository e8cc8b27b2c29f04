"""How a server is signed in to: by a key that is typed here, or with Entra ID and the tenant that is meant."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.domain import Auth, Connection, Kind
from desktop.services import Services
from desktop.settings.policy import ENTRA_TENANT, SIGN_IN
from desktop.settings.values import check_tenant
from ui.connections.connection_text import shown_origin
from ui.connections.form_fields import captioned, field
from ui.strings import tr
from ui.widgets.inputs import Segments
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

_WAYS = (Auth.KEY, Auth.ENTRA)


class SignInForm(QWidget):
    """Asks for a key, or for a tenant. With `existing` it says what becomes of the key that is there."""

    edited = Signal()
    grown = Signal()
    """What is shown takes another height."""

    def __init__(self, services: Services, existing: Connection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._existing = existing
        self.taken = ""
        """The server that a key was typed for that was taken out, since the address is another's now."""
        self._policy = services.settings.policy
        self.key = field(tr("Key"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.tenant = field(tr("Tenant"), tr("ID or domain; empty for your account's own"))
        self.ways = Segments([tr("Key"), tr("Entra ID")], tr("Sign in with"))
        self._offered = QWidget()
        self._keyed = QWidget()
        self._tenanted = QWidget()
        self._key_said = Paragraph("", "muted")
        self._lay_out()
        self._fill()
        self.ways.chosen.connect(self._way_chosen)
        self.key.textEdited.connect(self._key_typed)
        for each in (self.key, self.tenant):
            each.textEdited.connect(self.edited)

    @property
    def typed_key(self) -> str:
        """The key that was typed; none where Entra ID is chosen."""
        return "" if self.by_entra else self.key.text().strip()

    @property
    def by_entra(self) -> bool:
        """Whether Entra ID is chosen."""
        return not self._offered.isHidden() and _WAYS[self.ways.current] is Auth.ENTRA

    @property
    def auth(self) -> Auth:
        """How the connection signs in as things stand: with a key only where there is one."""
        if self.by_entra:
            return Auth.ENTRA
        if self.typed_key:
            return Auth.KEY
        kept = self._existing.auth if self._existing is not None else Auth.NONE
        return Auth.NONE if kept is Auth.ENTRA else kept

    def checked_tenant(self) -> str:
        """The tenant that was typed; none where it is not asked for. Raises UsageError."""
        asked = self.by_entra and self.tenant.isEnabled()
        return check_tenant(self.tenant.text().strip()) if asked else ""

    def take_out(self, origin: str) -> None:
        """Forget a key that was typed for another server, which is said."""
        if self.key.text():
            self.key.clear()
            self.taken = origin

    def offer(self, kind: Kind) -> None:
        """Offer what a kind of server takes: Entra ID is Azure's, unless the connection has it already."""
        has_entra = self._existing is not None and self._existing.auth is Auth.ENTRA
        self._offered.setVisible(kind is Kind.AZURE_INFERENCE or has_entra)
        self._show_way()

    def hint_key(self, kind: Kind, *, moved: bool) -> None:
        """Say what an empty key means; `moved` where the address is another server's than the existing key's."""
        existing = self._existing
        if existing is None:
            needless = kind is Kind.OPENAI_V1
            self._key_hint.setText(tr("leave empty if the server needs none") if needless else "")
            self._say_of_key("")
            return
        self.key.setEnabled(moved or not existing.key_env)
        if existing.key_env and not moved:
            self._say_of_key("")
            self.key.setPlaceholderText(tr("Read from the variable {key_env} each time", key_env=existing.key_env))
            return
        keeps = existing.auth is Auth.KEY and not moved
        self.key.setPlaceholderText(tr("Leave empty to keep the current value") if keeps else "")
        asks = moved and existing.auth is Auth.KEY and not self.by_entra
        host = shown_origin(existing.url)
        told = tr("The key was entered for {host} and is sent nowhere else. Enter this server's key.", host=host)
        self._say_of_key(told if asks else "")

    def _say_of_key(self, text: str) -> None:
        """Say something below the key; that one was taken out comes first."""
        if self.taken:
            text = tr("The key typed for {host} was removed: it is sent to no other server.", host=self.taken)
        self._key_said.setText(text)
        self._key_said.setVisible(bool(text))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        offered, _ = captioned(tr("Sign in with"), self.ways)
        keyed, self._key_hint = captioned(tr("Key"), self.key)
        keyed.addWidget(self._key_said)
        tenanted, _ = captioned(tr("Tenant"), self.tenant)
        for room, within in ((self._offered, offered), (self._keyed, keyed), (self._tenanted, tenanted)):
            within.setContentsMargins(0, 0, 0, 0)
            room.setLayout(within)
            column.addWidget(room)
        self._key_said.hide()

    def _fill(self) -> None:
        existing = self._existing
        allowed = self._policy.get(SIGN_IN)
        wanted = existing.auth if existing is not None else Auth.KEY
        if allowed is not None and wanted.value not in allowed and Auth.ENTRA.value in allowed:
            wanted = Auth.ENTRA
        for number, way in enumerate(_WAYS):
            if allowed is not None and way.value not in allowed:
                self.ways.forbid(number, self._policy.who_says(SIGN_IN))
        self.ways.choose(_WAYS.index(wanted) if wanted in _WAYS else 0)
        fixed = self._policy.get(ENTRA_TENANT)
        if fixed:
            self.tenant.setText(fixed)
            self.tenant.setEnabled(False)
            put_tip(self.tenant, tr(self._policy.who_says(ENTRA_TENANT)))
        elif existing is not None:
            self.tenant.setText(existing.tenant)
        self.key.setEnabled(existing is None or not existing.key_env)

    def _show_way(self) -> None:
        self._keyed.setVisible(not self.by_entra)
        self._tenanted.setVisible(self.by_entra)
        self.grown.emit()

    @Slot()
    def _key_typed(self) -> None:
        self.taken = ""

    @Slot(int)
    def _way_chosen(self, way: int) -> None:
        del way
        self._show_way()
        self.edited.emit()
