"""Words of a prompt whose spelling can be checked: not code, addresses, paths, names or variables."""

from __future__ import annotations

import re
from collections.abc import Generator

from msgspec import Struct

MOST_LETTERS = 64
"""Length above which a run of letters is not a word. Hunspell itself ignores words of more than 100 letters."""

_SHORT_CAPITALS = 5
"""Number of letters up to which a word in capitals is an abbreviation."""

_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
"""Combining marks of Latin, Cyrillic, Hebrew and Arabic, which `\\w` does not contain."""
_JOINED = "\u0900-\u0963\u0970-\u109f\u1780-\u17d3\u200c\u200d"
"""Scripts of South and Southeast Asia with their vowel signs, and the characters that join or separate letters."""
_LETTER = rf"[\w{_MARKS}{_JOINED}]"

_WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
_CHUNK = re.compile(r"\S+")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(`{3,}+|~{3,}+)(.*)")
_TICKS = re.compile(r"`+")
_VARIABLE = re.compile(r"\{\{[^{}\n]*\}\}")
_TECHNICAL = re.compile(r"[\\@=<>{}$#]|://|::|\(\)|\w\.\w|^[('\"*_\[]*(?:www\.|[~.]*/|--?\w)|/[^/]*/")
"""Found in parts of a line that are no prose: addresses, paths, @names, options, tags and formulas."""
_UNCHECKED = re.compile(r"[\d_\u3040-\u30ff\u3400-\u9fff]")
"""Digits, underscores, and characters of Chinese and Japanese, which do not separate words by spaces."""


class PromptWord(Struct, frozen=True):
    """A word and the index of its first character in the text."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Index after the last character."""
        return self.start + len(self.text)


def words_in(text: str, first: int = 0, last: int | None = None) -> list[PromptWord]:
    """Return the words to check that touch the part of a text from `first` to `last`, or to its end.

    Only lines in that part are read closely, so that a screenful of a long text costs little. The lines before it are
    only searched for the fences of code blocks.
    """
    last = len(text) if last is None else last
    found: list[PromptWord] = []
    fence, at = "", 0
    for line in text.split("\n"):
        if at > last:
            break
        end = at + len(line)
        marked = _FENCE.match(line)
        if marked is not None and not fence and not ("`" in marked[2] and marked[1][0] == "`"):
            fence = marked[1]
        elif fence:
            if marked is not None and marked[1].startswith(fence) and not marked[2].strip():
                fence = ""
        elif end >= first:
            words = _words_of_line(line, at, first - at, last - at)
            found.extend(word for word in words if word.end >= first and word.start <= last)
        at = end + 1
    return found


def _words_of_line(line: str, offset: int, first: int, last: int) -> Generator[PromptWord]:
    """Yield the words of the parts between spaces that touch the positions from `first` to `last` of a line."""
    prose = _without_code(line)
    begin = prose.rfind(" ", 0, max(first, 0)) + 1
    end = prose.find(" ", max(last, 0))
    for chunk in _CHUNK.finditer(prose, begin, end if end >= 0 else len(prose)):
        if _TECHNICAL.search(chunk[0]):
            continue
        for match in _WORD.finditer(chunk[0]):
            word = match[0].strip("_")
            if is_checked(word):
                yield PromptWord(offset + chunk.start() + match.start() + match[0].index(word), word)


def is_checked(word: str) -> bool:
    """Whether a run of letters is a word that dictionaries contain, rather than a name, number or abbreviation."""
    if not 1 < len(word) <= MOST_LETTERS or _UNCHECKED.search(word):
        return False
    if word.isupper():
        return len(word) > _SHORT_CAPITALS
    return word[1:] == word[1:].lower()  # else a name from a program or a company: iPhone, JavaScript, LLMs


def _without_code(line: str) -> str:
    """Return a line with spaces in place of its code spans and variables, so that positions stay the same."""
    line = _VARIABLE.sub(lambda found: " " * len(found[0]), line) if "{{" in line else line
    if "`" not in line:
        return line
    parts: list[str] = []
    runs = [(run.start(), run.end()) for run in _TICKS.finditer(line)]
    ends: dict[int, list[int]] = {}
    for start, end in reversed(runs):
        ends.setdefault(end - start, []).append(end)
    at = 0
    for start, end in runs:
        closing = ends[end - start]
        while closing and closing[-1] <= end:
            closing.pop()
        if start < at or not closing:
            continue
        parts += [line[at:start], " " * (closing[-1] - start)]
        at = closing[-1]
    return "".join(parts) + line[at:]
