"""Footer of the model picker: API format of the selected model, and its successor if it is retired."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Connection, Kind, ModelRef, Wire
from desktop.errors import ConnectionUnknown
from desktop.services import Services
from desktop.settings.values import Settings
from desktop.text.phrases import phrase
from ui.base.figures_text import retired_text
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label
from ui.widgets.tips import put_tip

WIRES = {
    Wire.CHAT: phrase("Chat Completions"),
    Wire.RESPONSES: phrase("Responses"),
    Wire.MESSAGES: phrase("Messages"),
}

_NAME = 150
"""Minimum width for the model's name, in pixels."""


_WIDEST = 250
"""Width in pixels of the API format box, which fits its longest item in every language."""


class ModelFooter(QWidget):
    """Footer for one model; hidden for models that have no choice of API format, such as embedded ones."""

    beside_wanted = Signal(object)
    """Emitted with a ModelRef for which a pane is to be added beside this one."""
    replay_wanted = Signal(object)
    """Emitted with the ModelRef whose conversations are to be replayed with a successor."""
    changed = Signal()
    """Emitted after a model's API format was changed."""

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._facts = ModelFacts(services)
        self._tasks = tasks
        self._one_by_one = asyncio.Lock()
        self._saving = 0
        self._ref: ModelRef | None = None
        self._successor: ModelRef | None = None
        self._said = label("", "muted")
        self.wire = ChoiceBox(tr("API format"))
        self.wire.setMinimumWidth(_WIDEST)
        self.successor = button("", "link")
        self.compare = button(tr("Compare on your conversations"), "link")
        self._retired = label("", "warn")
        self._ended = QWidget()
        self._lay_out()
        self.wire.activated.connect(self._chosen)
        self.successor.clicked.connect(self._want)
        self.compare.clicked.connect(self._want_replay)

    def show_model(self, ref: ModelRef | None) -> None:
        """Show the selected model. While a choice for this model is being saved, nothing changes."""
        if self._saving and ref == self._ref:
            return
        self._ref = ref
        connection = self._connection(ref)
        self.setVisible(connection is not None)
        if ref is None or connection is None:
            return
        self._show_wire(ref, connection)
        self._show_end(ref)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(4)
        end = QVBoxLayout(self._ended)
        end.setContentsMargins(0, 0, 0, 0)
        end.setSpacing(2)
        end.addWidget(self._retired)
        links = QHBoxLayout()
        links.setSpacing(12)
        links.addWidget(self.successor)
        links.addWidget(self.compare)
        links.addStretch(1)
        end.addLayout(links)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._said)
        row.addStretch(1)
        row.addWidget(self.wire)
        column.addWidget(self._ended)
        column.addLayout(row)

    def _connection(self, ref: ModelRef | None) -> Connection | None:
        if ref is None:
            return None
        try:
            connection = self._services.settings.connection(ref.connection)
        except ConnectionUnknown:
            return None
        return None if connection.kind is Kind.EMBEDDED else connection

    def _show_wire(self, ref: ModelRef, connection: Connection) -> None:
        name = self._said.fontMetrics().elidedText(ref.name, Qt.TextElideMode.ElideMiddle, _NAME)
        self._said.setText(tr("API format for {model}", model=name))
        asked = tr(WIRES[self._services.gateway.wire(ref, self._facts.entry(ref).wire)])
        chosen = connection.wires.get(ref.name, Wire.AUTO)
        self.wire.clear()
        self.wire.addItem(tr("automatic: {wire}", wire=asked) if chosen is Wire.AUTO else tr("automatic"), Wire.AUTO)
        for wire, name in WIRES.items():
            self.wire.addItem(tr(name), wire)
        self.wire.setCurrentIndex(max(0, self.wire.findData(chosen)))
        fixed = connection.kind is Kind.ANTHROPIC
        given = connection not in self._services.settings.connections
        self.wire.setEnabled(not fixed and not given)
        why = tr("Connections of this type have only one API format.") if fixed else ""
        put_tip(self.wire, tr("This connection is managed by your organization.") if given else why)

    def _show_end(self, ref: ModelRef) -> None:
        entry = self._facts.entry(ref)
        said = retired_text(entry, date.today())  # noqa: DTZ011 - the user's own day
        served = {each.name: each for each in self._services.gateway.known_of(ref.connection)}
        names = [name for name in served if entry.successor and self._facts.entry(served[name]).id == entry.successor]
        self._successor = served[names[0]] if said and names else None
        self._ended.setVisible(bool(said))
        self._retired.setText(said)
        self.successor.setVisible(self._successor is not None)
        if self._successor is not None:
            text = tr("Open {model} in new pane", model=self._successor.name)
            self.successor.setText(text)
            self.successor.setAccessibleName(text)

    @Slot()
    def _want(self) -> None:
        if self._successor is not None:
            self.beside_wanted.emit(self._successor)

    @Slot()
    def _want_replay(self) -> None:
        if self._ref is not None:
            self.replay_wanted.emit(self._ref)

    @Slot(int)
    def _chosen(self, index: int) -> None:
        ref, wire = self._ref, Wire(self.wire.itemData(index))
        if ref is not None:
            self._saving += 1
            self._tasks.start(self._keep(ref, wire), name="models.wire")

    async def _keep(self, ref: ModelRef, wire: Wire) -> None:
        try:
            async with self._one_by_one:  # keys go through the choices faster than a file is written
                change = partial(_with_wire, ref=ref, wire=wire)
                self._services.use(await asyncio.to_thread(self._services.settings_file.update, change))
        finally:
            self._saving -= 1
            self.show_model(self._ref)
        self.changed.emit()


def _with_wire(settings: Settings, ref: ModelRef, wire: Wire) -> Settings:
    """Return the settings with another API format for a model; AUTO removes the user's choice."""
    connection = settings.connection(ref.connection)
    others = {name: each for name, each in connection.wires.items() if name != ref.name}
    wires = others if wire is Wire.AUTO else {**others, ref.name: wire}
    return settings.with_connection(msgspec.structs.replace(connection, wires=wires))
