"""One answer of a blind round: the letter of its place above it, and after the reveal whose it is."""

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
"""The first turn, as low as it goes: a vote begins with reading."""


class BlindColumn(QWidget):
    """Tells nothing of its model until `reveal`: neither name nor colour, neither figures nor thoughts."""

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
        """Stand empty, for another round."""
        self._real = None
        self._show_head(tr("Response {letter}", letter=letter(self._place)), "")
        self._figures.hide()
        self.transcript.show_messages((), talk="")

    def wait(self, *, live: bool) -> None:
        """The answer is being made; where it is not shown `live`, only that is said."""
        self._state.setText(tr("in progress"))
        if live:
            self.transcript.begin(None, f"blind-{id(self)}", letter(self._place))

    def play(self, conversation: Conversation) -> None:
        """Show the prompt; the answer, which is there, grows below it as if it were made now."""
        path = conversation.path()
        prompts = [unnamed(each, self._place) for each in path if each.role is Role.USER]
        self._state.setText("")
        self.transcript.show_messages(prompts, talk=conversation.id)
        self.transcript.begin(None, f"blind-{id(self)}", letter(self._place))

    def grow(self, text: str) -> None:
        """More of an answer that is shown live."""
        self.transcript.text(text)

    def show_answer(self, conversation: Conversation) -> None:
        """Show the prompt and the answer, and say how it ended where that was not well."""
        path = conversation.path()
        self.transcript.show_messages([unnamed(each, self._place) for each in path], talk=conversation.id)
        answer = path[-1] if path and path[-1].role is Role.ASSISTANT else None
        self._state.setText(_ended(answer))
        self._is_unread = True
        QTimer.singleShot(0, self, self._go_to_beginning)

    def reveal(self, conversation: Conversation, refusal: ParagoneError | None) -> None:
        """Show whose answer it is, with what is known of it, or why its model was not asked."""
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
        """Once all stands in its place and is seen."""
        if self._is_unread and self.isVisible():
            self._is_unread = False
            self.transcript.turns.show(*_BEGINNING)

    def showEvent(self, event: QShowEvent) -> None:
        """Go to where it is read first."""
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
