"""Read-only text browser in which one message is read with a caret, as screen readers expect."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from desktop.markdown.table_csv import TABLE_LINK
from ui.base.strings import tr
from ui.transcript.block_file import ask_and_write
from ui.transcript.link_question import ask_and_open
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import Row
from ui.transcript.message.segments import Segment
from ui.transcript.message.slabs import LongSlab, PlainSlab
from ui.transcript.text.documents import STANDING, Laid
from ui.transcript.text.inline_pictures import FORMULA
from ui.transcript.text.table_room import TableRoom

_MARGIN = 12
_FILL_S, _FILL_MS = 0.012, 17
"""Time slice in seconds for filling in text, and the interval between slices in milliseconds."""

_REST_MS = 60
"""Time after the last resize before tables are laid out again."""


class CaretReader(QTextBrowser):
    """Text browser with one message's text, over the transcript. Esc closes it. Loads no external resources."""

    closed = Signal()
    waits = Signal()
    """Emitted when the rest of the text is not split yet; filling in continues once it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sources: list[QTextDocument] = []
        self._rest: Iterator[Segment | None] = iter(())
        self._address = self._text = ""
        self._filling = QTimer(self, interval=_FILL_MS)
        self._filling.timeout.connect(self._fill)
        self._resting = QTimer(self, interval=_REST_MS, singleShot=True)
        self._resting.timeout.connect(self._refit)
        self._tables = TableRoom(self.document())
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._open)
        self.hide()

    def read(self, row: Row, margin: int) -> None:
        """Show the text of a row, with margins of this many pixels on both sides."""
        self.setAccessibleName(tr("Message from {who}", who=row.author))
        document = QTextDocument(self)
        document.setDefaultFont(row.look.fonts.body)
        document.setDocumentMargin(_MARGIN)
        self._sources = []
        self._text = row.text
        self._rest = _segments(row)
        self._tables = TableRoom(document)
        self.setDocument(document)
        self.setViewportMargins(max(margin - _MARGIN, 0), 4, max(margin - _MARGIN, 0), 4)
        self._filling.start()
        self._fill()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _fill(self) -> None:
        """Insert more text for a short time."""
        until = time.perf_counter() + _FILL_S
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        for segment in self._rest:
            if segment is None:
                self.waits.emit()
                return
            self._put(cursor, segment)
            if time.perf_counter() > until:
                return
        self._filling.stop()

    def _put(self, cursor: QTextCursor, segment: Segment) -> None:
        """Insert a segment with its own paragraph format, because Qt would use that of the text above."""
        source = segment.laid.document
        form = source.begin().blockFormat()
        if self._sources:
            form.setTopMargin(max(form.topMargin(), segment.gap))
            cursor.insertBlock(form, source.begin().charFormat())
        else:
            cursor.setBlockFormat(form)
        self._sources.append(source)
        start = cursor.position()
        cursor.insertFragment(QTextDocumentFragment(source))
        if source.rootFrame().childFrames():
            self._tables.take(start, self._room, continued=segment.continued)

    @property
    def _room(self) -> float:
        """Width in pixels that is available for a line."""
        return self.viewport().width() - 2 * _MARGIN

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Schedule a new layout of the tables."""
        super().resizeEvent(event)
        if self.isVisible() and event.size().width() != event.oldSize().width():
            self._resting.start()

    @Slot()
    def _refit(self) -> None:
        self._tables.fit(self._room)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Return the selected text as written, including the sources of formulas."""
        made = super().createMimeDataFromSelection()
        at = self.textCursor()
        if any(sign in made.text() for sign in STANDING):
            made.setText(Laid(self.document()).copied(at.selectionStart(), at.selectionEnd()))
        return made

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: ANN401 - Qt's own type
        """Return only pictures that the document writer made, and never files."""
        wanted = QUrl(name) if isinstance(name, str) else name
        for document in self._sources if wanted.scheme() == FORMULA else ():  # asked for another, it would open files
            found = document.resource(kind, wanted)
            if isinstance(found, QImage) and not found.isNull():
                return found
        return QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the reader on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_reader()
            return
        at = self.textCursor()
        at.setPosition(at.selectionStart())
        at.movePosition(QTextCursor.MoveOperation.NextCharacter)  # as Qt asks which link is selected
        self._address = at.charFormat().anchorHref()
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Store the address of a clicked link as written, because Qt reports a parsed one."""
        self._address = self.anchorAt(event.position().toPoint())
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """Handle Esc before the window does, where it would stop a response."""
        ours = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if ours and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def close_reader(self) -> None:
        """Close the reader and return to the transcript."""
        if self.isHidden():
            return
        self.closed.emit()  # first: hidden with the keyboard, Qt would pass it on to a neighbour
        self.hide()
        self._filling.stop()
        self._rest = iter(())
        self._resting.stop()
        emptied = QTextDocument(self)
        self._tables = TableRoom(emptied)
        self.setDocument(emptied)
        self._sources = []

    def _open(self, url: QUrl) -> None:
        """Ask before opening the link. The address as written is used, because Qt's parsed one may hide deceptions."""
        if QUrl(self._address) != url:
            return
        if self._address.startswith(TABLE_LINK):
            ask_and_write([self._text], self._address, self)
        else:
            ask_and_open(self._address, self)


def _segments(row: Row) -> Iterator[Segment | None]:
    """Yield the segments of a row, and None where the text is not split yet."""
    index = 0
    while index < len(row.slabs):
        slab = row.slabs[index]
        if isinstance(slab, LongSlab):
            row.builder.wanted[row.id] = None
            yield None
            continue
        if isinstance(slab, CardSlab):
            if slab.kind is None:
                yield from _card_segments(row, slab)
        elif not (isinstance(slab, PlainSlab) and slab.is_thought):
            yield from slab.segments
        index += 1


def _card_segments(row: Row, head: CardSlab) -> Iterator[Segment]:
    from ui.transcript.message.tool_slabs import card_segments

    yield from card_segments(row, head.card)
