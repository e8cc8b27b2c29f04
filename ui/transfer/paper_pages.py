"""Parts of chats and comparisons painted on pages, of a PDF or of a printer: A4 or Letter, numbered at their feet."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter

from desktop.transfer.comparison_page.report_style import PORTRAIT
from desktop.transfer.paper_parts import PaperBlock, PaperForm, PaperPart
from ui.transfer.paper_document import DOTS, PaperDocument, PaperFormulas
from ui.transfer.paper_flow import PaperFlow

_MARGIN_MM = 14.0
_INCH_MM = 25.4


class PaperPages:
    """What is painted. All of it, its making too, on one thread."""

    def __init__(self, device: QPagedPaintDevice, form: PaperForm) -> None:
        """Raises OSError where nothing can be painted."""
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
        """Paint a part."""
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
    """A PDF of parts."""

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
        """Paint a part."""
        self._pages.add(part)

    def finished(self) -> bytes:
        """The file."""
        self._pages.end()
        return bytes(self._buffer.data().data())


def page_layout(form: PaperForm) -> QPageLayout:
    """The paper, on its side for more than two columns."""
    size = QPageSize.PageSizeId.Letter if form.letter else QPageSize.PageSizeId.A4
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    upright = form.columns <= PORTRAIT
    way = QPageLayout.Orientation.Portrait if upright else QPageLayout.Orientation.Landscape
    return QPageLayout(QPageSize(size), way, margins, QPageLayout.Unit.Millimeter)
