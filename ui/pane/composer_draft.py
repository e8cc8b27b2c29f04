"""What stands in a composer and is not sent: the text in its field, and the prompts that were given back above it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from ui.pane.back_strip import BackStrip
from ui.pane.prompt import Prompt
from ui.theme import Theme


class ComposerDraft(QObject):
    """Between the field and the strip above it: what goes from one to the other is never joined, and never lost."""

    last_wanted = Signal()
    """Nothing is typed, and nothing was given back: the prompt that was sent last is wanted."""

    def __init__(
        self, theme: Theme, typed: Callable[[], Prompt], put: Callable[[Prompt], None], field: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._typed = typed
        self._put = put
        self._field = field
        self.strip = BackStrip(theme)
        self.strip.taken.connect(self.take)
        self.strip.left.connect(field.setFocus)

    @property
    def whole(self) -> Prompt:
        """What is typed, and what was given back and stands beside it."""
        typed = self._typed()
        return Prompt(typed.text, typed.files, self.strip.prompts)

    def put(self, draft: Prompt) -> None:
        """Show a draft, and what was given back with it."""
        self.strip.put(draft.behind)
        self._put(Prompt(draft.text, draft.files))

    @Slot(int)
    def take(self, number: int) -> None:
        """Put one that was given back into the field; what was typed stands where it was taken from."""
        self._put(self.strip.exchange(number, self._typed()))
        self._field.setFocus()

    @Slot()
    def want_last(self) -> None:
        """The first that was given back is newer than what was sent."""
        if self._typed():
            return
        if self.strip.prompts:
            self.take(0)
        else:
            self.last_wanted.emit()
