"""Additional words for the search index that make parts of words findable. Pure functions.

FTS5 finds words by prefix. Parts of names (getUserName, RTX4090), ends of compounds and pairs of symbols are added so
that they are found too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from desktop.store.records import letter_folds

BOUNDARY = "\ue001"
"""Character that separates text from additions."""

ENDING, SIGNS = "\ue002", "\ue003"
"""Prefix characters of two kinds of additions: reversed words, and pairs of symbols."""

MOST = 2_000
"""Maximum additional words per message; the 324 possible symbol pairs do not count."""

SIGN = r"[!#$%&*+\-/<=>@\\^|~:]"
"""Symbols whose pairs are added. Not the question mark, which stands for characters outside Latin-1 here."""


def _kinds() -> bytes:
    """Return the character class of each Latin-1 code: lower case, upper case, digit, symbol or separator."""
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
"""Patterns of multi-part names: camelCase, HTTPServer, utf16, RTX4090."""

_NAME = re.compile("[A-Z]?[a-z0-9]++[A-Z][A-Za-z0-9]*+|[A-Z]{2,}+[a-z][A-Za-z0-9]*+|[A-Za-z]{2,}+[0-9]{2,}+")
_NOUNS = re.compile(b"A" + b"a" * 8 + b"a*+(?![A0])")
"""Long capitalized words, such as German nouns."""

_LONG_WORDS = re.compile(b"a" * 9 + b"a*+(?![A0])")
_COMPOUNDING = "äöüßåøæ"
"""Letters that indicate languages with compounds: German, Swedish, Danish, Norwegian, Finnish."""

_ENGLISH = " the ", " of ", " is "
_OTHERS = " und ", " der ", " och ", " og "
"""Words that indicate such languages in text without these letters; English has no such compounds."""

_INFLECTED = re.compile("(?:end(?:e[nmrs]?)?|este[nmrs]?|iere)\\Z")
"""Endings of German participles, superlatives and verbs, which are not the second part of a compound."""

_PARTS = re.compile("[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[0-9]++")
_SHORT_RUN, _MANY_RUNS = 40, 200
_SHORTEST_PART, _LONGEST_NAME, _LONGEST_COMPOUND = 3, 80, 50
_UMLAUTS = re.compile("[^\\W_]+")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})
_JOINER = "\u200c"
"""Zero-width non-joiner, which separates parts of words in Persian."""

_SPELLED_OTHERWISE = re.compile(f"[äöøüåÄÖØÜÅ{_JOINER}]")
"""Characters without which a word in NFKC has no alternative spelling."""


class Additions:
    """Collects the additions to a text that is passed in blocks, none of which splits a word."""

    __slots__ = ("_last", "_pairs", "_words")

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._pairs: set[str] = set()
        self._last = ""
        """The last character before a block: the block's first one may be the other half of a pair."""

    def feed(self, text: str, folded: str) -> None:
        """Add a block in NFKC and its folded form."""
        kinds = _kinds_of(text)
        if len(self._words) < MOST:
            self._words.update(dict.fromkeys(_words_of(text, kinds)))
        self._pair(folded, kinds if text.isascii() else _kinds_of(folded))

    def finish(self, room: int) -> str:
        """Return the additions, truncated to `room` bytes."""
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
    """Return all pairs of adjacent symbols in a run of symbols."""
    return _pairs_of_short(run) if len(run) < _SHORT_RUN else _pairs_of_many([run])


def _pairs_of_many(runs: Iterable[str]) -> Iterable[str]:
    """Return the distinct pairs of long or many runs."""
    pairs = {pair for run in runs for pair in itertools.pairwise(run)}
    return itertools.chain.from_iterable(_pairs_of_short(first + second) for first, second in pairs)


def _kinds_of(text: str) -> bytes:
    """Return the character class of each character; see `_kinds`."""
    return text.replace("?", " ").encode("latin-1", "replace").translate(_KINDS)


def _words_of(text: str, kinds: bytes) -> Iterator[str]:
    """Yield the additional words of a block; they may repeat."""
    yield from _parts_of_names(text, kinds)
    yield from map(backwards, _compounds(text, kinds))
    if _SPELLED_OTHERWISE.search(text):
        yield from _other_spellings(text)


def with_two_letters(word: str) -> str:
    """Return a word with umlauts spelled as two letters."""
    return word.translate(_TWO_LETTERS)


def backwards(word: str) -> str:
    """Return a folded word reversed and marked, by which endings are found as prefixes."""
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
    """Return the parts of a short name. Cached, because names recur."""
    if not _NAME.fullmatch(name):
        return ()
    return tuple(part.lower() for part in _PARTS.findall(name) if len(part) >= _SHORTEST_PART)


def _compounds(text: str, kinds: bytes) -> Iterator[str]:
    """Yield long folded words that may be compounds."""
    is_compounding = not text.isascii() and any(letter in text for letter in _COMPOUNDING)
    pattern = _LONG_WORDS if is_compounding else _NOUNS
    if pattern.search(kinds) is None or not (is_compounding or _may_be_german(text)):
        return
    seen: set[str] = set()
    for match in pattern.finditer(kinds):
        start, end = match.span()
        word = text[start:end]
        if word in seen or end - start > _LONGEST_COMPOUND or text[end : end + 1].isalpha():
            continue
        seen.add(word)
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
    """Yield alternative spellings of words with umlauts or joiners."""
    for word in dict.fromkeys(text.split()):
        if word.isascii():
            continue
        if _JOINER in word:
            yield from (letter_folds.folded(part) for part in dict.fromkeys(word.casefold().split(_JOINER)) if part)
        elif (spelled := with_two_letters(word.casefold())) != word.casefold():
            yield from (letter_folds.folded(each) for each in _UMLAUTS.findall(spelled))
