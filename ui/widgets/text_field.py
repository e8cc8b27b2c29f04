"""A field of several lines that stays quick whatever is put into it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_LONGEST_RUN = 2_000
"""Characters without a blank: where lines are to end between words, Qt takes the square of them, at each key."""

_Wrap = QTextOption.WrapMode


class TextField(QPlainTextEdit):
    """Lines end between words, but where one of them is longer than any word: then they end anywhere."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if text:
            self.setPlainText(text)

    def setPlainText(self, text: str) -> None:
        """Show another text."""
        self.setWordWrapMode(_Wrap.WrapAnywhere if _has_great_run(text) else _Wrap.WrapAtWordBoundaryOrAnywhere)
        super().setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """What is pasted or dropped."""
        self.make_ready(source.text())
        super().insertFromMimeData(source)

    def make_ready(self, text: str) -> None:
        """Have lines end anywhere where a text that is about to be put in wants it."""
        if _has_great_run(text):
            self.setWordWrapMode(_Wrap.WrapAnywhere)


def _has_great_run(text: str) -> bool:
    return len(text) > _LONGEST_RUN and any(len(word) > _LONGEST_RUN for word in text.split())
