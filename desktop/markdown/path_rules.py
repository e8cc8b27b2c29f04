"""What stays as it is written though CommonMark has a meaning for it: paths of Windows, tildes between figures."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.escape import escape as whole_escape
from markdown_it.rules_inline.strikethrough import tokenize

from desktop.markdown.scripts import UNSPACED

_FAR = 260
"""Characters of a path."""

_WITHIN = re.compile(
    r"(?:\A|(?<=[\s\"'(\[<=:,;]))(?:[A-Za-z]:|%[A-Za-z]\w{0,40}%|\\\\[A-Za-z0-9][\w.$-]{0,60})(?:\\[^\\/:*?\"<>|\s]{1,100}){0,40}\Z"
)
"""A path as far as the backslash that goes on with it."""

_NAMED = re.compile(r"\\[.*$%{\[(@#!~+-]\w|\\\*\.?(?=\W|\Z)")
"""What goes on a path, where an escaped sign would: a name that begins with a sign. `\\_` is escaped more often."""

_DRIVE = re.compile(r"(?:\A|[\s\"'(\[<=:,;])[A-Za-z]:\Z")
_NAMED_ON_DRIVE = re.compile(r"\\[.$%@#~_][A-Za-z]{2}|\\\*\.?(?=\W|\Z)")
"""What goes on a path right behind a drive, where choices may stand too: `A:\\$5 B:\\$10`, `a:\\*b`."""

_SERVER = re.compile(r"\\\\[A-Za-z0-9][\w.-]{0,60}\\(?=[\w.$*%-])")
_LEFT_OF_SERVER = re.compile(r"[\s\"'(\[<=:,;]")
_BESIDE = re.compile(f"[^\\W{UNSPACED}]")


def escape(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""An escaped sign, but in `C:\Users\me\.ssh`, `%APPDATA%\.config` and `\\server\share`, which are paths."""
    if state.src[state.pos] != "\\" or not _is_of_path(state):
        return whole_escape(state, silent)
    if not silent:
        state.pending += state.src[state.pos : state.pos + 2]
    state.pos += 2
    return True


def _is_of_path(state: StateInline) -> bool:
    """Whether the backslash here is one of a path."""
    at = state.pos
    if _SERVER.match(state.src, at, state.posMax):
        return not at or bool(_LEFT_OF_SERVER.match(state.src, at - 1))
    if not _NAMED.match(state.src, at, state.posMax):
        return False
    before = state.src[max(at - _FAR, 0) : at]
    if _DRIVE.search(before) and not _NAMED_ON_DRIVE.match(state.src, at, state.posMax):
        return False
    return _WITHIN.search(before) is not None


def strikethrough(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Words that are struck through, which begin within none: `5~~6 and a~~b` says about."""
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    if start and _BESIDE.match(state.src, start - 1) and _BESIDE.match(state.src, state.pos, state.posMax):
        for delimiter in state.delimiters[known:]:
            delimiter.open = False
    return True
