"""Deltas gathered and handed on at the display's rate: the first at once, the rest every 33 ms."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

INTERVAL_MS = 33
"""Thirty times a second is read as a flow; oftener only costs."""


class Batcher(QObject):
    """Takes deltas as they come; `ready` gives the text and the reasoning that gathered."""

    ready = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._tick)

    def text(self, delta: str) -> None:
        """More of the answer."""
        self._text.append(delta)
        self._added()

    def reasoning(self, delta: str) -> None:
        """More of what the model thinks."""
        self._reasoning.append(delta)
        self._added()

    def flush(self) -> None:
        """Hand on what gathered now, as at an answer's end."""
        self._timer.stop()
        self._hand_on()

    def clear(self) -> None:
        """Forget what gathered: another conversation is shown."""
        self._timer.stop()
        self._text.clear()
        self._reasoning.clear()

    @Slot()
    def _tick(self) -> None:
        if self._hand_on():
            self._timer.start()

    def _added(self) -> None:
        if not self._timer.isActive():
            self._hand_on()
            self._timer.start()

    def _hand_on(self) -> bool:
        if not self._text and not self._reasoning:
            return False
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        self._text.clear()
        self._reasoning.clear()
        self.ready.emit(text, reasoning)
        return True
