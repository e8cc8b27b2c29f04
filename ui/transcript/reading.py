"""One message to be read with a caret: a read-only text browser over the transcript, as screen readers know them."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QImage, QKeyEvent, QTextCursor, QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import QTextBrowser, QWidget

from ui.transcript.documents import FORMULA
from ui.transcript.links import ask_and_open
from ui.transcript.rows import Row
from ui.transcript.slabs import PlainSlab

_MARGIN = 12


class Reader(QTextBrowser):
    """Shows a row's text; Esc gives the transcript back. Loads nothing that a text names."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sources: list[QTextDocument] = []
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._open)
        self.hide()

    def read(self, row: Row, margin: int) -> None:
        """Show a row's text, with pixels of room at its sides."""
        self.setAccessibleName(f"Message of {row.who}")
        document = QTextDocument(self)
        document.setDefaultFont(row.look.fonts.body)
        document.setDocumentMargin(_MARGIN)
        cursor = QTextCursor(document)
        self._sources = []
        for number, segment in enumerate(
            segment
            for slab in row.slabs
            if not (isinstance(slab, PlainSlab) and slab.is_thought)
            for segment in slab.segments
        ):
            if number:
                cursor.insertBlock()
            self._sources.append(segment.laid.document)
            cursor.insertFragment(QTextDocumentFragment(segment.laid.document))
        self.setDocument(document)
        self.setViewportMargins(max(margin - _MARGIN, 0), 4, max(margin - _MARGIN, 0), 4)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

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
        else:
            super().keyPressEvent(event)

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
        self.hide()
        self.setDocument(QTextDocument(self))
        self._sources = []
        self.closed.emit()

    def _open(self, url: QUrl) -> None:
        ask_and_open(url.toString(), self)
