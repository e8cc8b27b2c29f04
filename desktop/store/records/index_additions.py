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
from collections.abc import Iterable, Iterator
from functools import lru_cache

from desktop.store.records import letter_folds

BOUNDARY = "\ue001"
"""Stands between the text and what is added."""

ENDING, SIGNS = "\ue002", "\ue003"
"""What an addition begins with that is a word read backwards, and one that is two signs."""

MOST = 2_000
"""So many words are added to one message at most; pairs of signs, of which there are 324, are always added."""

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
_NO_SIGNS = bytes.maketrans(b"#", b" ")
_SIGN_RUNS = re.compile(b"###*+")
_IN_NAMES = b"aA", b"AAa", b"aa00", b"AA00"
"""What names of several words have within: camelCase, HTTPServer, utf16, RTX4090."""

_NAME = re.compile("[A-Z]?[a-z0-9]++[A-Z][A-Za-z0-9]*+|[A-Z]{2,}+[a-z][A-Za-z0-9]*+|[A-Za-z]{2,}+[0-9]{2,}+")
_NOUNS = re.compile(b"A" + b"a" * 8 + b"a*+(?![A0])")
"""Long words that begin with a capital letter, as nouns do in German."""

_LONG_WORDS = re.compile(b"a" * 9 + b"a*+(?![A0])")
_COMPOUNDING = "äöüßåøæ"
"""Letters of languages that make one word of several: German, Swedish, Danish, Norwegian, Finnish."""

_ENGLISH = " the ", " of ", " is "
_OTHERS = " und ", " der ", " och ", " og "
"""Words that tell texts in English alone, which has no such compounds: Transaction is not sought by action."""

_INFLECTED = re.compile("(?:end(?:e[nmrs]?)?|este[nmrs]?|iere)\\Z")
"""Ends of German participles, superlatives and verbs: akzeptieren is not sought by Tier, folgende not by Ende."""

_PARTS = re.compile("[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[0-9]++")
_SHORT_RUN, _MANY_RUNS = 40, 200
_SHORTEST_PART, _LONGEST_NAME, _LONGEST_COMPOUND = 3, 80, 50
_UMLAUTS = re.compile("[^\\W_]+")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})
_JOINER = "\u200c"
"""Keeps the parts of a word apart, as Persian has them."""

_SPELLED_OTHERWISE = re.compile(f"[äöøüåÄÖØÜÅ{_JOINER}]")
"""A composed text without these has no words for `_other_spellings`."""


class Additions:
    """Gathers what is added to a text, which comes in blocks that end where no word is torn."""

    __slots__ = ("_last", "_pairs", "_words")

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._pairs: set[str] = set()
        self._last = ""
        """The last character before a block: the block's first one may be the other half of a pair."""

    def feed(self, text: str, folded: str) -> None:
        """Take a block whose characters are composed, and the same as the index compares it."""
        kinds = _kinds_of(text)
        if len(self._words) < MOST:
            self._words.update(dict.fromkeys(_words_of(text, kinds)))
        self._pair(folded, kinds if text.isascii() else _kinds_of(folded))

    def finish(self, room: int) -> str:
        """What stands behind the text, in so many bytes at most."""
        if not (self._pairs or self._words):
            return ""
        joined = " ".join([*sorted(self._pairs), *itertools.islice(self._words, MOST)])
        if len(joined) * 4 > room:
            joined = joined.encode()[:room].rpartition(b" ")[0].decode()
        return f" {BOUNDARY} {joined}"

    def _pair(self, folded: str, kinds: bytes) -> None:
        if b"##" in kinds:
            runs = {folded[run.start() : run.end()] for run in _SIGN_RUNS.finditer(kinds)}
            ways = map(pairs_of_signs, runs) if len(runs) < _MANY_RUNS else [_pairs_of_many(runs)]
            self._pairs.update(itertools.chain.from_iterable(ways))
        if kinds[:1] == b"#" and _kinds_of(self._last) == b"#":
            self._pairs.update(pairs_of_signs(self._last + folded[0]))
        self._last = folded[-1:] or self._last


@lru_cache(1000)
def _pairs_of_short(run: str) -> tuple[str, ...]:
    return tuple(f"{SIGNS}{ord(first):02x}{ord(second):02x}" for first, second in itertools.pairwise(run))


def pairs_of_signs(run: str) -> Iterable[str]:
    """The neighbours of a run of signs, each pair as a word."""
    return _pairs_of_short(run) if len(run) < _SHORT_RUN else _pairs_of_many([run])


def _pairs_of_many(runs: Iterable[str]) -> Iterable[str]:
    """The same of long runs, or of many: each pair of signs once."""
    pairs = {pair for run in runs for pair in itertools.pairwise(run)}
    return itertools.chain.from_iterable(_pairs_of_short(first + second) for first, second in pairs)


def _kinds_of(text: str) -> bytes:
    """A byte for each character of a text; see `_kinds`."""
    return text.replace("?", " ").encode("latin-1", "replace").translate(_KINDS)


def _words_of(text: str, kinds: bytes) -> Iterator[str]:
    """Words that are added to a block; some come more than once."""
    yield from _parts_of_names(text, kinds)
    yield from map(backwards, _compounds(text, kinds))
    if _SPELLED_OTHERWISE.search(text):
        yield from _other_spellings(text)


def with_two_letters(word: str) -> str:
    """A word without case whose umlauts are written with an e behind them."""
    return word.translate(_TWO_LETTERS)


def backwards(word: str) -> str:
    """A folded word from its end: what another one begins with here, it ends with."""
    return ENDING + word[::-1]


def _parts_of_names(text: str, kinds: bytes) -> Iterator[str]:
    words = b""
    names: dict[str, None] = {}
    for pattern in _IN_NAMES:
        if (at := kinds.find(pattern)) < 0:
            continue
        words = words or kinds.translate(_NO_SIGNS)
        while at >= 0:
            first = words.rfind(b" ", max(0, at - _LONGEST_NAME), at) + 1
            end = words.find(b" ", at)
            if end < 0:
                end = len(words)
            if (first or at < _LONGEST_NAME) and end - first <= _LONGEST_NAME:
                names[text[first:end]] = None
            at = words.find(pattern, end)
    for name in names:
        yield from _parts_of_name(name)


@lru_cache(5_000)
def _parts_of_name(name: str) -> tuple[str, ...]:
    """Of a name of at most `_LONGEST_NAME` characters: the same ones come in message after message."""
    if not _NAME.fullmatch(name):
        return ()
    return tuple(part.lower() for part in _PARTS.findall(name) if len(part) >= _SHORTEST_PART)


def _compounds(text: str, kinds: bytes) -> Iterator[str]:
    """Long words, folded, that may be made of several: nouns, and others in a language that makes such words."""
    is_compounding = not text.isascii() and any(letter in text for letter in _COMPOUNDING)
    pattern = _LONG_WORDS if is_compounding else _NOUNS
    if pattern.search(kinds) is None or not (is_compounding or _may_be_german(text)):
        return
    taken: set[str] = set()
    for match in pattern.finditer(kinds):
        start, end = match.span()
        word = text[start:end]
        if word in taken or end - start > _LONGEST_COMPOUND or text[end : end + 1].isalpha():
            continue
        taken.add(word)
        is_noun = b"A" in kinds[max(0, start - 1) : start + 1]
        if not word.endswith("ieren") and (is_noun or not _INFLECTED.search(word)):
            yield letter_folds.folded(word.casefold())


def _may_be_german(text: str) -> bool:
    for word in _ENGLISH:
        if word in text:
            break
    else:
        return True
    return any(word in text for word in _OTHERS)


def _other_spellings(text: str) -> Iterator[str]:
    """Words with umlauts written with two letters, and the parts of words that a joiner keeps apart."""
    for word in dict.fromkeys(text.split()):
        if word.isascii():
            continue
        if _JOINER in word:
            yield from (letter_folds.folded(part) for part in dict.fromkeys(word.casefold().split(_JOINER)) if part)
        elif (spelled := with_two_letters(word.casefold())) != word.casefold():
            yield from (letter_folds.folded(each) for each in _UMLAUTS.findall(spelled))
