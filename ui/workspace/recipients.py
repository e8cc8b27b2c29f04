"""Which panes a prompt is for: all that take part, or the one that it names with “@”; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMED = re.compile(r"@(\S+)(?:\s+|\Z)")
_BEGUN = re.compile(r"@(\S*)")


def begun(text: str, names: Sequence[str]) -> tuple[int, ...]:
    """The places of the panes that an address may become which is being typed; none where none is."""
    match = _BEGUN.fullmatch(text)
    return _meant(match[1], names) if match is not None else ()


def address(place: int, names: Sequence[str]) -> str:
    """The address of a pane, with the blank behind it: the first word of its name where only it begins so."""
    words = names[place].split()
    if words and not words[0].isdigit() and _meant(words[0], names) == (place,):
        return f"@{words[0]} "
    return f"@{place + 1} "


def addressed(text: str, names: Sequence[str], on: Sequence[bool]) -> tuple[str, tuple[int, ...]]:
    """The prompt without its address, and the places of the panes that it goes to.

    “@2 …” names the second pane, “@grok …” those whose model's name begins so; what names nobody is a part of the
    prompt. Without an address it goes to all panes that take part. Of an address alone no prompt is left.
    """
    everybody = tuple(place for place, each in enumerate(on) if each)
    match = _NAMED.match(text)
    if match is None:
        return text, everybody
    places = _meant(match[1].rstrip(",:"), names)
    return (text[match.end() :], places) if places else (text, everybody)


def _meant(word: str, names: Sequence[str]) -> tuple[int, ...]:
    """The places of the panes that a word names: by number, or by how their names begin."""
    if word.isdecimal():
        return (int(word) - 1,) if 0 < int(word) <= len(names) else ()
    return tuple(place for place, name in enumerate(names) if name.casefold().startswith(word.casefold()))
