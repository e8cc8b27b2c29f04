"""Text that stays literal although it has a meaning in CommonMark: paths, wildcards, and tildes between numbers."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.escape import escape as whole_escape
from markdown_it.rules_inline.strikethrough import tokenize

from desktop.markdown.scripts import UNSPACED

_FAR = 260
"""Maximum length of a path in characters."""

_WITHIN = re.compile(
    r"(?:\A|(?<=[\s\"'(\[<=:,;]))(?:[A-Za-z]:|%[A-Za-z]\w{0,40}%|\\\\[A-Za-z0-9][\w.$-]{0,60})(?:\\[^\\/:*?\"<>|\s]{1,100}){0,40}\Z"
)
"""Path up to the backslash that continues it."""

_NAMED = re.compile(r"\\[.*$%{\[(@#!~+-]\w|\\\*\.?(?=\W|\Z)")
r"""Continuation of a path with a name that begins with an escapable character. `\_` is usually an escape instead."""

_DRIVE = re.compile(r"(?:\A|[\s\"'(\[<=:,;])[A-Za-z]:\Z")
_NAMED_ON_DRIVE = re.compile(r"\\[.$%@#~_][A-Za-z]{2}|\\\*\.?(?=\W|\Z)")
r"""Continuation of a path directly after a drive. Options have the same form: `A:\$5 B:\$10`, `a:\*b`."""

_SERVER = re.compile(r"\\\\[A-Za-z0-9][\w.-]{0,60}\\(?=[\w.$*%-])")
_LEFT_OF_SERVER = re.compile(r"[\s\"'(\[<=:,;]")

_GLOB_BEHIND_SLASH = re.compile(r"/[\w*{.\[]|\.[\w{*]|[_-]\w")
_GLOB_BEHIND_WORD = re.compile(r"\.[A-Za-z{*]")
_ENDINGS = re.compile(r"\.(?:[a-z0-9]{1,6}|\{[\w,]{1,40}\}|\*)(?=[\s,;:)\]'\"|]|\.\*|\.?(?:\s|\Z))")
_ALL = re.compile(r"\.\*(?![\w*])")
_BEGINS = re.compile(r"[\s\"'(\[]")
_ANY_ENDING = re.compile(r"(?:\A|[\s\"'(\[])\*\.(?:[\w-]{1,40}\.){0,3}\Z")
_ENDS_WORDS = re.compile(r"[^\s/*]\*(?![\w*]|\.\w)")
_FURTHEST = 500
"""Maximum distance in characters over which the end of emphasized text is searched for."""

_BESIDE = re.compile(f"[^\\W{UNSPACED}]")


def escape(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    r"""Parse an escaped character, except in the paths `C:\Users\me\.ssh`, `%APPDATA%\.config` and `\\server\share`."""
    if state.src[state.pos] != "\\" or not _is_of_path(state):
        return whole_escape(state, silent)
    if not silent:
        state.pending += state.src[state.pos : state.pos + 2]
    state.pos += 2
    return True


def _is_of_path(state: StateInline) -> bool:
    """Whether the backslash at the parser's position is part of a path."""
    at = state.pos
    if _SERVER.match(state.src, at, state.posMax):
        return not at or bool(_LEFT_OF_SERVER.match(state.src, at - 1))
    if not _NAMED.match(state.src, at, state.posMax):
        return False
    before = state.src[max(at - _FAR, 0) : at]
    if _DRIVE.search(before) and not _NAMED_ON_DRIVE.match(state.src, at, state.posMax):
        return False
    return _WITHIN.search(before) is not None


def is_wildcard(source: str, start: int, end: int) -> bool:
    """Whether asterisks are part of file names, as in `src/**/*.ts`, or of a code comment, as in `/* so */`."""
    before, length = source[start - 1] if start else " ", end - start
    if length > 2:
        return False
    if source.startswith("/*", end) and (before == "/" or not start or _BEGINS.match(before)):
        return True
    if before == "/" and length == 2 and source.startswith("/", end):
        return True
    if length == 2:
        return False
    if before == "/":
        is_comment = source[end : end + 1].isspace() and not source[max(start - 2, 0) : start - 1].strip()
        return is_comment or bool(_GLOB_BEHIND_SLASH.match(source, end))
    if before in "_-|" and _GLOB_BEHIND_WORD.match(source, end):
        return True
    if before.isspace() and source.startswith("/", end) and not source[end + 1 : end + 2].strip():
        return bool(start)
    if before == "." and not source[end : end + 1].isalnum():
        return bool(_ANY_ENDING.search(source, max(start - _FAR, 0), start))
    if start and not _BEGINS.match(before):
        return False
    if _ALL.match(source, end):
        return True
    ending = _ENDINGS.match(source, end)
    if ending is None or source.startswith(".*", ending.end()):
        return ending is not None
    return not _ENDS_WORDS.search(source, end, end + _FURTHEST)


def strikethrough(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse struck-through text, which never begins within a word. In `5~~6 and a~~b`, tildes mean "about"."""
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    if start and _BESIDE.match(state.src, start - 1) and _BESIDE.match(state.src, state.pos, state.posMax):
        for delimiter in state.delimiters[known:]:
            delimiter.open = False
    return True
