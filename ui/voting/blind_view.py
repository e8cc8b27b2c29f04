"""Blind rounds: one prompt to several models, anonymous responses, vote, reveal, next round."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.domain.comparison import PaneState
from desktop.errors import ParagoneError, PromptFlagged, RoundEnded, StoreFull
from desktop.services import Services
from desktop.settings.policy import VOTES
from desktop.voting.blind_round import BlindRound, Showing, vote_on, why_set_aside
from desktop.voting.model_names import names_model
from desktop.voting.vote import Outcome, Vote
from ui.base.commands import Command, own_keys
from ui.base.model_facts import ModelFacts
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.pane_resources import PaneResources
from ui.voting.blind_answers import BlindAnswers
from ui.voting.blind_column import BlindColumn
from ui.voting.round_prompt import RoundPrompt
from ui.voting.vote_bar import VoteBar, has_keyboard
from ui.voting.vote_text import WHY_SET_ASIDE, vote_said
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import hairline
from ui.widgets.notice_bar import NoticeStack
from ui.widgets.paragraph import Paragraph
from ui.widgets.typing_keys import hand_on, is_typed
from ui.widgets.wrapping_layout import WrapLayout


class BlindColumns(QWidget):
    """Columns of a blind round, which are created once and reused."""

    def __init__(self, make: Callable[[int], BlindColumn], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._columns: list[BlindColumn] = []
        self._lines: list[QWidget] = []
        self._count = 0
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)

    @property
    def shown(self) -> list[BlindColumn]:
        """The columns of this round."""
        return self._columns[: self._count]

    @property
    def names(self) -> str:
        """Names of the visible columns, which are letters until the reveal."""
        return ", ".join(column.accessibleName() for column in self.shown)

    def begin(self, count: int) -> None:
        """Show a number of empty columns."""
        self._count = count
        while len(self._columns) < count:
            if self._columns:
                self._lines.append(hairline(vertical=True))
                self._row.addWidget(self._lines[-1])
            column = self._make(len(self._columns))
            self._columns.append(column)
            self._row.addWidget(column, 1)
        for place, column in enumerate(self._columns):
            column.setVisible(place < count)
        for place, line in enumerate(self._lines, 1):
            line.setVisible(place < count)
        self.empty()

    def empty(self) -> None:
        """Clear all columns."""
        for column in self.shown:
            column.begin()

    def wait(self, *, live: bool) -> None:
        """Show that responses are in progress. If `live`, their text will be shown as it arrives."""
        for column in self.shown:
            column.wait(live=live)

    def play(self, held: BlindRound) -> None:
        """Show the prompts. The responses then appear gradually, all at the same pace."""
        for column, conversation in zip(self.shown, held.conversations, strict=True):
            column.play(conversation)

    def grow(self, place: int, text: str) -> None:
        """Append text to the response at a position."""
        self._columns[place].grow(text)

    def show_answers(self, held: BlindRound) -> None:
        """Show all responses without naming their models."""
        for column, conversation in zip(self.shown, held.conversations, strict=True):
            column.show_answer(conversation)

    def reveal(self, held: BlindRound, refusals: Mapping[int, ParagoneError]) -> None:
        """Show the models, and the reason for each to which the prompt was not sent."""
        for place, (column, conversation) in enumerate(zip(self.shown, held.conversations, strict=True)):
            column.reveal(conversation, refusals.get(place))


class RoundState(Enum):
    """States of a round whose prompt was sent."""

    ANSWERING = auto()  # some answers are being made
    PLAYING = auto()  # all are there, and are shown at one pace
    ASKING = auto()  # which is best is asked
    REVEALED = auto()  # the names are told
    VOTED = auto()  # the same, and there is a vote


class RoundButtons(QWidget):
    """Buttons of a round, of which only those for the current state are visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stop = button(tr("Stop"))
        self.at_once = button(tr("Show all at once"), "primary", by_enter=True)
        self.next = button(tr("Next round"), "primary", by_enter=True)
        self.undo = button(tr("Undo vote"), "quiet", by_enter=True)
        self.open = button(tr("Open as comparison"), "quiet", by_enter=True)
        revealed = (RoundState.REVEALED, RoundState.VOTED)
        self._shown: dict[QPushButton, tuple[RoundState, ...]] = {
            self.stop: (RoundState.ANSWERING,),
            self.at_once: (RoundState.PLAYING,),
            self.next: revealed,
            self.open: revealed,
            self.undo: (RoundState.VOTED,),
        }
        inner = QWidget(self)
        row = WrapLayout(inner)
        for each in self._shown:
            row.addWidget(each)
        around = QVBoxLayout(self)
        around.setContentsMargins(16, 8, 16, 10)
        around.addWidget(inner)

    def show_state(self, state: RoundState) -> None:
        """Show the buttons for a state. While the user votes, there are none, because the vote bar is visible."""
        self.setVisible(state is not RoundState.ASKING)
        for each, states in self._shown.items():
            each.setVisible(state in states)

    @property
    def first(self) -> QPushButton | None:
        """The button that should get the focus, or None."""
        return next((each for each in (self.at_once, self.next) if not each.isHidden()), None)


_TICK_MS = 40
_PACE, _LONGEST_S = 400.0, 20.0
"""Number of characters per second, and maximum duration in seconds for the longest response."""


class PacedAnswers(QObject):
    """Makes complete responses appear gradually, all starting at the same time."""

    grew = Signal(int, str)
    """Emitted with the position of a response and text to append to it."""
    ended = Signal()
    """Emitted when all responses are completely shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._texts: Sequence[str] = ()
        self._shown = 0
        self._since = 0.0
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._step)

    @property
    def is_playing(self) -> bool:
        """Whether more text will appear."""
        return self._ticking.isActive()

    def begin(self, texts: Sequence[str]) -> None:
        """Start to show these responses."""
        self._texts, self._shown, self._since = texts, 0, time.monotonic()
        self._ticking.start()

    def stop(self) -> None:
        """Stop showing responses."""
        self._ticking.stop()

    @Slot()
    def finish(self) -> None:
        """Show everything that is left at once."""
        if self.is_playing:
            self._ticking.stop()
            self.ended.emit()

    @Slot()
    def _step(self) -> None:
        longest = max(map(len, self._texts), default=0)
        upto = int((time.monotonic() - self._since) * max(_PACE, longest / _LONGEST_S))
        for place, text in enumerate(self._texts):
            if more := text[self._shown : upto]:
                self.grew.emit(place, more)
        self._shown = upto
        if upto >= longest:
            self.finish()


_HIDDEN = "…"
_LEAST = 5
"""Minimum length of a name that is also masked inside words."""


def without_names(text: str, names: Iterable[str]) -> str:
    """Mask names in a text whatever their case, the longest first.

    Short names are masked only where they are whole words.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        around = r"\b" if len(name) < _LEAST and name[0].isalnum() and name[-1].isalnum() else ""
        text = re.sub(f"{around}{re.escape(name)}{around}", _HIDDEN, text, flags=re.IGNORECASE)
    return text


class BlindView(QWidget):
    """View for blind rounds, in place of the panes. Nothing distinguishes the models before the reveal."""

    left = Signal()
    """Emitted when the user leaves blind rounds."""
    comparison_wanted = Signal(str)
    """Emitted with the id of the comparison to open."""
    kept = Signal()
    """Emitted when a round was turned into a stored comparison."""
    changed = Signal()
    """Emitted when another round is in progress, or when none is any longer."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, shared: PaneResources, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Blind round"))
        self._services = services
        self._room = shared.room
        self._facts = ModelFacts(services)
        self._models: Sequence[PaneState] = ()
        self._vote: Vote | None = None
        self._asked = self._is_revealed = False
        self.answers = BlindAnswers(services, tasks, shared.room, self)
        self._playing = PacedAnswers(self)
        self._said = Paragraph("", "strong")
        self._said.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.notices = NoticeStack(self)
        self._columns = BlindColumns(lambda place: BlindColumn(place, self._facts, themes, shared, self), self)
        self.asking = RoundPrompt(services, tasks, self)
        shared.spelling(self.asking.editor)
        self.bar = VoteBar(self)
        self._buttons = RoundButtons(self)
        self._leave = button(tr("End blind rounds"), "quiet", by_enter=True)
        self._build()
        self._connect()

    @property
    def under_way(self) -> BlindRound | None:
        """The round that is not revealed yet, or None."""
        return None if self._is_revealed else self.answers.held

    @property
    def is_asked(self) -> bool:
        """Whether the current round's prompt was sent."""
        return self._asked and not self._is_revealed

    def begin(self, models: Sequence[PaneState]) -> None:
        """Start the first round with these models."""
        self._models = models
        self._begin_round()

    @Slot()
    def next_round(self) -> None:
        """Start another round with the same models, in a new random order."""
        if self._is_revealed:
            self._begin_round()

    def discard(self) -> None:
        """Delete the current round."""
        if self.under_way is not None:
            self._playing.stop()
            self.answers.discard()
            if self._asked:  # what was typed and not sent waits for the next round
                self.asking.editor.clear()
            self._asked = False
            self._columns.empty()
            self._show_state()
            self.changed.emit()

    def focus(self) -> None:
        """Focus the control for the next step. While voting, no choice is focused, because Enter would select it."""
        if not self._asked:
            self.asking.editor.setFocus()
        elif (first := self._buttons.first or (self.bar if self._state is RoundState.ASKING else None)) is not None:
            first.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass typed characters to the prompt field until the prompt is sent."""
        if not is_typed(event):
            super().keyPressEvent(event)
        elif not self._asked:
            hand_on(event, self.asking.editor)

    def _begin_round(self) -> None:
        if self._asked:
            self.asking.editor.clear()
        self.asking.begin()
        self._playing.stop()
        self.answers.begin(self._models, self.asking.showing)
        self._vote, self._asked, self._is_revealed = None, False, False
        self._columns.begin(len(self._models))
        self._said.setText(_shuffled(len(self._models)))
        self._show_state()
        self.focus()
        self.changed.emit()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.addWidget(self._said, 1)
        top.addWidget(self._leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addWidget(self._columns, 1)
        column.addWidget(hairline())
        for each in (self.notices, self.asking, self.bar, self._buttons):
            column.addWidget(each)

    def _connect(self) -> None:
        buttons = self._buttons
        self.asking.sent.connect(self.answers.ask)
        self.asking.showing_chosen.connect(self.answers.show_otherwise)
        self.asking.failed.connect(self._failed)
        self.bar.voted.connect(self._take)
        buttons.stop.clicked.connect(self.answers.stop)
        buttons.at_once.clicked.connect(self._playing.finish)
        self.bar.reveal.clicked.connect(lambda: self._take(None))
        buttons.next.clicked.connect(self.next_round)
        buttons.undo.clicked.connect(self._take_back)
        buttons.open.clicked.connect(self._open_comparison)
        self._leave.clicked.connect(self.left)
        self.answers.began.connect(self._began)
        self.answers.grew.connect(self._grew)
        self.answers.one_ended.connect(self._one_ended)
        self.answers.ended.connect(self._ended)
        self.answers.refused.connect(self._refused)
        self.answers.failed.connect(self._failed)
        self.answers.disk_full.connect(self._say_full)
        self.answers.revealed.connect(self.kept)
        self.answers.undone.connect(self._taken_back)
        self._playing.grew.connect(self._columns.grow)
        self._playing.ended.connect(self._show_answers)
        stop = QShortcut(QKeySequence(own_keys(Command.STOP)), self)
        stop.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        stop.activated.connect(self.answers.stop)
        stop.activated.connect(self._playing.finish)

    @Slot()
    def _began(self) -> None:
        self._asked = True
        self._columns.wait(live=self.answers.showing is Showing.AS_THEY_COME)
        self._show_state()
        announce(self, tr("Sent. You will be notified when all models have responded."))

    @Slot(int, str)
    def _grew(self, place: int, text: str) -> None:
        if self.answers.showing is Showing.AS_THEY_COME:
            self._columns.grow(place, text)

    @Slot()
    def _one_ended(self) -> None:
        if self.answers.is_answering:
            self._said.setText(
                trn("{n} response is still in progress.", "{n} responses are still in progress.", self.answers.left)
            )

    @Slot()
    def _ended(self) -> None:
        held = self.answers.held
        assert held is not None
        if self.answers.showing is not Showing.PACED:
            self._show_answers()
            return
        self._columns.play(held)
        self._playing.begin([each.text if each is not None else "" for each in held.answers])
        self._said.setText(tr("All models have responded. Responses are shown at an even pace."))
        self._show_state()
        _come_to(self, self._buttons.at_once)
        announce(self, self._said.text())

    @Slot()
    def _show_answers(self) -> None:
        held = self.answers.held
        assert held is not None
        self._columns.show_answers(held)
        aside = why_set_aside(held.answers)
        said = tr("All models have responded. Which response is best?")
        self._said.setText(said if aside is None else tr(WHY_SET_ASIDE[aside]))
        self.bar.begin(len(self._columns.shown))
        self._show_state()
        _come_to(self, self.bar)
        announce(self, self._said.text())

    @Slot(object)
    def _refused(self, error: ParagoneError) -> None:
        """Return to the prompt field, because the prompt was not sent."""
        self._asked = False
        self._columns.empty()
        self._said.setText(_shuffled(len(self._models)))
        self._show_state()
        _come_to(self, self.asking.editor)
        if isinstance(error, PromptFlagged):
            prompt = self.asking.text
            self.notices.show_notice(
                without_names(tr(error.message), self._names()),
                tone="warn",
                action=tr("Send anyway"),
                act=lambda: self.answers.send_anyway(prompt, error),
                escapes=True,
            )
        else:
            self._say(error)

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self._say(error)
        if isinstance(error, RoundEnded):
            self._vote = None
            self._show_state()

    def _say(self, error: ParagoneError) -> None:
        """Show an error. Before the reveal, names of models are masked in it."""
        if isinstance(error, StoreFull):
            self._say_full(sentence(error))
        else:
            said = without_names(sentence(error), () if self._is_revealed else self._names())
            self.notices.show_notice(said, tone="bad")

    @Slot(str)
    def _say_full(self, text: str) -> None:
        """Show a notice that the disk is full, until there is space."""
        bar = self.notices.show_notice(text, tone="bad", life_ms=0)
        if self._room is not None:
            self._room.say(bar)

    @Slot(object)
    def _take(self, outcome: Outcome | None) -> None:
        """Store a vote and reveal the models; for None, only reveal them."""
        held = self.answers.held
        if held is None or self._state is not RoundState.ASKING:
            return
        if outcome is not None and self.bar.is_early:
            self._said.setText(
                tr("You voted less than one second after the responses appeared. Read the responses, then vote again.")
            )
            announce(self, self._said.text())
            return
        if outcome is None:
            note = tr("Revealed without a vote: this round is no longer blind.")
        elif not self._services.settings.policy.get(VOTES):
            note = tr("Your organization does not allow voting.")
        else:
            own = [each.model.name for each in held.conversations]
            named = any(names_model(each.text, own) for each in held.answers if each is not None)
            self._vote = vote_on(held, outcome, tags=self.bar.tagged, note=self.bar.note.text().strip(), named=named)
            note = vote_said(self._vote)
        self._show_names(note)

    def _show_names(self, said: str) -> None:
        held = self.answers.held
        assert held is not None
        self._is_revealed = True
        self._columns.reveal(held, self.answers.refusals)
        self.answers.reveal(self._vote)
        self._said.setText(said)
        self._show_state()
        self._buttons.next.setFocus()
        announce(self, f"{said} {self._columns.names}")
        self.changed.emit()

    @Slot()
    def _take_back(self) -> None:
        if self._vote is not None:
            self.answers.undo_vote(self._vote)
            self._vote = None
            self._buttons.next.setFocus()
            self._show_state()

    @Slot(object)
    def _taken_back(self, kept: bool | None) -> None:  # noqa: FBT001 - Qt's signal
        said = tr("The vote was withdrawn.") if kept is False else tr("This vote was already removed.")
        self._said.setText(tr("The vote was withdrawn: it is still stored, but it is not counted.") if kept else said)
        announce(self, self._said.text())

    @Slot()
    def _open_comparison(self) -> None:
        if self.answers.held is not None:
            self.comparison_wanted.emit(self.answers.held.id)

    def _names(self) -> tuple[str, ...]:
        """Return the names that are masked before the reveal."""
        refs = [each.model for each in self._models]
        return tuple({name for ref in refs for name in (ref.name, ref.connection, str(ref), self._facts.name(ref))})

    @property
    def _state(self) -> RoundState:
        if self._is_revealed:
            return RoundState.REVEALED if self._vote is None else RoundState.VOTED
        if self.answers.is_answering:
            return RoundState.ANSWERING
        return RoundState.PLAYING if self._playing.is_playing else RoundState.ASKING

    def _show_state(self) -> None:
        self.asking.setVisible(not self._asked)
        self.bar.setVisible(self._asked and self._state is RoundState.ASKING)
        self._buttons.show_state(self._state if self._asked else RoundState.ASKING)


def _come_to(view: BlindView, control: QWidget) -> None:
    """Focus a control, unless the focus is outside the round, where digits do not vote."""
    if has_keyboard(view):
        control.setFocus()


def _shuffled(models: int) -> str:
    return trn(
        "{n} model in random order: the names are revealed after your vote.",
        "{n} models in random order: the names are revealed after your vote.",
        models,
    )
