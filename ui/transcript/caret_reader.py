"""One message to be read with a caret: a read-only text browser over the transcript, as screen readers know them."""

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
from ui.transcript.message.row import Row
from ui.transcript.message.segments import Segment
from ui.transcript.message.slabs import LongSlab, PlainSlab
from ui.transcript.text.documents import STANDING, Laid
from ui.transcript.text.inline_pictures import FORMULA
from ui.transcript.text.table_room import TableRoom

_MARGIN = 12
_FILL_S, _FILL_MS = 0.012, 17
"""What may be spent at once on laying out a long text, and how often."""

_REST_MS = 60
"""How long a width stays what it is before tables are laid out for it: while an edge is moved they are not."""


class CaretReader(QTextBrowser):
    """Shows a row's text; Esc gives the transcript back. Loads nothing that a text names."""

    closed = Signal()
    waits = Signal()
    """It has come to what has not been cut yet, and goes on once it is."""

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
        """Show a row's text, with pixels of room at its sides."""
        self.setAccessibleName(tr("Message of {who}", who=row.author))
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
        """Put in more of the text, for about as long as nobody notices."""
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
        """Put a segment in below the others, as it stands there: what Qt puts in has the form of what is above it."""
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
        """Pixels of a line of text."""
        return self.viewport().width() - 2 * _MARGIN

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tables take their part of another width."""
        super().resizeEvent(event)
        if self.isVisible() and event.size().width() != event.oldSize().width():
            self._resting.start()

    @Slot()
    def _refit(self) -> None:
        self._tables.fit(self._room)

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied is what was written: sources of formulas, no name of what is not seen, nothing of ours."""
        made = super().createMimeDataFromSelection()
        at = self.textCursor()
        if any(sign in made.text() for sign in STANDING):
            made.setText(Laid(self.document()).copied(at.selectionStart(), at.selectionEnd()))
        return made

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: ANN401 - Qt's own type
        """Only what our own writer made; never a file."""
        wanted = QUrl(name) if isinstance(name, str) else name
        for document in self._sources if wanted.scheme() == FORMULA else ():  # asked for another, it would open files
            found = document.resource(kind, wanted)
            if isinstance(found, QImage) and not found.isNull():
                return found
        return QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_reader()
            return
        at = self.textCursor()
        at.setPosition(at.selectionStart())
        at.movePosition(QTextCursor.MoveOperation.NextCharacter)  # as Qt asks which link is selected
        self._address = at.charFormat().anchorHref()
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt says which link was pressed as it reads its address: as it was written it is known here alone."""
        self._address = self.anchorAt(event.position().toPoint())
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc is ours before it stops an answer."""
        ours = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if ours and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def close_reader(self) -> None:
        """Give the transcript back."""
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
        """Ask about the address as the message has it, as the transcript does: Qt's reading has lost what deceives."""
        if QUrl(self._address) != url:
            return
        if self._address.startswith(TABLE_LINK):
            ask_and_write([self._text], self._address, self)
        else:
            ask_and_open(self._address, self)


def _segments(row: Row) -> Iterator[Segment | None]:
    """What a row says, part by part; None while its next part has not been cut yet, which idle work does."""
    place = 0
    while place < len(row.slabs):
        slab = row.slabs[place]
        if isinstance(slab, LongSlab):
            row.builder.wanted[row.id] = None
            yield None
            continue
        if not (isinstance(slab, PlainSlab) and slab.is_thought):
            yield from slab.segments
        place += 1
