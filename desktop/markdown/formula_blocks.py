r"""Formulas over lines, in blocks and sentences: no line between `$$` or `\[` and its end begins anything else."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from markdown_it.rules_block import StateBlock

from desktop.markdown.formulas import is_formula

MATH_LINES = 64
"""Lines that a formula may have; beyond, its opening mark is text."""

MATH_BLANKS = 4
"""Blank lines that one may have whose marks are alone on their lines."""

ALONE = frozenset(("$$", r"\["))
"""Lines that open a formula and say nothing else."""

BARE = r"\begin"
"""The markup of a formula without delimiters: an environment of mathematics, its begin and end within the content."""

ENVIRONMENT = re.compile(
    r"\\begin\{((?:equation|align|alignat|flalign|gather|multline|eqnarray|split|aligned|alignedat|gathered|(?:d|r|dr)?cases|array"
    r"|[pbBvV]?matrix|smallmatrix)\*?)\}"
)
WRITTEN = "written"
"""Noted on text that is shown as it was written, line by line."""

_CLOSINGS = {"$$": "$$", r"\[": r"\]"}
_BEHIND = re.compile(r"[.,;:!?]?|\((?:[A-Z]\.?)?\d{1,3}(?:\.\d{1,3})?[a-z]?\)")
"""What may stand behind a formula's closing mark: the end of a sentence, or its number."""

_OPENING_LINES = "opening_lines"

_FENCE = re.compile(r"`{3,}|~{3,}")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*\Z")


class _Found(NamedTuple):
    """What stands between the marks: the line of its end, the text, and whether that is mathematics."""

    last: int
    content: str
    is_formula: bool


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""`$$ … $$` and `\[ … \]` on lines of their own, without blank lines between.

    One that begins in an item of a list may go on at the margin, where it is mathematics for sure.
    What is no mathematics as far as one can see stays one block of what was written, where the first line says no more
    than that one begins: `=` and `-` in it are neither headings nor lists.
    """
    if state.is_code_block(start):
        return False
    first = _line(state, start)
    environment = ENVIRONMENT.match(first)
    closing = rf"\end{{{environment[1]}}}" if environment else _CLOSINGS.get(first[:2])
    if closing is None:
        return False
    found = _math_end(state, start, end, closing, first)
    if found is None:
        return False
    if not silent:
        last, content, drawn = found
        if drawn:
            token = state.push("math_block", "math", 0)
            token.content = content
            token.markup = BARE if environment else first[:2]
            token.map = [start, last + 1]
        else:
            written = "\n".join(_line(state, line) for line in range(start, last + 1))
            _push_paragraph(state, start, last + 1, written, as_written=True)
        state.line = last + 1
    return True


def _math_end(state: StateBlock, start: int, end: int, closing: str, first: str) -> _Found | None:
    """The line that closes a formula, and the formula; that of an environment with its begin and end."""
    lines: list[str] = []
    is_bare = closing not in _CLOSINGS.values()
    indent = min(state.blkIndent, state.sCount[start])  # at the margin it ends the list that it is below
    has_left, blanks = False, 0
    for line in range(start, min(end, start + MATH_LINES)):
        text = _line(state, line)
        if line == start:
            text = first if is_bare else first[2:]
        elif _FENCE.match(text) or (not text.strip() and (first.strip() not in ALONE or blanks == MATH_BLANKS)):
            return None
        elif not text.strip():
            blanks += 1
            continue
        elif state.sCount[line] < 0:
            return None
        has_left = has_left or state.sCount[line] < indent
        at = text.find(closing)
        if at < 0:
            lines.append(text)
            continue
        behind = text[at + len(closing) :].strip()
        if not _BEHIND.fullmatch(behind) or (is_bare and behind):
            return None
        lines.append(text[: at + len(closing)] if is_bare else text[:at])
        content = "\n".join(lines).strip()
        strictly = closing == r"\]" and len(lines) == 1
        if blanks and not (text.strip() == closing and is_formula(content, strictly=True)):
            return None
        if is_formula(content, strictly=strictly):
            return _Found(line, content + _tag_of(behind), is_formula=True)
        is_whole = len(lines) > 1 and not has_left and not blanks and (is_bare or not first[2:].strip())
        return _Found(line, content, is_formula=False) if is_whole else None
    return None


def _tag_of(behind: str) -> str:
    """What stands behind a formula's end, as a part of it: the mark of a sentence's end, a number at the margin."""
    return rf"\tag{{{behind[1:-1]}}}" if behind.startswith("(") else behind


def formula_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""A paragraph in which a line ends with `$$` or `\[` and a formula goes on over lines: `gives: \[`.

    Its lines are the paragraph's, whatever they begin with. Other paragraphs are left to the rules that follow.
    """
    if silent or state.is_code_block(start) or not _may_open(state, start, end):
        return False
    last = _paragraph_end(state, start, end)
    if last is None:
        return False
    content = state.getLines(start, last, state.blkIndent, False).strip()  # noqa: FBT003 - markdown-it's
    _push_paragraph(state, start, last, content)
    state.line = last
    return True


def is_opening(line: str) -> bool:
    """Whether a formula may begin at a line's end and go on in the next."""
    text = line.rstrip()
    if text.endswith("$$"):
        return text.count("$$") % 2 == 1
    return text.endswith(r"\[") and not text.endswith(r"\\[")


def _may_open(state: StateBlock, start: int, end: int) -> bool:
    """Whether a formula may begin in the lines that follow, not far from here: each item of a list asks."""
    opening = _opening_lines(state)
    place = bisect_left(opening, start)
    if place == len(opening) or opening[place] >= min(end, start + MATH_LINES):
        return False
    return not any(map(state.isEmpty, range(start, opening[place])))


def _opening_lines(state: StateBlock) -> list[int]:
    """The lines of the whole text at whose end a formula may begin, sought once."""
    source, found = state.env.get(_OPENING_LINES, ("", []))
    if source is not state.src:
        found = [
            line
            for line, (begin, last) in enumerate(zip(state.bMarks, state.eMarks, strict=True))
            if is_opening(state.src[begin:last])
        ]
        state.env[_OPENING_LINES] = (state.src, found)
    return found


def _paragraph_end(state: StateBlock, start: int, end: int) -> int | None:
    """The line behind a paragraph with a formula over lines; None where there is none, or it is a heading."""
    rules = state.md.block.ruler.getRules("paragraph")
    outer, state.parentType = state.parentType, "paragraph"
    line, has_formula = start, False
    while line < end and not state.isEmpty(line):
        if line > start and 0 <= state.sCount[line] <= state.blkIndent + 3:
            if not has_formula and state.sCount[line] >= state.blkIndent and _UNDERLINE.match(_line(state, line)):
                break
            if any(rule(state, line, end, True) for rule in rules):  # noqa: FBT003 - markdown-it's
                break
        while (closing := _closing_line(state, line, end)) is not None:
            line, has_formula = closing, True
        line += 1
    state.parentType = outer
    return line if has_formula else None


def _closing_line(state: StateBlock, line: int, end: int) -> int | None:
    """Where the formula closes that begins at a line's end."""
    text = _line(state, line).rstrip()
    if not is_opening(text):
        return None
    closing = _CLOSINGS[text[-2:]]
    lines: list[str] = []
    has_left = False
    for place in range(line + 1, min(end, line + MATH_LINES)):
        below = _line(state, place)
        if not below.strip() or state.sCount[place] < 0 or _FENCE.match(below):
            return None
        has_left = has_left or state.sCount[place] < state.blkIndent
        at = below.find(closing)
        lines.append(below if at < 0 else below[:at])
        if at >= 0:
            by_itself = len(text) == len(closing) and at == 0 and not has_left
            return place if by_itself or is_formula("\n".join(lines).strip(), strictly=at > 0) else None
    return None


def _push_paragraph(state: StateBlock, start: int, end: int, content: str, *, as_written: bool = False) -> None:
    opening = state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    opening.map, inline.map = [start, end], [start, end]
    inline.content, inline.children = content, []
    if as_written:
        inline.meta[WRITTEN] = True
    state.push("paragraph_close", "p", -1)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
