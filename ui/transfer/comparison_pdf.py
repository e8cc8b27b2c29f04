"""A comparison as a PDF: a summary, then turn by turn the answers in columns side by side, on A4 or Letter."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QBuffer, QIODevice, QLocale, QMarginsF, QUrl
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from desktop.renderer.render_wire import FormulaReply, FormulaRequest
from desktop.transfer import export_writer
from desktop.transfer.comparison_page.comparison_report import ComparisonReport
from desktop.transfer.comparison_page.report_drawings import Ask, DrawnParts, ReportDrawings
from desktop.transfer.comparison_page.report_export import ReportProgress
from desktop.transfer.comparison_page.report_html import PreparedTurn
from desktop.transfer.comparison_page.report_style import PORTRAIT
from desktop.voting.ranking_html import PageWords
from ui.transcript.text.formula_pictures import FormulaPictures
from ui.transfer.paper_flow import INK, PaperFlow
from ui.transfer.paper_text import POINTS, SHEET, PaperText
from ui.transfer.pdf import written_file

_DOTS = 96
_MARGIN_MM = 12.0
_SHARP = 4.0
"""Pixels of a formula's picture for each dot of the paper."""

_T = TypeVar("_T")


async def write_pdf(
    report: ComparisonReport, path: Path, words: PageWords, ask: Ask | None, progress: ReportProgress
) -> None:
    """Write the file whole or not at all; may be cancelled. Needs a QGuiApplication. Raises TransferError.

    All is laid out and painted on one thread, turn by turn: Qt holds Python's lock while it lays one document out.
    """
    pictures = FormulaImages()
    drawings = ReportDrawings(ask, picture=pictures.placed)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "comparison-pdf") as thread, export_writer.draft(path) as unfinished:

        async def there(work: Callable[[], _T]) -> _T:
            """What is worked out on the thread; a cancelled one is waited for, since it paints."""
            return await asyncio.wrap_future(thread.submit(work), loop=loop)

        with written_file(unfinished) as file:
            made = await there(lambda: PaperReport(file, report, words, pictures))
            try:
                await there(made.begin)
                for number in range(len(report.turns)):
                    prepared = await there(lambda number=number: made.text.prepared(number))
                    drawn = await drawings.drawn(prepared.requests)
                    await there(lambda prepared=prepared, drawn=drawn: made.turn(prepared, drawn))
                    progress(number + 1, len(report.turns))
                await there(lambda: made.close(drawings.left))
            finally:
                thread.submit(made.end).result()


class FormulaImages:
    """The pictures of a document's formulas, as PNG by their addresses, which nothing outside of it has."""

    def __init__(self) -> None:
        self._pictures = FormulaPictures(INK, "#FFFFFF", _SHARP)
        self._images: dict[str, bytes] = {}

    def placed(self, request: FormulaRequest, reply: FormulaReply) -> str:
        """What stands in the text for a formula, its line on the text's; empty where it is no picture."""
        made = self._pictures.formula(request, reply)
        if made is None:
            return ""
        scale = POINTS * _DOTS / 72 / request.size
        middle = 0.0 if request.display else self._half() / scale
        above, below = made.ascent, made.descent
        lacking = middle - above + below  # Qt sets a picture's middle on that of the small letters
        above, below = above + max(lacking, 0.0), below + max(-lacking, 0.0)
        image = QImage(
            made.image.width(), math.ceil((above + below) * _SHARP), QImage.Format.Format_ARGB32_Premultiplied
        )
        image.fill(0)
        painter = QPainter(image)
        painter.drawImage(0, round((above - made.ascent) * _SHARP), _of_pixels(made.image))
        painter.end()
        name = f"formula:{len(self._images)}"
        self._images[name] = _png(image)
        wide, high = (max(round(side * scale), 1) for side in (made.width, above + below))
        return f'<img src="{name}" width="{wide}" height="{high}" style="vertical-align: middle">'

    def image(self, name: str) -> QImage:
        """The picture of an address; a dot for any other, so that Qt opens no file."""
        data = self._images.get(name)
        if data is not None:
            return QImage.fromData(data)
        dot = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        dot.fill(0)
        return dot

    @staticmethod
    def _half() -> float:
        """Half the height of small letters, in dots of the paper."""
        return QFontMetricsF(_font()).xHeight() / 2


class PaperDocument(QTextDocument):
    """Rich text that opens nothing."""

    def __init__(self, html: str, images: FormulaImages) -> None:
        super().__init__()
        self._images = images
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(_font())
        self.setDefaultStyleSheet(SHEET)
        self.setHtml(html)

    def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002, ARG002, N802 - Qt's own
        """One of our pictures."""
        return self._images.image(name.toString() if isinstance(name, QUrl) else name)


class PaperReport:
    """The report on paper. All of it, its making too, on one thread."""

    def __init__(self, file: QIODevice, report: ComparisonReport, words: PageWords, images: FormulaImages) -> None:
        self.text = PaperText(report, words)
        self._images = images
        self._made = QPdfWriter(file)
        self._made.setPageLayout(_layout(len(report.panes)))
        self._made.setResolution(_DOTS)
        self._made.setCreator("Paragone")
        self._made.setTitle(self.text.title)
        self._painter = QPainter(self._made)
        if not self._painter.isActive():
            raise OSError("the PDF cannot be begun")
        self._flow = PaperFlow(self._made, self._painter, _DOTS, self.text.title, is_rtl=words.is_rtl)

    def begin(self) -> None:
        """Draw what stands before the first turn."""
        for html in self.text.head():
            self._flow.block(self._document(html))
            self._flow.space(8)

    def turn(self, prepared: PreparedTurn, drawn: DrawnParts) -> None:
        """Draw a turn."""
        flow = self._flow
        flow.space(12)
        flow.block(self._document(self.text.turn_head(prepared.turn)), keep=120, ruled=True)
        flow.space(6)
        for band in self.text.bands:
            heads = [self._document(self.text.pane_head(prepared.turn, place)) for place in band]
            flow.columns(heads, [self._document(self.text.cell(prepared, place, drawn)) for place in band])
            flow.space(8)
        if told := self.text.agreed(prepared):
            flow.block(self._document(told))

    def close(self, undrawn: int) -> None:
        """Draw what stands behind the last turn."""
        if told := self.text.tail(undrawn):
            self._flow.block(self._document(told))

    def end(self) -> None:
        """Write what the file ends with."""
        self._painter.end()

    def _document(self, html: str) -> PaperDocument:
        made = PaperDocument(html, self._images)
        made.documentLayout().setPaintDevice(self._made)
        return made


def _layout(columns: int) -> QPageLayout:
    """The paper of the user's country, on its side for more than two columns."""
    letter = QLocale.system().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
    size = QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4
    upright = columns <= PORTRAIT
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    way = QPageLayout.Orientation.Portrait if upright else QPageLayout.Orientation.Landscape
    return QPageLayout(QPageSize(size), way, margins, QPageLayout.Unit.Millimeter)


def _font() -> QFont:
    made = QFont(QGuiApplication.font())
    made.setPointSizeF(POINTS)
    return made


def _of_pixels(image: QImage) -> QImage:
    """The same picture, measured by its pixels."""
    plain = QImage(image)
    plain.setDevicePixelRatio(1.0)
    return plain


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] - as Qt's documents have it
    return bytes(buffer.data().data())
