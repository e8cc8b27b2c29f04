"""Add a connection: what it is, its address put right, its key, and a real check before it is kept."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.credentials.keys import Kept
from desktop.domain import Auth, Connection, Kind
from desktop.errors import ParagoneError
from desktop.providers.addresses import repair
from desktop.services import Services
from desktop.session.probe import Step, offered, probe
from desktop.settings.values import Settings, check_connection_name
from ui.connections.steps import Steps
from ui.tasks import Tasks
from ui.theme import Themes
from ui.widgets.parts import hairline, label, set_role

_WIDTH = 560


@dataclass(frozen=True)
class _Choice:
    kind: Kind
    title: str
    placeholder: str


_KINDS = (
    _Choice(Kind.AZURE_INFERENCE, "Azure AI Foundry", "https://NAME.services.ai.azure.com"),
    _Choice(Kind.OPENAI_V1, "OpenAI-compatible", "http://localhost:8000/v1"),
)


class AddConnectionDialog(QDialog):
    """Open it with `open()`. Nothing is kept before the last button is pressed."""

    added = Signal(str)
    """A connection of this name was kept."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._pasted = ""
        self._checked: Connection | None = None
        self._models: tuple[str, ...] = ()
        self.setWindowTitle("Add connection")
        self.setAccessibleName("Add connection")
        self.setFixedWidth(_WIDTH)
        self._build()
        self._kind_chosen()

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the check found."""
        return self._models

    def _build(self) -> None:
        self._kinds = _segments(self, [choice.title for choice in _KINDS], "Kind of connection")
        self._address = _field("Address")
        self._repaired = label("", "muted")
        self._repaired.setWordWrap(True)
        self._undo = _button("Undo", "quiet")
        self._key = _field("Key")
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._key.setPlaceholderText("Leave empty where the server wants none")
        self._name = _field("Name")
        self._model = _field("Deployment or model to try")
        self._model.setPlaceholderText("The first that is listed")
        self._steps = Steps(self._themes)
        self._found = label("", "muted")
        self._found.setWordWrap(True)
        self._cancel = _button("Cancel", "")
        self._go = _button("Check", "primary")
        self._go.setDefault(True)
        self._lay_out()
        self._kinds.idClicked.connect(self._kind_chosen)
        self._address.editingFinished.connect(self._put_right)
        self._address.textEdited.connect(self._address_edited)
        self._key.textEdited.connect(self._edited)
        self._model.textEdited.connect(self._edited)
        self._undo.clicked.connect(self._put_back)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._proceed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(label("Add connection", "title"))
        place = label("The key goes into this computer's keyring, never into a file.", "muted")
        column.addWidget(place)
        column.addSpacing(8)
        column.addLayout(_row(*self._kinds.buttons(), spacing=0))
        for name, field in (("Address", self._address), ("Key", self._key)):
            column.addSpacing(4)
            column.addWidget(_caption(name, field))
            column.addWidget(field)
            if field is self._address:
                column.addLayout(_row(self._repaired, self._undo, stretch=0))
        column.addSpacing(4)
        names = QHBoxLayout()
        names.setSpacing(12)
        for name, field in (("Name", self._name), ("Model to try", self._model)):
            part = QVBoxLayout()
            part.setSpacing(8)
            part.addWidget(_caption(name, field))
            part.addWidget(field)
            names.addLayout(part)
        column.addLayout(names)
        column.addSpacing(8)
        column.addWidget(hairline())
        column.addWidget(self._steps)
        column.addWidget(self._found)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._go)
        column.addLayout(buttons)
        self._undo.hide()

    @property
    def _kind(self) -> _Choice:
        return _KINDS[max(0, self._kinds.checkedId())]

    @Slot()
    def _kind_chosen(self) -> None:
        self._address.setPlaceholderText(self._kind.placeholder)
        self._edited()
        if self._address.text():
            self._put_right()

    @Slot()
    def _edited(self) -> None:
        """What was checked no longer stands."""
        self._checked = None
        self._models = ()
        self._steps.clear()
        self._found.setText("")
        self._go.setText("Check")

    @Slot()
    def _address_edited(self) -> None:
        self._repaired.setText("")
        self._undo.hide()
        self._edited()

    @Slot()
    def _put_right(self) -> None:
        """Show the address as it will be used, with what was changed and a way back."""
        typed = self._address.text().strip()
        if not typed:
            return
        try:
            address = repair(self._kind.kind, typed)
        except ParagoneError as error:
            self._repaired.setText(f"{error.message} {error.hint}")
            self._undo.hide()
            return
        if address.url != typed:
            self._pasted = typed
            self._address.setText(address.url)
            self._repaired.setText(" ".join(address.repairs) or f"Put right from “{typed}”.")
            self._undo.show()
        if not self._name.text():
            self._name.setText(_free_name(self._services.settings, address.host))

    @Slot()
    def _put_back(self) -> None:
        self._address.setText(self._pasted)
        self._repaired.setText("As typed; it is put right when it is used.")
        self._undo.hide()
        self._edited()

    @Slot()
    def _proceed(self) -> None:
        """Check what was entered, or keep what was checked."""
        self._put_right()
        try:
            connection = self._entered()
        except ParagoneError as error:
            self._repaired.setText(f"{error.message} {error.hint}".strip())
            return
        self._go.setEnabled(False)
        if self._checked is not None and msgspec.structs.replace(self._checked, name=connection.name) == connection:
            work, name = self._keep(connection), "keep connection"
        else:
            work, name = self._check(connection), "check connection"
        self._tasks.start(work, name=name, failed=self._failed).add_done_callback(lambda _: self._go.setEnabled(True))

    def _entered(self) -> Connection:
        """What stands in the fields. Raises UsageError and ProviderError."""
        address = repair(self._kind.kind, self._address.text())
        name = check_connection_name(self._name.text().strip() or _free_name(self._services.settings, address.host))
        return Connection(
            name=name,
            kind=self._kind.kind,
            url=address.url,
            auth=Auth.KEY if self._key.text().strip() else Auth.NONE,
            models=(self._model.text().strip(),) if self._model.text().strip() else (),
        )

    async def _check(self, connection: Connection) -> None:
        self._edited()
        provider = await self._services.gateway.trial(connection, self._key.text().strip())
        model = self._model.text().strip()
        try:
            async with aclosing(probe(provider, model=model)) as steps:
                async for step in steps:
                    self._show(step)
                    if step.problem is not None:
                        return
        finally:
            await provider.aclose()
        self._checked = connection
        self._models = tuple(dict.fromkeys((*connection.models, *self._models)))
        self._go.setText(f"Add {len(self._models)} models" if len(self._models) > 1 else "Add")

    def _show(self, step: Step) -> None:
        self._steps.add(step)
        if step.models:
            self._models = offered(step.models)
            shown = ", ".join(self._models[:12]) + (" …" if len(self._models) > 12 else "")
            self._found.setText(shown or "Deployments are not listed here: name one to try it.")
        self._fit()

    async def _keep(self, connection: Connection) -> None:
        kept = connection

        def add(settings: Settings) -> Settings:
            nonlocal kept
            kept = msgspec.structs.replace(connection, name=_numbered(settings, connection.name))
            return settings.with_connection(kept)

        settings = await asyncio.to_thread(self._services.settings_file.update, add)
        self._services.use(settings)
        if kept.auth is Auth.KEY:
            self._say_where(await self._services.keys.keep(kept, self._key.text().strip()))
        self._key.clear()
        self.added.emit(kept.name)
        if self._go.isVisible():
            self.accept()

    def _say_where(self, kept: Kept) -> None:
        """Where the key went; where it is for this run only, the dialog stays until that was read."""
        if kept.problem is None:
            return
        self._found.setText(f"{kept.problem.message} The key is held for this run only. {kept.problem.hint}")
        self._go.hide()
        self._cancel.setText("Close")
        self._fit()

    def _failed(self, error: ParagoneError) -> None:
        self._found.setText(f"{error.message}\n{error.hint}".strip())
        self._fit()

    def _fit(self) -> None:
        """Make room for what is shown now."""
        if (layout := self.layout()) is not None:
            layout.activate()
            self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))


def _free_name(settings: Settings, host: str) -> str:
    """A name after the host that no connection has yet."""
    first = (urlsplit(f"//{host}").hostname or host).removeprefix("www.")
    is_number = ":" in first or first.replace(".", "").isdigit()
    return _numbered(settings, first.replace(":", "-") if is_number else first.partition(".")[0])


def _numbered(settings: Settings, name: str) -> str:
    """The name, with a number behind it where it is taken."""
    taken = {connection.name for connection in settings.all_connections}
    numbers = (f"{name}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain((name,), numbers) if each not in taken)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setProperty("role", "field")
    return field


def _button(text: str, role: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    if role:
        button.setProperty("role", role)
    return button


def _caption(text: str, field: QLineEdit) -> QLabel:
    made = label(text, "muted")
    made.setBuddy(field)
    return made


def _row(*widgets: QWidget, spacing: int = 8, stretch: int = 1) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget, stretch or (1 if isinstance(widget, QLabel) else 0))
    return row


def _segments(parent: QWidget, titles: list[str], name: str) -> QButtonGroup:
    """Buttons of which one is chosen."""
    group = QButtonGroup(parent)
    group.setExclusive(True)
    for number, title in enumerate(titles):
        button = QPushButton(title)
        button.setCheckable(True)
        button.setAccessibleName(f"{name}: {title}")
        button.setProperty("role", "segment")
        group.addButton(button, number)
    group.button(0).setChecked(True)

    def mark(number: int, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        set_role(group.button(number), "role", "tinted" if on else "segment")

    group.idToggled.connect(mark)
    mark(0, on=True)
    return group
