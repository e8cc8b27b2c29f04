"""Redaction of keys in texts, complete or truncated, in plain text or encoded (desktop/redaction/encodings.py)."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast, overload

from desktop.redaction.encodings import base64_forms, decodings
from desktop.text.phrases import Phrase

HIDDEN = "[secure]"

_SHORTEST = 4
"""Minimum characters of a secret that is redacted. Shorter secrets may be words, whose redaction would garble
sentences."""

_DIVIDED = 16
"""Minimum characters of a secret of which either half alone is redacted, too."""

_SHORTEST_HALF = 12

_LONGEST_ENCODED = 12
"""Maximum characters for one character of a secret when it is encoded twice."""

_ERROR_LENGTH = 300
"""Maximum characters of an error message; a longer text probably repeats what was sent."""

_CACHED_LENGTH = 120
"""Maximum characters of a cached text: headers, model names and reasons repeat with each response."""

_CHUNK = 32 << 10
"""Characters of a long text that are searched at once, because other threads cannot run meanwhile."""

_TOKENS = 24
"""Maximum number of short-lived tokens to redact, enough for some hours with tokens valid for one hour."""


class Mask:
    """Redactor with the secrets of this run. Thread-safe.

    Errors and metadata are redacted before being stored, shown, logged or exported.
    """

    def __init__(self) -> None:
        self._keys: frozenset[str] = frozenset()
        self._tokens: dict[str, None] = {}
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def secrets(self) -> frozenset[str]:
        """All secrets that are currently redacted."""
        return self._secrets

    def add(self, *secrets: str) -> None:
        """Redact these secrets from now on."""
        with self._lock:
            self._keys |= {secret for secret in secrets if len(secret) >= _SHORTEST}
            self._secrets = self._keys.union(self._tokens)

    def add_passing(self, *tokens: str) -> None:
        """Redact these short-lived tokens until enough newer ones replace them: a run may receive thousands."""
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
        """Return the text with all secrets redacted; see `hide`."""
        return hide(text, self._secrets)

    def hide_plain(self, text: str) -> str:
        """Return the text with long, unencoded secrets redacted; see `hide_plain`."""
        return hide_plain(text, self._secrets)

    def hide_within(self, value: object) -> object:
        """Return decoded JSON with all secrets redacted; see `hide_within`."""
        return hide_within(value, self._secrets)

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Return start and end of each secret in a text, in order and without overlaps."""
        secrets = self._secrets
        return _places(text, secrets) if secrets and text else ()

    def stands_in(self, text: str) -> bool:
        """Whether a text contains one of the secrets. The text is searched in chunks."""
        overlap = max(map(len, self._secrets), default=0) * _LONGEST_ENCODED
        step = max(_CHUNK, overlap)
        starts = range(0, max(len(text) - overlap, 1), step)
        return any(self.places(text[start : start + step + overlap]) for start in starts)


@overload
def hide(text: Phrase, secrets: Iterable[str]) -> Phrase: ...


@overload
def hide(text: str, secrets: Iterable[str]) -> str: ...


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each occurrence of `secrets` replaced, encoded or not; a phrase remains translatable.

    Ignores case. Secrets of fewer than four characters are not redacted.
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
    """Return `text` with each long secret, or half of one, replaced where it occurs unencoded.

    Fast enough for megabytes. Short secrets may be words of a response and are not replaced.
    """
    wanted = frozenset(secret for secret in secrets if len(secret) >= _DIVIDED)
    return _replaced(text, _merged(_plain_needles(wanted).places(text)))


def hide_head(text: str, secrets: Iterable[str], most: int = 64 << 10) -> str:
    """Return at most the first `most` characters with each secret redacted, even one that is cut off at the end."""
    wanted = tuple(secrets)
    if len(text) <= most:
        return hide(text, wanted)
    hidden = hide(text[:most], wanted)
    return hidden[: len(hidden) - max(map(len, wanted), default=0) * _LONGEST_ENCODED]


def hide_within(value: object, secrets: Iterable[str], *, most: int = 64 << 10, depth: int = 12) -> object:
    """Return decoded JSON with each of `secrets` redacted in its strings and keys.

    Args:
        value: Objects, lists, strings and numbers.
        secrets: As for `hide`.
        most: Maximum characters searched and returned, separately for all long strings and all short strings: a
            server that echoes a long prompt leaves room for its error message.
        depth: Maximum levels of objects and lists; deeper ones become None.
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
    """Return the ranges in order, with overlapping or adjacent ranges merged."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


@functools.lru_cache(maxsize=8)
def _needles(secrets: frozenset[str]) -> _Needles:
    """Return the search strings for all encodings of some secrets.

    A secret that itself contains what looks like an encoded character is different in a decoded text.
    """
    decoded = {text for secret in secrets for text, _ in decodings(secret)}
    encoded = {form for secret in secrets for form in base64_forms(secret)}
    return _Needles(secrets | decoded | encoded)


@functools.lru_cache(maxsize=8)
def _plain_needles(secrets: frozenset[str]) -> _Needles:
    return _Needles(secrets)


class _Needles:
    """Substrings that reveal secrets: whole short secrets, and both halves of long ones.

    A text may be truncated in the middle of a key, and half of a key is as bad as a whole one.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        lowered = {_lowered(secret) for secret in secrets if len(secret) >= _SHORTEST}
        self._short = [secret for secret in lowered if len(secret) < _DIVIDED]
        self._long = [(secret, max(_SHORTEST_HALF, len(secret) // 2)) for secret in lowered if len(secret) >= _DIVIDED]

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each secret, or of the part of a long secret that extends from either of its ends."""
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
    """Return the text with ASCII in lower case.

    Other letters, such as İ, may become two, which would shift all offsets.
    """
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _occurrences(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


def _common_length(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    if one == other:
        return len(one)
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (this, that) in pairs if this != that), min(len(one), len(other)))
