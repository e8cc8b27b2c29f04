"""Converts Markdown tokens to paragraphs of styled runs. Pure functions."""

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
from ui.base.strings import tr
from ui.transcript.text.hidden_characters import AS_BEFORE, HIDDEN, LEFT_TO_RIGHT, UNWRITTEN, name_of
from ui.transcript.text.measures import CODE_EDGE, CODE_HEADER, CODE_SIDE

CLOSINGS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
"""Closing delimiter of a formula by its opening delimiter."""

INDENT, QUOTE = 22, 16
"""Minimum indentation of a list item and indentation of a quotation, in pixels."""

_DIGIT = 8
_WITHIN = 4
_BETWEEN = 8
_CODE_GAP = 6
_LONGEST_NAME = 200
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2029\ud800-\udfff\ufdd0-\ufddf\ufffc\ufffe\uffff]")


class Style(NamedTuple):
    """Formatting and link target of a run."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    raised: bool = False
    small: bool = False
    formula: str = ""
    """Opening delimiter as written, if the run is the source of a formula."""
    drawn: bool = False
    """Whether the formula is shown as a picture."""
    ink: str = ""
    """Kind of a code token, or `muted` or `hidden`."""
    href: str = ""
    written: str = ""
    """Source of a run that shows an invisible character by name."""


Run = tuple[str, Style]

Tell = Callable[[str, str], Sequence[Sequence[tuple[str, str]]]]
"""Function that returns the highlighted tokens of code, line by line, given the language and the code."""

PLAIN = Style()
_NOTE = Style(small=True)
_SUMMARY = Style(bold=True)
_TITLE = Style(small=True, ink="muted")
_CODE = Style(code=True)
_HIDDEN_STYLE = Style(code=True, ink="hidden")


class ParagraphShape(NamedTuple):
    """Kind of a paragraph, and its spacing in pixels."""

    kind: str = "text"
    """One of: text, heading, code, rule, formula, note."""
    level: int = 0
    left: int = 0
    hang: int = 0
    """Width in pixels by which a list mark hangs out to the left."""
    above: int = 0
    rtl: bool = False
    bars: tuple[int, ...] = ()
    """Offsets in pixels of the bars of surrounding quotations."""
    below: int = 0
    begins: bool = False
    """Whether this is the first line of a code block."""
    language: str = ""
    """Language of the code that begins with this line."""


class StyledParagraph(NamedTuple):
    """A paragraph with its shape and runs."""

    shape: ParagraphShape
    runs: tuple[Run, ...]


def paragraphs(block: Block, tell: Tell | None = None) -> list[StyledParagraph]:
    """Return the paragraphs of a block of text, list, quotation, heading, formula or footnote.

    `tell` highlights code in the block.
    """
    if block.kind is BlockKind.PLAIN:
        lines = clean(block.source.strip("\n")).split("\n")
        return [StyledParagraph(ParagraphShape(rtl=is_rtl(line)), ((line, PLAIN),) if line else ()) for line in lines]
    return _Composer(block, tell).compose(block.tokens)


def runs_of(children: Sequence[Token], base: Style = PLAIN) -> list[Run]:
    """Return the runs for inline tokens; `base` is the style of the surrounding text."""
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
    """Merge neighboring runs of the same style, because one more run costs as much as a hundred characters."""
    merged: list[Run] = []
    for style, group in groupby(runs, key=lambda run: run[1]):
        if style.formula or style.raised:
            merged += group
        else:
            merged.append(("".join(text for text, _ in group), style))
    return merged


def code_runs(text: str, style: Style = _CODE) -> list[Run]:
    """Return the runs of code, in which invisible characters are shown by name."""
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
    """Replace characters that documents cannot contain."""
    return _NEVER.sub("\ufffd", text)


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction is a right-to-left one."""
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
    """Whether a paragraph runs from right to left. Code in it is ignored, unless there is only code."""
    words = "".join(text for text, style in runs if not style.code)
    return is_rtl(words)


def isolated(runs: Sequence[Run]) -> list[Run]:
    """Isolate code within right-to-left text.

    The inserted characters are not part of copied text.
    """
    isolated_runs: list[Run] = []
    for is_code, group in groupby(runs, key=lambda run: run[1].code):
        group_runs = [*group]
        if is_code:
            begin, end = group_runs[0][1]._replace(written=UNWRITTEN), group_runs[-1][1]._replace(written=UNWRITTEN)
            group_runs = [(LEFT_TO_RIGHT, begin), *group_runs, (AS_BEFORE, end)]
        isolated_runs += group_runs
    return isolated_runs


def common(had: Sequence[Run], wanted: Sequence[Run]) -> int:
    """Return how many characters two sequences of runs have in common at the start. Formulas count as a whole."""
    count = 0
    for (text, style), (other, wanted_style) in zip(had, wanted, strict=False):
        if style != wanted_style:
            break
        if text == other:
            count += len(text)
            continue
        if not style.drawn:
            count += next(
                (at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]),
                min(len(text), len(other)),
            )
        break
    return count


def written_out(source: str, opening: str) -> str:
    """Return the source of a formula, including delimiters, as one paragraph."""
    whole = source if opening == BARE else f"{opening}{source}{CLOSINGS[opening]}"
    return whole.replace("\n", "\u2028")


def after(runs: Sequence[Run], kept: int) -> list[Run]:
    """Return the runs without the first `kept` characters."""
    rest: list[Run] = []
    for text, style in runs:
        if kept < len(text):
            rest.append((text[kept:], style))
        kept = max(kept - len(text), 0)
    return rest


def units(text: str) -> int:
    """Return the number of UTF-16 code units in a text."""
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
    """Return the file name in an image address, which is empty for data URLs."""
    return "" if source.casefold().startswith("data:") else source.rpartition("/")[2][:_LONGEST_NAME]


class _Composer:
    """Converts the tokens of a block, keeping track of nested lists and quotations."""

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
        self._note = self._summary = False
        self._row: list[Run] | None = None  # of a table
        self._counts: Iterator[int] = iter(())

    def compose(self, tokens: Sequence[Token]) -> list[StyledParagraph]:
        """Return the paragraphs of the tokens in order."""
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
            case "summary_open":
                self._left, self._summary = INDENT, True
            case _:
                self._take_text(token)

    def _take_text(self, token: Token) -> None:
        match token.type:
            case "inline" if self._row is not None:
                bar: list[Run] = [("  │  ", Style(ink="muted"))] if self._row else []
                self._row += [*bar, *runs_of(token.children or ())]
            case "inline" if self._summary:
                said = runs_of(token.children or (), _SUMMARY)
                self._add("text", said or [(tr("Details"), _SUMMARY)])
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
        """Convert a table in a list or quotation to lines in which cells are separated by bars."""
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
            # Parts of a list are written separately. Space for two digits aligns nearly all of them.
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
        # Qt collapses adjacent margins to the larger one, which must include the edges of both code blocks.
        edges = CODE_EDGE * (2 if self._made and self._made[-1].shape.kind == "code" else 1)
        edge = CODE_HEADER + (edges + _CODE_GAP if self._made else CODE_EDGE)
        told = self._tell(language, content) if self._tell else [[(line, "")] for line in content.split("\n")]
        for number, line in enumerate(told):
            above = 0 if number else edge
            below = CODE_EDGE + _WITHIN if number == len(told) - 1 else 0
            runs = [run for text, ink in line for run in code_runs(text, Style(code=True, ink=ink))]
            line_shape = shape._replace(
                above=above, below=below, begins=not number, language="" if number else language
            )
            self._made.append(StyledParagraph(line_shape, tuple(runs)))
        self._above = CODE_EDGE + _CODE_GAP
