"""Pages of the preset popover for filling in variables and for editing one of the user's presets."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.presets.preset import Preset, filled, written
from desktop.presets.preset_files import DESCRIPTION, TITLE
from desktop.text.phrases import phrase
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import ElidedLabel, label, set_role
from ui.widgets.text_field import TextField

_EDITOR_HEIGHT = 132
_BRACES = phrase("A word in braces, such as {example}, becomes a field to fill in.", example="{language}")


class PresetPage(QWidget):
    """Page with a back button, a form and an action button."""

    back_wanted = Signal()

    def __init__(self, does: str) -> None:
        super().__init__()
        self._title = ElidedLabel("", "title")
        self._back = QToolButton()
        self._back.setProperty("role", "quiet")
        self._back.setAccessibleName(tr("Back to presets"))
        self._back.setToolTip(tr("Back to presets"))
        self._back.clicked.connect(self.back_wanted)
        self.go = QPushButton(does)
        self.go.setProperty("role", "primary")
        self.go.setAccessibleName(does)
        self.go.setAutoDefault(False)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._back)
        head.addWidget(self._title, 1)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        self.rest = QVBoxLayout()
        self.rest.setSpacing(6)
        low = QHBoxLayout()
        low.addStretch(1)
        low.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addLayout(self.form)
        column.addLayout(self.rest, 1)
        column.addLayout(low)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._back.setIcon(icon("chevron-left", theme.muted, 16))

    def _add(self, caption: str, field: QWidget) -> None:
        said = label(caption)
        said.setMinimumHeight(field.sizeHint().height())
        field.setAccessibleName(caption)
        self.form.addRow(said, field)


class FillPage(PresetPage):
    """Page with one field per variable and a preview of the system prompt."""

    filled_in = Signal(object, object)
    """Emitted with the Preset and the values of its variables by name."""

    def __init__(self) -> None:
        super().__init__(tr("Apply"))
        self._preset = Preset(id="", title="", system="")
        self.fields: dict[str, QComboBox | QLineEdit] = {}
        self.told = _editor(tr("System prompt"))
        self.told.setReadOnly(True)
        self.rest.addWidget(label(tr("System prompt"), "caption"))
        self.rest.addWidget(self.told, 1)
        self.go.clicked.connect(self._take)

    def show_preset(self, preset: Preset, values: Mapping[str, str]) -> None:
        """Ask for the values of a preset's variables, starting with the given ones."""
        self._preset = preset
        self._title.setText(tr(preset.title))
        while self.form.rowCount():
            self.form.removeRow(0)
        self.fields = {}
        for variable in preset.variables:
            value = values.get(variable.name) or variable.default
            field = _choice(variable.choices, value) if variable.choices else QLineEdit(value)
            line = field.lineEdit() if isinstance(field, QComboBox) else field
            if line is not None:
                line.textChanged.connect(self._tell)
                line.returnPressed.connect(self._take)
            self.fields[variable.name] = field
            self._add(tr(variable.label) or variable.name, field)
        self._tell()

    @property
    def first(self) -> QWidget:
        """The widget that receives the focus first."""
        return next(iter(self.fields.values()), self.go)

    @property
    def values(self) -> dict[str, str]:
        """The entered values by variable."""
        return {name: _text(field) for name, field in self.fields.items()}

    @Slot()
    def _tell(self) -> None:
        self.told.setPlainText(filled(self._preset, self.values))

    @Slot()
    def _take(self) -> None:
        self.filled_in.emit(self._preset, self.values)


class EditPage(PresetPage):
    """Page with the title, description and text of one of the user's presets."""

    edited = Signal(object)
    """Emitted with the Preset to save; without an ID, the preset is new."""

    def __init__(self) -> None:
        super().__init__(tr("Save"))
        self._preset = Preset(id="", title="", system="")
        self.name = QLineEdit()
        self.name.setMaxLength(TITLE)
        self.about = QLineEdit()
        self.about.setMaxLength(DESCRIPTION)
        self.about.setPlaceholderText(tr("Description"))
        self.text = _editor(tr("Preset text"))
        self._add(tr("Title"), self.name)
        self._add(tr("Description"), self.about)
        self.rest.addWidget(label(tr("System prompt"), "caption"))
        self.rest.addWidget(self.text, 1)
        self._said = label("", "muted")
        self._said.setWordWrap(True)
        self.rest.addWidget(self._said)
        self.name.textChanged.connect(self._look)
        self.text.textChanged.connect(self._look)
        self.name.returnPressed.connect(self._take)
        self.about.returnPressed.connect(self._take)
        self.go.clicked.connect(self._take)

    def show_preset(self, preset: Preset) -> None:
        """Edit a preset; without an ID, the preset is new."""
        self._preset = preset
        self._title.setText(tr("Edit preset") if preset.id else tr("Save as preset"))
        self.name.setText(preset.title)
        self.about.setText(preset.description)
        self.text.setPlainText(preset.system)
        self.say(tr(_BRACES))
        self._look()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show an explanation, or an error if `bad`."""
        self._said.setText(text)
        set_role(self._said, "role", "problem" if bad else "muted")

    @Slot()
    def _look(self) -> None:
        self.go.setEnabled(bool(self.name.text().strip() and self.text.toPlainText().strip()))

    @Slot()
    def _take(self) -> None:
        if self.go.isEnabled():
            named = msgspec.structs.replace(
                self._preset, title=self.name.text().strip(), description=self.about.text().strip()
            )
            self.edited.emit(written(named, self.text.toPlainText().strip()))


def _editor(name: str) -> TextField:
    made = TextField()
    made.setProperty("role", "prose")
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    made.setMinimumHeight(_EDITOR_HEIGHT)
    return made


def _choice(choices: tuple[str, ...], value: str) -> ChoiceBox:
    made = ChoiceBox()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.addItems(list(choices))
    made.setCurrentText(value)
    return made


def _text(field: QComboBox | QLineEdit) -> str:
    return field.currentText() if isinstance(field, QComboBox) else field.text()
