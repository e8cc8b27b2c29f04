"""What was put off until nothing else is to do: long texts cut, the library of formulas loaded."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, Slot

from ui.transcript.list import MessageList
from ui.transcript.model import RowsModel
from ui.transcript.scribe import Scribe

_EVERY_MS = 17
_UNROLL_S = 0.006
"""What may be spent at once on what somebody waits for."""


class IdleWork(QObject):
    """Does a little at a time while there is something left. `unrolled` comes when a long message has more slabs."""

    unrolled = Signal()
    _loaded = Signal()

    def __init__(self, scribe: Scribe, messages: MessageList, model: RowsModel) -> None:
        super().__init__(messages)
        self._scribe = scribe
        self._list = messages
        self._model = model
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._work)
        self._asked = False
        self._loaded.connect(self._draw_formulas)

    @Slot()
    def wake(self) -> None:
        """See whether there is something to do."""
        if self._scribe.wanted and not self._timer.isActive():
            self._timer.start()
        if self._scribe.missed_formulas and not self._asked:
            self._asked = True
            QThreadPool.globalInstance().start(self._load)

    def _load(self) -> None:
        """On a thread: what draws formulas."""
        from ui.transcript.mathematics import load

        try:
            load()
        finally:
            with contextlib.suppress(RuntimeError):  # the transcript was closed meanwhile
                self._loaded.emit()

    @Slot()
    def _draw_formulas(self) -> None:
        """The library is there: what is shown is written anew."""
        self._scribe.restyle(self._scribe.look, self._scribe.ratio)
        self._list.set_look(self._scribe.look)

    @Slot()
    def _work(self) -> None:
        for row in [*self._scribe.wanted]:
            if row.parts.rest and row in self._model.rows:
                self._list.slabs_change(self._model.number(row), lambda row=row: row.parts.unroll(_UNROLL_S))
                self.unrolled.emit()
                break
            del self._scribe.wanted[row]
        if not self._scribe.wanted:
            self._timer.stop()
