"""Form for a server: address with visible corrections, key, name and additional models."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ParagoneError, UsageError
from desktop.net.addresses import repair
from desktop.net.origin import same_origin
from desktop.services import Services
from desktop.settings.policy import ENTRA_TENANT, SIGN_IN
from desktop.settings.values import check_connection_name, check_new_name, check_tenant
from desktop.text.phrases import phrase
from ui.base.strings import sentence, tr
from ui.connections.connection_text import free_name, shown_origin, typed_models
from ui.connections.form_fields import captioned, field
from ui.connections.reach_form import ReachForm
from ui.widgets.buttons import button
from ui.widgets.inputs import Segments
from ui.widgets.labels import set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

_WAYS = (Auth.KEY, Auth.ENTRA)


class SignInForm(QWidget):
    """Form for a key or a tenant. With `existing`, it says what happens to the stored key."""

    edited = Signal()
    grown = Signal()
    """Emitted when the height of the form changes."""

    def __init__(self, services: Services, existing: Connection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._existing = existing
        self.taken = ""
        """The server that a key was typed for that was taken out, since the address is another's now."""
        self._policy = services.settings.policy
        self.key = field(tr("Key"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.tenant = field(tr("Tenant"), tr("ID or domain; leave empty to use your account's tenant"))
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
        """The typed key, or an empty string if Entra ID is selected."""
        return "" if self.by_entra else self.key.text().strip()

    @property
    def by_entra(self) -> bool:
        """Whether Entra ID is selected."""
        return not self._offered.isHidden() and _WAYS[self.ways.current] is Auth.ENTRA

    @property
    def auth(self) -> Auth:
        """The selected sign-in method: Entra ID, a typed or stored key, or none."""
        if self.by_entra:
            return Auth.ENTRA
        if self.typed_key:
            return Auth.KEY
        kept = self._existing.auth if self._existing is not None else Auth.NONE
        return Auth.NONE if kept is Auth.ENTRA else kept

    def checked_tenant(self) -> str:
        """Return the typed tenant, or an empty string if none is needed.

        Raises:
            UsageError: If the tenant is invalid.
        """
        asked = self.by_entra and self.tenant.isEnabled()
        return check_tenant(self.tenant.text().strip()) if asked else ""

    def take_out(self, origin: str) -> None:
        """Discard a key that was typed for another server, and show a note about it."""
        if self.key.text():
            self.key.clear()
            self.taken = origin

    def offer(self, kind: Kind) -> None:
        """Show the sign-in methods for a server type.

        Entra ID is for Azure, and for connections that use it already.
        """
        has_entra = self._existing is not None and self._existing.auth is Auth.ENTRA
        self._offered.setVisible(kind is Kind.AZURE_INFERENCE or has_entra)
        self._show_way()

    def hint_key(self, kind: Kind, *, moved: bool) -> None:
        """Explain an empty key field. `moved` is whether the address is that of another server."""
        existing = self._existing
        if existing is None:
            needless = kind is Kind.OPENAI_V1
            self._key_hint.setText(tr("leave empty if the server requires no key") if needless else "")
            self._say_of_key("")
            return
        self.key.setEnabled(moved or not existing.key_env)
        if existing.key_env and not moved:
            self._say_of_key("")
            self.key.setPlaceholderText(
                tr("Read from the environment variable {key_env} each time", key_env=existing.key_env)
            )
            return
        keeps = existing.auth is Auth.KEY and not moved
        self.key.setPlaceholderText(tr("Leave empty to keep the current value") if keeps else "")
        asks = moved and existing.auth is Auth.KEY and not self.by_entra
        host = shown_origin(existing.url)
        told = tr(
            "The stored key was entered for {host} and is only sent there. Enter a key for this server.", host=host
        )
        self._say_of_key(told if asks else "")

    def _say_of_key(self, text: str) -> None:
        """Show a note below the key. If a key was discarded, the note says so first."""
        if self.taken:
            text = tr(
                "The key entered for {host} was removed because it is never sent to another server.", host=self.taken
            )
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


_LEAST = 200
"""Minimum width of the address field in pixels."""
_RELEASED_MS = 30
"""Interval at which the form checks whether the mouse button was released."""


class EndpointFields(Struct, frozen=True):
    """Labels and hints for one type of server."""

    kind: Kind
    placeholder: str
    hint: str


AZURE = EndpointFields(
    Kind.AZURE_INFERENCE, "https://NAME.services.ai.azure.com", phrase("from the resource's overview page")
)
OPENAI = EndpointFields(
    Kind.OPENAI_V1, "http://localhost:8000/v1", phrase("the server's base URL, including /v1 if the server uses it")
)
ANTHROPIC = EndpointFields(
    Kind.ANTHROPIC, "https://api.anthropic.com", phrase("the base URL of Anthropic or of a compatible server")
)
SERVERS = (AZURE, OPENAI, ANTHROPIC)
"""Server types in the order in which they are offered."""


class EndpointForm(QWidget):
    """Form that builds a Connection, or changes `existing`, whose name and type stay the same."""

    edited = Signal()
    grown = Signal()
    """Emitted when the height of the form changes."""

    def __init__(self, services: Services, existing: Connection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._existing = existing
        kind = existing.kind if existing is not None else Kind.AZURE_INFERENCE
        self._asked = next(each for each in SERVERS if each.kind is kind)
        self._pasted = ""
        self._key_for = ""  # the address that stood there when the key was typed
        self._kept_as_typed = ""
        self._named_by_hand = existing is not None
        self.address = field(tr("Address"))
        self.signing = SignInForm(services, existing)
        self.key = self.signing.key
        self.name = field(tr("Name"), tr("taken from the server name"))
        self.models = field(tr("Models"), tr("name, name, …"))
        self.models.setToolTip(tr("Deployment names that the server does not list. Paragone tries each of them."))
        self.reach = ReachForm(services.settings, existing)
        self._said = Paragraph("", "muted")
        self._released = QTimer(self, singleShot=True, interval=_RELEASED_MS)
        self.undo = button(tr("Undo"), "link", tr("Undo address correction"))
        self._lay_out()
        self._connect()
        if existing is not None:
            self._fill(existing)
        self.ask(self._asked)

    @property
    def typed_key(self) -> str:
        """The key that was typed."""
        return self.signing.typed_key

    @property
    def named(self) -> tuple[str, ...]:
        """The models that were typed."""
        return typed_models(self.models.text())

    @property
    def said(self) -> str:
        """The note below the address."""
        return self._said.text()

    @property
    def moved(self) -> bool:
        """Whether the address is on another server than the one for which the key is stored."""
        if self._existing is None:
            return False
        return not same_origin(self.address.text(), self._existing.url)

    def ask(self, asked: EndpointFields) -> None:
        """Switch to another server type and its fields."""
        self._asked = asked
        self.address.setPlaceholderText(asked.placeholder)
        self._address_hint.setText(tr(asked.hint))
        self.signing.offer(asked.kind)
        self._hint_key()
        if self.address.text():
            self.put_right()
        self.edited.emit()

    def connection(self) -> Connection:
        """Return the entered connection with the corrected address.

        Raises:
            UsageError: If a field is invalid.
            ProviderError: If the address is invalid or insecure.
        """
        self.reach.say("")
        address = repair(self._asked.kind, self.address.text())
        models, auth, tenant = self.named, self.signing.auth, self.signing.checked_tenant()
        existing = self._existing
        if existing is not None:
            if self.moved and auth is Auth.KEY and not self.typed_key:
                raise _of_another()
            changed = msgspec.structs.replace(existing, url=address.url, auth=auth, tenant=tenant, models=models)
            if self.moved:
                changed = msgspec.structs.replace(changed, key_env="")  # the variable was named for the other server
            return self.reach.apply(changed)
        if self.signing.taken and auth is Auth.NONE:
            self.signing.taken = ""  # who wants to go on without one can
            raise _of_another()
        typed = self.name.text().strip()
        check = check_new_name if self._named_by_hand else check_connection_name
        name = check(typed or free_name(self._services.settings, address.host))
        kind = self._asked.kind
        made = Connection(name=name, kind=kind, url=address.url, auth=auth, tenant=tenant, models=models)
        return self.reach.apply(made)

    @Slot()
    def put_right(self) -> None:
        """Show the corrected address, with a note on what changed and a button that restores what was typed."""
        typed = self.address.text().strip()
        self._take_out_typed()
        if not typed or typed == self._kept_as_typed:
            return
        try:
            address = repair(self._asked.kind, typed)
        except ParagoneError as error:
            self.say(sentence(error))
            return
        if address.url != typed:
            self._pasted = typed
            self.address.setText(address.url)
            self.say(self._put_right_from(typed))
            put_tip(self._said, "\n".join((typed, *address.repairs)))
            self.undo.show()
        if not self._named_by_hand:
            self.name.setText(free_name(self._services.settings, address.host))
        self._hint_key()
        self.grown.emit()

    @Slot()
    def _address_left(self) -> None:
        """Correct the address, but not while a mouse button is down, because the clicked control would move."""
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.put_right()
        else:
            self._released.start()

    @Slot()
    def _bind_key(self) -> None:
        """Record the entered address as the server for which the key was typed."""
        self._key_for = "" if not self.key.text() else self._address_now() or self._key_for

    @Slot()
    def _bind_headers(self) -> None:
        self.reach.bind(self._address_now())

    def _take_out_typed(self) -> None:
        """Discard keys and headers that were typed for another server."""
        now = self._address_now()
        if not now:
            return
        if self._key_for and not same_origin(now, self._key_for):
            self.signing.take_out(shown_origin(self._key_for))
        self._key_for = now if self.key.text() else ""
        self.reach.take_out(now)
        self._hint_key()

    def _address_now(self) -> str:
        """Return the corrected address, or an empty string if it is invalid."""
        try:
            return repair(self._asked.kind, self.address.text().strip()).url
        except ParagoneError:
            return ""

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show a note below the address, unless the advanced form reports a problem."""
        text = "" if self.reach.said else text
        self._said.setText(text)
        set_role(self._said, "role", "problem" if bad else "muted")
        self._said.setVisible(bool(text))
        self.undo.hide()
        self.grown.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        addressed, self._address_hint = captioned(tr("Address"), self.address)
        column.addLayout(addressed)
        said = QVBoxLayout()
        said.setContentsMargins(0, 4, 0, 0)
        said.setSpacing(0)
        said.addWidget(self._said)
        said.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(said)
        column.addSpacing(12)
        column.addWidget(self.signing)
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(12)
        named, _ = captioned(tr("Name"), self.name)
        tried, _ = captioned(tr("Models"), self.models, tr("if the server lists no models"))
        row.addLayout(named, 1)
        row.addLayout(tried, 1)
        column.addLayout(row)
        column.addSpacing(12)
        column.addWidget(self.reach)
        for hidden in (self._said, self.undo):
            hidden.hide()

    def _connect(self) -> None:
        self.address.editingFinished.connect(self._address_left)
        self._released.timeout.connect(self._address_left)
        self.address.textEdited.connect(self._address_edited)
        self.name.textEdited.connect(self._name_edited)
        self.models.textEdited.connect(self.edited)
        self.signing.edited.connect(self._signing_edited)
        self.signing.grown.connect(self.grown)
        self.key.textChanged.connect(self._bind_key)
        self.reach.edited.connect(self._bind_headers)
        self.reach.edited.connect(self.edited)
        self.reach.grown.connect(self.grown)
        self.undo.clicked.connect(self._put_back)

    def _fill(self, existing: Connection) -> None:
        self.address.setText(existing.url)
        self._kept_as_typed = existing.url
        self.name.setText(existing.name)
        self.name.setReadOnly(True)
        self.name.setToolTip(tr("This name cannot be changed because conversations refer to it."))
        self.models.setText(", ".join(existing.models))

    def _hint_key(self) -> None:
        self.signing.hint_key(self._asked.kind, moved=self.moved)

    @Slot()
    def _signing_edited(self) -> None:
        self._hint_key()
        self.edited.emit()

    @Slot()
    def _address_edited(self) -> None:
        self._kept_as_typed = ""
        self.say("")
        self._hint_key()
        self.edited.emit()

    @Slot()
    def _name_edited(self) -> None:
        self._named_by_hand = True

    def _put_right_from(self, typed: str) -> str:
        """Return the address as it was typed, shortened to fit one line."""
        room = self.width() - self._said.fontMetrics().horizontalAdvance(tr("Corrected from “{shown}”.", shown=""))
        metrics = self._said.fontMetrics()
        bare = typed if metrics.horizontalAdvance(typed) <= room else typed.partition("://")[2] or typed
        shown = metrics.elidedText(bare, Qt.TextElideMode.ElideRight, max(room, _LEAST))
        return tr("Corrected from “{shown}”.", shown=shown)

    @Slot()
    def _put_back(self) -> None:
        self.address.setText(self._pasted)
        self._kept_as_typed = self._pasted
        self.say(tr("The address was kept as typed. Paragone corrects it when connecting."))
        self.edited.emit()


def _of_another() -> UsageError:
    return UsageError(phrase("The key was entered for another server. Enter a key for this server."))
