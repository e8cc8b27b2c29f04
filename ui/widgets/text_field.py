"""Multi-line text field that stays fast whatever the text."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_LONGEST_RUN = 2_000
"""Length of a text without spaces above which words do not wrap, because Qt then needs quadratic time per key."""

_Wrap = QTextOption.WrapMode


class TextField(QPlainTextEdit):
    """Text field that wraps between words, or anywhere if a word is extremely long."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if text:
            self.setPlainText(text)

    def setPlainText(self, text: str) -> None:
        """Replace the text."""
        self.setWordWrapMode(_Wrap.WrapAnywhere if _has_great_run(text) else _Wrap.WrapAtWordBoundaryOrAnywhere)
        super().setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert pasted or dropped text."""
        self.make_ready(source.text())
        super().insertFromMimeData(source)

    def make_ready(self, text: str) -> None:
        """Switch to wrapping anywhere if a text that is about to be inserted requires it."""
        if _has_great_run(text):
            self.setWordWrapMode(_Wrap.WrapAnywhere)


def _has_great_run(text: str) -> bool:
    return len(text) > _LONGEST_RUN and any(len(word) > _LONGEST_RUN for word in text.split())
