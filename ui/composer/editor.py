"""Plain-text prompt field that grows with its text and tracks input method composition."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QStyle, QTextEdit, QWidget

from ui.base.strings import tr
from ui.widgets.text_field import TextField

_READING = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
_LETTERS = 14
"""Default font size in pixels, as in the style sheet."""
LONG_PASTE = 20_000
"""Length above which pasted text goes into a strip, because laying out a megabyte blocks the window."""


_MOST = 2_000
_AROUND = 4
"""Total padding above and below the lines, in pixels."""

_PAUSE_MS = 400
"""Time without typing or scrolling after which the spelling is checked."""


class EditorSpelling(Protocol):
    """Spelling of a prompt field."""

    def check(self) -> None:
        """Check the visible words."""
        ...

    def open_menu(self, event: QContextMenuEvent) -> None:
        """Open the context menu with corrections of the word there."""
        ...

    def correct(self) -> None:
        """Open the menu with corrections of the next misspelled word."""
        ...


class PromptEditor(TextField):
    """Text field for prompts. Enter sends, Shift+Enter inserts a line break.

    In the empty field, Up recalls the last prompt and navigation keys scroll the conversation.
    """

    send_wanted = Signal()
    last_wanted = Signal()
    reading_wanted = Signal(int)
    """Emitted with the navigation key (Qt.Key) pressed in the empty field, to scroll the conversation."""
    escaped = Signal()
    long_pasted = Signal(str)
    files_given = Signal(object)
    """Emitted with the paths of dropped or pasted files."""
    files_over = Signal(bool)
    """Emitted with True when files are dragged over the field, and with False when they leave it."""
    picture_given = Signal(object)
    """Emitted with a pasted image as QImage."""
    focused = Signal()
    unfocused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Message"))
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(1)  # for the caret, where text begins at the right
        self.complete: Callable[[], bool] = lambda: False
        """Tab asks it to complete what is typed; where it does not, Tab goes on to the next control."""
        self.spelling: Callable[[], EditorSpelling] | None = None
        """Returns what checks the spelling, which is created at the first pause in typing; None to check nothing."""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._check_spelling)
        self.textChanged.connect(self._wait_for_pause)
        self.verticalScrollBar().valueChanged.connect(self._wait_for_pause)
        self._composing = False
        self._hint = ""
        self.textChanged.connect(self._turn)
        self._turn()

    def scale_text(self, scale: float) -> None:
        """Scale the text relative to its default size."""
        self.setStyleSheet(f"font-size: {round(_LETTERS * scale)}px" if scale != 1 else "")
        self.show_hint(self._hint)
        self.updateGeometry()

    def height_within(self, room: int) -> int:
        """Return the height of the text, limited to as many whole lines as fit into `room` pixels."""
        height, document = 0.0, self.document()
        for number in range(document.blockCount()):
            block = document.findBlockByNumber(number)
            laid_out = self.blockBoundingRect(block).height()  # first: before, it has one line however long it is
            lines = max(block.lineCount(), 1)
            whole = laid_out or float(lines * self.fontMetrics().lineSpacing())
            fit = lines if height + whole <= room - _AROUND else int((room - _AROUND - height) * lines / whole)
            height += whole * max(fit, 0 if height else 1) / lines
            if fit < lines:
                break
        return math.ceil(height) + _AROUND

    def height_of(self, lines: int) -> int:
        """Return the height of a number of lines in pixels."""
        return lines * (self.fontMetrics().lineSpacing() + 1) + _AROUND

    def show_hint(self, text: str) -> None:
        """Show a one-line placeholder while the field is empty."""
        self._hint = text
        self._fit_hint()
        if self.isVisible():
            self.viewport().update()  # Qt paints an empty field with another one only when it gets the keyboard

    def _fit_hint(self) -> None:
        room = self.maximumViewportSize().width() - 2
        self.setPlaceholderText(self.fontMetrics().elidedText(self._hint, Qt.TextElideMode.ElideRight, room))

    def sizeHint(self) -> QSize:
        """Return the height of the text, up to a limit."""
        return QSize(200, self.height_within(_MOST))

    def replace(self, text: str) -> None:
        """Replace the text so that the change can be undone."""
        self.make_ready(text)
        cursor = self.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self._show_beginning()

    def quote(self, text: str) -> None:
        """Insert a text as a Markdown quotation on lines of its own, with the cursor below it."""
        cursor = self.textCursor()
        before = self.toPlainText()[: cursor.position()]
        gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
        lines = (f"> {line}".rstrip() for line in text.strip().splitlines())
        self._insert(gap + "\n".join(lines) + "\n\n")
        self.setFocus()

    def _show_beginning(self) -> None:
        """Scroll to the first line while unfocused, because a blank last line looks like an empty field."""
        if not self.hasFocus():
            self.verticalScrollBar().setValue(0)

    def focusNextPrevChild(self, next_: bool) -> bool:  # noqa: FBT001 - Qt's
        """Let Tab complete a word before it moves the focus."""
        return (next_ and self.complete()) or super().focusNextPrevChild(next_)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Report files that are dragged over the field."""
        super().dragEnterEvent(event)
        self.files_over.emit(bool(local_files(event.mimeData())))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Report that dragged files left the field."""
        super().dragLeaveEvent(event)
        self.files_over.emit(False)  # noqa: FBT003 - a state

    def dropEvent(self, event: QDropEvent) -> None:
        """Report that dragged files were dropped."""
        super().dropEvent(event)
        self.files_over.emit(False)  # noqa: FBT003 - a state

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that send, recall and navigate."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if enter and plain:
            if not self._composing:
                self.send_wanted.emit()
        elif enter and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.textCursor().insertText("\n")
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Up and plain and not self._composing and self.document().isEmpty():
            self.last_wanted.emit()
        elif event.key() in _READING and plain and not self._composing and self.document().isEmpty():
            self.reading_wanted.emit(event.key())
        elif event.key() == Qt.Key.Key_Escape and plain and not self._composing:
            self.escaped.emit()
        else:
            if event.text().strip() and not self.document().isEmpty() and self._is_between_words():
                self.document().setModified(False)  # what is typed next is a step of its own to undo
            super().keyPressEvent(event)

    def _is_between_words(self) -> bool:
        """Whether the cursor is behind a space or at the beginning of a line."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        return not before or before[-1].isspace()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu, with corrections if the word there is misspelled."""
        if self.spelling is None:
            super().contextMenuEvent(event)
        else:
            self.spelling().open_menu(event)

    @property
    def underlined(self) -> list[str]:
        """The underlined words."""
        return [each.cursor.selectedText() for each in self.extraSelections()]

    def underline(self, words: list[QTextCursor], color: QColor) -> None:
        """Draw a wavy line below some selections instead of the ones before."""
        style = QTextCharFormat()
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        style.setUnderlineColor(color)
        shown: list[QTextEdit.ExtraSelection] = []
        for cursor in words:
            selection = QTextEdit.ExtraSelection()
            selection.cursor, selection.format = cursor, style
            shown.append(selection)
        self.setExtraSelections(shown)

    @Slot()
    def correct_spelling(self) -> None:
        """Offer corrections of the misspelled word at the cursor, or of the next one."""
        if self.spelling is not None:
            self.spelling().correct()

    @Slot()
    def _wait_for_pause(self) -> None:
        self._pause.start()  # not connected itself: it would take the position of a scroll bar for its interval

    @Slot()
    def _check_spelling(self) -> None:
        if self.spelling is not None and not self.document().isEmpty():
            self.spelling().check()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the placeholder to the new width."""
        super().resizeEvent(event)
        self._fit_hint()
        self._show_beginning()
        self._pause.start()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Track whether an input method is composing text."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Align the empty field with a changed layout direction."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._turn()

    @Slot()
    def _turn(self) -> None:
        """Use the direction of the text, or of the interface while the field is empty."""
        document = self.document()
        option = document.defaultTextOption()
        runs = self.layoutDirection() if document.isEmpty() else Qt.LayoutDirection.LayoutDirectionAuto
        if option.textDirection() is not runs:
            option.setTextDirection(runs)
            document.setDefaultTextOption(option)
        side = QStyle.visualAlignment(document.firstBlock().textDirection(), Qt.AlignmentFlag.AlignLeft)
        if option.alignment() != side:
            option.setAlignment(side)
            document.setDefaultTextOption(option)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Highlight the frame and show the cursor."""
        super().focusInEvent(event)
        self.ensureCursorVisible()
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Remove the frame's highlight and mark composition as ended."""
        super().focusOutEvent(event)
        self._composing = False
        self.unfocused.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Return whether the data contains text, an image or local files."""
        return source.hasText() or source.hasImage() or bool(local_files(source))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste plain text; emit a signal for files and images instead of pasting their addresses."""
        files = local_files(source)
        image = source.imageData() if source.hasImage() and not source.hasText() else None
        if files:
            self.files_given.emit(files)
        elif isinstance(image, QImage) and not image.isNull():
            self.picture_given.emit(image)
        else:
            self._insert(source.text())

    def _insert(self, text: str) -> None:
        """Insert text, or emit `long_pasted` if it is very long."""
        text = text.replace("\0", "")
        if len(text) >= LONG_PASTE:
            self.long_pasted.emit(text)
        elif text:
            self.make_ready(text)
            self.textCursor().insertText(text)
            self.ensureCursorVisible()


def local_files(mime: QMimeData) -> list[Path]:
    """Return the dragged or pasted local files, or an empty list if the data contains other addresses."""
    urls = mime.urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return paths if len(paths) == len(urls) else []
