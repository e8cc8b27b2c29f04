"""Sentences for users: English text that keeps its template and values, so the window can translate it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

LONGEST = 2000
"""Most characters of one message, or of the details below it."""


class Phrase(str):
    """English text made from a template and values; a plain string to all other code.

    Attributes:
        template: the key of the translation.
        values: what is filled in. Phrases among them are translated too; texts of servers and users belong here.
        number: the number that chooses singular or plural; None if nothing is counted.

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
    """English number that keeps its value and places, so the window can format it for another language."""

    __slots__ = ("places", "value")

    value: float
    places: int

    def __new__(cls, value: float, places: int = 0) -> Self:
        """Format a value with `places` decimals, thousands separators and a real minus sign."""
        made = super().__new__(cls, f"{value:,.{places}f}".replace("-", "−"))
        made.value, made.places = value, places
        return made

    def __reduce__(self) -> tuple[type[Numeral], tuple[float, int]]:
        return Numeral, (self.value, self.places)


def phrase(template: str, /, **values: object) -> Phrase:
    """Fill values into a template, as str.format does; the template must be a literal."""
    return Phrase(template.format(**values) if values else template, template, values)


def refilled(source: Phrase, /, **values: object) -> Phrase:
    """Return the same sentence with some values replaced."""
    merged = {**source.values, **values}
    return Phrase(source.template.format(**merged), source.template, merged, source.number)


def counted(one: str, many: str, number: int, /, **values: object) -> Phrase:
    """Return “1 connection” or “3 connections”: `{n}` is the number; both templates must be literals."""
    text = (one if number == 1 else many).format(n=f"{number:,}", **values)
    return Phrase(text, many, values, number)


def as_text(value: object) -> str:
    """Encode a phrase as plain text: msgspec's `enc_hook`, since msgspec encodes no subclass of str."""
    if isinstance(value, Phrase):
        return str(value)
    raise NotImplementedError(f"Objects of type {type(value).__name__} cannot be encoded.")


def bounded(text: str) -> str:
    """Shorten a text from elsewhere for a message: megabytes of one word would block a window for minutes."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def figure(value: float, places: int = 0) -> Phrase:
    """Return a number as a phrase: each language has its own separators of decimals and thousands."""
    written = Numeral(value, places)
    return Phrase(written, "{n}", {"n": written})


NOTHING = phrase("")
"""Empty phrase, for no hint."""


def english(text: str) -> Phrase:
    """Return a phrase that is never translated: of the terminal, of tests, or a server's own words."""
    return Phrase(text, "{text}", {"text": text})
