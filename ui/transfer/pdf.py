"""Conversations as a PDF of A4 pages, laid out from the HTML of the web page: no image, no script."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QFile, QFileDevice, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from desktop.domain import Conversation
from desktop.transfer import export_writer, html_page
from ui.strings import trn

_DOTS = 96
_AT_ONCE = 100_000
"""Characters of HTML in one document."""

_MARGIN_MM = 18.0
_INK = "#1d1d1b"
_STYLE = """
body { font-size: 10pt; line-height: 140%; color: #1d1d1b; }
h1 { font-size: 17pt; } h2 { font-size: 9pt; color: #6b6a66; margin-top: 16px; }
h3 { font-size: 13pt; } h4 { font-size: 11pt; } h5, h6 { font-size: 10pt; }
.about { color: #6b6a66; font-size: 9pt; }
.problem { color: #b3261e; }
.plain { white-space: pre-wrap; }
details, summary, blockquote, .footnote, .language { color: #6b6a66; }
pre, code { font-family: monospace; font-size: 9pt; white-space: pre-wrap; }
pre { background-color: #f3f3f1; }
th, td { border: 1px solid #c9c8c3; padding: 3px; }
table { border-collapse: collapse; }
a { color: #2b5fd0; }
"""


_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_CODE = re.compile(r'<code dir="ltr">[^<]{0,10000}</code>')
"""Code within words: Qt knows no direction of it, so that signs that mean one stand around it."""


def write(path: Path, conversations: Sequence[Conversation]) -> None:
    """Write the file whole or not at all, each conversation from a page of its own. Slow: call it on a thread.

    Needs a QGuiApplication. Raises TransferError.
    """
    with export_writer.draft(path) as unfinished, written_file(unfinished) as file:
        made = QPdfWriter(file)
        made.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4),
                QPageLayout.Orientation.Portrait,
                QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM),
                QPageLayout.Unit.Millimeter,
            )
        )
        made.setResolution(_DOTS)
        made.setCreator("Paragone")
        several = trn("{n} conversation", "{n} conversations", len(conversations))
        made.setTitle(conversations[0].title if len(conversations) == 1 else several)
        painter = QPainter(made)
        if not painter.isActive():
            raise OSError(f"{path.name} cannot be begun")
        try:
            _draw(made, painter, (each for conversation in conversations for each in _documents(conversation)))
        finally:
            painter.end()


@contextmanager
def written_file(descriptor: int) -> Generator[QFile]:
    """An open file for Qt to write, on the disk whole when the block ends well: Qt itself says nothing of a full disk.

    Raises OSError.
    """
    file = QFile()
    try:
        if not file.open(descriptor, QIODevice.OpenModeFlag.WriteOnly, QFileDevice.FileHandleFlag.DontCloseHandle):
            raise OSError(file.errorString())
        yield file
        if not file.flush() or file.error() is not QFileDevice.FileError.NoError:
            raise OSError(file.errorString())
        os.fsync(file.handle())
    finally:
        file.close()


def _paper() -> QPalette:
    """Dark on white, whatever the window's theme is."""
    made = QPalette()
    made.setColor(QPalette.ColorRole.Text, QColor(_INK))
    return made


def _documents(conversation: Conversation) -> Iterator[QTextDocument]:
    """A conversation, of which a very long one goes on in further documents, each on a page of its own.

    Qt holds Python's lock while it reads and lays one out: of all in one, the window would stand still.
    """
    held: list[str] = []
    for part in html_page.parts(conversation, 1):
        if held and sum(map(len, held)) + len(part) > _AT_ONCE:
            yield _document("".join(held))
            held.clear()
        held.append(part)
    yield _document("".join(held))


def _document(page: str) -> QTextDocument:
    made = QTextDocument()
    made.setUndoRedoEnabled(False)
    made.setDefaultStyleSheet(_STYLE)
    made.setHtml(_CODE.sub("\u2066\\g<0>\u2069", page) if _FROM_RIGHT.search(page) else page)
    _clear_grounds(made)
    return made


def _clear_grounds(document: QTextDocument) -> None:
    """Leave the ground of code to its paragraphs: one behind words hides what stands low in the line above."""
    grounded: list[tuple[int, int, QTextCharFormat]] = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            form = piece.charFormat()
            if form.background().style() is not Qt.BrushStyle.NoBrush:
                form.clearBackground()
                grounded.append((piece.position(), piece.length(), form))
            iterator += 1
        block = block.next()
    cursor = QTextCursor(document)
    for start, length, form in grounded:
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(form)


def _draw(made: QPdfWriter, painter: QPainter, documents: Iterable[QTextDocument]) -> None:
    area = made.pageLayout().paintRectPixels(_DOTS)
    size = QSizeF(area.width(), area.height())
    for number, document in enumerate(documents):
        document.documentLayout().setPaintDevice(made)
        document.setPageSize(size)
        for page in range(document.pageCount()):
            if number or page:
                made.newPage()
            painter.save()
            painter.translate(0, -page * size.height())
            shown = QRectF(0, page * size.height(), size.width(), size.height())
            painter.setClipRect(shown)
            context = QAbstractTextDocumentLayout.PaintContext()
            context.clip = shown  # pyright: ignore[reportAttributeAccessIssue]
            context.palette = _paper()  # pyright: ignore[reportAttributeAccessIssue]
            document.documentLayout().draw(painter, context)
            painter.restore()
