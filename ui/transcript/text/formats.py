"""Text formats of a theme, created on first use and shared by all documents."""

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

from ui.transcript.text.documents import BARS, CODE, LANGUAGE, SOURCE
from ui.transcript.text.look import Look
from ui.transcript.text.measures import CODE_SIDE
from ui.transcript.text.paragraphs import ParagraphShape, Style

LINE_HEIGHT, HEADING_HEIGHT, CODE_HEIGHT = 1.5, 1.35, 1.45
"""Heights of lines as multiples of the font size."""

CELL_SIDE = 16
"""Space in pixels after the text in a table cell."""

_HEADINGS = {1: 1.45, 2: 1.25, 3: 1.12}
_FORMATS = 2_000


class Formats:
    """Text formats of one look."""

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
        """Return the color for a kind of code token, or for `muted` or `hidden` text."""
        return QColor(self._inks[name])

    @property
    def text_size(self) -> int:
        """Size of the body font in pixels."""
        return self.look.fonts.body.pixelSize()

    def table(self, columns: int) -> QTextTableFormat:
        """Return a table format without a frame, in which columns have their natural widths."""
        table = QTextTableFormat()
        table.setBorder(0)
        table.setCellPadding(0)
        table.setCellSpacing(0)
        table.setMargin(0)
        table.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        table.setColumns(columns)
        return table

    def _cell(self) -> QTextTableCellFormat:
        cell = QTextTableCellFormat()
        cell.setTopPadding(4)
        cell.setBottomPadding(4)
        cell.setRightPadding(CELL_SIDE)
        cell.setBottomBorder(1)
        cell.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        cell.setBottomBorderBrush(QBrush(QColor(self.look.theme.line)))
        return cell

    def _block(self, shape: ParagraphShape) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setTopMargin(shape.above)
        block.setBottomMargin(shape.below)
        start, end = (
            (block.setRightMargin, block.setLeftMargin) if shape.rtl else (block.setLeftMargin, block.setRightMargin)
        )
        start(shape.left)
        end(CODE_SIDE if shape.kind == "code" else 0)
        if shape.hang:
            block.setTextIndent(-shape.hang)
        if shape.hang and not shape.rtl:
            block.setTabPositions([QTextOption.Tab(shape.hang, QTextOption.TabType.LeftTab)])
        block.setLayoutDirection(Qt.LayoutDirection.RightToLeft if shape.rtl else Qt.LayoutDirection.LeftToRight)
        if shape.bars:
            block.setProperty(BARS, ",".join(map(str, shape.bars)))
        height = self._height(shape)
        block.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        if shape.kind == "rule":
            width = QTextLength(QTextLength.Type.PercentageLength, 100)
            block.setProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value, width)
            block.setProperty(QTextFormat.Property.BackgroundBrush.value, QBrush(QColor(self.look.theme.line)))
        elif shape.kind == "formula":
            block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        elif shape.kind == "code":
            block.setProperty(CODE, shape.begins)
            if shape.language:
                block.setProperty(LANGUAGE, shape.language)
        return block

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
        char = QTextCharFormat()
        fonts, theme = self.look.fonts, self.look.theme
        font = QFont(fonts.code if style.code else fonts.small if style.small else fonts.body)
        if style.bold:
            font.setWeight(QFont.Weight.DemiBold)
        font.setItalic(style.italic)
        font.setStrikeOut(style.struck)
        char.setFont(font)
        if style.raised:
            char.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        if style.code and not style.ink and not style.formula:
            char.setBackground(QColor(theme.bubble))
        if style.ink and style.ink != "code":
            char.setForeground(self.ink(style.ink))
        elif style.raised:
            char.setForeground(QColor(theme.accent))
        if style.written:
            char.setProperty(SOURCE, style.written)
        if style.href:
            char.setAnchor(True)
            char.setAnchorHref(style.href)
            char.setForeground(QColor(theme.accent))
            char.setFontUnderline(True)
        return char

    def _heading(self, style: Style, level: int) -> QTextCharFormat:
        made = QTextCharFormat(self.char(style))
        font = made.font()
        font.setPixelSize(self._heading_size(level))
        made.setFont(font)
        return made

    def nothing(self) -> QTextBlockFormat:
        """Return a format for the empty paragraphs that Qt requires around tables."""
        made = QTextBlockFormat()
        made.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        return made


def inks(look: Look) -> dict[str, str]:
    """Return the colors of code tokens, which are readable on the background of code."""
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
