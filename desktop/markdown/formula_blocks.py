r"""Multi-line formulas as blocks and within paragraphs.

Lines between `$$` or `\[` and the closing mark begin no block.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from markdown_it.rules_block import StateBlock

from desktop.markdown.formulas import is_formula

MATH_LINES = 64
"""Maximum number of lines of a formula. If it is longer, its opening mark is text."""

MATH_BLANKS = 4
"""Maximum number of blank lines in a formula whose delimiters are on lines of their own."""

ALONE = frozenset(("$$", r"\["))
"""Lines that consist only of an opening mark."""

BARE = r"\begin"
"""Token markup of a formula without delimiters, which is a math environment with its begin and end commands."""

ENVIRONMENT = re.compile(
    r"\\begin\{((?:equation|align|alignat|flalign|gather|multline|eqnarray|split|aligned|alignedat|gathered|(?:d|r|dr)?cases|array"
    r"|[pbBvV]?matrix|smallmatrix)\*?)\}"
)
WRITTEN = "written"
"""Metadata key of tokens whose source text is shown line by line."""

_CLOSINGS = {"$$": "$$", r"\[": r"\]"}
_BEHIND = re.compile(r"[.,;:!?]?|\((?:[A-Z]\.?)?\d{1,3}(?:\.\d{1,3})?[a-z]?\)")
"""Text that may follow a closing delimiter: sentence punctuation or an equation number."""

_OPENING_LINES = "opening_lines"

_FENCE = re.compile(r"`{3,}|~{3,}")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*\Z")


class _Found(NamedTuple):
    """Result of a search for a closing delimiter: its line, the text, and whether the text is mathematics."""

    last: int
    content: str
    is_formula: bool


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""Parse `$$ … $$` and `\[ … \]` on lines of their own, without blank lines in between.

    A formula that begins in a list item may continue at the margin if it is certainly mathematics. If the first line
    consists only of the opening delimiter, text that does not look like mathematics becomes one block of source text,
    so that `=` and `-` in it form neither headings nor lists.
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
    """Find the line that closes a formula, and return it with the formula. Environments retain begin and end."""
    lines: list[str] = []
    is_bare = closing not in _CLOSINGS.values()
    indent = min(state.blkIndent, state.sCount[start])  # a formula at the margin ends the list above it
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
    r"""Return the text after a closing delimiter for the formula: punctuation, or an equation number as `\tag`."""
    return rf"\tag{{{behind[1:-1]}}}" if behind.startswith("(") else behind


def formula_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""Parse a paragraph in which a line ends with `$$` or `\[` and a multi-line formula follows: `gives: \[`.

    The formula's lines belong to the paragraph, whatever they begin with. Other paragraphs are left to later rules.
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
    """Whether a formula may begin at the end of a line and continue on the next one."""
    text = line.rstrip()
    if text.endswith("$$"):
        return text.count("$$") % 2 == 1
    return text.endswith(r"\[") and not text.endswith(r"\\[")


def _may_open(state: StateBlock, start: int, end: int) -> bool:
    """Whether a formula may begin in the next lines.

    Only lines near the start are checked, because this is called for every list item.
    """
    opening = _opening_lines(state)
    place = bisect_left(opening, start)
    if place == len(opening) or opening[place] >= min(end, start + MATH_LINES):
        return False
    return not any(map(state.isEmpty, range(start, opening[place])))


def _opening_lines(state: StateBlock) -> list[int]:
    """Return all lines of the text at whose end a formula may begin. Cached for each text."""
    source, opening = state.env.get(_OPENING_LINES, ("", []))
    if source is not state.src:
        opening = [
            line
            for line, (begin, last) in enumerate(zip(state.bMarks, state.eMarks, strict=True))
            if is_opening(state.src[begin:last])
        ]
        state.env[_OPENING_LINES] = (state.src, opening)
    return opening


def _paragraph_end(state: StateBlock, start: int, end: int) -> int | None:
    """Return the line after a paragraph with a multi-line formula, or None without a formula or for a heading."""
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
    """Return the line that closes the formula begun at the end of a line, or None."""
    text = _line(state, line).rstrip()
    if not is_opening(text):
        return None
    closing = _CLOSINGS[text[-2:]]
    lines: list[str] = []
    has_left = False
    for index in range(line + 1, min(end, line + MATH_LINES)):
        below = _line(state, index)
        if not below.strip() or state.sCount[index] < 0 or _FENCE.match(below):
            return None
        has_left = has_left or state.sCount[index] < state.blkIndent
        at = below.find(closing)
        lines.append(below if at < 0 else below[:at])
        if at >= 0:
            by_itself = len(text) == len(closing) and at == 0 and not has_left
            return index if by_itself or is_formula("\n".join(lines).strip(), strictly=at > 0) else None
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
