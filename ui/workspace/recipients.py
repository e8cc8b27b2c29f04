"""Recipients of a prompt: all active panes, or those addressed with "@" at its beginning. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_NAMED = re.compile(r"@(\S+)(?:\s+|\Z)")
_BEGUN = re.compile(r"(?:@\S+\s+)*@(\S*)")


class PaneName(NamedTuple):
    """Names of a pane's model and connection, by which it can be addressed, besides by its number."""

    model: str
    connection: str = ""


class Addressed(NamedTuple):
    """A prompt without its addresses, and the indexes of the panes that receive it."""

    prompt: str
    places: tuple[int, ...]
    named: bool = False
    """Whether the prompt addresses panes explicitly."""
    unmatched: tuple[tuple[int, int], ...] = ()
    """Positions of addresses that match no pane. A prompt that has any is not sent."""


class BegunAddress(NamedTuple):
    """Position and text of the address that is being typed."""

    start: int
    word: str


def addressed(text: str, panes: Sequence[PaneName], on: Sequence[bool], *, as_text: bool = False) -> Addressed:
    """Return the recipients that the addresses at the beginning of a prompt stand for.

    "@2 …" addresses the second pane, and "@grok …" all panes that have this in their names. With `as_text`,
    addresses that match no pane count as text.
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
    """Return the address that is being typed at the end of a text, or None."""
    match = _BEGUN.fullmatch(text)
    return BegunAddress(match.start(1) - 1, match[1]) if match is not None else None


def address(place: int, panes: Sequence[PaneName]) -> str:
    """Return the shortest unambiguous address of a pane, followed by a space."""
    words = panes[place].model.split()
    if words and not words[0].isdigit() and matching(words[0], panes) == (place,):
        return f"@{words[0]} "
    return f"@{place + 1} "


def matching(word: str, panes: Sequence[PaneName]) -> tuple[int, ...]:
    """Return the indexes of panes that a word matches: by number, or by a part of the model or connection name.

    Exact names take precedence over partial ones.
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
