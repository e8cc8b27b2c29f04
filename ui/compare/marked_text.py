"""Plain text with stretches marked by colour and line, to be read, gone through and copied."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from ui.base.theme import Theme, mixed

_TINT = 0.14
_MARGIN = 12


class StretchStyle(Enum):
    """How a stretch is marked; never by colour alone."""

    PLAIN = "plain"
    DELETED = "deleted"  # struck through
    INSERTED = "inserted"  # underlined
    SHARED = "shared"  # underlined: all say it
    PARTLY = "partly"  # dotted: some say it
    NAME = "name"  # who says what follows, in the pane's colour


class Stretch(Struct, frozen=True):
    """Some text and how it is marked; `colour` is a name's, `number` the place among those that are gone through."""

    text: str
    look: StretchStyle = StretchStyle.PLAIN
    colour: str = ""
    number: int | None = None


class MarkedText(QTextEdit):
    """Shows stretches one after the other. `go_to` marks the stretches of a number."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ranges: dict[int, tuple[int, int]] = {}
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(_MARGIN)

    def show_stretches(self, stretches: Sequence[Stretch], theme: Theme) -> None:
        """Show another text."""
        self._theme = theme
        self._ranges = {}
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for stretch in stretches:
            start = cursor.position()
            cursor.insertText(stretch.text, self._format(stretch))
            if stretch.number is not None:
                first = self._ranges.get(stretch.number, (start, start))[0]
                self._ranges[stretch.number] = (first, cursor.position())
        cursor.select(QTextCursor.SelectionType.Document)
        spaced = QTextBlockFormat()
        spaced.setLineHeight(140, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spaced)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def go_to(self, number: int) -> None:
        """Mark the stretches of a number and bring them into view."""
        start, end = self._ranges.get(number, (0, 0))
        cursor = QTextCursor(self.document())
        cursor.setPosition(end)
        self.setTextCursor(cursor)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _format(self, stretch: Stretch) -> QTextCharFormat:
        theme, made = self._theme, QTextCharFormat()
        made.setForeground(QColor(theme.text))
        match stretch.look:
            case StretchStyle.DELETED:
                made.setBackground(QColor(mixed(theme.canvas, theme.bad, _TINT)))
                made.setFontStrikeOut(True)
            case StretchStyle.INSERTED | StretchStyle.SHARED:
                made.setBackground(QColor(mixed(theme.canvas, theme.good, _TINT)))
                made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                made.setUnderlineColor(QColor(theme.good))
            case StretchStyle.PARTLY:
                made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                made.setUnderlineColor(QColor(theme.good))
            case StretchStyle.NAME:
                made.setForeground(QColor(stretch.colour or theme.text))
                made.setFontWeight(QFont.Weight.DemiBold)
            case StretchStyle.PLAIN:
                pass
        return made
