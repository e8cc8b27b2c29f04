"""Which panes a prompt is for: all that take part, or the one that it names with “@”; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMED = re.compile(r"@(\S+)\s+(?=\S)")


def addressed(text: str, names: Sequence[str], on: Sequence[bool]) -> tuple[str, tuple[int, ...]]:
    """The prompt without its address, and the places of the panes that it goes to.

    “@2 …” names the second pane, “@grok …” those whose model's name begins so; what names nobody is a part of the
    prompt. Without an address it goes to all panes that take part.
    """
    everybody = tuple(place for place, each in enumerate(on) if each)
    match = _NAMED.match(text)
    if match is None:
        return text, everybody
    word = match[1].casefold().rstrip(",:")
    if word.isdigit() and 0 < int(word) <= len(names):
        return text[match.end() :], (int(word) - 1,)
    places = tuple(place for place, name in enumerate(names) if name.casefold().startswith(word))
    return (text[match.end() :], places) if places else (text, everybody)
