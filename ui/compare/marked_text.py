"""Read-only text with highlighted stretches that can be stepped through and copied."""

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
    """Style of a stretch; never distinguished by color alone."""

    PLAIN = "plain"
    DELETED = "deleted"  # struck through
    INSERTED = "inserted"  # underlined
    SHARED = "shared"  # underlined: all say it
    PARTLY = "partly"  # dotted: some say it
    NAME = "name"  # who says what follows, in the pane's colour


class Stretch(Struct, frozen=True):
    """Part of a text with its style. `colour` is for names; `number` is its index when stepping through."""

    text: str
    look: StretchStyle = StretchStyle.PLAIN
    colour: str = ""
    number: int | None = None


class MarkedText(QTextEdit):
    """Text view for consecutive stretches; `go_to` selects those with a given number."""

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
        """Replace the text, using the colors of a theme."""
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
        """Select the stretches with this number and scroll to them."""
        start, end = self._ranges.get(number, (0, 0))
        cursor = QTextCursor(self.document())
        cursor.setPosition(end)
        self.setTextCursor(cursor)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _format(self, stretch: Stretch) -> QTextCharFormat:
        theme, style = self._theme, QTextCharFormat()
        style.setForeground(QColor(theme.text))
        match stretch.look:
            case StretchStyle.DELETED:
                style.setBackground(QColor(mixed(theme.canvas, theme.bad, _TINT)))
                style.setFontStrikeOut(True)
            case StretchStyle.INSERTED | StretchStyle.SHARED:
                style.setBackground(QColor(mixed(theme.canvas, theme.good, _TINT)))
                style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                style.setUnderlineColor(QColor(theme.good))
            case StretchStyle.PARTLY:
                style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                style.setUnderlineColor(QColor(theme.good))
            case StretchStyle.NAME:
                style.setForeground(QColor(stretch.colour or theme.text))
                style.setFontWeight(QFont.Weight.DemiBold)
            case StretchStyle.PLAIN:
                pass
        return style
