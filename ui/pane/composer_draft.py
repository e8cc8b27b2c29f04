"""What stands in a composer and is not sent: the text in its field, and the prompts that were given back above it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from ui.pane.back_strip import BackStrip
from ui.pane.prompt import Prompt
from ui.strings import tr
from ui.theme import Theme
from ui.widgets.announcement import announce
from ui.widgets.notice_bar import UNDO_MS, NoticeBar, NoticeStack

_HEARD = 200
"""Letters of a prompt that came back which a screen reader hears."""


class ComposerDraft(QObject):
    """Between the field and the strip above it: what goes from one to the other is never joined, and never lost."""

    last_wanted = Signal()
    """Nothing is typed, and nothing was given back: the prompt that was sent last is wanted."""

    undo_offered = Signal(object)
    """A NoticeBar offers what was dropped."""

    def __init__(
        self,
        theme: Theme,
        typed: Callable[[], Prompt],
        put: Callable[[Prompt], None],
        field: QWidget,
        notices: NoticeStack,
    ) -> None:
        super().__init__(notices)
        self._notices = notices
        self._offers: list[NoticeBar] = []
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

    def leave(self) -> None:
        """Something else is typed here from now on: what was dropped belongs elsewhere."""
        for bar in tuple(self._offers):
            bar.dismiss()

    @Slot(object, int)
    def _offer_back(self, prompt: Prompt, number: int) -> None:
        """What was dropped can be had back for a while."""
        restore = partial(self.strip.restore, prompt, number)
        bar = self._notices.show_notice(
            tr("The prompt was dropped."), tone="plain", action=tr("Undo"), act=restore, life_ms=UNDO_MS
        )
        self._offers.append(bar)
        bar.dismissed.connect(lambda: self._offers.remove(bar))
        self.undo_offered.emit(bar)

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
