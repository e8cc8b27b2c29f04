"""The composer of all panes, with a chip for each: what is typed there goes to those whose chip is on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain import Role
from ui.model_facts import ModelFacts
from ui.pane.composer import Composer
from ui.pane.prompt import Prompt
from ui.strings import number_text, tr, trn
from ui.theme import Theme, Themes
from ui.widgets.announcement import announce
from ui.widgets.notice_bar import NoticeBar
from ui.workspace.dispatch import Dispatch
from ui.workspace.mentions import Mentions
from ui.workspace.pane_chips import PaneChip, PaneChips
from ui.workspace.pane_list import PaneList
from ui.workspace.recipients import Addressed
from ui.workspace.workspace_presets import WorkspacePresets

_HEARD = 200
"""Letters of a prompt that came back which a screen reader hears."""


class SharedComposer(QObject):
    """Between the composer, the chips and the panes."""

    toggled = Signal()
    """Another pane takes part, or one no longer does."""

    def __init__(
        self,
        themes: Themes,
        facts: ModelFacts,
        line: PaneList,
        sending: Dispatch,
        composer: Composer,
        presetting: WorkspacePresets,
    ) -> None:
        super().__init__(composer)
        self._themes = themes
        self._facts = facts
        self._line = line
        self._sending = sending
        self._composer = composer
        self._presetting = presetting
        self._shown: Addressed | None = None
        self._refusal: NoticeBar | None = None
        self.mentions = Mentions(themes, facts, line, sending, composer)
        self._told_files = False
        self._waited = 0
        self.chips = PaneChips()
        composer.put_above(self.chips)
        composer.sent.connect(self._send)
        composer.changed.connect(self._typed)
        composer.editor.complete = self.mentions.complete
        composer.stop_wanted.connect(sending.stop)
        composer.last_wanted.connect(self._repeat_last)
        composer.reading_wanted.connect(self._turn_pages)
        self.chips.toggled.connect(self._toggle)
        sending.changed.connect(self.show_state)
        sending.given_back.connect(self._take_back)
        sending.came_back.connect(self._say_given_back)
        composer.back.strip.recalled.connect(self._recall)
        line.model_changed.connect(self.show_panes)
        line.answering_changed.connect(self.show_panes)
        themes.changed.connect(self._themed)

    @Slot()
    def show_panes(self) -> None:
        """Say anew which panes there are and which of them take part."""
        self._say_files()
        if self._composer.isHidden():
            return  # a single chat has a composer of its own
        self._show_recipients()
        self._presetting.show()

    def forget_panes(self) -> None:
        """Name none that are not there any more, though nobody sees it."""
        self._show_recipients()

    @Slot()
    def show_state(self) -> None:
        """Say whether answers are being made, and how many prompts wait for their end."""
        self._composer.set_answering(any(pane.answers for pane in self._line), queues=True)
        waiting = self._sending.waiting
        self._composer.back.strip.say_waiting(waiting)
        self._composer.line.say_waiting(len(waiting))
        if len(waiting) > self._waited:
            announce(self._composer.editor, self._composer.line.waiting.text())
        self._waited = len(waiting)

    @Slot()
    def _typed(self) -> None:
        """Whom the prompt is for may be another now, and what each model gets of its files."""
        if not self._composer.isHidden() and (self._composer.attached.parts or self._told_files):
            self._say_files()
        if self._refusal is not None:
            self._refusal.dismiss()
        if self._whom() != self._shown and not self._composer.isHidden():
            self._show_recipients()

    @property
    def given(self) -> str:
        """What the models get of what is attached: once where it is the same."""
        said: dict[str, list[str]] = {}
        for pane in self._line:
            if pane.given.text:
                said.setdefault(pane.given.text, []).append(self._facts.name(pane.conversation.model))
        if len(said) < 2:
            return next(iter(said), "")
        return " ".join(f"{', '.join(dict.fromkeys(names))}: {text}." for text, names in said.items())

    def _say_files(self) -> None:
        """Have each pane that the prompt goes to say what its model would get."""
        attachments = [] if self._composer.isHidden() else self._composer.attached.known
        self._told_files = bool(attachments)
        places = self._whom().places if attachments else ()
        for place, pane in enumerate(self._line):
            pane.given.say(attachments if place in places else [])

    def _whom(self) -> Addressed:
        """Whom what is typed would go to, and nothing of the prompt itself: it is another one at each key."""
        return self._sending.addressed(self._composer.text)._replace(prompt="")

    def _show_recipients(self) -> None:
        """Light the chips of whom the prompt is for, and say on the button who that is."""
        self._shown = recipients = self._whom()
        chips = [
            PaneChip(self._facts.name(pane.conversation.model), pane.colour, place in recipients.places)
            for place, pane in enumerate(self._line)
        ]
        self.chips.show_chips(chips, self._themes.current)
        targets = [self._line[place].target for place in recipients.places]
        self._composer.explains = bool(recipients.unmatched)
        self._composer.set_targets(targets, named=recipients.named)

    @Slot(object)
    def _send(self, prompt: Prompt, *, as_text: bool = False) -> None:
        unmatched = () if as_text else self._sending.addressed(prompt.text).unmatched
        if unmatched:
            self._refuse(prompt, [prompt.text[start:end] for start, end in unmatched])
        elif self._sending.send(prompt, as_text=as_text):
            self._composer.put(Prompt())

    def _refuse(self, prompt: Prompt, names: Sequence[str]) -> None:
        """A prompt that names a pane that is not there goes to nobody: say which ones are."""
        if self._refusal is not None:
            self._refusal.dismiss()
        panes = [f"{number_text(number)} {pane.model}" for number, pane in enumerate(self._sending.called, 1)]
        said = tr(
            "Not sent: no pane matches {names}. The panes are {panes}.",
            names=", ".join(f"“{name}”" for name in names),
            panes=", ".join(panes),
        )
        bar = self._refusal = self._composer.notices.show_notice(
            said, tone="bad", action=tr("Send as text"), act=partial(self._send, prompt, as_text=True)
        )
        bar.dismissed.connect(self._refusal_gone)

    @Slot()
    def _refusal_gone(self) -> None:
        self._refusal = None

    @Slot(object)
    def _take_back(self, prompts: Sequence[Prompt]) -> None:
        """What waited for all is not sent now: each stands by itself, the first in the field where that is empty."""
        self._composer.back.put(self._composer.back.whole.followed_by(prompts))

    @Slot(int)
    def _say_given_back(self, prompts: int) -> None:
        """What changes beside the field is seen; a screen reader is told."""
        announce(
            self._composer.editor,
            trn(
                "{n} prompt was not sent and is back in the field",
                "{n} prompts were not sent and are back in the field",
                prompts,
            ),
        )

    @Slot(str)
    def _recall(self, turn: str) -> None:
        """One that waits is not sent: it goes back into the field alone, and the keyboard with it.

        That is a pane's own field where it was not for all, or others had it already.
        """
        before = {composer: composer.back.whole for composer in self._composers}
        self._composer.editor.setFocus()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        self._sending.give_back(turn)
        came = [composer for composer in self._composers if composer.back.whole != before.get(composer)]
        for composer in came:
            behind = len(composer.back.strip.prompts)
            if behind > len(before[composer].behind):
                composer.back.take(behind - 1)
        if came:
            came[0].editor.setFocus()

    @property
    def _composers(self) -> tuple[Composer, ...]:
        return (self._composer, *(pane.composer for pane in self._line))

    @Slot(int)
    def _toggle(self, place: int) -> None:
        self._line.set_on(place, on=not self._line.on[place])
        self.toggled.emit()

    @Slot()
    def _repeat_last(self) -> None:
        """Bring the last prompt back, to be sent again to all; one that waits still is not sent."""
        if waiting := self._sending.waiting:
            self._recall(waiting[-1][0])
            return
        asked = [message for pane in self._line for message in pane.body.asked if message.role is Role.USER]
        if asked:
            last = max(asked, key=lambda message: message.created_at)
            self._composer.put(Prompt(last.text, last.files))
            announce(self._composer.editor, last.text[:_HEARD])

    @Slot(int)
    def _turn_pages(self, key: int) -> None:
        """What is compared is read side by side."""
        for pane in self._line:
            pane.transcript.turn_page(key)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._composer.themed(theme)
        self.show_panes()
