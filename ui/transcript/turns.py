"""Reading position by turns, used to scroll several panes together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView

from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row

_FAR = 2
"""Distance, in viewport heights, above which the view jumps instead of scrolling."""


_NOWHERE = (-1, 0)


class Turns(QObject):
    """Reading position of a transcript as a turn, from 0, and a height.

    Heights are pixels from the top of the viewport to the turn's prompt, negative if the prompt is above the
    viewport.
    """

    scrolled = Signal()
    """Emitted when the reader has scrolled, but not after new content or resizing."""

    def __init__(self, view: MessageList, model: RowsModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._seen = (0, 0, 0)
        self._rows: Sequence[Row] = ()
        self._numbers: list[int] = []
        self._at_end = True
        view.moved.connect(self._moved)

    @property
    def top(self) -> tuple[int, int]:
        """The turn at the top of the viewport, and the height of its prompt."""
        placed = self._view.placed
        last = placed[0].row if placed else 0
        prompts = self._prompts()
        turn = bisect_right(prompts, last) - 1
        return (turn, self._height(prompts[turn])) if turn >= 0 else (0, 0)

    def of(self, row: Row) -> int:
        """Return the turn to which a row belongs, or -1 before the first prompt."""
        return bisect_right(self._prompts(), self._model.number(row)) - 1

    def show(self, turn: int, height: int) -> None:
        """Scroll a turn's prompt to a height, as far as possible. If there is no such turn, scroll to the end."""
        prompts = self._prompts()
        if not prompts:
            return
        if turn >= len(prompts):
            self._view.to_end()
            return
        row = prompts[turn]
        if abs(self._height(row) - height) > _FAR * self._view.viewport().height():
            self._view.scrollTo(self._model.index(row), QAbstractItemView.ScrollHint.PositionAtTop)
        self._view.scroll_by(self._height(row) - height)

    def _prompts(self) -> list[int]:
        """Return the row numbers of all prompts. They are cached, because each step of the mouse wheel needs them."""
        if self._rows is not self._model.rows:
            self._rows = self._model.rows
            self._numbers = [number for number, row in enumerate(self._rows) if row.is_prompt]
        return self._numbers

    def _height(self, row: int) -> int:
        return self._view.visualRect(self._model.index(row)).top()

    @Slot()
    def _moved(self) -> None:
        before, was_at_end = self._seen, self._at_end
        count = len(self._model.rows)
        self._at_end = self._view.follows
        if self._at_end and (was_at_end or count != before[0]):  # the end is followed
            self._seen = (count, *_NOWHERE)
            return
        self._seen = (count, *self.top)
        if self._seen != before and not self._view.fitting:
            self.scrolled.emit()
