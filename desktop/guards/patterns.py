"""Patterns of text that must not be sent by mistake: API keys, private keys, card numbers and custom patterns.

Pure functions.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from desktop.redaction.key_patterns import API_KEY, compiled
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase


class Action(StrEnum):
    """Action to take on a prompt with a finding."""

    OFF = "off"
    FLAG = "flag"  # its user is asked
    BLOCK = "block"  # it is not sent


class Finding(Struct, frozen=True):
    """A finding: its display name, the action, and a fingerprint that does not reveal the matched text."""

    what: str
    action: Action
    fingerprint: str


class OwnPattern(Struct, frozen=True):
    """A custom pattern: a regular expression from the user or the organization, with its display name."""

    name: str
    action: Action
    expression: str


SLICE, OVERLAP = 64 << 10, 8 << 10
"""Number of characters scanned at once, and the overlap of slices, which is longer than any key or card number."""

_A_PRIVATE_KEY, _A_KEY, _A_CARD = phrase("a private key"), phrase("an API key"), phrase("a card number")

# A fixed prefix and one repeated class, so that matching takes linear time.
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=:\s,-]{40}"

_DISTINCT = 8
"""Minimum number of different characters in a real key, unlike the `sk-xxxxxxxx…` of an example."""
_DIGITS = r"(?<![\d.,-])\d(?:[ -]{0,3}\d){12,18}(?![\d-]|[.,]\d)"
_CARD = (
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)


_FOLDS = {
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}
_UNSEEN = late_pattern(
    "[\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)


class Folded(Struct, frozen=True):
    """A normalized text for scanning, with ASCII spaces, hyphens and letters and no invisible characters."""

    text: str
    _places: tuple[int, ...] | None = None

    @classmethod
    def of(cls, text: str) -> Folded:
        """Normalize a text. Character positions are unchanged if it has no invisible characters."""
        if text.isascii():
            return cls(text)
        plain = text.translate(_FOLDS)
        if not _UNSEEN.search(plain):
            return cls(plain)
        kept = [place for place, character in enumerate(plain) if not _UNSEEN.match(character)]
        return cls("".join(plain[place] for place in kept), tuple(kept))

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """Return a match's position in the original text."""
        if self._places is None:
            return match.span()
        return self._places[match.start()], self._places[match.end() - 1] + 1


def for_own(text: str) -> str:
    """Return the normalized text, with runs of spaces collapsed, that custom patterns search besides the original."""
    return re.sub(" {2,}", " ", Folded.of(text).text)


def secrets(text: str, action: Action) -> Iterator[Finding]:
    """Find private keys and API keys in a text."""
    text = Folded.of(text).text
    for match in compiled(_PRIVATE_KEY).finditer(text):
        yield finding(_A_PRIVATE_KEY, action, match[0])
    for match in compiled(API_KEY).finditer(text):
        if len({*match[0][4:]}) >= _DISTINCT:
            yield finding(_A_KEY, action, match[0])


def cards(text: str, action: Action) -> Iterator[Finding]:
    """Find card numbers in a text, by issuer, length and check digit."""
    for match in compiled(_DIGITS).finditer(Folded.of(text).text):
        if digits := _card(match):
            yield finding(_A_CARD, action, digits)


def _card(match: re.Match[str]) -> str:
    """Return the digits of a card number, or an empty string if the match is not a card number."""
    digits = "".join(str(unicodedata.decimal(each)) for each in match[0] if each.isdecimal())
    return digits if compiled(_CARD).fullmatch(digits) and passes_luhn(digits) else ""


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def finding(what: str, action: Action, matched: str) -> Finding:
    """Return a finding with a fingerprint that distinguishes it from others without revealing the matched text."""
    return Finding(what, action, hashlib.sha256(f"{what}\0{matched}".encode(errors="replace")).hexdigest())


def masked(text: str) -> str:
    """Return a text with keys and card numbers replaced."""
    for expression in (_PRIVATE_KEY, API_KEY, _DIGITS):
        folded = Folded.of(text)
        parts: list[str] = []
        at = 0
        for match in compiled(expression).finditer(folded.text):
            if expression == _DIGITS and not _card(match):
                continue  # a number is taken out only where it is a card's
            start, end = folded.span(match)
            parts += [text[at:start], "[secure]"]
            at = end
        text = "".join((*parts, text[at:]))
    return text


def slices(text: str) -> Iterator[str]:
    """Yield overlapping slices of a long text."""
    for start in range(0, max(len(text) - OVERLAP, 1), SLICE - OVERLAP):
        yield text[start : start + SLICE]


def parse_own(lines: str) -> tuple[tuple[OwnPattern, ...], tuple[Phrase, ...]]:
    """Parse custom patterns, one per line as `flag NAME: EXPRESSION` or `block NAME: EXPRESSION`.

    Returns:
        The patterns, and an error message for each invalid line.
    """
    own_patterns: list[OwnPattern] = []
    slips: list[Phrase] = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        head, colon, expression = line.partition(":")
        action, _, name = head.strip().partition(" ")
        if not colon or action not in ("flag", "block") or not name.strip() or not expression.strip():
            slips.append(phrase("“{line}” does not have the form NAME: EXPRESSION.", line=line[:80]))
            continue
        try:
            re.compile(expression.strip())
        except (re.error, RecursionError, OverflowError) as error:
            slips.append(
                phrase(
                    "The regular expression for “{name}” is invalid: {reason}.", name=name.strip(), reason=str(error)
                )
            )
            continue
        own_patterns.append(OwnPattern(name.strip(), Action(action), expression.strip()))
    return tuple(own_patterns), tuple(slips)
