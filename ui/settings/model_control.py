"""Control for the default model, which is selected from the connections' models or typed."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLineEdit

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ConnectionUnknown, ParagoneError, UsageError
from desktop.services import Services
from desktop.settings.schema import AnyOption
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.settings.option_controls import Control
from ui.settings.option_saver import Value
from ui.widgets.inputs import ChoiceBox
from ui.widgets.tips import plain_tip


class ModelControl(Control):
    """Box with the known models, which is updated from the connections when shown."""

    def __init__(self, option: AnyOption, services: Services, tasks: Tasks) -> None:
        self._box = ChoiceBox(tr(option.label))
        super().__init__(option, self._box)
        self._services = services
        self._tasks = tasks
        self._shown = ""
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = QLineEdit()
        self._box.setLineEdit(line)
        line.setAccessibleName(tr(option.label))
        line.setPlaceholderText(tr("connection/model"))
        line.editingFinished.connect(self.flush)
        self._box.activated.connect(self.flush)

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of the listed models."""
        return tuple(self._box.itemText(index) for index in range(self._box.count()))

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._shown = str(value)
        self._box.setEditText(self._shown)

    @Slot()
    def flush(self) -> None:
        """Emit pending input now."""
        text = self._box.currentText().strip()
        if text != self._shown:
            self._shown = text
            self.edited.emit(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask the connections for their models."""
        super().showEvent(event)
        text = self._box.currentText()
        self._box.clear()
        for connection in self._services.settings.all_connections:
            self._add(self._services.gateway.known_of(connection.name))
            asking = self._ask(connection.name)
            self._tasks.start(asking, name="settings.models", failed=partial(self._silent, connection.name))
        self._box.setEditText(text)

    async def _ask(self, name: str) -> None:
        models = await self._services.gateway.models(name)
        self._add(tuple(ModelRef(connection=name, name=info.name) for info in models if not info.suggested))

    def _add(self, refs: tuple[ModelRef, ...]) -> None:
        text = self._box.currentText()
        listed = {*self.offered}
        self._box.addItems([str(ref) for ref in refs if str(ref) not in listed])
        self._box.setEditText(text)

    def _silent(self, name: str, error: ParagoneError) -> None:
        """Add an item to the list that says that a connection did not respond."""
        text = self._box.currentText()
        self._box.addItem(tr("{name} is not responding", name=name))
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(self._box.count() - 1)
        item.setEnabled(False)
        item.setToolTip(plain_tip(tr(error.message)))
        self._box.setEditText(text)


def model_problem(services: Services, text: str, *, may_lack: bool = False) -> str:
    """Return what is wrong with a typed model name, or an empty string. `may_lack` allows an empty name."""
    if may_lack and not text:
        return ""
    try:
        services.settings.connection(ModelRef.parse(text).connection)
    except (UsageError, ConnectionUnknown) as error:
        return sentence(error)
    return ""
