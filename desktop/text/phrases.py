"""Sentences for users: English text that retains its template and values, so that the window can translate it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

LONGEST = 2000
"""Maximum number of characters of one message, or of the details below it."""


class Phrase(str):
    """English text built from a template and values. To all other code, it is a plain string.

    Attributes:
        template: Key of the translation.
        values: Values that are filled in. Phrases among them are translated, too; texts of servers and users are
            not.
        number: Number that selects singular or plural, or None if nothing is counted.
    """

    __slots__ = ("number", "template", "values")

    template: str
    values: Mapping[str, object]
    number: int | None

    def __new__(cls, text: str, template: str, values: Mapping[str, object], number: int | None = None) -> Self:
        """Create a phrase with this English text."""
        made = super().__new__(cls, text)
        made.template, made.values, made.number = template, MappingProxyType(dict(values)), number
        return made

    def __reduce__(self) -> tuple[type[Phrase], tuple[str, str, dict[str, object], int | None]]:
        return Phrase, (str(self), self.template, dict(self.values), self.number)


class Numeral(str):
    """English number that retains its value and decimals, so that the window can format it for another language."""

    __slots__ = ("places", "value")

    value: float
    places: int

    def __new__(cls, value: float, places: int = 0) -> Self:
        """Format a value with `places` decimals, thousands separators and a true minus sign."""
        made = super().__new__(cls, f"{value:,.{places}f}".replace("-", "−"))
        made.value, made.places = value, places
        return made

    def __reduce__(self) -> tuple[type[Numeral], tuple[float, int]]:
        return Numeral, (self.value, self.places)


def phrase(template: str, /, **values: object) -> Phrase:
    """Fill values into a template, as `str.format` does. The template must be a literal."""
    return Phrase(template.format(**values) if values else template, template, values)


def refilled(source: Phrase, /, **values: object) -> Phrase:
    """Return the same sentence with some of its values replaced."""
    merged = {**source.values, **values}
    return Phrase(source.template.format(**merged), source.template, merged, source.number)


def counted(one: str, many: str, number: int, /, **values: object) -> Phrase:
    """Return a phrase such as “1 connection” or “3 connections”.

    `{n}` is the number; both templates must be literals.
    """
    text = (one if number == 1 else many).format(n=f"{number:,}", **values)
    return Phrase(text, many, values, number)


def as_text(value: object) -> str:
    """Encode a phrase as plain text.

    Used as msgspec's `enc_hook`, because msgspec does not encode subclasses of str.
    """
    if isinstance(value, Phrase):
        return str(value)
    raise NotImplementedError(f"Objects of type {type(value).__name__} cannot be encoded.")


def bounded(text: str) -> str:
    """Shorten an external text for a message, because megabytes of unbroken text would block a window for minutes."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def figure(value: float, places: int = 0) -> Phrase:
    """Return a number as a phrase, because decimal and thousands separators depend on the language."""
    written = Numeral(value, places)
    return Phrase(written, "{n}", {"n": written})


NOTHING = phrase("")
"""Empty phrase, for example for a missing hint."""


def english(text: str) -> Phrase:
    """Return a phrase that is never translated, such as terminal output, texts in tests, or a server's message."""
    return Phrase(text, "{text}", {"text": text})
