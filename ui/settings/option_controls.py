"""Controls for options, chosen by their declaration: check box, list, number, line, text or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.settings.schema import AnyOption, Form
from ui.base.strings import tr
from ui.widgets.inputs import ChoiceBox, NumberBox, TickBox
from ui.widgets.text_field import TextField

if TYPE_CHECKING:
    from ui.settings.option_saver import Value

_DECIMALS = 1
_PROSE_HEIGHT = 96
_AFTER_TYPING_MS = 500


class Control(QWidget):
    """Base class for controls that show and edit one value. `field` has the focus and the accessible name."""

    edited = Signal(object)
    """Emitted with the user's value, which has the option's type but may not be valid."""
    refused = Signal(str)
    """Emitted with input that cannot be converted to a value."""

    wide = False
    """Whether the control needs the whole width of the page."""

    def __init__(self, option: AnyOption, field: QWidget) -> None:
        super().__init__()
        self.option = option
        self.field = field
        field.setAccessibleName(tr(option.label))
        field.setAccessibleDescription(tr(option.description))
        self.setFocusProxy(field)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(field, 1)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        raise NotImplementedError

    def flush(self) -> None:
        """Emit pending input now."""


class TickControl(Control):
    """Check box for a boolean option."""

    def __init__(self, option: AnyOption) -> None:
        self._box = TickBox()
        super().__init__(option, self._box)
        self._box.clicked.connect(self._clicked)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._box.setChecked(bool(value))

    @Slot()
    def _clicked(self) -> None:
        self.edited.emit(self._box.isChecked())


class ChoiceControl(Control):
    """Drop-down list of the declared choices."""

    def __init__(self, option: AnyOption) -> None:
        self._box = ChoiceBox(tr(option.label))
        super().__init__(option, self._box)
        self._box.addItems([*map(tr, option.choice_labels)] or [*map(str, option.choices)])
        self._box.activated.connect(self._chosen)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._box.setCurrentIndex(self.option.choices.index(value) if value in self.option.choices else -1)

    @Slot(int)
    def _chosen(self, index: int) -> None:
        self.edited.emit(self.option.choices[index])


class NumberControl(Control):
    """Number field with the declared bounds and unit."""

    def __init__(self, option: AnyOption) -> None:
        whole = isinstance(option.default, int)
        least, most = option.minimum, option.maximum
        self._box = NumberBox(
            -1e9 if least is None else least,
            1e9 if most is None else most,
            decimals=0 if whole else _DECIMALS,
            unit=tr(option.unit),
        )
        super().__init__(option, self._box)
        self._whole = whole
        self._shown = self._box.value()
        self._box.valueChanged.connect(self._changed)
        self._box.refused.connect(self.refused)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._shown = float(value)
        self._box.setValue(self._shown)

    def flush(self) -> None:
        """Emit pending input now."""
        self._box.interpretText()

    @Slot(float)
    def _changed(self, value: float) -> None:
        if value != self._shown:
            self._shown = value
            self.edited.emit(int(value) if self._whole else value)


class LineControl(Control):
    """Single-line text field. Its text is emitted on Enter, or when the field loses the focus."""

    def __init__(self, option: AnyOption) -> None:
        self._line = QLineEdit()
        super().__init__(option, self._line)
        self._shown = ""
        self._line.editingFinished.connect(self.flush)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._shown = str(value)
        self._line.setText(self._shown)

    @Slot()
    def flush(self) -> None:
        """Emit pending input now."""
        text = self._line.text().strip()
        if text != self._shown:
            self._shown = text
            self.edited.emit(text)


class FileControl(LineControl):
    """Field for a path, which is typed or selected in a dialog."""

    def __init__(self, option: AnyOption) -> None:
        super().__init__(option)
        self._choose = QPushButton(tr("Choose…"))
        self._choose.setAccessibleName(tr("Choose: {option}", option=tr(option.label)))
        self._choose.clicked.connect(self._open)
        self._row.addWidget(self._choose)

    @Slot()
    def _open(self) -> None:
        dialog = QFileDialog(self, tr(self.option.label), self._line.text())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Certificates (*.pem *.crt *.cer)"), tr("All files (*)")])
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def take(self, path: str) -> None:
        """Use the path of a file that was selected."""
        self._line.setText(path)
        self.flush()


class ProseControl(Control):
    """Multi-line text field. Its text is emitted shortly after typing."""

    wide = True

    def __init__(self, option: AnyOption) -> None:
        self._text = TextField()
        self._text.setProperty("role", "prose")
        self._text.setFixedHeight(_PROSE_HEIGHT)
        self._text.setTabChangesFocus(True)
        super().__init__(option, self._text)
        self._shown = ""
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_TYPING_MS)
        self._timer.timeout.connect(self.flush)
        self._text.textChanged.connect(self._timer.start)

    def show_value(self, value: Value) -> None:
        """Show a value without emitting a change."""
        self._shown = str(value)
        if self._text.toPlainText().strip() != self._shown:
            self._text.setPlainText(self._shown)
            self._timer.stop()

    @Slot()
    def flush(self) -> None:
        """Emit pending input now."""
        self._timer.stop()
        text = self._text.toPlainText().strip()
        if text != self._shown:
            self._shown = text
            self.edited.emit(text)


def control_for(option: AnyOption) -> Control:
    """Return the control for an option's type. Model names have a control of their own."""
    if isinstance(option.default, bool):
        return TickControl(option)
    if option.choices:
        return ChoiceControl(option)
    if isinstance(option.default, (int, float)):
        return NumberControl(option)
    if option.form is Form.PROSE:
        return ProseControl(option)
    return FileControl(option) if option.form is Form.FILE else LineControl(option)
