"""Muted lines above what is typed: that an old prompt is edited, and a long text that was pasted."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton

from ui.icons import icon
from ui.strings import tr, trn
from ui.theme import Theme
from ui.widgets.labels import label


class Strip(QFrame):
    """A muted line above the text, with a button that takes it away."""

    closed = Signal()

    def __init__(self, text: str, close: str) -> None:
        super().__init__()
        self._said = label(text, "muted")
        self.button = QToolButton()
        self.button.setProperty("role", "quiet")
        self.button.setAccessibleName(close)
        self.button.setToolTip(close)
        self.button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._said)
        row.addWidget(self.button)
        row.addStretch(1)
        self.hide()

    @property
    def said(self) -> str:
        """What the line says."""
        return self._said.text()

    def say(self, text: str) -> None:
        """Another line."""
        self._said.setText(text)

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self.button.setIcon(icon("x", theme.muted, 14))


class PastedStrip(Strip):
    """Holds a text that is too long for the field, and is seen while there is one."""

    changed = Signal()
    """The user pasted more, or took it away."""

    def __init__(self) -> None:
        super().__init__("", tr("Remove pasted text"))
        self._text = ""
        self.closed.connect(self._drop)

    @property
    def text(self) -> str:
        """What was pasted; empty without anything."""
        return self._text

    def put(self, text: str) -> None:
        """Hold this text alone."""
        self._text = text
        self.say(
            trn(
                "Pasted text, {n} character, sent after what you type",
                "Pasted text, {n} characters, sent after what you type",
                len(text),
            )
        )
        self.setVisible(bool(text))

    @Slot(str)
    def add(self, text: str) -> None:
        """Hold this text too."""
        self.put(f"{self._text}\n\n{text}" if self._text else text)
        self.changed.emit()

    @Slot()
    def _drop(self) -> None:
        self.put("")
        self.changed.emit()
