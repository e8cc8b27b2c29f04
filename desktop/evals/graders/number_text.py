"""Numbers as people and models write them in a text, in English, German, French, Swiss or Arabic manner; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from desktop.text.late_pattern import late_pattern

_TAIL = 4_000
"""Characters in which the last number is looked for first."""

LONGEST = 300
"""Digits of a number; what has more is none."""

_PIECE = 1 << 16
"""Characters of a text that are looked through at once, at least: it may be another thread's turn in between."""

_BLANK = late_pattern("[ \n]")
_DIGIT = late_pattern("[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]")
_TOKEN = late_pattern(
    r"(?<![\w.,])(?:(?<!\w)[-+])?(?:[0-9]|[.,](?=[0-9]))[0-9.,'\u2019\xa0\u202f\u2009]*+"
    r"(?:(?<=[0-9])[eE][-+]?[0-9]{1,3}(?!\w))?"
)
_GROUPS = late_pattern(r"[0-9]{1,3}(?:[.,'\u2019\xa0\u202f\u2009][0-9]{3}){1,20}")
_DIGITS = str.maketrans(
    {
        **{chr(first + digit): str(digit) for first in (0x660, 0x6F0, 0xFF10) for digit in range(10)},
        "\u2212": "-",
        "\u066b": ".",
        "\u066c": ",",
    }
)
_GAPS = "'\u2019\xa0\u202f\u2009"


def number_in(text: str, position: str = "last") -> float | None:
    """The `last`, `first` or `only` number of a text; None where it has none, or of `only` several.

    Of two signs in a number the last one is the decimal sign: 1,234.5 and 1.234,5 are the same. One point is a decimal
    point. One comma before exactly three digits groups thousands (1,234 is 1234), unless it follows a nought; any other
    is a decimal comma (3,5 is 3.5). A sign that occurs twice groups.
    """
    if position == "last":
        return _last(text)
    found = numbers_in(text)
    first = next(found, None)
    return first if position == "first" or next(found, None) is None else None


def _last(text: str) -> float | None:
    """The last number, looked for from the end: an answer may have a million."""
    reach = _TAIL
    while True:
        numbers = [*numbers_in(text[-reach:])]
        if reach >= len(text):
            return numbers[-1] if numbers else None
        if len(numbers) > 1:  # the first may have been cut
            return numbers[-1]
        reach *= 16


def numbers_in(text: str) -> Iterator[float]:
    """Every number of a text, in order."""
    for piece in _pieces(text):
        for match in _TOKEN.finditer(piece.translate(_DIGITS)):
            yield from _values(match[0])


def _pieces(text: str) -> Iterator[str]:
    """What of a text has digits, in pieces that end behind a blank: no number reaches over one."""
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start + _PIECE)
        end = blank.end() if blank is not None else len(text)
        piece = text[start:end]
        if _DIGIT.search(piece) is not None:
            yield piece
        start = end


def _values(token: str) -> Iterator[float]:
    """The number that a token is, or the several that it lists (`1,2,3`, `2026.12.31`)."""
    token = token.rstrip(f".,{_GAPS}")
    mantissa, mark, exponent = token.replace("E", "e").partition("e")
    sign = mantissa[:1] if mantissa[:1] in "+-" else ""
    digits = _decimal(mantissa.removeprefix(sign))
    if digits is not None:
        if len(digits) > LONGEST:
            return
        value = float(f"{sign}{digits}{mark}{exponent}")
        if math.isfinite(value):
            yield value
        return
    for piece in (
        mantissa.removeprefix(sign).replace(",", ".").translate(dict.fromkeys(map(ord, _GAPS), ".")).split(".")
    ):
        if piece and len(piece) <= LONGEST:
            yield float(piece)


def _decimal(digits: str) -> str | None:
    """Digits with their signs as Python reads them; None where they are no one number."""
    for gap in _GAPS:
        if gap in digits:
            whole, point, rest = _split(digits)
            if not _GROUPS.fullmatch(whole) or any(each in rest for each in _GAPS):
                return None
            return _joined(whole) + (f".{rest}" if point else "")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        whole, rest = digits[:last], digits[last + 1 :]
        if digits[last] in whole or not _GROUPS.fullmatch(whole):
            return None
        return f"{_joined(whole)}.{rest}"
    if points + commas > 1:
        return _joined(digits) if _GROUPS.fullmatch(digits) else None
    if commas and _GROUPS.fullmatch(digits) and not digits.startswith("0"):
        return _joined(digits)
    return digits.replace(",", ".")


def _split(digits: str) -> tuple[str, str, str]:
    """The whole part, the decimal sign and what follows it, of digits with gaps."""
    for sign in ".,":
        if digits.count(sign) == 1 and not any(gap in digits.partition(sign)[2] for gap in _GAPS):
            return digits.partition(sign)
    return digits, "", ""


def _joined(digits: str) -> str:
    return "".join(each for each in digits if each.isdigit())
