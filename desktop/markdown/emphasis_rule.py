"""CommonMark's emphasis, for Chinese, Japanese and Korean as well, which have no blanks; signs of products are none."""

from __future__ import annotations

import re

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize

from desktop.markdown.scripts import UNSPACED, WIDE_MARKS

_BEFORE_TIMES = re.compile(r"[0-9)\]}]")
_BEHIND_TIMES = re.compile(r"[0-9({]|\.[0-9]")

_WIDE = re.compile(f"[{UNSPACED}{WIDE_MARKS}]")


def emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Let asterisks open and close also between one of these scripts' letters or marks and a mark of punctuation.

    By the rule that the community of CommonMark agreed on for them: their marks are no punctuation here, and their
    letters stand for the blank that would be there.
    """
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    if _multiplies(state, start):
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.close = False
        return True
    before = state.src[start - 1] if start else " "
    after = state.src[state.pos] if state.pos < state.posMax else " "
    if state.src[start] == "*" and (_WIDE.match(before) or _WIDE.match(after)):
        opens, closes = _flanks(before, after), _flanks(after, before)
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.open or opens
            delimiter.close = delimiter.close or closes
    return True


def _multiplies(state: StateInline, start: int) -> bool:
    """Whether asterisks stand for a product or a power: `2*3*4`, `(a+b)*(c+d)`, `10**3`; not right behind a link."""
    if not start or state.src[start] != "*" or state.pos - start > 2:
        return False
    is_link = not state.pending and bool(state.tokens) and state.tokens[-1].type == "link_close"
    before, behind = _BEFORE_TIMES.match(state.src, start - 1), _BEHIND_TIMES.match(state.src, state.pos)
    return before is not None and behind is not None and not is_link


def _flanks(outside: str, inside: str) -> bool:
    """Whether what is inside may be emphasised."""
    if inside.isspace():
        return False
    return not _is_mark(inside) or outside.isspace() or _is_mark(outside) or bool(_WIDE.match(outside))


def _is_mark(sign: str) -> bool:
    return (isMdAsciiPunct(ord(sign)) or isPunctChar(sign)) and not _WIDE.match(sign)
