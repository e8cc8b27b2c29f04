"""Documents that are laid out and painted in pieces."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple, cast

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
    QTextFormat,
    QTextOption,
    QTextTable,
)

from ui.transcript.text.hidden_characters import AS_BEFORE, LEFT_TO_RIGHT, UNWRITTEN
from ui.transcript.text.inline_pictures import InlinePictures
from ui.transcript.text.measures import CODE_EDGE, CODE_HEADER, CODE_SIDE

LINE_HEIGHT = 1.5

BARS = QTextFormat.Property.UserProperty.value
"""Paragraph property: offsets of the quotation bars in pixels, separated by commas."""

CODE = QTextFormat.Property.UserProperty.value + 2
"""Paragraph property of code within text: whether this is the first line of the code."""

LANGUAGE = QTextFormat.Property.UserProperty.value + 3
"""Paragraph property of the first line of code within text: its language."""

SOURCE = QTextFormat.Property.UserProperty.value + 1
"""Character property: source of a formula picture with its delimiters, or of an invisible character shown by name."""

_PICTURE = "\ufffc"
_NAME_BEGINS, _NAME_ENDS = "⟦⟧"

STANDING = (_PICTURE, _NAME_BEGINS, _NAME_ENDS, LEFT_TO_RIGHT, AS_BEFORE)
"""Characters that represent others in a document."""

_CELL = "\ufdd0"
"""Character that begins a table cell in the text Qt returns."""

_BAR = 3

Marks = tuple[tuple[int, int, QColor, QColor], ...]
"""Highlights: start, end, background color and text color of each."""


@lru_cache(16)
def _palette(text: int) -> QPalette:
    """Return a cached palette for a text color."""
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor.fromRgba(text))
    return palette


class InnerCode(NamedTuple):
    """Code within text: its background with the header, its language, and where its text begins and ends."""

    ground: QRectF
    language: str
    start: int
    end: int


class Laid:
    """A document that is laid out for a width and can be painted at any position."""

    def __init__(self, document: QTextDocument) -> None:
        self.document = document
        self._pictures: InlinePictures | None = None
        self._bars: tuple[tuple[int, int], list[QRectF]] = ((-1, -1), [])
        self._codes: tuple[tuple[int, int], list[InnerCode]] = ((-1, -1), [])

    def height(self, width: int) -> int:
        """Return the height in pixels at a width."""
        if self._pictures is None and _PICTURE not in self.document.toRawText():
            self.document.setTextWidth(width)  # before it has a layout, which then is made for this width at once
            self._drawer()
        elif self.document.textWidth() != width:
            self._drawer().laid_anew()
            self.document.setTextWidth(width)
        # Qt's height does not include the space below the last paragraph.
        return round(self.document.size().height() + self.document.lastBlock().blockFormat().bottomMargin())

    def scroll_pictures(self, distance: float) -> bool:
        """Scroll wide formulas sideways. Returns whether any of them moved."""
        return self._pictures is not None and self._pictures.scroll(distance)

    def natural_width(self) -> int:
        """Return the width without wrapping, in pixels."""
        return round(self.document.idealWidth())

    def paint(self, painter: QPainter, at: QPointF, clip: QRectF, text: QColor, marks: Marks = ()) -> None:
        """Paint the part inside the clip, with the document's corner at a point."""
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = _palette(text.rgba())
        context.clip = clip.translated(-at)
        if marks:
            context.selections = [self._selection(*mark) for mark in marks]
        painter.save()
        painter.translate(at)
        self._drawer().ink = text
        self.document.documentLayout().draw(painter, context)
        painter.restore()

    def position_at(self, point: QPointF) -> int:
        """Return the text position nearest to a point."""
        return max(self.document.documentLayout().hitTest(point, Qt.HitTestAccuracy.FuzzyHit), 0)

    def link_at(self, point: QPointF) -> str:
        """Return the address of the link at a point, or an empty string."""
        return self.document.documentLayout().anchorAt(point)

    def word_at(self, position: int) -> tuple[int, int]:
        """Return the start and end of the word around a text position."""
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(position, self.length))
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        return cursor.selectionStart(), cursor.selectionEnd()

    def between(self, start: int, end: int) -> str:
        """Return the text between two positions, with the sources of formulas and invisible characters."""
        text = self._cursor(start, end).selectedText()
        if any(sign in text for sign in STANDING):
            text = self._with_sources(start, text)
        return _plain(text)

    def copied(self, start: int, end: int) -> str:
        """Return the text between two positions in the form for other programs, which separates table cells by tabs."""
        text = self.between(start, end)
        if _CELL not in text and not self._cursor(start, end).hasComplexSelection():  # of cells Qt joins the words
            return text
        as_written = not any(sign in self._cursor(start, end).selectedText() for sign in STANDING)
        lines: list[list[str]] = []
        table: QTextTable | None = None
        block = self.document.findBlock(start)
        while block.isValid() and (begins := block.position()) <= end:
            if table is None or table.lastPosition() < begins:
                table = cast("QTextTable | None", QTextCursor(block).currentTable())  # the stubs know no None
            ends = begins + block.length() - 1
            if as_written and start <= begins and ends <= end:
                written = _plain(block.text())
            else:
                written = self.between(max(start, begins), min(end, ends))
            if table is None:
                lines.append([written])
            else:
                _put(table, begins, written.replace("\n", " "), lines)
            block = block.next()
        return "\n".join("\t".join(cells) for cells in lines).strip("\n")

    def written_length(self, position: int) -> int:
        """Return the number of source characters before a position. It does not depend on rendered formulas."""
        return len(self.between(0, position))

    def position_after(self, length: int) -> int:
        """Return the position that follows a number of source characters."""
        return bisect_left(range(self.length), length, key=self.written_length)

    def _with_sources(self, start: int, text: str) -> str:
        parts: list[str] = []
        sources = _sources(self.document, start, start + len(text) + sum(sign > "\uffff" for sign in text))
        at = start
        in_name = False
        for index, character in enumerate(text):
            at += 2 if character > "\uffff" else 1
            if in_name:
                in_name = character != _NAME_ENDS
                continue
            source = ""
            if character in (_PICTURE, _NAME_BEGINS, LEFT_TO_RIGHT, AS_BEFORE) or not index:
                source = sources.get(at - 1, "") if index else _source_at(self.document, min(at, self.length))
            if source == UNWRITTEN:
                continue
            if character == _PICTURE or source:
                parts.append(source)
                in_name = character not in (_PICTURE, _NAME_ENDS)
            else:
                parts.append(character)
        return "".join(parts)

    @property
    def length(self) -> int:
        """Number of text positions in the document."""
        return max(self.document.characterCount() - 1, 0)

    @property
    def text(self) -> str:
        """The text, with one character per position."""
        return self.document.toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def place_of(self, position: int) -> QRectF:
        """Return the caret rectangle of a text position."""
        block = self.document.findBlock(position)
        top = self.document.documentLayout().blockBoundingRect(block).topLeft()
        line = block.layout().lineForTextPosition(position - block.position())
        if not line.isValid():
            return QRectF(top.x(), top.y(), 0, 0)
        x = cast("tuple[float, int]", line.cursorToX(position - block.position()))[0]  # the stubs know no type
        return QRectF(top.x() + x, top.y() + line.y(), 0, line.height())

    def paragraph_at(self, y: float) -> tuple[int, float]:
        """Return the paragraph at a vertical position, and the share of its height above that position."""
        block = self.document.findBlock(self.position_at(QPointF(0, y)))
        rect = self.document.documentLayout().blockBoundingRect(block)
        return block.blockNumber(), (y - rect.top()) / max(rect.height(), 1.0)

    def top_of(self, paragraph: int, share: float) -> int:
        """Return the vertical position that lies at a share of a paragraph's height."""
        rect = self.document.documentLayout().blockBoundingRect(self.document.findBlockByNumber(paragraph))
        return round(rect.top() + share * rect.height()) if paragraph or share else 0

    def top_changed_since(self, revision: int) -> int:
        """Return the vertical position from which a document may have changed since a revision.

        Only changes at the end are considered; the position is one paragraph above them.
        """
        block = self.document.lastBlock()
        while block.isValid() and block.revision() > revision:
            block = block.previous()
        if not block.isValid() or not block.previous().isValid():
            return 0
        return int(self.document.documentLayout().blockBoundingRect(block).top())

    @property
    def ends_rtl(self) -> bool:
        """Whether the last paragraph runs from right to left."""
        return self.document.lastBlock().textDirection() is Qt.LayoutDirection.RightToLeft

    def bars(self, width: int) -> list[QRectF]:
        """Return the rectangles of the quotation bars at a width."""
        state = (width, self.document.revision())
        if self._bars[0] != state:
            self._bars = (state, self._found_bars(width))
        return self._bars[1]

    def codes(self, width: int) -> list[InnerCode]:
        """Return the code within text at a width."""
        state = (width, self.document.revision())
        if self._codes[0] != state:
            self._codes = (state, self._found_codes(width))
        return self._codes[1]

    def _drawer(self) -> InlinePictures:
        """Return the object that paints formulas. It must be installed before the first layout."""
        if self._pictures is None:
            self._pictures = InlinePictures()
            kind = QTextFormat.ObjectTypes.ImageObject.value
            self.document.documentLayout().registerHandler(kind, self._pictures)
        return self._pictures

    def _found_codes(self, width: int) -> list[InnerCode]:
        layout = self.document.documentLayout()
        codes: list[InnerCode] = []
        block = self.document.begin()
        while block.isValid():
            form = block.blockFormat()
            if form.hasProperty(CODE):
                lines = layout.blockBoundingRect(block)
                left = form.leftMargin() - CODE_SIDE
                ground = QRectF(left, lines.top() - CODE_EDGE, width - left, lines.height() + 2 * CODE_EDGE)
                start, end = block.position(), block.position() + block.length() - 1
                if form.boolProperty(CODE) or not codes:
                    ground.setTop(ground.top() - CODE_HEADER)
                    codes.append(InnerCode(ground, str(form.property(LANGUAGE) or ""), start, end))
                else:
                    codes[-1] = codes[-1]._replace(ground=codes[-1].ground.united(ground), end=end)
            block = block.next()
        return [each._replace(ground=QRectF(each.ground.toAlignedRect())) for each in codes]  # on whole pixels

    def _found_bars(self, width: int) -> list[QRectF]:
        layout = self.document.documentLayout()
        rectangles: list[QRectF] = []
        before: set[int] = set()
        above = 0.0
        block = self.document.begin()
        while block.isValid():
            following = block.next()
            below = self.document.size().height() + (CODE_EDGE if block.blockFormat().hasProperty(CODE) else 0)
            if following.isValid():
                below = layout.blockBoundingRect(following).top() - following.blockFormat().topMargin()
            bars = {int(left) for left in str(block.blockFormat().property(BARS) or "").split(",") if left}
            rtl = block.textDirection() is Qt.LayoutDirection.RightToLeft
            for left in bars:
                top = above if left in before else layout.blockBoundingRect(block).top()
                rectangles.append(QRectF(width - left - _BAR if rtl else left, top, _BAR, below - top))
            before, above = bars, below
            block = following
        return rectangles

    def _selection(self, start: int, end: int, ground: QColor, text: QColor) -> QAbstractTextDocumentLayout.Selection:
        marked = QAbstractTextDocumentLayout.Selection()
        marked.cursor = self._cursor(start, end)
        marked.format.setBackground(ground)
        marked.format.setForeground(text)
        return marked

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document)
        last = self.length
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor


class PlainText(Laid):
    """Text in one font. When text is appended, only the last paragraph is laid out again."""

    def __init__(self, text: str, font: QFont) -> None:
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        form = QTextBlockFormat()
        height = round(font.pixelSize() * LINE_HEIGHT)
        form.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        cursor = QTextCursor(document)
        cursor.setBlockFormat(form)
        cursor.insertText(text)
        super().__init__(document)

    def append(self, text: str) -> None:
        """Append text to the last paragraph."""
        cursor = QTextCursor(self.document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)


def _put(table: QTextTable, at: int, said: str, lines: list[list[str]]) -> None:
    """Add the text of a paragraph in a table cell to the lines, in the order of the columns."""
    cell, is_rtl = table.cellAt(at), table.format().alignment() == Qt.AlignmentFlag.AlignRight
    if not lines or (cell.firstPosition() == at and not cell.column()):
        lines.append([])
    cells = lines[-1]
    if cell.firstPosition() != at and cells:
        cells[0 if is_rtl else -1] += f" {said}"
    else:
        cells.insert(0 if is_rtl else len(cells), said)


def _plain(text: str) -> str:
    """Replace Qt's own line ends and non-breaking spaces by ordinary ones."""
    return text.replace("\u2029", "\n").replace("\u2028", "\n").replace("\u00a0", " ")


def _source_at(document: QTextDocument, position: int) -> str:
    cursor = QTextCursor(document)
    cursor.setPosition(position)
    return str(cursor.charFormat().property(SOURCE) or "")


def _sources(document: QTextDocument, start: int, end: int) -> dict[int, str]:
    """Return the sources of represented characters between two positions, by position.

    They are read from text fragments, because moving a cursor is slow.
    """
    sources: dict[int, str] = {}
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        pieces = block.begin()
        while not pieces.atEnd():
            fragment = pieces.fragment()
            source = fragment.charFormat().property(SOURCE)
            if source:
                first, length = fragment.position(), fragment.length()
                sources.update(dict.fromkeys(range(first, first + length), str(source)))
            pieces += 1
        block = block.next()
    return sources
