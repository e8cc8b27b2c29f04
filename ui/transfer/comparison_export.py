"""A comparison written from the window as one page: for a browser, as Markdown, or as a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from desktop.comparison import Comparison
from desktop.phrases import phrase
from desktop.services import Services
from desktop.transfer.comparison_page.report_drawings import ReportDrawings
from desktop.transfer.comparison_page.report_export import ReportProgress, export_report
from desktop.transfer.comparison_page.report_reader import read_report
from desktop.transfer.export import ExportFormat
from desktop.voting.ranking_html import PageWords
from ui.strings import tr

PAGES = {
    "md": phrase("The answers turn by turn, with settings, figures and votes, as text to read and edit."),
    "html": phrase("The answers side by side, with settings, figures and votes, as one page for any browser."),
    "pdf": phrase("The answers side by side, with settings, figures and votes, as pages to print or pass on."),
}
"""The formats of a page, by what their files end in, with what is said of them."""


async def export_comparison(
    services: Services, comparison: Comparison, suffix: str, path: Path, progress: ReportProgress
) -> tuple[str, ...]:
    """Write it whole or not at all; the models whose conversations are no longer there. May be cancelled.

    Raises StoreError, TransferError.
    """
    report = await read_report(await services.store(), comparison, version=services.version)
    ask = services.renderer.ask if services.renderer is not None else None
    words = PageWords(QLocale().bcp47Name(), QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft, tr)
    if suffix == "pdf":
        from ui.transfer.comparison_pdf import write_pdf

        await write_pdf(report, path, words, ask, progress)
    else:
        form = ExportFormat.MARKDOWN if suffix == "md" else ExportFormat.HTML
        await export_report(report, form, path, words, drawings=ReportDrawings(ask), progress=progress)
    return tuple(tr(pane.name) for pane in report.panes if pane.is_deleted)
