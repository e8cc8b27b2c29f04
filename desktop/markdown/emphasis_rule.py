"""CommonMark's emphasis, which Chinese, Japanese and Korean can be written with as well: they have no blanks for it."""

from __future__ import annotations

import re

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize

from desktop.markdown.scripts import UNSPACED, WIDE_MARKS

_WIDE = re.compile(f"[{UNSPACED}{WIDE_MARKS}]")


def emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Let asterisks open and close also between one of these scripts' letters or marks and a mark of punctuation.

    By the rule that the community of CommonMark agreed on for them: their marks are no punctuation here, and their
    letters stand for the blank that would be there.
    """
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    before = state.src[start - 1] if start else " "
    after = state.src[state.pos] if state.pos < state.posMax else " "
    if state.src[start] == "*" and (_WIDE.match(before) or _WIDE.match(after)):
        opens, closes = _flanks(before, after), _flanks(after, before)
        for delimiter in state.delimiters[known:]:
            delimiter.open = delimiter.open or opens
            delimiter.close = delimiter.close or closes
    return True


def _flanks(outside: str, inside: str) -> bool:
    """Whether what is inside may be emphasised."""
    if inside.isspace():
        return False
    return not _is_mark(inside) or outside.isspace() or _is_mark(outside) or bool(_WIDE.match(outside))


def _is_mark(sign: str) -> bool:
    return (isMdAsciiPunct(ord(sign)) or isPunctChar(sign)) and not _WIDE.match(sign)
