"""Which panes a prompt is for: all that take part, or those that it names with “@” at its beginning; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NAMED = re.compile(r"@(\S+)(?:\s+|\Z)")
_BEGUN = re.compile(r"(?:@\S+\s+)*@(\S*)")


class PaneName(NamedTuple):
    """What a pane is named by, beside its number: its model's name and connection."""

    model: str
    connection: str = ""


class Addressed(NamedTuple):
    """A prompt without its addresses, and the places of the panes that it goes to."""

    prompt: str
    places: tuple[int, ...]
    named: bool = False
    """Whether the prompt itself says whom it is for."""
    unmatched: tuple[tuple[int, int], ...] = ()
    """Where addresses begin and end that name no pane: such a prompt is sent to nobody."""


class BegunAddress(NamedTuple):
    """An address that is being typed: where its “@” is, and what follows that."""

    start: int
    word: str


def addressed(text: str, panes: Sequence[PaneName], on: Sequence[bool], *, as_text: bool = False) -> Addressed:
    """Whom a prompt is for, by the addresses that it begins with.

    “@2 …” names the second pane, “@grok …” those that have it in their name, “@2 @grok …” all of these. Without an
    address it goes to all panes that take part. `as_text`, what names no pane begins the prompt.
    """
    at, places, unmatched = 0, list[int](), list[tuple[int, int]]()
    while (match := _NAMED.match(text, at)) is not None:
        word = match[1].rstrip(",:")
        meant = matching(word, panes) if word else ()
        if not meant and as_text:
            break
        if not meant:
            unmatched.append((match.start(), match.end(1)))
        places += meant
        at = match.end()
    everybody = tuple(place for place, each in enumerate(on) if each)
    found = tuple(dict.fromkeys(places))
    return Addressed(text[at:], found if found or unmatched else everybody, bool(found), tuple(unmatched))


def begun(text: str) -> BegunAddress | None:
    """The address that a text ends with, the part of a prompt before the cursor; None where it ends with none."""
    match = _BEGUN.fullmatch(text)
    return BegunAddress(match.start(1) - 1, match[1]) if match is not None else None


def address(place: int, panes: Sequence[PaneName]) -> str:
    """The address of a pane, with the blank behind it: the first word of its name where only it is meant by that."""
    words = panes[place].model.split()
    if words and not words[0].isdigit() and matching(words[0], panes) == (place,):
        return f"@{words[0]} "
    return f"@{place + 1} "


def matching(word: str, panes: Sequence[PaneName]) -> tuple[int, ...]:
    """The places of the panes that a word names: by number, else by any part of a model's name or its connection's.

    Where one has just that name, those that only have it in theirs are not meant; nor are others where names begin so.
    """
    if word.isdecimal() and 0 < int(word) <= len(panes):
        return (int(word) - 1,)
    word = word.casefold()
    models = [pane.model.casefold() for pane in panes]
    whole = [f"{pane.connection}/{pane.model}".casefold() for pane in panes]
    ways = (
        [word in pair for pair in zip(models, whole, strict=True)],
        [name.startswith(word) for name in models],
        [word in name for name in models],
        [word in name for name in whole],
    )
    found = next((way for way in ways if any(way)), ())
    return tuple(place for place, meant in enumerate(found) if meant)
