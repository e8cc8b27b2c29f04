"""Redaction of keys in texts: whole or cut off, as they are or in an encoding (desktop/redaction/encodings.py)."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast, overload

from desktop.redaction.encodings import base64_forms, decodings
from desktop.text.phrases import Phrase

HIDDEN = "[secure]"

_SHORTEST = 4
"""Characters of a secret that is hidden. Shorter ones are words, and hiding these would spoil sentences."""

_DIVIDED = 16
"""Characters of a secret of which one half alone is hidden, too."""

_SHORTEST_HALF = 12

_LONGEST_ENCODED = 12
"""Characters that one character of a secret takes when it is encoded twice."""

_ERROR_LENGTH = 300
"""Characters of a text that says what is wrong; a longer one repeats what was sent."""

_CACHED_LENGTH = 120
"""Characters of a text that may come again: headers, models and reasons are the same with each response."""

_CHUNK = 32 << 10
"""Characters of a long text that are searched at once: no other thread runs meanwhile."""

_TOKENS = 24
"""Passing tokens that are hidden: those of some hours, where each one is good for one."""


class Mask:
    """The secrets of this run. Errors and facts pass through it before they are stored, shown, logged or exported.

    Any thread may use it.
    """

    def __init__(self) -> None:
        self._keys: frozenset[str] = frozenset()
        self._tokens: dict[str, None] = {}
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def secrets(self) -> frozenset[str]:
        """All secrets that are hidden now."""
        return self._secrets

    def add(self, *secrets: str) -> None:
        """Hide these secrets from now on."""
        with self._lock:
            self._keys |= {secret for secret in secrets if len(secret) >= _SHORTEST}
            self._secrets = self._keys.union(self._tokens)

    def add_passing(self, *tokens: str) -> None:
        """Hide these tokens until enough newer ones came that they have expired: a run may get thousands."""
        with self._lock:
            for token in tokens:
                self._tokens.pop(token, None)
                if len(token) >= _SHORTEST:
                    self._tokens[token] = None
            self._tokens = dict.fromkeys([*self._tokens][-_TOKENS:])
            self._secrets = self._keys.union(self._tokens)

    @overload
    def hide(self, text: Phrase) -> Phrase: ...

    @overload
    def hide(self, text: str) -> str: ...

    def hide(self, text: str) -> str:
        """Return the text without any of the secrets; see `hide`."""
        return hide(text, self._secrets)

    def hide_plain(self, text: str) -> str:
        """Return the text without the long secrets that are not encoded; see `hide_plain`."""
        return hide_plain(text, self._secrets)

    def hide_within(self, value: object) -> object:
        """Return decoded JSON without any of the secrets; see `hide_within`."""
        return hide_within(value, self._secrets)

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Return start and end of each secret in a text, in order and without overlaps."""
        secrets = self._secrets
        return _places(text, secrets) if secrets and text else ()

    def stands_in(self, text: str) -> bool:
        """Whether one of the secrets is in a text, which is searched in chunks."""
        overlap = max(map(len, self._secrets), default=0) * _LONGEST_ENCODED
        step = max(_CHUNK, overlap)
        starts = range(0, max(len(text) - overlap, 1), step)
        return any(self.places(text[start : start + step + overlap]) for start in starts)


@overload
def hide(text: Phrase, secrets: Iterable[str]) -> Phrase: ...


@overload
def hide(text: str, secrets: Iterable[str]) -> str: ...


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each of `secrets` in it replaced, encoded or not; a phrase can still be translated.

    Upper and lower case are the same. Secrets of fewer than four characters are not hidden.
    """
    wanted = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST)
    if not wanted or not text:
        return text
    hidden = _cached(str(text), wanted) if len(text) <= _CACHED_LENGTH else _replaced(text, _places(text, wanted))
    if not isinstance(text, Phrase):
        return hidden
    values: Mapping[str, object] = {
        name: hide(value, wanted) if isinstance(value, str) else value for name, value in text.values.items()
    }
    if hidden == str(text) and values == text.values:
        return text
    return Phrase(hidden, text.template, values, text.number)


def hide_plain(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each long one of `secrets`, or half of it, replaced that is in it unencoded.

    Fast enough for megabytes. Short secrets may be words of an answer and are left.
    """
    wanted = frozenset(secret for secret in secrets if len(secret) >= _DIVIDED)
    return _replaced(text, _merged(_plain_needles(wanted).places(text)))


def hide_head(text: str, secrets: Iterable[str], most: int = 64 << 10) -> str:
    """Return at most the first `most` characters with each of `secrets` hidden, also one that is cut off at the end."""
    wanted = tuple(secrets)
    if len(text) <= most:
        return hide(text, wanted)
    hidden = hide(text[:most], wanted)
    return hidden[: len(hidden) - max(map(len, wanted), default=0) * _LONGEST_ENCODED]


def hide_within(value: object, secrets: Iterable[str], *, most: int = 64 << 10, depth: int = 12) -> object:
    """Return what was decoded from JSON, with each of `secrets` hidden in its texts and names.

    Args:
        value: objects, lists, texts, numbers.
        secrets: as for `hide`.
        most: characters that are searched and returned, of the long texts together and of the short ones together: a
            server that repeats a long prompt leaves room for its message.
        depth: levels of objects and lists; deeper ones become None.

    """
    wanted = frozenset(secrets)
    budgets = {False: most, True: most}

    def hidden(value: object, levels: int) -> object:
        if isinstance(value, str):
            is_long = len(value) > _ERROR_LENGTH
            budget = budgets[is_long]
            budgets[is_long] -= min(len(value), budget)
            return hide_head(value, wanted, budget)
        if isinstance(value, (dict, list)) and levels <= 0:
            return None
        if isinstance(value, dict):
            entries = cast("Mapping[object, object]", value).items()
            return {hidden(name, 0): hidden(entry, levels - 1) for name, entry in entries}
        if isinstance(value, list):
            return [hidden(entry, levels - 1) for entry in cast("list[object]", value)]
        return value

    return hidden(value, depth)


@functools.lru_cache(maxsize=64)
def _cached(text: str, secrets: frozenset[str]) -> str:
    return _replaced(text, _places(text, secrets))


def _replaced(text: str, places: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    end = 0
    for start, stop in places:
        pieces += (text[end:start], HIDDEN)
        end = stop
    return "".join((*pieces, text[end:])) if pieces else text


def _places(text: str, secrets: frozenset[str]) -> list[tuple[int, int]]:
    needles = _needles(secrets)
    places = [*needles.places(text)]
    for decoded, offsets in decodings(text):
        places += ((offsets[start], offsets[stop]) for start, stop in needles.places(decoded))
    return _merged(places)


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places in order, those that overlap or touch as one."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


@functools.lru_cache(maxsize=8)
def _needles(secrets: frozenset[str]) -> _Needles:
    """Return the needles for all forms of some secrets.

    A secret that itself has what looks like an encoded character reads differently in a decoded text.
    """
    decoded = {text for secret in secrets for text, _ in decodings(secret)}
    encoded = {form for secret in secrets for form in base64_forms(secret)}
    return _Needles(secrets | decoded | encoded)


@functools.lru_cache(maxsize=8)
def _plain_needles(secrets: frozenset[str]) -> _Needles:
    return _Needles(secrets)


class _Needles:
    """Substrings that give secrets away: short secrets, and both halves of long ones.

    A text may be cut off in the middle of a key, and half of a key is as bad as a whole one.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        lowered = {_lowered(secret) for secret in secrets if len(secret) >= _SHORTEST}
        self._short = [secret for secret in lowered if len(secret) < _DIVIDED]
        self._long = [(secret, max(_SHORTEST_HALF, len(secret) // 2)) for secret in lowered if len(secret) >= _DIVIDED]

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each secret, and of as much as a text has of a long one from either end."""
        lowered = _lowered(text)
        for secret in self._short:
            for start in _occurrences(lowered, secret):
                yield start, start + len(secret)
        for secret, half in self._long:
            for start in _occurrences(lowered, secret[:half]):
                yield start, start + _common_length(lowered[start : start + len(secret)], secret)
            for start in _occurrences(lowered, secret[-half:]):
                stop = start + half
                before = lowered[max(stop - len(secret), 0) : stop]
                yield stop - _common_length(before[::-1], secret[::-1]), stop


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _lowered(text: str) -> str:
    """Return the text with ASCII in lower case: other letters, as İ, may become two, which would move all offsets."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _occurrences(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


def _common_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their beginning."""
    if one == other:
        return len(one)
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (this, that) in pairs if this != that), min(len(one), len(other)))
