"""Paints chats and comparisons on numbered pages, for PDF files and printers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QTextTable,
)

from desktop.reports.report_style import INKS, PORTRAIT
from desktop.transfer.export.paper_text import PaperBlock, PaperForm, PaperPart, PlacedFormula
from ui.transcript.text.formula_pictures import Formula, FormulaPictures, around_middle

INK = "#1B1F27"
DOTS = 96
"""Resolution of the layout in dots per inch, whatever the printer."""

_SHARP = 4.0
"""Resolution of formulas in pixels per dot."""

_LONG_WORD = re.compile(r"\S{12,}")
_STEP = 8
"""Number of characters between break opportunities in a word that is too long."""

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_CODE = re.compile(r'<code dir="ltr">[^<]{0,10000}</code>')
"""Pattern for inline code. It is isolated by characters, because Qt has no direction for part of a line."""

_BOXES = (
    *(("<mark>", '<span class="mark">'), ("</mark>", "</span>"), ('<div class="formula">', '<div align="center">')),
    ('<p class="prompt"', '<p style="background-color: #F3F4F7" class="plain"'),
    *((f' style="text-align:{side}"', f' align="{side}"') for side in ("left", "center", "right")),
)
"""HTML that Qt does not support, and what replaces it. A cell with a style gets no border from the style sheet."""

_CODE_END = re.compile(r"\n(</span>)?</code></pre>")
"""Pattern for the line end at the end of a code block, which Qt would show as an empty line."""

_INDENT = 22
"""Indentation of a list level in dots."""

_FORMULA = re.compile(r'<img src="(formula:\d+)">')

_SHEET = """
h1 { font-size: 17pt; margin: 0; } h2 { font-size: LARGEpt; margin: 4px 0 4px 0; }
h3, h4, h5, h6 { font-size: HEADpt; margin: 8px 0 3px 0; }
h2 .muted, h2 .state { font-size: SMALLpt; font-weight: normal; }
p { margin: 0 0 5px 0; } ul, ol { margin: 0 0 5px 0; } li { margin: 0; }
.muted, .figures, .none, .attached, .language, .state, blockquote, .footnote { color: #5C6573; }
.figures, .muted, .attached, .language { font-size: SMALLpt; }
.good, .figures b { color: #0F5F36; } .problem { color: #A01824; }
.plain { white-space: pre-wrap; }
pre, code { font-family: monospace; font-size: SMALLpt; white-space: pre-wrap; }
pre { background-color: #F3F4F7; margin: 0 0 5px 0; }
.mark { background-color: #FDF0C4; text-decoration: underline; }
table { border-collapse: collapse; margin: 0 0 5px 0; }
th, td { border: 1px solid #C9CED7; padding: 3px; }
a { color: #1D3FB0; }
""" + " ".join(f".k-{name} {{ color: {ink}; }}" for name, ink in INKS.items())


class PaperFormulas:
    """Pictures of formulas by name, painted on first use."""

    def __init__(self, points: float) -> None:
        self._pictures = FormulaPictures(INK, "#FFFFFF", _SHARP)
        self._known: dict[str, PlacedFormula] = {}
        self._points = points

    def know(self, formulas: Mapping[str, PlacedFormula]) -> None:
        """Add the formulas that belong to a part."""
        self._known.update(formulas)

    def element(self, name: str) -> str:
        """Return the HTML for a formula, or an empty string if the formula has no picture."""
        found = self._made(name)
        if found is None:
            return ""
        placed, image = found
        scale = self._points * DOTS / 72 / placed.request.size
        size = image.deviceIndependentSize() * scale
        wide, high = max(round(size.width()), 1), max(round(size.height()), 1)
        return f'<img src="{name}" width="{wide}" height="{high}" style="vertical-align: middle">'

    def image(self, name: str) -> QImage:
        """Return a picture by name. An unknown name returns a single dot, because Qt would try to open a file."""
        found = self._made(name)
        if found is not None:
            return found[1]
        dot = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        dot.fill(0)
        return dot

    def _made(self, name: str) -> tuple[PlacedFormula, QImage] | None:
        placed = self._known.get(name)
        made = self._pictures.formula(placed.request, placed.reply) if placed is not None else None
        if placed is None or made is None:
            return None
        image = around_middle(made, self._half(placed, made))
        image.setDevicePixelRatio(_SHARP)
        return placed, image

    def _half(self, placed: PlacedFormula, made: Formula) -> float:
        """Return half the x-height in pixels of the formula; for a display formula, a value that adds no space."""
        if placed.request.display:
            return (made.ascent - made.descent) / 2
        return QFontMetricsF(paper_font(self._points)).xHeight() / 2 * placed.request.size / (self._points * DOTS / 72)


class PaperDocument(QTextDocument):
    """Rich text document that loads no files. Words break only if they do not fit the width."""

    def __init__(self, html: str, formulas: PaperFormulas, points: float) -> None:
        super().__init__()
        self._formulas = formulas
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(paper_font(points))
        self.setDefaultStyleSheet(_sheet(points))
        self.setIndentWidth(_INDENT)
        html = _CODE_END.sub(r"\1</code></pre>", html)
        for ours, theirs in _BOXES:
            html = html.replace(ours, theirs)
        html = _FORMULA.sub(lambda found: formulas.element(found[1]), html)
        self.setHtml(_CODE.sub("\u2066\\g<0>\u2069", html) if _FROM_RIGHT.search(html) else html)
        self._clear_grounds()
        option = QTextOption(self.defaultTextOption())
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        self.setDefaultTextOption(option)

    def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002, ARG002, N802 - Qt's own
        """Return the picture of a formula."""
        return self._formulas.image(name.toString() if isinstance(name, QUrl) else name)

    def fit(self, width: float) -> None:
        """Lay out the document for a width, breaking only words that are too long."""
        self.setTextWidth(width)
        self._let_break(lambda block: _overflows(block, width))
        if self.size().width() > width + 1:  # a table whose words alone are too wide
            self._let_break(_is_in_table)
        if self.size().width() > width + 1:
            option = QTextOption(self.defaultTextOption())
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            self.setDefaultTextOption(option)

    def _clear_grounds(self) -> None:
        """Set the background of code on whole paragraphs, because that of words hides the line above."""
        grounded: list[tuple[int, int, QTextCharFormat]] = []
        block = self.begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd() and block.blockFormat().background().style() is not Qt.BrushStyle.NoBrush:
                piece = pieces.fragment()
                form = piece.charFormat()
                form.clearBackground()
                grounded.append((piece.position(), piece.length(), form))
                pieces += 1
            block = block.next()
        cursor = QTextCursor(self)
        for start, length, form in grounded:
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(form)

    def _let_break(self, wanted: Callable[[QTextBlock], bool]) -> None:
        """Insert break opportunities into the long words of the wanted paragraphs."""
        places: list[int] = []
        block = self.begin()
        while block.isValid():
            if wanted(block):
                for word in _LONG_WORD.finditer(block.text()):
                    places += range(block.position() + word.start() + _STEP, block.position() + word.end() - 2, _STEP)
            block = block.next()
        cursor = QTextCursor(self)
        cursor.beginEditBlock()
        for place in sorted(places, reverse=True):
            cursor.setPosition(place)
            cursor.insertText("\u200b")
        cursor.endEditBlock()


def _is_in_table(block: QTextBlock) -> bool:
    return cast("QTextTable | None", QTextCursor(block).currentTable()) is not None  # the stubs know no None


def _sheet(points: float) -> str:
    sizes = {"LARGE": points, "HEAD": points * 0.95, "SMALL": points * 0.88}
    sheet = _SHEET
    for name, size in sizes.items():
        sheet = sheet.replace(name, f"{size:.1f}")
    return sheet


def _overflows(block: QTextBlock, width: float) -> bool:
    layout = block.layout()
    lines = (layout.lineAt(number) for number in range(layout.lineCount()))
    return any(line.naturalTextWidth() > min(line.width(), width) + 1 for line in lines)


def paper_font(points: float) -> QFont:
    """Return the font for text."""
    made = QFont(QGuiApplication.font())
    made.setPointSizeF(points)
    return made


MUTED, RULE = "#5C6573", "#C9CED7"
GAP = 14.0
"""Space between columns in dots."""

_FOOT = 22.0
"""Height in dots that is reserved for the page number."""

_LEAST = 90.0
"""Minimum height in dots below the headers for columns to begin on a page."""


class FlowColumn:
    """Document of one column, which is painted slice by slice."""

    def __init__(self, document: PaperDocument, width: float) -> None:
        self.document = document
        document.fit(width)
        self.height = document.size().height()
        self.at = 0.0
        self._lines = _runs(document)

    @property
    def first(self) -> float:
        """Height of the part at the beginning that must not be split between pages."""
        return self._lines[0][1] if self._lines else self.height

    @property
    def is_done(self) -> bool:
        """Whether the whole document has been painted."""
        return self.at >= self.height - 0.5

    def cut(self, room: float) -> float:
        """Return the end of the next slice. It is between two lines, unless a single line is taller than a page."""
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
    """Fills pages from top to bottom. `foot` is printed in front of the page number."""

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
        """Height in dots that remains on the page."""
        return self._bottom - self._y

    def space(self, dots: float) -> None:
        """Add vertical space, except at the top of a page."""
        if self._y:
            self._y += dots

    def column_width(self, columns: int) -> float:
        """Return the width of each column."""
        return (self.width - GAP * (columns - 1)) / columns

    def block(self, document: PaperDocument, *, keep: float = 0.0, ruled: bool = False) -> None:
        """Paint a document over the full width.

        A new page is started first if the document, and `keep` dots below it, fit on an empty page but not on
        this one.
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
        """Paint documents side by side. Their headers are repeated on each page."""
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
        """Start a new page."""
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
        """Paint the part of a column that fits on the page, and return its height."""
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
        # In a PDF, a line that only touches the edge would be invisible but found by a search.
        context.clip = shown.adjusted(0, 0.5, 0, -0.5)  # pyright: ignore[reportAttributeAccessIssue]
        context.palette = _paper()  # pyright: ignore[reportAttributeAccessIssue]
        document.documentLayout().draw(painter, context)
        painter.restore()

    def _number(self) -> None:
        """Paint the footer with the page number."""
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
    """Return the vertical spans within which no page may end: lines and table rows."""
    spans: list[tuple[float, float]] = []
    block = document.begin()
    while block.isValid():
        layout = block.layout()
        top = document.documentLayout().blockBoundingRect(block).top() - layout.boundingRect().top()
        for number in range(layout.lineCount()):
            line = layout.lineAt(number).rect()
            spans.append((top + line.top(), top + line.bottom()))
        if block.blockFormat().headingLevel() and (end := _first_line_end(document, block.next())):
            spans.append((top, end))
        block = block.next()
    joined: list[tuple[float, float]] = []
    for top, bottom in sorted(spans):
        if joined and top < joined[-1][1] - 0.5:
            joined[-1] = (joined[-1][0], max(joined[-1][1], bottom))
        else:
            joined.append((top, bottom))
    return joined


def _first_line_end(document: PaperDocument, block: QTextBlock) -> float:
    """Return the vertical end of the first line of a paragraph that follows a heading, or 0 if there is none."""
    if not block.isValid():
        return 0.0
    layout = block.layout()
    top = document.documentLayout().blockBoundingRect(block).top() - layout.boundingRect().top()
    return top + layout.lineAt(0).rect().bottom() if layout.lineCount() else top


def _paper() -> QPalette:
    """Return a palette with dark text."""
    made = QPalette()
    made.setColor(QPalette.ColorRole.Text, QColor(INK))
    return made


_MARGIN_MM = 14.0
_INCH_MM = 25.4


class PaperPages:
    """Paints parts on the pages of a device. All methods must be called in the same thread."""

    def __init__(self, device: QPagedPaintDevice, form: PaperForm) -> None:
        """Begin to paint.

        Raises:
            OSError: If the device cannot be painted on.
        """
        self._points = form.points
        self._formulas = PaperFormulas(form.points)
        self._painter = QPainter(device)
        if not self._painter.isActive():
            raise OSError("the pages cannot be begun")
        self._painter.scale(device.logicalDpiX() / DOTS, device.logicalDpiY() / DOTS)
        self._measure = QImage(1, 1, QImage.Format.Format_RGB32)  # fonts are measured for the paper, whatever it is
        self._measure.setDotsPerMeterX(round(DOTS * 1000 / _INCH_MM))
        self._measure.setDotsPerMeterY(round(DOTS * 1000 / _INCH_MM))
        self._flow = PaperFlow(device, self._painter, form.title, is_rtl=form.is_rtl)

    def add(self, part: PaperPart) -> None:
        """Paint one part of the document."""
        self._formulas.know(part.formulas)
        flow = self._flow
        if isinstance(part, PaperBlock):
            if part.page:
                flow.turn_page()
            flow.space(12 if part.ruled else 6)
            flow.block(self._document(part.html), keep=part.keep, ruled=part.ruled)
            return
        heads = [self._document(each) for each in part.heads]
        flow.space(6)
        flow.columns(heads, [self._document(each) for each in part.cells])
        flow.space(2)

    def end(self) -> None:
        """Finish the last page."""
        self._painter.end()

    def _document(self, html: str) -> PaperDocument:
        made = PaperDocument(html, self._formulas, self._points)
        made.documentLayout().setPaintDevice(self._measure)
        return made


class PaperPdf:
    """Builds a PDF file from parts."""

    def __init__(self, form: PaperForm) -> None:
        self._buffer = QBuffer()
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._writer = QPdfWriter(self._buffer)
        self._writer.setPageLayout(page_layout(form))
        self._writer.setResolution(DOTS)
        self._writer.setCreator("Paragone")
        self._writer.setTitle(form.title)
        self._pages = PaperPages(self._writer, form)

    def add(self, part: PaperPart) -> None:
        """Paint one part of the document."""
        self._pages.add(part)

    def finished(self) -> bytes:
        """Return the content of the complete file."""
        self._pages.end()
        return bytes(self._buffer.data().data())


def page_layout(form: PaperForm) -> QPageLayout:
    """Return the paper size and orientation, which is landscape for more than two columns."""
    size = QPageSize.PageSizeId.Letter if form.letter else QPageSize.PageSizeId.A4
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    upright = form.columns <= PORTRAIT
    way = QPageLayout.Orientation.Portrait if upright else QPageLayout.Orientation.Landscape
    return QPageLayout(QPageSize(size), way, margins, QPageLayout.Unit.Millimeter)
