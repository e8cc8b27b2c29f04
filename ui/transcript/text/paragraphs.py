"""Markdown's tokens as paragraphs of styled runs, each what one paragraph of a document is written from; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from markdown_it.token import Token

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.item_numbers import item_counts, number_of
from desktop.markdown.parser import language_of, title_of
from desktop.markdown.syntax_rules import BARE
from desktop.markdown.text import inline_text, item_mark
from ui.transcript.text.hidden_characters import AS_BEFORE, HIDDEN, LEFT_TO_RIGHT, UNWRITTEN, name_of
from ui.transcript.text.measures import CODE_EDGE, CODE_SIDE

CLOSINGS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
"""What a formula ends with, by what it begins with."""

INDENT, QUOTE = 22, 16
"""Pixels that a list item's text stands right of its mark, at least, and a quote's of its bar."""

_DIGIT = 8
_WITHIN = 4
_BETWEEN = 8
_CODE_GAP = 6
_LONGEST_NAME = 200
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2029\ud800-\udfff\ufdd0-\ufddf\ufffc\ufffe\uffff]")


class Style(NamedTuple):
    """How a run of text looks, and where it leads."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    raised: bool = False
    small: bool = False
    formula: str = ""
    """What a formula begins with, as it was written, where the run is one's source."""
    drawn: bool = False
    """Whether the run is a formula's source that stands there as a picture."""
    ink: str = ""
    """What a word of code is, as the colours of code name it, or `muted` or `hidden`."""
    href: str = ""
    written: str = ""
    """What was written where the run is the name of a character that is not seen."""


Run = tuple[str, Style]

Tell = Callable[[str, str], Sequence[Sequence[tuple[str, str]]]]
"""Gives the words of some code, line by line, each with what it is; the language comes first."""

PLAIN = Style()
_NOTE = Style(small=True)
_TITLE = Style(small=True, ink="muted")
_CODE = Style(code=True)
_HIDDEN_STYLE = Style(code=True, ink="hidden")


class ParagraphShape(NamedTuple):
    """How a paragraph stands: what it is, and pixels of space left of and above it."""

    kind: str = "text"
    """text, heading, code, rule, formula or note."""
    level: int = 0
    left: int = 0
    hang: int = 0
    """Pixels that its mark hangs left of its text."""
    above: int = 0
    rtl: bool = False
    bars: tuple[int, ...] = ()
    """Pixels to the bars of the quotes that it lies in."""
    below: int = 0
    begins: bool = False
    """Whether it is the first line of its code."""


class StyledParagraph(NamedTuple):
    """One paragraph."""

    shape: ParagraphShape
    runs: tuple[Run, ...]


def paragraphs(block: Block, tell: Tell | None = None) -> list[StyledParagraph]:
    """What a block of text, a list, a quote, a heading, a formula or a note is written from.

    `tell` tells the words of code in it apart.
    """
    if block.kind is BlockKind.PLAIN:
        lines = clean(block.source.strip("\n")).split("\n")
        return [StyledParagraph(ParagraphShape(rtl=is_rtl(line)), ((line, PLAIN),) if line else ()) for line in lines]
    return _Composer(block, tell).compose(block.tokens)


def runs_of(children: Sequence[Token], base: Style = PLAIN) -> list[Run]:
    """The runs of a paragraph's or a cell's inline tokens."""
    runs: list[Run] = []
    style = base
    stack: list[Style] = []
    for child in children:
        if child.nesting > 0:
            stack.append(style)
            style = _within(style, child)
        elif child.nesting < 0:
            style = stack.pop() if stack else base
        else:
            _add_leaf(runs, child, style)
    return _joined(runs)


def _joined(runs: list[Run]) -> list[Run]:
    """Runs with neighbours of one style as one: each costs as much to write as some hundred characters."""
    made: list[Run] = []
    for style, group in groupby(runs, key=lambda run: run[1]):
        if style.formula or style.raised:
            made += group
        else:
            made.append(("".join(text for text, _ in group), style))
    return made


def code_runs(text: str, style: Style = _CODE) -> list[Run]:
    """Code with what cannot be seen in it made visible."""
    if not HIDDEN.search(text):
        return [(text, style)] if text else []
    runs: list[Run] = []
    at = 0
    for found in HIDDEN.finditer(text):
        if found.start() > at:
            runs.append((text[at : found.start()], style))
        sign = found[0][0]
        runs.append((f"⟦{name_of(sign)}⟧" * len(found[0]), _HIDDEN_STYLE._replace(written=sign)))
        at = found.end()
    return [*runs, (text[at:], style)] if at < len(text) else runs


def clean(text: str) -> str:
    """Text without characters that a document cannot hold, which are shown as unknown ones."""
    return _NEVER.sub("\ufffd", text)


def is_rtl(text: str) -> bool:
    """Whether a paragraph runs from right to left: its first letter with a direction does."""
    if text.isascii():
        return False
    for character in text[:1000]:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def runs_rtl(runs: Sequence[Run]) -> bool:
    """Whether a paragraph of runs runs from right to left: its words tell, code only where it stands alone."""
    words = "".join(text for text, style in runs if not style.code)
    return is_rtl(words)


def isolated(runs: Sequence[Run]) -> list[Run]:
    """The runs with code kept from being turned round by the words that it stands among, which run from the right.

    What keeps it so was not written: it is copied with nothing.
    """
    made: list[Run] = []
    for is_code, group in groupby(runs, key=lambda run: run[1].code):
        held = [*group]
        if is_code:
            begin, end = held[0][1]._replace(written=UNWRITTEN), held[-1][1]._replace(written=UNWRITTEN)
            held = [(LEFT_TO_RIGHT, begin), *held, (AS_BEFORE, end)]
        made += held
    return made


def common(had: Sequence[Run], wanted: Sequence[Run]) -> int:
    """How many characters two rows of runs begin with alike, style and all; formulas count whole or not at all."""
    kept = 0
    for (text, style), (other, wanted_style) in zip(had, wanted, strict=False):
        if style != wanted_style:
            break
        if text == other:
            kept += len(text)
            continue
        if not style.drawn:
            kept += next(
                (at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]),
                min(len(text), len(other)),
            )
        break
    return kept


def written_out(source: str, opening: str) -> str:
    """A formula's source with its delimiters, in one paragraph."""
    whole = source if opening == BARE else f"{opening}{source}{CLOSINGS[opening]}"
    return whole.replace("\n", "\u2028")


def after(runs: Sequence[Run], kept: int) -> list[Run]:
    """The runs without their first characters."""
    rest: list[Run] = []
    for text, style in runs:
        if kept < len(text):
            rest.append((text[kept:], style))
        kept = max(kept - len(text), 0)
    return rest


def units(text: str) -> int:
    """Positions that a text takes in a document: two a character beyond the first 65,536."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def _within(style: Style, opening: Token) -> Style:
    match opening.type:
        case "strong_open":
            return style._replace(bold=True)
        case "em_open":
            return style._replace(italic=True)
        case "s_open":
            return style._replace(struck=True)
        case "link_open":
            return style._replace(href=str(opening.attrs.get("href", "")))
        case _:
            return style


def _add_leaf(runs: list[Run], token: Token, style: Style) -> None:
    match token.type:
        case "softbreak":
            runs.append((" ", style))
        case "hardbreak":
            runs.append(("\u2028", style))
        case "code_inline":
            runs += code_runs(clean(token.content), style._replace(code=True))
        case "math_inline":
            runs.append((clean(token.content), style._replace(formula=token.markup)))
        case "image":
            source = str(token.attrs.get("src", ""))
            leads = source.casefold().startswith(("http://", "https://"))
            text = inline_text(token.children or ()) or (source if leads else _file_name(source) or "image")
            runs.append((clean(text), style._replace(href=style.href or (source if leads else ""))))
        case "footnote_ref":
            runs.append((str(token.meta["number"]), style._replace(raised=True)))
        case _ if token.content:
            runs.append((clean(token.content), style))
        case _:
            pass


def _file_name(source: str) -> str:
    """The name of a picture's file; none of one that is written out in its address."""
    return "" if source.casefold().startswith("data:") else source.rpartition("/")[2][:_LONGEST_NAME]


class _Composer:
    """Walks through a block's tokens and keeps count of the lists and quotes that they lie in."""

    def __init__(self, block: Block, tell: Tell | None) -> None:
        self._first, self._last = block.number, block.last
        self._tell = tell
        self._made: list[StyledParagraph] = []
        self._lists: list[list[int | None]] = []  # number of the next item, pixels of its mark
        self._left = 0
        self._bars: list[int] = []
        self._mark = ""
        self._above = 0
        self._heading = 0
        self._note = False
        self._row: list[Run] | None = None  # of a table
        self._counts: Iterator[int] = iter(())

    def compose(self, tokens: Sequence[Token]) -> list[StyledParagraph]:
        """The paragraphs of Markdown's tokens, in order."""
        self._counts = item_counts(tokens)
        for token in tokens:
            self._take(token)
        return self._made

    def _take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._open_list(token)
            case "bullet_list_close" | "ordered_list_close":
                self._left -= self._lists.pop()[1] or 0
            case "list_item_open":
                counted = self._lists[-1][0]
                number = None if counted is None else number_of(token, counted)
                self._mark = item_mark(token, number)
                self._lists[-1][0] = None if number is None else number + 1
                self._above = _WITHIN if self._made else 0
            case "list_item_close" if self._mark:
                self._add("text", [])
            case "blockquote_open":
                self._bars.append(self._left)
                self._left += QUOTE
            case "blockquote_close":
                self._left = self._bars.pop()
            case "footnote_reference_open":
                self._note, self._mark, self._left = True, f"{token.meta['number']}.", INDENT
            case "heading_open":
                self._heading = int(token.tag[1:])
            case _:
                self._take_text(token)

    def _take_text(self, token: Token) -> None:
        match token.type:
            case "inline" if self._row is not None:
                bar: list[Run] = [("  │  ", Style(ink="muted"))] if self._row else []
                self._row += [*bar, *runs_of(token.children or ())]
            case "inline":
                base = Style(bold=True) if self._heading else _NOTE if self._note else PLAIN
                kind = "heading" if self._heading else "note" if self._note else "text"
                self._add(kind, runs_of(token.children or (), base))
                self._heading = 0
            case "fence" | "code_block":
                self._add_code(token.content, language_of(token.info), title_of(token.info))
            case "math_block":
                self._add("formula", [(clean(token.content), Style(formula=token.markup))])
            case "hr":
                self._add("rule", [])
            case _:
                self._take_table(token)

    def _take_table(self, token: Token) -> None:
        """A table within a list or quote: its rows are lines, its cells with bars between."""
        if token.type == "tr_open":
            self._row = []
        elif token.type == "tr_close" and self._row is not None:
            row, self._row = self._row, None
            self._add("text", row)
            self._above = 1
        elif token.type == "table_close":
            self._above = 0

    def _open_list(self, token: Token) -> None:
        number, count = None, next(self._counts, 0)
        hang = INDENT
        if token.type == "ordered_list_open":
            number = int(token.attrs.get("start", 1))
            if self._first is not None and not self._lists:
                number = self._first
            # The parts of one list are written apart: room for two digits keeps nearly all of them alike.
            last = max(number + count - 1, 0 if self._lists else self._last)
            hang = max(INDENT, _DIGIT * max(len(str(last)), 2) + 14)
        self._lists.append([number, hang])
        self._left += hang

    def _add(self, kind: str, runs: list[Run]) -> None:
        rtl = runs_rtl(runs)
        above = self._above if self._mark or self._above else _BETWEEN if self._made else 0
        hang = 0
        if rtl:
            runs = isolated(runs)
        if self._mark:
            hang = (self._lists[-1][1] or 0) if self._lists else INDENT
            gap = "\xa0\xa0" if rtl else "\t"
            runs = [(self._mark + gap, Style(ink="muted", small=True) if self._note else PLAIN), *runs]
        shape = ParagraphShape(kind, self._heading, self._left, hang, above, rtl, tuple(self._bars))
        self._made.append(StyledParagraph(shape, tuple(run for run in runs if run[0])))
        self._mark, self._above = "", 0

    def _add_code(self, content: str, language: str, title: str) -> None:
        if self._mark or title:
            self._add("text", [(clean(title), _TITLE)])
        shape = ParagraphShape("code", left=self._left + CODE_SIDE, bars=tuple(self._bars))
        content = clean(content.removesuffix("\n"))
        # Of two margins that meet Qt takes the greater one: beside other code it has to hold the edges of both.
        edges = CODE_EDGE * (2 if self._made and self._made[-1].shape.kind == "code" else 1)
        edge = edges + _CODE_GAP if self._made else CODE_EDGE
        told = self._tell(language, content) if self._tell else [[(line, "")] for line in content.split("\n")]
        for number, line in enumerate(told):
            above = 0 if number else edge
            below = CODE_EDGE + _WITHIN if number == len(told) - 1 else 0
            runs = [run for text, ink in line for run in code_runs(text, Style(code=True, ink=ink))]
            line_shape = shape._replace(above=above, below=below, begins=number == 0)
            self._made.append(StyledParagraph(line_shape, tuple(runs)))
        self._above = CODE_EDGE + _CODE_GAP
