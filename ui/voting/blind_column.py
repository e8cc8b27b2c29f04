"""Column of a blind round with one response under a letter, and after the reveal with its model."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, Status
from desktop.errors import ParagoneError
from desktop.voting.blind_round import NOBODY, letter, unnamed
from ui.base.model_facts import ModelFacts, figures_tip
from ui.base.strings import sentence, tr
from ui.base.theme import Theme, Themes
from ui.pane.pane_header import Square
from ui.pane.pane_resources import PaneResources
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.labels import ElidedLabel, hairline
from ui.widgets.paragraph import Paragraph

_BEGINNING = (0, 1 << 20)
"""Reading position of the first turn, because voting begins with reading."""


class BlindColumn(QWidget):
    """Column that hides the name, color, figures and reasoning of its model until `reveal`."""

    def __init__(
        self, place: int, facts: ModelFacts, themes: Themes, shared: PaneResources, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._facts = facts
        self._themes = themes
        self._marks = shared.marks
        self._real: Conversation | None = None
        self._square = Square(self)
        self._name = ElidedLabel("", "strong", self, least=48)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._state = ElidedLabel("", "muted", self)
        self._is_unread = False
        self._figures = Paragraph("", "muted")
        self.transcript = TranscriptView(
            themes,
            shared.scheduler,
            self._name_of,
            self._figures_of,
            shared.drawings,
            shared.text_size,
            parent=self,
            fixed=True,
        )
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.setSpacing(8)
        head.addWidget(self._square)
        head.addWidget(self._name)
        head.addWidget(self._state, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self.transcript, 1)
        column.addWidget(self._figures)
        self._figures.setContentsMargins(16, 6, 16, 6)
        themes.changed.connect(self._themed)
        self.begin()

    def begin(self) -> None:
        """Clear the column for another round."""
        self._real = None
        self._show_head(tr("Response {letter}", letter=letter(self._place)), "")
        self._figures.hide()
        self.transcript.show_messages((), talk="")

    def wait(self, *, live: bool) -> None:
        """Show that the response is in progress. If `live`, its text will be shown as it arrives."""
        self._state.setText(tr("in progress"))
        if live:
            self.transcript.begin(None, f"blind-{id(self)}", letter(self._place))

    def play(self, conversation: Conversation) -> None:
        """Show the prompt. The response, which is complete, then appears gradually."""
        path = conversation.path()
        prompts = [unnamed(each, self._place) for each in path if each.role is Role.USER]
        self._state.setText("")
        self.transcript.show_messages(prompts, talk=conversation.id)
        self.transcript.begin(None, f"blind-{id(self)}", letter(self._place))

    def grow(self, text: str) -> None:
        """Append text to a response that is shown as it arrives."""
        self.transcript.text(text)

    def show_answer(self, conversation: Conversation) -> None:
        """Show the prompt and the response, and how the response ended if it did not end normally."""
        path = conversation.path()
        self.transcript.show_messages([unnamed(each, self._place) for each in path], talk=conversation.id)
        answer = path[-1] if path and path[-1].role is Role.ASSISTANT else None
        self._state.setText(_ended(answer))
        self._is_unread = True
        QTimer.singleShot(0, self, self._go_to_beginning)

    def reveal(self, conversation: Conversation, refusal: ParagoneError | None) -> None:
        """Show the model with its figures, or the reason why the prompt was not sent to it."""
        self._real = conversation
        name, where = self._facts.name(conversation.model), self._facts.place(conversation.model)
        self._show_head(tr("{letter}: {model}", letter=letter(self._place), model=name), where)
        path = conversation.path()
        self.transcript.show_messages(path, talk=conversation.id)
        said = sentence(refusal) if refusal is not None else figures_tip(path[-1]) if path else ""
        self._figures.setText(said)
        self._figures.setVisible(bool(said))

    @Slot()
    def _go_to_beginning(self) -> None:
        """Scroll to the first turn once everything is laid out."""
        if self._is_unread and self.isVisible():
            self._is_unread = False
            self.transcript.turns.show(*_BEGINNING)

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to the first turn."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._go_to_beginning)

    def _show_head(self, name: str, state: str) -> None:
        self._name.setText(name)
        self._state.setText(state)
        self.setAccessibleName(name)
        self.transcript.announcer.called = name
        self._themed(self._themes.current)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        named = self._real is not None
        colour = self._marks.colour(self._real.model, theme) if self._real is not None else theme.muted
        self._square.colour = QColor(colour)
        self._square.setVisible(named)
        self._square.update()

    def _name_of(self, ref: ModelRef) -> str:
        if ref.connection == NOBODY:
            return tr("Response {letter}", letter=ref.name)
        return self._facts.name(ref)

    def _figures_of(self, message: Message) -> str:
        return figures_tip(message) if self._real is not None else ""


def _ended(answer: Message | None) -> str:
    if answer is None or answer.status is Status.FAILED:
        return tr("This response failed.")
    if answer.status is not Status.COMPLETE:
        return tr("This response was stopped.")
    if answer.figures is not None and answer.figures.finish_reason == "length":
        return tr("This response reached its limit.")
    return ""
