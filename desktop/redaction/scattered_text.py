"""Keys told as programs print arrays: each character, or its number, by itself, with index, tag, offset; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from desktop.redaction.encodings import nothing, rewritten
from desktop.text.late_pattern import late_pattern

LEAST = 8
"""Characters of a key that is told so; a shorter one may stand in a table by chance."""

_WORD = late_pattern(r"\\{1,16}[nrt]|([A-Za-z0-9]++)")
"""Letters and digits that no sign parts; a line's end in JSON is none of them."""

_DIGITS = late_pattern(r"([0-9]++)(?:\.0++(?![0-9]))?")
_BROKEN = 3
"""Words after which a first index may come anew."""

_OFFSET = late_pattern(r"(?i)0[0-9a-f]{5,7}")
_OF_CODE = late_pattern(r"(?i)(?:0x|x|u)?([0-9a-f]{2}|[0-9a-f]{4}|[0-7]{3}|[0-7]{6}|[01]{8})")
_AROUND = late_pattern(r"(?a)<[^<>]{1,200}>|\b(?:[a-z]{3,10}\(1\)|[is]:[0-9]{1,6}[;:]|[A-Za-z_]{1,20}\[[0-9]{1,6}\])")
"""Tags, PHP's types and lengths of one letter, names with an index: letters and digits that are none of the key."""

_DUMPED = late_pattern(r"(?ai)(?:\b|\\{1,16}[nrt])0[0-9a-f]{5,7}:?[ \t]{1,4}+(?:[0-9a-f]{2,6}+\b[ \t]{0,4}+){1,16}+")
"""What a line of a dump has before the characters themselves: where they stand, and their numbers."""


class Told(NamedTuple):
    """Characters that were told one by one, and where each begins and ends in the text."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Where characters of it stand in the text."""
        return self.starts[start], self.ends[stop - 1]


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def letters(text: str) -> Iterator[Told]:
    """The letters and digits that stand alone, whatever longer words stand between; with indexes and tags and without.

    They are lowered.
    """
    told = [_words(text)]
    if _AROUND.search(text):
        bare, at = rewritten(text, [], _AROUND, _blank)
        told.append([_Word(each.text, at[each.start], at[each.end - 1] + 1) for each in _words(bare)])
    for words in told:
        for way in _ways(words):
            alone = [each for each in way if len(each.text) == 1]
            if len(alone) >= LEAST:
                yield _told(alone, str.lower)


def numbers(text: str) -> Iterator[Told]:
    """The characters whose numbers stand in a text, whatever but digits stands between; with indexes and without."""
    digits = [_Word(each[1], each.start(), each.end()) for each in _DIGITS.finditer(text)]
    if len(digits) < LEAST // 2:
        return
    for words in _ways(digits):
        yield _told(words, _decimal)
    for words in _ways(_words(text)):
        by_length: dict[int, list[_Word]] = {}
        for word in words:
            code = _OF_CODE.fullmatch(word.text)
            if code is not None:
                by_length.setdefault(len(code[1]), []).append(word._replace(text=code[1]))
        for length, found in by_length.items():
            for read in _READERS[length] if len(found) >= LEAST // 2 else ():
                yield _told(found, read)


def undumped(text: str) -> Told | None:
    """A dump without its numbers, if there is one: its characters as they are drawn beside these, line after line."""
    if not _DUMPED.search(text):
        return None
    drawn, at = rewritten(text, [], _DUMPED, nothing)
    return Told(drawn, at, [place + 1 for place in at])


def _words(text: str) -> list[_Word]:
    return [_Word(each[1], each.start(), each.end()) for each in _WORD.finditer(text) if each[1]]


def _ways(words: list[_Word]) -> Iterator[list[_Word]]:
    """The words, and what is left of them without indexes: numbers that rise by one, with something after each."""
    yield words
    kept: list[_Word] = []
    following, since = -1, _BROKEN
    for word in words:
        text = word.text
        number = int(text) if len(text) < LEAST and text.isdecimal() else -1
        if number >= 0 and (number == following or (since >= _BROKEN and number <= 1)):
            following, since = number + 1, 0
        elif not _OFFSET.fullmatch(text):
            since += 1
            kept.append(word)
    if len(kept) < len(words):
        yield kept


def _told(words: Sequence[_Word], read: Callable[[str], str]) -> Told:
    meant = [read(word.text) for word in words]
    pairs = [word for word, each in zip(words, meant, strict=True) for _ in each]
    return Told("".join(meant), [word.start for word in pairs], [word.end for word in pairs])


def _blank(_: re.Match[str]) -> str:
    return " "


def _decimal(word: str) -> str:
    return chr(int(word)) if len(word) <= LEAST and int(word) < 0x110000 else "\0"


def _by_octal_pair(word: str) -> str:
    return _turned(int(word, 8) & 0xFFFF)


def _turned(pair: int) -> str:
    """Two bytes as a machine has them in a number: the lower one first."""
    return chr(pair & 0xFF) + chr(pair >> 8)


_READERS: dict[int, tuple[Callable[[str], str], ...]] = {
    2: (lambda word: chr(int(word, 16)),),
    3: (lambda word: chr(int(word, 8)),),
    4: (
        lambda word: chr(int(word, 16)),
        lambda word: _turned(int(word, 16)),
        lambda word: _turned(int(word, 16))[::-1],
    ),
    6: (_by_octal_pair,),
    8: (lambda word: chr(int(word, 2)),),
}
"""How a word of so many digits is read."""
