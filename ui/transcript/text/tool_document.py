"""Documents of tool cards: untrusted text as plain text, in which invisible characters are shown by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from ui.transcript.text.documents import SOURCE
from ui.transcript.text.formats import CODE_HEIGHT, Formats
from ui.transcript.text.hidden_characters import AS_BEFORE, LEFT_TO_RIGHT, UNWRITTEN
from ui.transcript.text.paragraphs import Style, clean, code_runs, is_rtl

_CODE = Style(code=True, ink="code")
_LEAST = 24
"""Width in pixels below which the rest of a line is left out."""


class LinePart(NamedTuple):
    """Text in a card's first line, with its font and color."""

    text: str
    font: QFont
    color: QColor


def shown_text(text: str) -> str:
    """Return a text as it is displayed, with invisible characters by name."""
    if text.isascii():
        return clean(text)
    return "".join(run for run, _ in code_runs(clean(text), _CODE))


def text_document(text: str, formats: Formats, *, is_code: bool = False) -> QTextDocument:
    """Return a document of a text in the fixed font. Each line runs in the direction of its script unless `is_code`."""
    document = _document(formats.look.fonts.code, QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    cursor = QTextCursor(document)
    height = round(formats.look.fonts.code.pixelSize() * CODE_HEIGHT)
    cursor.beginEditBlock()
    for number, line in enumerate(clean(text).split("\n")):
        form = QTextBlockFormat()
        form.setLineHeight(height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        is_mirrored = not is_code and is_rtl(line)
        form.setLayoutDirection(Qt.LayoutDirection.RightToLeft if is_mirrored else Qt.LayoutDirection.LeftToRight)
        if number:
            cursor.insertBlock(form, formats.char(_CODE))
        else:
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(formats.char(_CODE))
        for run, style in code_runs(line, _CODE):
            cursor.insertText(run, formats.char(style))
    cursor.endEditBlock()
    return document


def line_document(parts: Sequence[LinePart], formats: Formats, room: int) -> QTextDocument:
    """Return a document of one line that is at most `room` pixels wide, in the direction of the window."""
    font = formats.look.fonts.small
    document = _document(font, QTextOption.WrapMode.NoWrap)
    direction = QGuiApplication.layoutDirection()
    form = QTextBlockFormat()
    form.setLayoutDirection(direction)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(form)
    is_mirrored = direction is Qt.LayoutDirection.RightToLeft
    left = room
    separator = parts[0]._replace(text=" · ", font=font, color=parts[-1].color)
    for number, part in enumerate(parts):
        metrics = QFontMetrics(part.font)
        if number:
            left -= QFontMetrics(font).horizontalAdvance(separator.text)
        if left < _LEAST:
            break
        if number:
            _insert(cursor, separator, separator.text, formats)
        text = " ".join(clean(part.text).split())
        wide = metrics.horizontalAdvance(shown_text(text))
        if is_cut := wide > left:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, left)
        apart = is_mirrored or not text.isascii()
        _insert(cursor, part, LEFT_TO_RIGHT if apart else "", formats, written=UNWRITTEN)
        for run, style in code_runs(text, _CODE):
            _insert(cursor, part, run, formats, written=style.written)
        _insert(cursor, part, AS_BEFORE if apart else "", formats, written=UNWRITTEN)
        left -= wide
        if is_cut:
            break
    return document


def _insert(cursor: QTextCursor, part: LinePart, text: str, formats: Formats, written: str = "") -> None:
    if not text:
        return
    char = QTextCharFormat()
    char.setFont(part.font)
    char.setForeground(part.color)
    if written:
        char.setProperty(SOURCE, written)
        if written != UNWRITTEN:
            char.setForeground(formats.ink("hidden"))
    cursor.insertText(text, char)


def _document(font: QFont, wrap: QTextOption.WrapMode) -> QTextDocument:
    document = QTextDocument()
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(font)
    option = QTextOption()
    option.setWrapMode(wrap)
    document.setDefaultTextOption(option)
    return document
