"""Row of one option: label, description, control, reset button and error."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.settings.schema import AnyOption
from ui.base.icons import icon
from ui.base.strings import holds_every, tr
from ui.base.theme import Theme
from ui.settings.option_controls import Control
from ui.settings.option_saver import Value
from ui.widgets.announcement import announce
from ui.widgets.buttons import keep_arrows
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

Check = Callable[[str], str]
"""Function that returns what is wrong with a typed text, or an empty string."""

_CONTROL_WIDTH = 260


class OptionRow(QWidget):
    """Row that validates the input for one option. `changed` is emitted only for valid values."""

    changed = Signal(object)

    def __init__(self, option: AnyOption, control: Control, *, check: Check | None = None, locked: str = "") -> None:
        super().__init__()
        self.option = option
        self.control = control
        self._check = check
        self._locked = locked
        self._value: Value = option.default
        self._problem = Paragraph("", "problem")
        self._note = Paragraph(locked, "muted")
        self.reset = QToolButton()
        keep_arrows(self.reset)
        self._build()
        control.setEnabled(not locked)
        control.edited.connect(self._edited)
        control.refused.connect(self._refused)
        self.reset.clicked.connect(self._reset)

    @property
    def problem(self) -> str:
        """The error in the last input, or an empty string."""
        return self._problem.text()

    @property
    def note(self) -> str:
        """Note below the option: who locked it, or that a change takes effect later."""
        return self._note.text()

    def show_value(self, value: Value) -> None:
        """Show the current value, discarding pending input."""
        self._value = value
        self.control.show_value(value)
        self.say_problem("")
        self._show_reset()

    def say_origin(self, sentence: str) -> None:
        """Show who recommends the value; an empty sentence hides the note."""
        if not self._locked:
            self._note.setText(sentence)
            self._note.setVisible(bool(sentence))

    def saved(self) -> None:
        """Show that the value is saved."""
        self.say_problem("")
        self.say_origin("")
        if self.option.at_start:
            self._note.setText(tr("Saved. Takes effect the next time Paragone starts."))
            self._note.show()

    def say_problem(self, sentence: str) -> None:
        """Show an error, and announce it if the row is visible."""
        if sentence and sentence != self.problem and self.isVisible():
            announce(self.control.field, sentence)
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def holds(self, words: list[str]) -> bool:
        """Whether the row's texts contain all of these lower-case words."""
        option = self.option
        said = map(tr, (option.label, option.description, *option.choice_labels, option.page.called))
        return holds_every(words, " ".join((*said, option.key)))

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.reset.setIcon(icon("rotate-ccw", theme.muted, 14))

    def _build(self) -> None:
        option = self.option
        self.reset.setProperty("role", "quiet")
        self.reset.setAccessibleName(tr("Reset {option}", option=tr(option.label)))
        put_tip(self.reset, tr("Reset to the default: {value}", value=_shown(option)))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        name = label(tr(option.label))
        name.setBuddy(self.control.field)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(name)
        for said in (Paragraph(tr(option.description), "muted"), self._note, self._problem):
            said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
            words.addWidget(said)
        self._note.setVisible(bool(self._locked))
        self._problem.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 12, 0, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        grid.addLayout(words, 0, 0)
        side = QHBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.reset)
        if self.control.wide:
            grid.addWidget(self.control, 1, 0, 1, 2)
        else:
            self.control.setFixedWidth(_CONTROL_WIDTH)
            side.addWidget(self.control)
        grid.addLayout(side, 0, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self._show_reset()

    def _show_reset(self) -> None:
        self.reset.setVisible(self._value != self.option.default and not self._locked)

    @Slot(object)
    def _edited(self, value: Value) -> None:
        wrong = self._check(value) if self._check is not None and isinstance(value, str) else ""
        if not wrong and self.option.check(value) is None:
            wrong = tr("The value must be {expected}.", expected=tr(self.option.expected))
        if wrong:
            self.say_problem(tr("{problem} The change was not saved.", problem=wrong))
            return
        self._value = value
        self.say_problem("")
        self._show_reset()
        self.changed.emit(value)

    @Slot(str)
    def _refused(self, typed: str) -> None:
        expected = tr(self.option.expected)
        self.say_problem(
            tr(
                "The value must be {expected}, not “{typed}”. The previous value was kept.",
                expected=expected,
                typed=typed,
            )
        )

    @Slot()
    def _reset(self) -> None:
        self.show_value(self.option.default)
        self.changed.emit(self.option.default)
        self.control.field.setFocus()


def _shown(option: AnyOption) -> str:
    """Return the default value as text."""
    if option.choices and option.choice_labels:
        return tr(option.choice_labels[option.choices.index(option.default)])
    if isinstance(option.default, float):
        return f"{option.default:g} {tr(option.unit)}".strip()
    return f"{option.default} {tr(option.unit)}".strip() or tr("empty")
