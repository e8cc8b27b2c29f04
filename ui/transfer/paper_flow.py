"""Rich text on pages: over the whole width or in columns side by side; no line is cut, no heading left alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPagedPaintDevice,
    QPainter,
    QPalette,
    QTextBlock,
)

from ui.transfer.paper_document import DOTS, INK, PaperDocument

MUTED, RULE = "#5C6573", "#C9CED7"
GAP = 14.0
"""Dots between columns."""

_FOOT = 22.0
"""Dots at the foot of a page that are left to its number."""

_LEAST = 90.0
"""Dots that columns need below their heads to be begun on a page."""


class FlowColumn:
    """A document of one column, which is handed out slice by slice."""

    def __init__(self, document: PaperDocument, width: float) -> None:
        self.document = document
        document.fit(width)
        self.height = document.size().height()
        self.at = 0.0
        self._lines = _runs(document)

    @property
    def first(self) -> float:
        """What has to be on one page at its beginning."""
        return self._lines[0][1] if self._lines else self.height

    @property
    def is_done(self) -> bool:
        """Whether all of it is on paper."""
        return self.at >= self.height - 0.5

    def cut(self, room: float) -> float:
        """Where the next slice ends that has so much room: between two lines; within one that no page could hold."""
        end = self.at + room
        if end >= self.height:
            return self.height
        place = bisect_right(self._lines, (end, 0.0)) - 1
        if place >= 0:
            top, bottom = self._lines[place]
            if top < end < bottom and top > self.at + 0.5:
                return top
        return end


class PaperFlow:
    """Fills page after page from above. `foot` is what stands below each, before its number."""

    def __init__(self, made: QPagedPaintDevice, painter: QPainter, foot: str, *, is_rtl: bool = False) -> None:
        self._made = made
        self._painter = painter
        area = made.pageLayout().paintRectPixels(DOTS)
        self.width = float(area.width())
        self._bottom = float(area.height()) - _FOOT
        self._foot = foot
        self._is_rtl = is_rtl
        self._y = 0.0
        self._page = 1
        self._number()

    @property
    def left(self) -> float:
        """Dots that are left on the page."""
        return self._bottom - self._y

    def space(self, dots: float) -> None:
        """Leave some room, but for the top of a page."""
        if self._y:
            self._y += dots

    def column_width(self, columns: int) -> float:
        """How wide each of so many columns is."""
        return (self.width - GAP * (columns - 1)) / columns

    def block(self, document: PaperDocument, *, keep: float = 0.0, ruled: bool = False) -> None:
        """A document over the whole width; on a new page where it would leave less room below it than `keep`.

        Where it is `ruled` a line stands above it, but for the top of a page.
        """
        column = FlowColumn(document, self.width)
        needed = column.height + keep if keep or column.height < _LEAST else column.first
        if self._y and self.left < needed <= self._bottom:
            self.turn_page()
        if ruled and self._y:
            self._painter.fillRect(QRectF(0, self._y, self.width, 0.7), QColor(RULE))
            self._y += 8
        while not column.is_done:
            self._y += self._slice(column, 0.0, self.width)
            if not column.is_done:
                self.turn_page()

    def columns(self, heads: Sequence[PaperDocument], documents: Sequence[PaperDocument]) -> None:
        """Documents side by side below their heads, which come again on each page that they go on to."""
        width = self.column_width(len(documents))
        columns = [FlowColumn(each, width) for each in documents]
        for each in heads:
            each.fit(width)
        head = max((each.size().height() for each in heads), default=0.0)
        if self._y and self.left < head + min(_LEAST, max(each.height for each in columns)):
            self.turn_page()
        while True:
            self._heads(heads, head, width)
            top = self._y
            places = [self._x(place, width, len(columns)) for place in range(len(columns))]
            deepest = max(self._slice(each, x, width) for each, x in zip(columns, places, strict=True))
            self._between(len(columns), width, top, deepest)
            self._y = top + deepest
            if all(each.is_done for each in columns):
                return
            self.turn_page()

    def turn_page(self) -> None:
        """Go on at the top of a new page."""
        self._made.newPage()
        self._page += 1
        self._y = 0.0
        self._number()

    def _x(self, place: int, width: float, number: int) -> float:
        at = number - 1 - place if self._is_rtl else place
        return at * (width + GAP)

    def _heads(self, heads: Sequence[PaperDocument], height: float, width: float) -> None:
        for place, each in enumerate(heads):
            x = self._x(place, width, len(heads))
            self._draw(each, x, self._y + height - each.size().height(), QRectF(0, 0, width, height))
            self._painter.fillRect(QRectF(x, self._y + height, width, 1), QColor(INK))
        self._y += height + 5

    def _between(self, number: int, width: float, top: float, height: float) -> None:
        for place in range(1, number):
            x = place * (width + GAP) - GAP / 2
            self._painter.fillRect(QRectF(x, top, 0.5, height), QColor(RULE))

    def _slice(self, column: FlowColumn, x: float, width: float) -> float:
        """Draw what the page has room for; its height."""
        start, end = column.at, column.cut(max(self.left, 1.0))
        if end > start:
            self._draw(column.document, x, self._y - start, QRectF(0, start, width, end - start))
        column.at = end
        return end - start

    def _draw(self, document: PaperDocument, x: float, y: float, shown: QRectF) -> None:
        painter = self._painter
        painter.save()
        painter.translate(x, y)
        painter.setClipRect(shown)
        context = QAbstractTextDocumentLayout.PaintContext()
        # A line that only touches the edge would be written too, unseen, and found and read twice.
        context.clip = shown.adjusted(0, 0.5, 0, -0.5)  # pyright: ignore[reportAttributeAccessIssue]
        context.palette = _paper()  # pyright: ignore[reportAttributeAccessIssue]
        document.documentLayout().draw(painter, context)
        painter.restore()

    def _number(self) -> None:
        """What stands at a page's foot, on one line."""
        painter = self._painter
        painter.save()
        font = painter.font()
        font.setPointSizeF(7.0)
        painter.setFont(font)
        painter.setPen(QColor(MUTED))
        line = QRectF(0, self._bottom + 6, self.width, _FOOT - 6)
        foot = painter.fontMetrics().elidedText(self._foot, Qt.TextElideMode.ElideRight, int(self.width - 60))
        near, far = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        if self._is_rtl:
            near, far = far, near
        painter.drawText(line, near, foot)
        painter.drawText(line, far, str(self._page))
        painter.restore()


def _runs(document: PaperDocument) -> list[tuple[float, float]]:
    """From where to where no page may end: lines, and what of a table's cells stands beside one another."""
    found: list[tuple[float, float]] = []
    block = document.begin()
    while block.isValid():
        layout = block.layout()
        top = document.documentLayout().blockBoundingRect(block).top() - layout.boundingRect().top()
        for number in range(layout.lineCount()):
            line = layout.lineAt(number).rect()
            found.append((top + line.top(), top + line.bottom()))
        if block.blockFormat().headingLevel() and (end := _first_line_end(document, block.next())):
            found.append((top, end))
        block = block.next()
    joined: list[tuple[float, float]] = []
    for top, bottom in sorted(found):
        if joined and top < joined[-1][1] - 0.5:
            joined[-1] = (joined[-1][0], max(joined[-1][1], bottom))
        else:
            joined.append((top, bottom))
    return joined


def _first_line_end(document: PaperDocument, block: QTextBlock) -> float:
    """Where the first line of what follows a heading ends; 0 where nothing does."""
    if not block.isValid():
        return 0.0
    layout = block.layout()
    top = document.documentLayout().blockBoundingRect(block).top() - layout.boundingRect().top()
    return top + layout.lineAt(0).rect().bottom() if layout.lineCount() else top


def _paper() -> QPalette:
    """Dark on white, whatever the window's theme is."""
    made = QPalette()
    made.setColor(QPalette.ColorRole.Text, QColor(INK))
    return made
