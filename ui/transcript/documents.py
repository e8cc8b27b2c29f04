"""Plain text laid out for painting, growing at its end without laying out what stands."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QPainter,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

LINE_HEIGHT = 1.5


class TextBlock:
    """Text in one font. Only its last paragraph is laid out anew when it grows."""

    def __init__(self, text: str, font: QFont) -> None:
        self._document = QTextDocument()
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._document.setDefaultTextOption(option)
        form = QTextBlockFormat()
        height = round(font.pixelSize() * LINE_HEIGHT)
        form.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        cursor = QTextCursor(self._document)
        cursor.setBlockFormat(form)
        cursor.insertText(text)

    def append(self, text: str) -> None:
        """More text at the end."""
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def height(self, width: int) -> int:
        """Pixels high at a width."""
        if self._document.textWidth() != width:
            self._document.setTextWidth(width)
        return round(self._document.size().height())

    def natural_width(self) -> int:
        """Pixels that the text would like, unbroken but for its own lines."""
        return round(self._document.idealWidth())

    def paint(
        self,
        painter: QPainter,
        at: QPointF,
        clip: QRectF,
        colour: QColor,
        selection: tuple[int, int],
        palette: QPalette,
    ) -> None:
        """Draw at a point what lies within `clip`; positions `selection` are drawn as selected."""
        context = QAbstractTextDocumentLayout.PaintContext()
        own = QPalette(palette)
        own.setColor(QPalette.ColorRole.Text, colour)
        context.palette = own
        painter.save()
        painter.translate(at)
        context.clip = clip.translated(-at)
        if selection[0] != selection[1]:
            marked = QAbstractTextDocumentLayout.Selection()
            marked.cursor = self._cursor(*selection)
            marked.format.setBackground(palette.color(QPalette.ColorRole.Highlight))
            marked.format.setForeground(palette.color(QPalette.ColorRole.HighlightedText))
            context.selections = [marked]
        self._document.documentLayout().draw(painter, context)
        painter.restore()

    def position_at(self, point: QPointF) -> int:
        """The position nearest to a point."""
        found = self._document.documentLayout().hitTest(point, Qt.HitTestAccuracy.FuzzyHit)
        return max(found, 0)

    def word_at(self, position: int) -> tuple[int, int]:
        """The word around a position."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(position)
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        return cursor.selectionStart(), cursor.selectionEnd()

    def between(self, start: int, end: int) -> str:
        """The text between two positions."""
        return self._cursor(start, end).selectedText().replace("\u2029", "\n").replace("\u2028", "\n")

    def length(self) -> int:
        """Positions in the text."""
        return max(self._document.characterCount() - 1, 0)

    def end_rect(self) -> QRectF:
        """Where the caret stands after the last character."""
        block = self._document.lastBlock()
        top = self._document.documentLayout().blockBoundingRect(block).topLeft()
        layout = block.layout()
        if layout.lineCount() == 0:
            return QRectF(top.x(), top.y(), 0, 0)
        line = layout.lineAt(layout.lineCount() - 1)
        return QRectF(top.x() + line.naturalTextWidth() + line.x(), top.y() + line.y(), 0, line.height())

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self._document)
        last = self.length()
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor
