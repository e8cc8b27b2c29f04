"""Popovers for the system prompt and for the parameters accepted by a model."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from desktop.catalog.catalog_entry import PARAMETERS, Entry, ParameterSpec, parse_parameter
from desktop.domain.conversation_types import Parameters
from desktop.errors import UsageError
from desktop.text.phrases import phrase
from ui.base.figures_text import parameter_label, value_text
from ui.base.strings import tr
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover
from ui.widgets.text_field import TextField

_EFFORTS = ("low", "medium", "high")
_UNSET = phrase("not sent")


class ParametersForm(Popover):
    """Form with one row per parameter. Empty ones are not sent. `changed` carries the Parameters."""

    changed = Signal(object)

    def __init__(self, entry: Entry, parameters: Parameters, parent: QWidget) -> None:
        super().__init__(tr("Parameters"), parent)
        self._parameters = parameters
        self.setFixedWidth(400)
        self.column.addWidget(label(tr("Parameters"), "title"))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        for name in PARAMETERS:
            if entry.takes(name):
                self.fields[name] = self._field(name, entry)
                said = label(parameter_label(name))
                said.setMinimumHeight(self.fields[name].sizeHint().height())
                form.addRow(said, self.fields[name])
        self.column.addLayout(form)
        self._said = Paragraph(tr("Empty parameters are not sent: the model's defaults apply."), "muted")
        reset = QPushButton(tr("Reset all"))
        reset.setAccessibleName(tr("Reset all"))
        reset.clicked.connect(self._unset)
        self.column.addWidget(self._said)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(reset)
        self.column.addLayout(row)

    @property
    def said(self) -> str:
        """The explanation or error shown below the form."""
        return self._said.text()

    def _field(self, name: str, entry: Entry) -> QLineEdit | QComboBox:
        spec = PARAMETERS[name]
        value = self._parameters.values.get(name)
        if name == "reasoning_effort":
            box = ChoiceBox(parameter_label(name))
            box.addItems([tr(_UNSET), *(entry.efforts or _EFFORTS)])
            box.setCurrentText(value_text(value) if value is not None else tr(_UNSET))
            box.currentTextChanged.connect(partial(self._edited, name))
            field: QLineEdit | QComboBox = box
        else:
            line = QLineEdit(value_text(value) if value is not None else "")
            line.setPlaceholderText(_unset_text(spec))
            line.textEdited.connect(partial(self._edited, name))
            field = line
        field.setAccessibleName(parameter_label(name))
        field.setAccessibleDescription(tr(spec.description))
        field.setToolTip(tr(spec.description))
        return field

    def _edited(self, name: str, text: str) -> None:
        text = text.strip()
        try:
            if not text or text == tr(_UNSET):
                changed = self._parameters.without(name)
            else:
                changed = self._parameters.with_(*parse_parameter(f"{name}={text}"))
        except UsageError as error:
            self._said.setText(tr(error.message))
            return
        self._said.setText(tr(PARAMETERS[name].description))
        self._take(changed)

    def _take(self, changed: Parameters) -> None:
        if changed != self._parameters:
            self._parameters = changed
            self.changed.emit(changed)

    @Slot()
    def _unset(self) -> None:
        for field in self.fields.values():
            if isinstance(field, QComboBox):
                field.setCurrentText(tr(_UNSET))
            else:
                field.clear()
        self._take(Parameters())


class SystemPromptForm(Popover):
    """Form for the text sent to the model before the conversation. `changed` carries it shortly after typing."""

    changed = Signal(str)

    def __init__(self, system: str, parent: QWidget) -> None:
        super().__init__(tr("System prompt"), parent)
        self.setFixedWidth(460)
        self._told = system
        self.column.addWidget(label(tr("System prompt"), "title"))
        self.editor = TextField(system)
        self.editor.setAccessibleName(tr("System prompt"))
        self.editor.setTabChangesFocus(True)
        self.editor.setFixedHeight(160)
        self.editor.setPlaceholderText(tr("What the model should know, and how it should respond"))
        self.column.addWidget(self.editor)
        said = label(tr("Sent before every prompt in this conversation."), "muted")
        self.column.addWidget(said)
        self._timer = QTimer(self, singleShot=True, interval=400)
        self._timer.timeout.connect(self._tell)
        self.editor.textChanged.connect(self._timer.start)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save pending input when the popover closes."""
        super().hideEvent(event)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self._timer.stop()
        text = self.editor.toPlainText().strip()
        if text != self._told:
            self._told = text
            self.changed.emit(text)


def _unset_text(spec: ParameterSpec) -> str:
    """Return the placeholder of an empty field, including the allowed range."""
    if spec.maximum is None:
        return tr(_UNSET)
    return tr("not sent, {least} to {most}", least=f"{spec.minimum:g}", most=f"{spec.maximum:g}")
