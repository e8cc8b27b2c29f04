"""Finds numbers in text, in English, German, French, Swiss or Arabic notation. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator

from desktop.text.late_pattern import late_pattern

_TAIL = 4_000
"""Number of characters searched first for the last number."""

LONGEST = 300
"""Maximum number of digits."""

_PIECE = 1 << 16
"""Minimum length of text searched at once. Searching in pieces lets other threads run in between."""

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
    """Return the `last`, `first` or `only` number in a text, or None if there is none.

    If a number contains two different separators, the last one is the decimal separator.
    """
    if position == "last":
        return _last(text)
    found = numbers_in(text)
    first = next(found, None)
    return first if position == "first" or next(found, None) is None else None


def _last(text: str) -> float | None:
    """Return the last number, searching from the end."""
    reach = _TAIL
    while True:
        numbers = [*numbers_in(text[-reach:])]
        if reach >= len(text):
            return numbers[-1] if numbers else None
        if len(numbers) > 1:  # the first may have been cut
            return numbers[-1]
        reach *= 16


def numbers_in(text: str) -> Iterator[float]:
    """Yield all numbers in order of appearance."""
    for piece in _pieces(text):
        for match in _TOKEN.finditer(piece.translate(_DIGITS)):
            yield from _values(match[0])


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces of a text that contain digits. Pieces end after whitespace."""
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start + _PIECE)
        end = blank.end() if blank is not None else len(text)
        piece = text[start:end]
        if _DIGIT.search(piece) is not None:
            yield piece
        start = end


def _values(token: str) -> Iterator[float]:
    """Yield the number in a token, or several if the token is a list (`1,2,3`) or a date (`2026.12.31`)."""
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
    """Return digits in Python's notation, or None if they are not a single number."""
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
    """Split grouped digits into integer part, decimal separator and fraction."""
    for sign in ".,":
        if digits.count(sign) == 1 and not any(gap in digits.partition(sign)[2] for gap in _GAPS):
            return digits.partition(sign)
    return digits, "", ""


def _joined(digits: str) -> str:
    return "".join(each for each in digits if each.isdigit())


def tolerance_of(text: str, wanted: float) -> float:
    """Return the absolute tolerance. The text may give it as a percentage of the expected value."""
    text = text.strip()
    share = text.endswith("%")
    number = float(text.removesuffix("%"))
    return abs(wanted) * number / 100 if share else number
