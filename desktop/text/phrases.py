"""Sentences for people: English text that remembers its template and values, so that the window can translate it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

LONGEST = 2000
"""Characters of what is told at once, in a sentence or in what stands below it."""


class Phrase(str):
    """English text as it reads, made from `template` and `values`; a plain string to everybody else.

    `number` decides between one and many; None where nothing is counted. The template is the key of a translation.
    Values that are phrases themselves are translated with it. What servers and users wrote belongs into the values.
    """

    __slots__ = ("number", "template", "values")

    template: str
    values: Mapping[str, object]
    number: int | None

    def __new__(cls, text: str, template: str, values: Mapping[str, object], number: int | None = None) -> Self:
        """A phrase that reads `text`."""
        made = super().__new__(cls, text)
        made.template, made.values, made.number = template, MappingProxyType(dict(values)), number
        return made

    def __reduce__(self) -> tuple[type[Phrase], tuple[str, str, dict[str, object], int | None]]:
        return Phrase, (str(self), self.template, dict(self.values), self.number)


class Numeral(str):
    """A number as English writes it, which remembers `value` and `places` so that the window can write it otherwise."""

    __slots__ = ("places", "value")

    value: float
    places: int

    def __new__(cls, value: float, places: int = 0) -> Self:
        """A number with so many digits behind the point, its thousands told apart; with a real minus below zero."""
        made = super().__new__(cls, f"{value:,.{places}f}".replace("-", "−"))
        made.value, made.places = value, places
        return made

    def __reduce__(self) -> tuple[type[Numeral], tuple[float, int]]:
        return Numeral, (self.value, self.places)


def phrase(template: str, /, **values: object) -> Phrase:
    """The template with its values filled in (as str.format does); the template must be a literal."""
    return Phrase(template.format(**values) if values else template, template, values)


def refilled(source: Phrase, /, **values: object) -> Phrase:
    """The same sentence with other values in the place of some."""
    held = {**source.values, **values}
    return Phrase(source.template.format(**held), source.template, held, source.number)


def counted(one: str, many: str, number: int, /, **values: object) -> Phrase:
    """“1 connection” or “3 connections”: `{n}` stands for the number; both templates must be literals."""
    text = (one if number == 1 else many).format(n=f"{number:,}", **values)
    return Phrase(text, many, values, number)


def as_text(value: object) -> str:
    """A phrase as the plain text that is stored: msgspec's `enc_hook`, which knows strings of that very type only."""
    if isinstance(value, Phrase):
        return str(value)
    raise NotImplementedError(f"Objects of type {type(value).__name__} cannot be encoded.")


def bounded(text: str) -> str:
    """A text as it is told of what somebody else wrote: megabytes of one word would keep a window busy for minutes."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def figure(value: float, places: int = 0) -> Phrase:
    """A number by itself or in a sentence: each language has its own signs for decimals and thousands."""
    written = Numeral(value, places)
    return Phrase(written, "{n}", {"n": written})


NOTHING = phrase("")
"""Where nothing is said."""


def english(text: str) -> Phrase:
    """What is said in English alone: by the terminal, in tests, or in the words of a server."""
    return Phrase(text, "{text}", {"text": text})
