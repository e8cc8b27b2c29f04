"""What the index takes of a text beside its words, so that parts of them are found; pure.

FTS5 finds a word by its beginning. Parts of names (getUserName, RTX4090), the second half of a compound
(Datenbankverbindung), umlauts written as two letters and pairs of signs (!=, ->) are words of their own behind the
text, each once a message, beyond a mark over which no phrase reaches.

Every message goes through this: places are looked for in a text of kinds, a byte a character, which is ten times as
quick as regular expressions over the text itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from desktop.store import letter_folds

BOUNDARY = "\ue001"
"""Stands between the text and what is added."""

ENDING, SIGNS = "\ue002", "\ue003"
"""What an addition begins with that is a word read backwards, and one that is two signs."""

MOST = 2_000
"""So many are added to one message at most."""

SIGN = r"[!#$%&*+\-/<=>@\\^|~:]"
"""A sign of which pairs are added. A question mark stands for all that Latin-1 has not."""


def _kinds() -> bytes:
    """By code of Latin-1: a lower case letter, a capital, a digit, a sign, or what stands between words."""
    kinds = bytearray(b" " * 256)
    for code in range(256):
        character = chr(code)
        if character.isalpha():
            kinds[code] = ord("a" if character.islower() else "A")
        elif character.isdecimal():
            kinds[code] = ord("0")
        elif re.fullmatch(SIGN, character):
            kinds[code] = ord("#")
    return bytes(kinds)


_KINDS = _kinds()
_WORDS = bytes(code if chr(code).isalnum() and code < 128 else ord(" ") for code in range(256))
_SIGN_RUNS = re.compile(b"###*+")
_IN_NAMES = b"aA", b"AAa", b"aa00", b"AA00"
"""What names of several words have within: camelCase, HTTPServer, utf16, RTX4090."""

_NAME = re.compile("[A-Z]?[a-z0-9]++[A-Z][A-Za-z0-9]*+|[A-Z]{2,}+[a-z][A-Za-z0-9]*+|[A-Za-z]{2,}+[0-9]{2,}+")
_NOUNS = re.compile(b"A" + b"a" * 8 + b"a*+(?![A0])")
"""Long words that begin with a capital letter, as nouns do in German."""

_LONG_WORDS = re.compile(b"a" * 9 + b"a*+(?![A0])")
_COMPOUNDING = "äöüßåøæ"
"""Letters of languages that make one word of several: German, Swedish, Danish, Norwegian, Finnish."""

_PARTS = re.compile("[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[0-9]++")
_SHORTEST_PART, _LONGEST_NAME, _LONGEST_COMPOUND, _LONGEST_RUN = 3, 80, 50, 40
_UMLAUTS = re.compile("[^\\W_]+")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
_JOINER = "\u200c"
"""Keeps the parts of a word apart, as Persian has them."""


def additions(text: str) -> Iterator[str]:
    """Additions to a text whose characters are composed, or to a block of one; some come more than once."""
    kinds = text.replace("?", " ").encode("latin-1", "replace").translate(_KINDS)
    if b"##" in kinds:
        runs = {text[run.start() : run.end()] for run in _SIGN_RUNS.finditer(kinds)}
        yield from itertools.chain.from_iterable(map(pairs_of_signs, runs))
    yield from _parts_of_names(text, kinds)
    for match in _compounds(text, kinds):
        word = text[match.start() : match.end()]
        if len(word) <= _LONGEST_COMPOUND and not text[match.end() : match.end() + 1].isalpha():
            yield backwards(letter_folds.folded(word.casefold()))
    if not text.isascii():
        yield from _other_spellings(text)


def with_two_letters(word: str) -> str:
    """A word without case whose umlauts are written with an e behind them."""
    return word.translate(_TWO_LETTERS)


def backwards(word: str) -> str:
    """A folded word from its end: what another one begins with here, it ends with."""
    return ENDING + word[::-1]


@lru_cache(1000)
def pairs_of_signs(run: str) -> tuple[str, ...]:
    """The neighbours of a run of signs, each pair as a word."""
    cut = run[:_LONGEST_RUN]
    return tuple(f"{SIGNS}{ord(first):02x}{ord(second):02x}" for first, second in itertools.pairwise(cut))


def _parts_of_names(text: str, kinds: bytes) -> Iterator[str]:
    if not any(pattern in kinds for pattern in _IN_NAMES):
        return
    words = text.encode("ascii", "replace").translate(_WORDS).decode("ascii").split()
    for word in {*words}:
        if len(word) <= _LONGEST_NAME and not _is_plain(word) and _NAME.fullmatch(word):
            yield from (part.lower() for part in _PARTS.findall(word) if len(part) >= _SHORTEST_PART)


def _is_plain(word: str) -> bool:
    """Whether it is but one word; quickly, since nearly all are."""
    return word.isalpha() and (word.islower() or word.istitle())


def _compounds(text: str, kinds: bytes) -> Iterator[re.Match[bytes]]:
    compounding = not text.isascii() and any(letter in text for letter in _COMPOUNDING)
    return (_LONG_WORDS if compounding else _NOUNS).finditer(kinds)


def _other_spellings(text: str) -> Iterator[str]:
    """Words with umlauts written with two letters, and the parts of words that a joiner keeps apart."""
    for word in text.split():
        if word.isascii():
            continue
        if _JOINER in word:
            yield from map(letter_folds.folded, word.casefold().split(_JOINER))
        elif (spelled := with_two_letters(word.casefold())) != word.casefold():
            yield from (letter_folds.folded(each) for each in _UMLAUTS.findall(spelled))
