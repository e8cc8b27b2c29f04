"""Keys hidden in text, in each spelling that a server may give them back in (desktop/redaction/encodings.py)."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast, overload

from desktop.redaction import fuzzy_match as key_skeletons
from desktop.redaction import scattered_text as keys_apart
from desktop.redaction.encodings import nothing, readings, rewritten
from desktop.text.phrases import Phrase

HIDDEN = "[secure]"

_LEAST = 4
"""Keys shorter than this are words: hiding them would spoil sentences."""

_SHORT = 300
"""Characters of a text that says what is wrong, rather than what was sent."""

_LINE = 120
"""Characters of a text that may come again."""

_LONGEST_SPELLING = 12
"""Characters that one of a key takes in the longest of the usual spellings."""

_BLANK = re.compile(r"\s+")
_DIVIDED = 16
"""Characters from which on a half of a key is hidden by itself."""

_PIECE = 6
"""Letters and digits in a row that are a piece of a key, where others hold more of it."""

_AT_ONCE = 32 << 10
"""Characters of a long text that are looked at in one go: no other thread does anything meanwhile."""

_MOST_PASSING = 24
"""Tokens that are hidden, the newest: those of some hours, where each is good for one."""

_SPREAD = 12
"""Characters from which on a key is known with blanks in it: a shorter one may stand in a sentence by chance."""


class Mask:
    """The secrets of one run. Whatever is kept, shown, logged or exported of errors goes through it; on any thread."""

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._lasting: frozenset[str] = frozenset()
        self._passing: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, *secrets: str) -> None:
        """Hide these from now on."""
        with self._lock:
            self._lasting |= {each for each in secrets if len(each) >= _LEAST}
            self._secrets = self._lasting | self._passing.keys()

    def add_passing(self, *secrets: str) -> None:
        """Hide these until so many newer ones came that they open nothing any more: tokens come anew for ever."""
        with self._lock:
            for each in secrets:
                self._passing.pop(each, None)
                if len(each) >= _LEAST:
                    self._passing[each] = None
            self._passing = dict.fromkeys([*self._passing][-_MOST_PASSING:])
            self._secrets = self._lasting | self._passing.keys()

    @property
    def secrets(self) -> frozenset[str]:
        """What is hidden now."""
        return self._secrets

    @overload
    def hide(self, text: Phrase) -> Phrase: ...

    @overload
    def hide(self, text: str) -> str: ...

    def hide(self, text: str) -> str:
        """The text without any of the secrets; a phrase stays one."""
        return hide(text, self._secrets)

    def hide_plain(self, text: str) -> str:
        """The text without the long ones of the secrets, as far as they stand in it letter by letter."""
        return hide_plain(text, self._secrets)

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Where secrets begin and end in a text, in order and apart from each other."""
        wanted = frozenset(self._secrets)
        return _places(text, wanted) if wanted and text else ()

    def stands_in(self, text: str) -> bool:
        """Whether one of the secrets stands in a text, however it is spelled. Long ones are looked at part by part."""
        overlap = max(map(len, self._secrets), default=0) * _LONGEST_SPELLING
        step = max(_AT_ONCE, overlap)
        starts = range(0, max(len(text) - overlap, 1), step)
        return any(self.places(text[start : start + step + overlap]) for start in starts)

    def pieces(self, texts: Collection[str]) -> frozenset[str]:
        """Those of some texts that tell one of the secrets together: see `pieces_of`."""
        return pieces_of(self._secrets, texts)

    def hide_within(self, value: object) -> object:
        """What was decoded from JSON without any of the secrets in its texts and names, bounded."""
        return hide_within(value, self._secrets)


@overload
def hide(text: Phrase, secrets: Iterable[str]) -> Phrase: ...


@overload
def hide(text: str, secrets: Iterable[str]) -> str: ...


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` with every one of `secrets` in it replaced, however it is spelled; a phrase can still be translated.

    Letters count alike in both cases. Secrets of fewer than four characters are left.
    """
    wanted = frozenset(each for each in secrets if len(each) >= _LEAST)
    if not wanted or not text:
        return text
    hidden = _hide(str(text), wanted)
    if not isinstance(text, Phrase):
        return hidden
    values: Mapping[str, object] = {
        name: hide(value, wanted) if isinstance(value, str) else value for name, value in text.values.items()
    }
    if hidden == str(text) and values == text.values:
        return text
    return Phrase(hidden, text.template, values, text.number)


def hide_within(value: object, secrets: Iterable[str], *, most: int = 64 << 10, depth: int = 12) -> object:
    """What was decoded from JSON, with every one of `secrets` in its texts and names hidden.

    Of its long texts together, and of its short ones, the first `most` characters are looked at and kept; what lies
    deeper than `depth` is left out.
    """
    return _Within(secrets, most).hidden(value, depth)


def pieces_of(secrets: Iterable[str], texts: Collection[str]) -> frozenset[str]:
    """Those of some texts that are hardly more than a piece of a long secret, where they hold half of it together.

    In whatever order they stand. One alone is what `hide` knows.
    """
    bare = {text: letters for text in texts if len(letters := _bare(text)) >= _PIECE}
    own = {text: _runs(letters) for text, letters in bare.items()} if len(bare) > 1 else {}
    found: set[str] = set()
    for secret, runs in _bare_ones(frozenset(secrets)):
        near = [text for text, each in own.items() if not runs.isdisjoint(each) and len(each) < 2 * len(secret)]
        held = {text: place for text in near if (place := _piece(bare[text], secret, own[text], runs))}
        if len(held) > 1 and len({at for place in held.values() for at in place}) * 2 >= len(secret):
            found |= held.keys()
    return frozenset(found)


@functools.lru_cache(maxsize=8)
def _bare_ones(secrets: frozenset[str]) -> tuple[tuple[str, frozenset[str]], ...]:
    """The letters and digits of long secrets, and all that stand in a row in them."""
    long = [bare for each in secrets if len(bare := _bare(each)) >= _DIVIDED]
    return tuple((bare, frozenset(_runs(bare))) for bare in long)


def _runs(letters: str) -> Sequence[str]:
    return [letters[start : start + _PIECE] for start in range(len(letters) - _PIECE + 1)]


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.translate(_LOWER)))


def _piece(text: str, secret: str, own: Sequence[str], runs: frozenset[str]) -> range:
    """Where in a secret that stands which makes up most of a text; nowhere, where nothing does."""
    longest = range(0)
    start = 0
    while start < len(own):
        count = 0
        if own[start] in runs:
            at = secret.index(own[start])
            count = key_skeletons.alike(text[start:], secret[at:])
            longest = max(longest, range(at, at + count), key=len)
        start += max(count - _PIECE, 1)
    return longest if 2 * len(longest) >= len(text) else range(0)


class _Within:
    """Hides secrets in one value; so much of a server's text as can be looked at before anybody notices."""

    def __init__(self, secrets: Iterable[str], most: int) -> None:
        self._secrets = frozenset(secrets)
        wanted = _forms(frozenset(each for each in self._secrets if len(each) >= _LEAST)).secrets
        self._shortest = min((min(len(each), _SPREAD) for each in wanted), default=0)
        self._left = {False: most, True: most}

    def hidden(self, value: object, depth: int) -> object:
        """The value without secrets; its texts draw on what is left."""
        if isinstance(value, str):
            return self._text(value)
        if depth <= 0:
            return None if isinstance(value, (dict, list)) else value
        if isinstance(value, dict):
            entries = cast("Mapping[object, object]", value).items()
            if self._spells([each for _, each in entries]):
                return {HIDDEN: HIDDEN}
            return {self.hidden(name, 1): self.hidden(each, depth - 1) for name, each in entries}
        if isinstance(value, list):
            listed = cast("list[object]", value)
            return [HIDDEN] if self._spells(listed) else [self.hidden(each, depth - 1) for each in listed]
        return value

    def _spells(self, values: Sequence[object]) -> bool:
        """Whether short values spell a secret one after the other: numbers of characters, or these themselves."""
        if not self._shortest or len(values) < _LEAST or not all(_is_short(each) for each in values):
            return False
        spelled = " ".join(map(str, values))
        return self._text(spelled) != spelled

    def _text(self, text: str) -> str:
        if len(text) < self._shortest:
            return text  # neither a spelling nor a part that is hidden is as short
        long = len(text) > _SHORT
        left = self._left[long]
        self._left[long] -= min(len(text), left)
        return hide_head(text, self._secrets, left) if left else ""


def _is_short(value: object) -> bool:
    """Whether a value may stand for one character."""
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONGEST_SPELLING)


def hide_head(text: str, secrets: Iterable[str], most: int = 64 << 10) -> str:
    """The first `most` characters at most, with every one of `secrets` hidden, also one that the cut goes through."""
    held = tuple(secrets)
    if len(text) <= most:
        return hide(text, held)
    hidden = hide(text[:most], held)
    return hidden[: len(hidden) - max((len(each) for each in held), default=0) * _LONGEST_SPELLING]


def hide_plain(text: str, secrets: Iterable[str]) -> str:
    """`text` with every long one of `secrets` replaced that stands in it letter by letter, or half of it.

    Quick, for texts of megabytes: no spelling is undone. Short secrets may be words, and are left.
    """
    wanted = frozenset(each for each in secrets if len(each) >= _DIVIDED)
    if not wanted or not _forms(wanted).may_stand_in(text):
        return text
    return _replaced(text, _merged(_forms(wanted).places(text)))


def _hide(text: str, secrets: frozenset[str]) -> str:
    return _hidden_again(text, secrets) if len(text) <= _LINE else _replaced(text, _places(text, secrets))


@functools.lru_cache(maxsize=64)
def _hidden_again(text: str, secrets: frozenset[str]) -> str:
    """Headers, models and reasons are the same ones with each answer."""
    return _replaced(text, _places(text, secrets))


def _replaced(text: str, places: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    end = 0
    for start, stop in places:
        pieces += (text[end:start], HIDDEN)
        end = stop
    return "".join((*pieces, text[end:])) if pieces else text


def _places(text: str, secrets: frozenset[str]) -> list[tuple[int, int]]:
    forms = _forms(secrets)
    long = frozenset(each for each in forms.secrets if len(each) >= _SPREAD)
    places = [*forms.places(text), *key_skeletons.places(text, forms.secrets)]
    places += _places_apart(text, forms.secrets)
    was_last = False
    for read, at, is_last in readings(text):
        found = [*forms.places(read)]
        if is_last and not was_last and read != text:
            found += _places_apart(read, forms.secrets)
        was_last |= is_last
        if is_last and read is not text:
            found += key_skeletons.places(read, forms.secrets)
        places += ((at[start], at[stop]) for start, stop in found)
        if is_last and long and _BLANK.search(read):
            # A line's end within a key may have become a blank
            bare, ends = rewritten(read, at, _BLANK, nothing)
            found = [(ends[start], ends[stop]) for start, stop in _forms(long).places(bare)]
            places += [(start, start + len(text[start:stop].rstrip())) for start, stop in found]
    return _merged(places)


def _places_apart(text: str, secrets: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where secrets stand of which each character, or its number, is told by itself."""
    wanted = frozenset(each for each in secrets if len(each) >= keys_apart.LEAST)
    if not wanted:
        return
    for told in keys_apart.letters(text):
        yield from (told.place(*found) for found in key_skeletons.places_alone(told.text, wanted))
    for told in keys_apart.numbers(text):
        yield from (told.place(*found) for found in _forms(wanted).places(told.text))
    if (drawn := keys_apart.undumped(text)) is not None:
        found = [*_forms(wanted).places(drawn.text), *key_skeletons.places(drawn.text, wanted)]
        yield from (drawn.place(*each) for each in found)


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        else:
            found.append((start, stop))
    return found


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
"""As the pattern takes letters; those of other alphabets may be lowered to more than one."""


class _Forms:
    """What is looked for of some secrets: each of them whole, and of long ones what was cut off at either end.

    A text may end in the middle of a key, and a server may give back a part of it: half of one is one. A key that holds
    what looks like a spelling is looked for as it reads without it, too, since the text is read so.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = frozenset(secrets)
        read = {reading for secret in given for reading, *_ in readings(secret) if len(reading) >= _LEAST}
        self.secrets = given | read
        longest_first = sorted(self.secrets, key=len, reverse=True)
        self._long = [secret.translate(_LOWER) for secret in longest_first if len(secret) >= _DIVIDED]
        self._halves = [(secret, secret[: _half(secret)], secret[-_half(secret) :]) for secret in self._long]
        self._ends = frozenset(end for _, *both in self._halves for end in both)
        # None for long ones: Python keeps the last 512 that were made, and tokens have thousands of letters
        short = [secret for secret in longest_first if len(secret) < _DIVIDED]
        self._short = re.compile("|".join(map(re.escape, short)), re.IGNORECASE | re.ASCII) if short else None

    def may_stand_in(self, text: str) -> bool:
        """Whether half of a long one stands in a text: in a hundredth of the time of looking where."""
        lowered = text.lower()
        return any(end in lowered for end in self._ends)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they begin and end in a text."""
        if self._short is not None:
            yield from (match.span() for match in self._short.finditer(text))
        lowered = text.translate(_LOWER)
        for secret, head, tail in self._halves:
            for start in _found(lowered, head):
                yield start, start + key_skeletons.alike(lowered[start : start + len(secret)], secret)
            for start in _found(lowered, tail):
                stop = start + len(tail)
                before = lowered[max(stop - len(secret), 0) : stop]
                yield stop - key_skeletons.alike(before[::-1], secret[::-1]), stop


def _found(text: str, part: str) -> Iterator[int]:
    """Where a part of a text begins, each time after the end of the one before."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _half(secret: str) -> int:
    """How many characters of a long secret, from either end, are to be hidden."""
    return max(_SPREAD, len(secret) // 2)


@functools.lru_cache(maxsize=8)
def _forms(secrets: frozenset[str]) -> _Forms:
    return _Forms(secrets)
