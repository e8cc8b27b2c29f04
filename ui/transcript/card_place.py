"""Where the error card stands: in the last row, below what came of its answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from ui.transcript.error_card import ErrorCard
from ui.transcript.list import MessageList
from ui.transcript.model import RowsModel
from ui.transcript.rows import Row


class CardPlace(QObject):
    """Makes room in the row for the card and keeps it there."""

    def __init__(self, messages: MessageList, model: RowsModel) -> None:
        super().__init__(messages)
        self._list = messages
        self._model = model
        self._row: Row | None = None
        self.card = ErrorCard(messages.viewport())
        self.card.hide()
        self.card.resized.connect(self._resized)

    @Slot()
    def place(self) -> None:
        """Show the card where the last answer failed, and nowhere else."""
        row = self._model.last
        if row is None or row.problem is None or row.live:
            self.card.hide()
            self._row = None
            return
        if self._row is not row:
            self._row = row
            self.card.show_problem(row.problem, row.message.figures, may_continue=row.is_broken and bool(row.text))
        painter = self._list.painter
        left, width = painter.column(painter.width)
        needed = self.card.needed(width)
        if row.footer_height != needed:
            row.footer_height = needed
            row.changed()
            self._list.change(lambda: None)
        top = self._list.row_top(row) + painter.geometry(row).footer.top()
        self.card.setGeometry(left, top, width, needed)
        self.card.show()

    def drop(self) -> None:
        """Take the card away: something follows."""
        row = self._model.last
        if row is not None and row.footer_height:
            row.footer_height = 0
            row.changed()
        self.card.hide()
        self._row = None

    @Slot()
    def _resized(self) -> None:
        row = self._model.last
        if row is not None:
            self._list.change_in_place(row, self.place)
