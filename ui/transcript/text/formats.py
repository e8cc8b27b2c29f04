"""The formats of a theme, each made when it is first needed and shared by all documents from then on."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableCellFormat,
    QTextTableFormat,
)

from ui.transcript.text.documents import BARS, CODE, SOURCE
from ui.transcript.text.look import Look
from ui.transcript.text.measures import CODE_SIDE
from ui.transcript.text.paragraphs import ParagraphShape, Style

LINE_HEIGHT, HEADING_HEIGHT, CODE_HEIGHT = 1.5, 1.35, 1.45
"""Of a line, by the size of its font."""

CELL_SIDE = 16
"""Pixels between a cell's text and the next column."""

_HEADINGS = {1: 1.45, 2: 1.25, 3: 1.12}
_FORMATS = 2_000


class Formats:
    """Formats of one look."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.block = lru_cache(_FORMATS)(self._block)
        """The format of a paragraph of this shape."""
        self.char = lru_cache(_FORMATS)(self._char)
        """The format of a run of this style."""
        self.heading = lru_cache(8)(self._heading)
        """The format of a run of this style in a heading of a level."""
        self.cell = lru_cache(1)(self._cell)
        """The format of a table's cell, with a hairline below."""
        self._inks = inks(look)

    def ink(self, name: str) -> QColor:
        """The colour of words of code of this sort, of `muted` text, and of `hidden` characters made visible."""
        return QColor(self._inks[name])

    @property
    def text_size(self) -> int:
        """Pixels of the body's font."""
        return self.look.fonts.body.pixelSize()

    def table(self, columns: int) -> QTextTableFormat:
        """A table without a frame, as wide as it needs to be."""
        made = QTextTableFormat()
        made.setBorder(0)
        made.setCellPadding(0)
        made.setCellSpacing(0)
        made.setMargin(0)
        made.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        made.setColumns(columns)
        return made

    def _cell(self) -> QTextTableCellFormat:
        made = QTextTableCellFormat()
        made.setTopPadding(4)
        made.setBottomPadding(4)
        made.setRightPadding(CELL_SIDE)
        made.setBottomBorder(1)
        made.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        made.setBottomBorderBrush(QBrush(QColor(self.look.theme.line)))
        return made

    def _block(self, shape: ParagraphShape) -> QTextBlockFormat:
        made = QTextBlockFormat()
        made.setTopMargin(shape.above)
        made.setBottomMargin(shape.below)
        start, end = (
            (made.setRightMargin, made.setLeftMargin) if shape.rtl else (made.setLeftMargin, made.setRightMargin)
        )
        start(shape.left)
        end(CODE_SIDE if shape.kind == "code" else 0)
        if shape.hang:
            made.setTextIndent(-shape.hang)
        if shape.hang and not shape.rtl:
            made.setTabPositions([QTextOption.Tab(shape.hang, QTextOption.TabType.LeftTab)])
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft if shape.rtl else Qt.LayoutDirection.LeftToRight)
        if shape.bars:
            made.setProperty(BARS, ",".join(map(str, shape.bars)))
        height = self._height(shape)
        made.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        if shape.kind == "rule":
            width = QTextLength(QTextLength.Type.PercentageLength, 100)
            made.setProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value, width)
            made.setProperty(QTextFormat.Property.BackgroundBrush.value, QBrush(QColor(self.look.theme.line)))
        elif shape.kind == "formula":
            made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        elif shape.kind == "code":
            made.setProperty(CODE, shape.begins)
        return made

    def _height(self, shape: ParagraphShape) -> float:
        fonts = self.look.fonts
        if shape.kind == "code":
            return round(fonts.code.pixelSize() * CODE_HEIGHT)
        if shape.kind == "heading":
            return round(self._heading_size(shape.level) * HEADING_HEIGHT)
        return round(fonts.body.pixelSize() * LINE_HEIGHT)

    def _heading_size(self, level: int) -> int:
        return round(self.look.fonts.body.pixelSize() * _HEADINGS.get(level, 1.0))

    def _char(self, style: Style) -> QTextCharFormat:
        made = QTextCharFormat()
        fonts, theme = self.look.fonts, self.look.theme
        font = QFont(fonts.code if style.code else fonts.small if style.small else fonts.body)
        if style.bold:
            font.setWeight(QFont.Weight.DemiBold)
        font.setItalic(style.italic)
        font.setStrikeOut(style.struck)
        made.setFont(font)
        if style.raised:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        if style.code and not style.ink and not style.formula:
            made.setBackground(QColor(theme.bubble))
        if style.ink and style.ink != "code":
            made.setForeground(self.ink(style.ink))
        elif style.raised:
            made.setForeground(QColor(theme.accent))
        if style.written:
            made.setProperty(SOURCE, style.written)
        if style.href:
            made.setAnchor(True)
            made.setAnchorHref(style.href)
            made.setForeground(QColor(theme.accent))
            made.setFontUnderline(True)
        return made

    def _heading(self, style: Style, level: int) -> QTextCharFormat:
        made = QTextCharFormat(self.char(style))
        font = made.font()
        font.setPixelSize(self._heading_size(level))
        made.setFont(font)
        return made

    def nothing(self) -> QTextBlockFormat:
        """A paragraph that takes no room, as Qt keeps around frames and tables."""
        made = QTextBlockFormat()
        made.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        return made


def inks(look: Look) -> dict[str, str]:
    """The colours of code by the sort of its words, each readable on the ground of code."""
    theme = look.theme
    return {
        "keyword": theme.panes[3],
        "name": theme.accent,
        "string": theme.good,
        "number": theme.warn,
        "comment": theme.muted,
        "tag": theme.bad,
        "muted": theme.muted,
        "hidden": theme.bad,
    }
