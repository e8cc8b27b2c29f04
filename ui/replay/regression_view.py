"""Both answers to one regression side by side, named, with their differences."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.base.strings import tr
from ui.base.theme import Themes
from ui.compare.marked_text import MarkedText, Stretch
from ui.widgets.buttons import button
from ui.widgets.inputs import TickBox
from ui.widgets.labels import EdgedFrame, ElidedLabel, hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField
from ui.widgets.wrapping_layout import WrapLayout

_PROMPT_LINES = 6
_LONGEST_SHOWN = 20_000
_NARROW = 640


class ComparedAnswers(Struct, frozen=True):
    """Texts of a regression, the incumbent's first. `said` describes what is wrong with the successor's answer."""

    conversation: str
    prompt: str
    names: tuple[str, str]
    answers: tuple[str, str]
    said: str


class NamedAnswer(EdgedFrame):
    """One answer under its model's name."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._themes = themes
        self._name = ElidedLabel("", "strong")
        self._said = Paragraph("", "warn")
        self.text = MarkedText("", themes.current)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 10, 1, 1)
        column.setSpacing(6)
        for each in (self._name, self._said):
            each.setContentsMargins(12, 0, 12, 0)
            column.addWidget(each)
        column.addWidget(self.text, 1)

    def show_answer(self, name: str, stretches: Sequence[Stretch], said: str = "") -> None:
        """Show an answer, and what is wrong with it."""
        self._name.setText(name)
        self._said.setText(said)
        self._said.setVisible(bool(said))
        self.text.setAccessibleName(tr("Response from {name}", name=name))
        self.text.show_stretches(stretches, self._themes.current)


class RegressionView(QWidget):
    """The incumbent's answer on the left, the successor's on the right."""

    left = Signal()
    """Emitted when the user goes back."""
    conversation_wanted = Signal(str)

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Regression"))
        self._shown: ComparedAnswers | None = None
        self._back = button(tr("Back"), "quiet", by_enter=True)
        self._title = label("", "title")
        self.differences = TickBox(tr("Highlight differences"))
        self.differences.setChecked(True)
        self._open = button(tr("Open conversation"), by_enter=True)
        self._prompt = TextField(parent=self)
        self._answers = (NamedAnswer(themes, self), NamedAnswer(themes, self))
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._build()
        self._back.clicked.connect(self.left)
        self._open.clicked.connect(self._open_conversation)
        self.differences.toggled.connect(self._show)
        themes.changed.connect(self._show)

    def show_answers(self, shown: ComparedAnswers) -> None:
        """Show both answers."""
        self._shown = shown
        self._prompt.setPlainText(shown.prompt)
        lines = min(self._prompt.document().size().height() + 1, _PROMPT_LINES)  # its size is in lines
        self._prompt.setFixedHeight(round(lines * self.fontMetrics().lineSpacing()) + 16)
        self._show()

    def focus(self) -> None:
        """Focus the successor's answer."""
        self._answers[1].text.setFocus()

    def event(self, event: QEvent) -> bool:
        """Handle Esc before it leaves the surrounding page."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the answers in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._beside.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    @Slot()
    def _show(self) -> None:
        shown = self._shown
        if shown is None:
            return
        texts = [_shortened(each) for each in shown.answers]
        stretches = _marked(*texts) if self.differences.isChecked() else None
        for place, answer in enumerate(self._answers):
            plain = [Stretch(texts[place])]
            answer.show_answer(
                shown.names[place], stretches[place] if stretches else plain, shown.said if place else ""
            )

    @Slot()
    def _open_conversation(self) -> None:
        if self._shown is not None:
            self.conversation_wanted.emit(self._shown.conversation)

    def _build(self) -> None:
        self._title.setText(tr("Regression"))
        self._prompt.setReadOnly(True)
        self._prompt.setTabChangesFocus(True)
        self._prompt.setAccessibleName(tr("Prompt"))
        self._prompt.setFrameShape(QFrame.Shape.NoFrame)
        holder = QWidget(self)
        top = WrapLayout(holder, gap=12)
        for each in (self._back, self._title, self.differences):
            each.setMinimumHeight(self._open.sizeHint().height())
        for each in (self._back, self._title, self.differences, self._open):
            top.addWidget(each)
        around = QHBoxLayout()
        around.setContentsMargins(16, 8, 16, 8)
        around.addWidget(holder, 1)
        prompt = QHBoxLayout()
        prompt.setContentsMargins(20, 8, 20, 0)
        prompt.addWidget(self._prompt)
        self._beside.setContentsMargins(16, 12, 16, 16)
        self._beside.setSpacing(12)
        for answer in self._answers:
            self._beside.addWidget(answer, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(around)
        column.addWidget(hairline())
        column.addLayout(prompt)
        column.addLayout(self._beside, 1)


def _shortened(text: str) -> str:
    """Return a text, shortened because very long lines take minutes to lay out."""
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[:_LONGEST_SHOWN]}…\n\n{tr('Open the conversation to see the rest.')}"


def _marked(before: str, now: str) -> tuple[list[Stretch], list[Stretch]] | None:
    """Return both answers with their differences marked; None if they are too long or one is empty."""
    from desktop.metrics.differences import difference
    from ui.compare.stretches import beside

    found = difference(before, now) if before and now else None
    return beside(before, now, found) if found is not None else None
