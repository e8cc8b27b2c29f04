"""What stands in a composer and is not sent: the text in its field, and the prompts that were given back above it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit

from ui.pane.back_strip import BackStrip, called_shortly
from ui.pane.drafts import Drafts
from ui.pane.prompt import Prompt
from ui.strings import tr
from ui.theme import Theme
from ui.widgets.announcement import announce
from ui.widgets.labels import within_sentence

_HEARD = 200
"""Letters of a prompt that came back which a screen reader hears."""


class ComposerDraft(QObject):
    """Between the field and the strip above it: what goes from one to the other is never joined, and never lost."""

    last_wanted = Signal()
    """Nothing is typed, and nothing was given back: the prompt that was sent last is wanted."""

    undo_offered = Signal(str, object)
    """What was dropped, in a sentence, and what brings it back."""

    def __init__(
        self,
        theme: Theme,
        typed: Callable[[], Prompt],
        put: Callable[[Prompt], None],
        field: QPlainTextEdit,
    ) -> None:
        super().__init__(field)
        self._drafts: Drafts | None = None
        self._key: Callable[[], str] = str
        self._typed = typed
        self._put = put
        self._field = field
        self.strip = BackStrip(theme)
        self.strip.taken.connect(self.take)
        self.strip.left.connect(field.setFocus)
        self.strip.dropped.connect(self._offer_back)

    @property
    def whole(self) -> Prompt:
        """What is typed, and what was given back and stands beside it."""
        typed = self._typed()
        return Prompt(typed.text, typed.files, self.strip.prompts)

    def put(self, draft: Prompt) -> None:
        """Show a draft, and what was given back with it."""
        self.strip.put(draft.behind)
        self._put(Prompt(draft.text, draft.files))

    def show(self, draft: Prompt) -> None:
        """Show the draft of another chat: undo brings nothing back into it that was typed elsewhere."""
        self.put(draft)
        self._field.document().clearUndoRedoStacks()

    def keep_in(self, drafts: Drafts, key: Callable[[], str]) -> None:
        """Say where it is kept what stands here: in these drafts, under the key of what is shown."""
        self._drafts, self._key = drafts, key

    @Slot(object, int)
    def _offer_back(self, prompt: Prompt, number: int) -> None:
        """What was dropped can be had back for a while, also when something else is shown."""
        self.offer_back(prompt, partial(self._restore, prompt, number, self._key()))

    def offer_back(self, prompt: Prompt, back: Callable[[], None]) -> None:
        """Say that one was dropped, and offer what brings it back."""
        self.undo_offered.emit(tr("“{prompt}” was discarded.", prompt=within_sentence(called_shortly(prompt))), back)

    def _restore(self, prompt: Prompt, number: int, key: str) -> None:
        """Put one that was dropped back to where it stood, seen or not."""
        if key == self._key():
            self.strip.restore(prompt, number)
        elif self._drafts is not None:
            kept = self._drafts.get(key)
            behind = (*kept.behind[:number], prompt, *kept.behind[number:])
            self._drafts.set(key, Prompt(kept.text, kept.files, behind))
        announce(self._field, tr("“{prompt}” was restored.", prompt=within_sentence(called_shortly(prompt))))

    @Slot(int)
    def take(self, number: int) -> None:
        """Put one that was given back into the field; what was typed stands where it was taken from."""
        self._field.setFocus()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        taken = self.strip.exchange(number, self._typed())
        self._put(taken)
        announce(self._field, taken.text[:_HEARD])

    @Slot()
    def want_last(self) -> None:
        """The first that was given back is newer than what was sent."""
        if self._typed():
            return
        if self.strip.prompts:
            self.take(0)
        else:
            self.last_wanted.emit()
