"""Work that is done while the window is idle: splitting long texts into slabs."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.segment_builder import SegmentBuilder

_EVERY_MS = 17
_UNROLL_S = 0.006
"""Time slice in seconds for work that the user is waiting for."""


class IdleWork(QObject):
    """Splits long messages in small steps. `unrolled` is emitted when a message has more slabs."""

    unrolled = Signal()

    def __init__(self, builder: SegmentBuilder, messages: MessageList, model: RowsModel) -> None:
        super().__init__(messages)
        self._builder = builder
        self._list = messages
        self._model = model
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._work)

    @Slot()
    def wake(self) -> None:
        """Start working if there is anything to do."""
        if self._builder.wanted and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _work(self) -> None:
        for wanted in [*self._builder.wanted]:
            row = next((row for row in self._model.rows if row.id == wanted), None)
            if row is not None and row.parts.rest:
                self._list.slabs_change(self._model.number(row), lambda row=row: row.parts.unroll(_UNROLL_S))
                self.unrolled.emit()
                break
            del self._builder.wanted[wanted]
        if not self._builder.wanted:
            self._timer.stop()
