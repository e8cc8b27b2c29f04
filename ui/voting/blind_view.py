"""Blind rounds: a prompt to several models, their answers by letters alone, a vote, the reveal, and the next round."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.comparison import PaneState
from desktop.errors import ParagoneError, PromptFlagged
from desktop.services import Services
from desktop.settings.policy import VOTES
from desktop.voting.blind_round import SetAside, Showing, vote_on, why_set_aside
from desktop.voting.model_names import names_model
from desktop.voting.vote import Outcome, Vote
from ui.commands import Command, own_keys
from ui.model_facts import ModelFacts
from ui.pane.editor import PromptEditor
from ui.pane.pane_resources import PaneResources
from ui.strings import sentence, tr, trn
from ui.tasks import Tasks
from ui.theme import Themes
from ui.voting.blind_answers import BlindAnswers
from ui.voting.blind_column import BlindColumn
from ui.voting.unnamed_text import without_names
from ui.voting.vote_bar import VoteBar
from ui.voting.vote_text import WHY_SET_ASIDE, outcome_text
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import hairline, label
from ui.widgets.notice_bar import NoticeStack
from ui.widgets.typing_keys import hand_on, is_typed


class BlindView(QWidget):
    """Stands where panes stand else. Between the shuffle and the reveal nothing in it tells one model from another."""

    left = Signal()
    """Its user is done with blind rounds."""
    comparison_wanted = Signal(str)
    """The comparison of this id, which a round became, is to be opened."""
    kept = Signal()
    """A round became a comparison of the store."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, shared: PaneResources, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Blind round"))
        self._services = services
        self._themes = themes
        self._shared = shared
        self._facts = ModelFacts(services)
        self._models: Sequence[PaneState] = ()
        self._columns: list[BlindColumn] = []
        self._lines: list[QWidget] = []
        self._vote: Vote | None = None
        self._asked = self._is_revealed = False
        self.answers = BlindAnswers(services, tasks, self)
        self._said = label("", "strong", self)
        self.notices = NoticeStack(self)
        self._row = QHBoxLayout()
        self.editor = PromptEditor()
        self.editor.setAccessibleName(tr("Prompt of this round"))
        self.editor.show_hint(tr("A prompt to all of them"))
        self._live = QCheckBox(tr("Show answers as they come (the vote is not blind to speed then)"))
        self._send = button(tr("Send"), "primary")
        self._stop = button(tr("Stop"))
        self.bar = VoteBar(self)
        self._reveal = button(tr("Reveal without a vote"), "quiet")
        self._next = button(tr("Next round"), "primary", by_enter=True)
        self._undo = button(tr("Undo vote"), "quiet", by_enter=True)
        self._open = button(tr("Open as a comparison"), "quiet", by_enter=True)
        self._leave = button(tr("End blind rounds"), "quiet", by_enter=True)
        self._build()
        self._connect()

    @property
    def is_blind(self) -> bool:
        """Whether a round is under way of which nobody may know which model is which."""
        return self._asked and not self._is_revealed

    def begin(self, models: Sequence[PaneState]) -> None:
        """The first round of these models."""
        self._models = models
        self._begin_round()

    @Slot()
    def next_round(self) -> None:
        """A round of the same models in another order."""
        if self._is_revealed:
            self._begin_round()

    def focus(self) -> None:
        """Put the keyboard where the round goes on."""
        if not self._asked:
            self.editor.setFocus()
        elif self.bar.isVisible():
            self.bar.focus()
        elif self._is_revealed:
            self._next.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed anywhere in here is the prompt, where one is asked for, and nothing else."""
        if not is_typed(event):
            super().keyPressEvent(event)
        elif not self._asked:
            hand_on(event, self.editor)

    def _begin_round(self) -> None:
        showing = Showing.AS_THEY_COME if self._live.isChecked() else Showing.HELD
        self.answers.begin(self._models, showing)
        self._vote, self._asked, self._is_revealed = None, False, False
        self._lay_out()
        for column in self._columns:
            column.begin()
        self.editor.clear()
        self._say(
            trn(
                "{n} model, shuffled: whose answer is whose is told after your vote.",
                "{n} models, shuffled: whose answer is whose is told after your vote.",
                len(self._models),
            )
        )
        self._show_state()
        self.focus()

    @property
    def _shown(self) -> list[BlindColumn]:
        """The columns of this round; an earlier one may have had more."""
        return self._columns[: len(self._models)]

    def _lay_out(self) -> None:
        while len(self._columns) < len(self._models):
            if self._columns:
                self._lines.append(hairline(vertical=True))
                self._row.addWidget(self._lines[-1])
            column = BlindColumn(len(self._columns), self._facts, self._themes, self._shared, self)
            self._columns.append(column)
            self._row.addWidget(column, 1)
        shown = len(self._models)
        for place, column in enumerate(self._columns):
            column.setVisible(place < shown)
        for place, line in enumerate(self._lines, 1):
            line.setVisible(place < shown)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.addWidget(self._said, 1)
        top.addWidget(self._leave)
        field = QFrame(self)
        field.setProperty("role", "field")
        inner = QHBoxLayout(field)
        inner.setContentsMargins(12, 10, 12, 10)
        inner.addWidget(self.editor, 1)
        inner.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        self._asking = QWidget(self)
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(16, 10, 16, 12)
        asking.addWidget(field)
        asking.addWidget(self._live)
        self._after = QWidget(self)
        after = QHBoxLayout(self._after)
        after.setContentsMargins(16, 8, 16, 10)
        for each in (self._next, self._open, self._undo, self._reveal, self._stop):
            after.addWidget(each)
        after.addStretch(1)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addLayout(self._row, 1)
        column.addWidget(hairline())
        column.addWidget(self.notices)
        column.addWidget(self._asking)
        column.addWidget(self.bar)
        column.addWidget(self._after)

    def _connect(self) -> None:
        self.editor.send_wanted.connect(self._ask)
        self._send.clicked.connect(self._ask)
        self._stop.clicked.connect(self.answers.stop)
        self._live.toggled.connect(self._show_otherwise)
        self.bar.voted.connect(self._take)
        self._reveal.clicked.connect(self._reveal_all)
        self._next.clicked.connect(self.next_round)
        self._undo.clicked.connect(self._take_back)
        self._open.clicked.connect(self._open_comparison)
        self._leave.clicked.connect(self.left)
        self.answers.began.connect(self._began)
        self.answers.grew.connect(self._grew)
        self.answers.one_ended.connect(self._one_ended)
        self.answers.ended.connect(self._ended)
        self.answers.refused.connect(self._refused)
        self.answers.failed.connect(self._failed)
        self.answers.revealed.connect(self.kept)
        stop = QShortcut(QKeySequence(own_keys(Command.STOP)), self)
        stop.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        stop.activated.connect(self.answers.stop)

    @property
    def _is_live(self) -> bool:
        return self.answers.held is not None and self.answers.held.showing is Showing.AS_THEY_COME

    @Slot()
    def _show_otherwise(self) -> None:
        """It holds from the next prompt on, which may be this round's."""
        if not self._asked:
            text = self.editor.toPlainText()
            self._begin_round()
            self.editor.setPlainText(text)

    @Slot()
    def _ask(self) -> None:
        text = self.editor.toPlainText().strip()
        if text and not self._asked:
            self.answers.ask(text)

    @Slot()
    def _began(self) -> None:
        self._asked = True
        for column in self._shown:
            column.wait(None, f"blind-{id(column)}", live=self._is_live)
        self._show_state()
        announce(self, tr("Sent. You will hear when all have answered."))

    @Slot(int, str)
    def _grew(self, place: int, text: str) -> None:
        if self._is_live:
            self._columns[place].grow(text)

    @Slot()
    def _one_ended(self) -> None:
        if self.answers.is_answering:
            self._say(
                trn("{n} answer is still being written.", "{n} answers are still being written.", self.answers.left)
            )

    @Slot()
    def _ended(self) -> None:
        held = self.answers.held
        assert held is not None
        for column, conversation in zip(self._shown, held.conversations, strict=True):
            column.show_answer(conversation)
        aside = why_set_aside(held.answers)
        said = tr("All have answered. Which is best?")
        self._say(said if aside is None else tr(WHY_SET_ASIDE[aside]))
        self.bar.begin(len(self._shown))
        self._show_state()
        self.bar.focus()
        announce(self, self._said.text())

    @Slot(object)
    def _refused(self, error: ParagoneError) -> None:
        """Nothing was sent: the prompt stands in its field still."""
        self._asked = False
        for column in self._shown:
            column.begin()
        self._show_state()
        self.editor.setFocus()
        text = without_names(sentence(error), self._names())
        if isinstance(error, PromptFlagged):
            prompt = self.editor.toPlainText().strip()
            self.notices.show_notice(
                without_names(tr(error.message), self._names()),
                tone="warn",
                action=tr("Send anyway"),
                act=lambda: self.answers.send_anyway(prompt, error),
                escapes=True,
            )
        else:
            self.notices.show_notice(text, tone="bad")

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self.notices.show_notice(without_names(sentence(error), () if self._is_revealed else self._names()), tone="bad")

    @Slot(object)
    def _take(self, outcome: Outcome) -> None:
        """Keep the vote, and reveal."""
        held = self.answers.held
        if held is None or self._is_revealed or self.answers.is_answering:
            return
        texts = [each.text for each in held.answers if each is not None]
        own = [each.model.name for each in held.conversations]
        named = any(names_model(text, own) for text in texts)
        self._vote = vote_on(held, outcome, tags=self.bar.tagged, note=self.bar.note.text().strip(), named=named)
        if self._services.settings.policy.get(VOTES):
            self.answers.keep_vote(self._vote)
        said = tr("Your vote: {vote}", vote=outcome_text(outcome))
        if self._vote.set_aside is not None:
            said = f"{said} {tr(WHY_SET_ASIDE[SetAside(self._vote.set_aside)])}"
        elif named:
            said = f"{said} {tr('An answer names a model or its maker: the ranking can leave this vote out.')}"
        self._show_names(said)

    @Slot()
    def _reveal_all(self) -> None:
        self._show_names(tr("Revealed without a vote: this round is not blind any more."))

    def _show_names(self, said: str) -> None:
        held = self.answers.held
        if held is None or not self._asked or self.answers.is_answering:
            return
        self._is_revealed = True
        for column, conversation in zip(self._shown, held.conversations, strict=True):
            column.reveal(conversation)
        self.answers.reveal()
        self._say(said)
        self._show_state()
        self._next.setFocus()
        names = ", ".join(column.accessibleName() for column in self._shown)
        announce(self, f"{said} {names}")

    @Slot()
    def _take_back(self) -> None:
        if self._vote is not None:
            self.answers.undo_vote(self._vote)
            self._vote = None
            self._say(tr("The vote is taken back. It is kept, and does not count."))
            self._next.setFocus()
            self._show_state()

    @Slot()
    def _open_comparison(self) -> None:
        if self.answers.held is not None:
            self.comparison_wanted.emit(self.answers.held.id)

    def _names(self) -> tuple[str, ...]:
        """What must not be told before the reveal."""
        refs = [each.model for each in self._models]
        return tuple({name for ref in refs for name in (ref.name, ref.connection, str(ref), self._facts.name(ref))})

    def _say(self, text: str) -> None:
        self._said.setText(text)

    def _show_state(self) -> None:
        votes = self._asked and not self._is_revealed and not self.answers.is_answering
        self._asking.setVisible(not self._asked)
        self.bar.setVisible(votes)
        self._stop.setVisible(self._asked and self.answers.is_answering)
        self._reveal.setVisible(votes)
        self._next.setVisible(self._is_revealed)
        self._open.setVisible(self._is_revealed)
        self._undo.setVisible(self._is_revealed and self._vote is not None)
        self._after.setVisible(self._asked)
