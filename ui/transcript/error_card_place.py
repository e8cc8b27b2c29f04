"""Positions the error card at the bottom of the last row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import Message, Problem, now
from desktop.domain.events import RetryWait
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row
from ui.transcript.message.slabs import FootSlab
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from ui.transcript.error_card import ErrorCard


class ErrorCardPlace(QObject):
    """Reserves space for the error card in the last row, and positions the card there."""

    def __init__(self, messages: MessageList, model: RowsModel, card: OnDemand[ErrorCard], parent: QWidget) -> None:
        super().__init__(messages)
        self._list = messages
        self._model = model
        self._parent = parent
        self._row: Row | None = None
        self._shown: Problem | RetryWait | None = None
        self._card = card

    def place(self, *, ended: bool = False) -> None:
        """Show the card if the last response failed or is waiting for a retry; otherwise hide it.

        `ended` means that the response has just ended.
        """
        row = self._model.last
        shown = None if row is None else row.wait or (None if row.live else row.problem)
        if row is None or shown is None:
            self.drop()
            return
        if self._row is not row or self._shown is not shown:
            self._row, self._shown, card = row, shown, self._shown_card()
            if isinstance(shown, RetryWait):
                card.show_wait(shown)
            else:
                card.show_problem(
                    shown,
                    row.message.figures,
                    may_continue=row.is_broken and bool(row.text),
                    elapsed_s=0.0 if ended else _since(row.message),
                )
        self._make_room(row)
        self.follow()

    @Slot()
    def follow(self) -> None:
        """Move the card to the current position of its row."""
        row = self._row
        if row is None or row is not self._model.last:
            self._hide()
            return
        left, width = self._list.column
        card = self._card()
        needed = card.needed(width)
        if row.footer_height != needed:
            self._make_room(row)
            return
        foot = row.slabs[-1]
        assert isinstance(foot, FootSlab)
        top = self._list.row_top(row) + sum(slab.likely_height(width) for slab in row.slabs[:-1])
        corner = self._list.viewport().mapTo(self._parent, QPoint(left, top))
        card.setGeometry(foot.footer(width).translated(corner))
        card.show()

    def drop(self) -> None:
        """Remove the card, because another message follows."""
        row = self._model.last
        self._hide()
        self._row = self._shown = None
        if row is not None and row.footer_height:
            row.footer_height = 0
            row.parts.changed()
            self._list.row_changed(self._model.number(row))

    def _shown_card(self) -> ErrorCard:
        fresh = self._card.made is None
        card = self._card()
        if fresh:
            card.resized.connect(self._resized)
        return card

    def _hide(self) -> None:
        """Hide the card. Before that, move the focus, which Qt would move to a neighboring widget.

        That could be another pane's Retry button. In an inactive window, Qt would move the focus only later.
        """
        card = self._card.made
        if card is None:
            return
        focused = self._parent.window().focusWidget()
        if card.isAncestorOf(focused):
            self._list.setFocus()
        card.hide()

    def _make_room(self, row: Row) -> None:
        row.footer_height = self._card().needed(self._list.column[1])
        row.parts.changed()
        self._list.row_changed(self._model.number(row))

    @Slot()
    def _resized(self) -> None:
        row = self._row
        if row is not None:
            at_end = self._list.at_end
            self._list.change_in_place(self._model.number(row), lambda: self._make_room_quietly(row))
            if at_end:  # it stays so: else the card would be cut, and the next one too
                self._list.to_end()
            self.follow()

    def _make_room_quietly(self, row: Row) -> None:
        row.footer_height = self._card().needed(self._list.column[1])
        row.parts.changed()


def _since(message: Message) -> float:
    """Return approximately how many seconds ago a response ended."""
    took = (message.figures.duration_ms if message.figures else None) or 0.0
    return max((now() - message.created_at).total_seconds() - took / 1000, 0.0)
