"""The rich text of a piece of paper: its formulas are drawn, it opens nothing, and words stay whole where they can."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QTextTable,
)

from desktop.transfer.comparison_page.report_style import INKS
from desktop.transfer.paper_parts import PlacedFormula
from ui.transcript.text.formula_pictures import Formula, FormulaPictures, around_middle

INK = "#1B1F27"
DOTS = 96
"""Of an inch: all is laid out in these, whatever a printer has."""

_SHARP = 4.0
"""Pixels of a formula's picture for each dot of the paper."""

_LONG_WORD = re.compile(r"\S{12,}")
_STEP = 8
"""Characters of a word that no line holds between the places where it may be broken."""

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_CODE = re.compile(r'<code dir="ltr">[^<]{0,10000}</code>')
"""Code within words: Qt knows no direction of it, so that signs that mean one stand around it."""

_BOXES = (
    *(("<mark>", '<span class="mark">'), ("</mark>", "</span>"), ('<div class="formula">', '<div align="center">')),
    ('<p class="prompt"', '<p style="background-color: #F3F4F7" class="plain"'),
)
"""Elements that Qt does not know, and what stands for them. Words of others are escaped: they hold none."""

_CODE_END = re.compile(r"\n(</span>)?</code></pre>")
"""The end of a block's last line, which Qt takes for one more."""

_INDENT = 22
"""Dots by which a list stands to the right of what it is in."""

_FORMULA = re.compile(r'<img src="(formula:\d+)">')

_SHEET = """
h1 { font-size: 17pt; margin: 0; } h2 { font-size: LARGEpt; margin: 4px 0 4px 0; }
h3, h4, h5, h6 { font-size: HEADpt; margin: 8px 0 3px 0; }
h2 .muted, h2 .state { font-size: SMALLpt; font-weight: normal; }
p { margin: 0 0 5px 0; } ul, ol { margin: 0 0 5px 0; } li { margin: 0; }
.muted, .figures, .none, .attached, .language, .state, blockquote, .footnote { color: #5C6573; }
.figures, .muted, .attached, .language { font-size: SMALLpt; }
.good, .figures b { color: #0F5F36; } .problem { color: #A01824; }
.plain { white-space: pre-wrap; }
pre, code { font-family: monospace; font-size: SMALLpt; white-space: pre-wrap; }
pre { background-color: #F3F4F7; margin: 0 0 5px 0; }
.mark { background-color: #FDF0C4; text-decoration: underline; }
table { border-collapse: collapse; margin: 0 0 5px 0; }
th, td { border: 1px solid #C9CED7; padding: 3px; }
a { color: #1D3FB0; }
""" + " ".join(f".k-{name} {{ color: {ink}; }}" for name, ink in INKS.items())


class PaperFormulas:
    """The pictures of formulas by their names, which nothing else has."""

    def __init__(self, points: float) -> None:
        self._pictures = FormulaPictures(INK, "#FFFFFF", _SHARP)
        self._known: dict[str, PlacedFormula] = {}
        self._points = points

    def know(self, formulas: Mapping[str, PlacedFormula]) -> None:
        """Formulas that a part has."""
        self._known.update(formulas)

    def element(self, name: str) -> str:
        """What stands in the text for a formula; its source where it is no picture."""
        found = self._made(name)
        if found is None:
            return ""
        placed, image = found
        scale = self._points * DOTS / 72 / placed.request.size
        size = image.deviceIndependentSize() * scale
        wide, high = max(round(size.width()), 1), max(round(size.height()), 1)
        return f'<img src="{name}" width="{wide}" height="{high}" style="vertical-align: middle">'

    def image(self, name: str) -> QImage:
        """The picture of a name; a dot for any other, so that Qt opens no file."""
        found = self._made(name)
        if found is not None:
            return found[1]
        dot = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        dot.fill(0)
        return dot

    def _made(self, name: str) -> tuple[PlacedFormula, QImage] | None:
        placed = self._known.get(name)
        made = self._pictures.formula(placed.request, placed.reply) if placed is not None else None
        if placed is None or made is None:
            return None
        image = around_middle(made, self._half(placed, made))
        image.setDevicePixelRatio(_SHARP)
        return placed, image

    def _half(self, placed: PlacedFormula, made: Formula) -> float:
        """Half the height of small letters, in the pixels that a formula was drawn for; none on a line of its own."""
        if placed.request.display:
            return (made.ascent - made.descent) / 2
        return QFontMetricsF(paper_font(self._points)).xHeight() / 2 * placed.request.size / (self._points * DOTS / 72)


class PaperDocument(QTextDocument):
    """Rich text that opens nothing, and breaks no word that its line, or its cell, has room for."""

    def __init__(self, html: str, formulas: PaperFormulas, points: float) -> None:
        super().__init__()
        self._formulas = formulas
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(paper_font(points))
        self.setDefaultStyleSheet(_sheet(points))
        self.setIndentWidth(_INDENT)
        html = _CODE_END.sub(r"\1</code></pre>", html)
        for ours, theirs in _BOXES:
            html = html.replace(ours, theirs)
        html = _FORMULA.sub(lambda found: formulas.element(found[1]), html)
        self.setHtml(_CODE.sub("\u2066\\g<0>\u2069", html) if _FROM_RIGHT.search(html) else html)
        self._clear_grounds()
        option = QTextOption(self.defaultTextOption())
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        self.setDefaultTextOption(option)

    def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002, ARG002, N802 - Qt's own
        """One of our pictures."""
        return self._formulas.image(name.toString() if isinstance(name, QUrl) else name)

    def fit(self, width: float) -> None:
        """Lay it out for a width; words that are longer than their line may be broken, all others stay whole."""
        self.setTextWidth(width)
        self._let_break(lambda block: _overflows(block, width))
        if self.size().width() > width + 1:  # a table whose words alone are too wide
            self._let_break(_is_in_table)
        if self.size().width() > width + 1:
            option = QTextOption(self.defaultTextOption())
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            self.setDefaultTextOption(option)

    def _clear_grounds(self) -> None:
        """Leave the ground of code to its paragraphs: one behind words hides what stands low in the line above."""
        grounded: list[tuple[int, int, QTextCharFormat]] = []
        block = self.begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd() and block.blockFormat().background().style() is not Qt.BrushStyle.NoBrush:
                piece = pieces.fragment()
                form = piece.charFormat()
                form.clearBackground()
                grounded.append((piece.position(), piece.length(), form))
                pieces += 1
            block = block.next()
        cursor = QTextCursor(self)
        for start, length, form in grounded:
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(form)

    def _let_break(self, wanted: Callable[[QTextBlock], bool]) -> None:
        """Put signs at which lines may end into the long words of some paragraphs."""
        places: list[int] = []
        block = self.begin()
        while block.isValid():
            if wanted(block):
                for word in _LONG_WORD.finditer(block.text()):
                    places += range(block.position() + word.start() + _STEP, block.position() + word.end() - 2, _STEP)
            block = block.next()
        cursor = QTextCursor(self)
        cursor.beginEditBlock()
        for place in sorted(places, reverse=True):
            cursor.setPosition(place)
            cursor.insertText("\u200b")
        cursor.endEditBlock()


def _is_in_table(block: QTextBlock) -> bool:
    return cast("QTextTable | None", QTextCursor(block).currentTable()) is not None  # the stubs know no None


def _sheet(points: float) -> str:
    sizes = {"LARGE": points, "HEAD": points * 0.95, "SMALL": points * 0.88}
    sheet = _SHEET
    for name, size in sizes.items():
        sheet = sheet.replace(name, f"{size:.1f}")
    return sheet


def _overflows(block: QTextBlock, width: float) -> bool:
    layout = block.layout()
    lines = (layout.lineAt(number) for number in range(layout.lineCount()))
    return any(line.naturalTextWidth() > min(line.width(), width) + 1 for line in lines)


def paper_font(points: float) -> QFont:
    """The font of the text."""
    made = QFont(QGuiApplication.font())
    made.setPointSizeF(points)
    return made
