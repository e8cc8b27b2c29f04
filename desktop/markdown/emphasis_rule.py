"""CommonMark's emphasis, also for scripts without blanks; signs of products and wildcards are none."""

from __future__ import annotations

import re

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize

from desktop.markdown.path_rules import is_wildcard
from desktop.markdown.scripts import UNSPACED, WIDE_MARKS

_BEFORE_TIMES = re.compile(r"[0-9)\]}]")
_BEHIND_TIMES = re.compile(r"[0-9({]|\.[0-9]")

_RUNS = re.compile(r"\*+")
_WORD = re.compile(r"[^\W\d_]{2}")
_LABEL = re.compile(r"[^\W\d_]{1,3}\d{0,3}")
_RELATION = re.compile("[^\\W\\d_][^*\\n]{0,100}[ ][<>=≤≥]")
"""What is emphasised before a bracket or a number: a short name such as `Q1`, or a relation with its blanks."""

_NUMBER = re.compile(r"\d{1,4}(?:[-–]\d{1,4})?")
_ISSUE = re.compile(r"\((?:\d{1,4}(?:[-–]\d{1,4})?|[^\W\d_][^()*+=\n]{2,60})\)")
_NO_OPERAND = re.compile(r"(?:\A|[,;:.*]|[^\W\d_]{2})\s*\Z")
"""What stands before a number that is emphasised, as the volume of a journal is: `*Journal*, *12*(3)`."""

_FURTHEST = 500
"""So far before asterisks those that they may close are looked for."""

_WIDE = re.compile(f"[{UNSPACED}{WIDE_MARKS}]")


def emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Let asterisks open and close also between one of these scripts' letters or marks and a mark of punctuation.

    By the rule that the community of CommonMark agreed on for them: their marks are no punctuation here, and their
    letters stand for the blank that would be there.
    """
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    if state.src[start] == "*" and (is_wildcard(state.src, start, state.pos) or _multiplies(state, start)):
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
    if before is None or behind is None or is_link:
        return False
    opened = _opened(state, start)
    if opened is not None and _is_said(state, opened, start):
        return False
    if state.pos - start == 2:
        is_power = before[0].isdigit() and behind[0] != "("
        return opened is None or (is_power and _closes_later(state.src, state.pos))
    return opened is None or behind[0] != "(" or not _WORD.search(state.src, opened, start)


def _is_said(state: StateInline, opened: int, start: int) -> bool:
    """Whether what asterisks would end is no factor: a name or a relation that a blank sets apart from words."""
    outside = state.src[max(opened - _FURTHEST, 0) : opened - (state.pos - start)]
    if outside[-1:].strip() or _BEFORE_TIMES.match(outside.rstrip()[-1:]):
        return False
    if _NUMBER.fullmatch(state.src, opened, start) and _ISSUE.match(state.src, state.pos):
        return bool(_NO_OPERAND.search(outside[-40:]))
    return bool(_LABEL.fullmatch(state.src, opened, start) or _RELATION.match(state.src, opened, start))


def _closes_later(source: str, start: int) -> bool:
    """Whether bold words go on behind a power: an odd number of other marks of bold is left."""
    left = [
        found
        for found in _RUNS.finditer(source, start, start + _FURTHEST)
        if len(found[0]) == 2
        and not (source[found.start() - 1].isdigit() and source[found.end() : found.end() + 1].isdigit())
    ]
    return len(left) % 2 == 1


def _opened(state: StateInline, start: int) -> int | None:
    """Where the words begin that asterisks at a place may end: behind as many that wait for their end."""
    length = state.pos - start
    end = max(start - _FURTHEST, 0)
    depth = 0
    for found in _RUNS.finditer(state.src, end, start):
        if len(found[0]) != length or state.src[found.start() - 1 : found.start()] == "\\":
            continue
        before, behind = state.src[found.start() - 1 : found.start()] or " ", state.src[found.end()]
        if depth and not before.isspace():
            depth = 0
        elif not behind.isspace() and not (_BEFORE_TIMES.match(before) and _BEHIND_TIMES.match(behind)):
            depth, end = 1, found.end()
    return end if depth else None


def _flanks(outside: str, inside: str) -> bool:
    """Whether what is inside may be emphasised."""
    if inside.isspace():
        return False
    return not _is_mark(inside) or outside.isspace() or _is_mark(outside) or bool(_WIDE.match(outside))


def _is_mark(sign: str) -> bool:
    return (isMdAsciiPunct(ord(sign)) or isPunctChar(sign)) and not _WIDE.match(sign)
