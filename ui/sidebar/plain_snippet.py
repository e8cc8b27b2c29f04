"""Snippets of what was found as they are read: without the signs of Markdown, the marks where the words stand; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SIGNS = re.compile(
    r"!?\[(?P<label>[^\]\[]*)\]\([^()\s]*\)"  # a link or a picture: its label
    r"|(?:^|(?<=\s))(?:#{1,6}|>|[-+*]|:?-{3,}:?)(?=\s|$)"  # begin of a heading, a quotation, an item; a table's line
    r"|\|(?:\s*:?-{3,}:?\s*\|)*"  # edges of a table's cells
    r"|(?P<dollars>\${1,2})(?P<formula>[^$\s](?:[^$]*[^$\s])?)(?P=dollars)(?!\d)"  # not of prices
    r"|`{1,3}|\*\*\*?|~~|\\[()\[\]]"
    r"|(?<!\w)[*_]{1,2}(?=\w)|(?<=\w)[*_]{1,2}(?!\w)"
)
"""What is written around words, and said by nobody. A sign between two digits, as in 2*3, is a word's own."""

Marks = tuple[tuple[int, int], ...]


def plain(snippet: str, marks: Sequence[tuple[int, int]]) -> tuple[str, Marks]:
    """The snippet without signs, with the places of the same words in it; what was sought itself stays."""
    kept = [True] * len(snippet)
    for sign in _SIGNS.finditer(snippet):
        within = sign.span("label" if sign["label"] is not None else "formula")
        for at in range(*sign.span()):
            kept[at] = within[0] <= at < within[1]
    for start, end in marks:
        kept[start:end] = [True] * (end - start)
    said: list[str] = []
    places: list[int] = []
    """By a character of the snippet: where it stands in what is said."""
    for at, character in enumerate(snippet):
        blank = character == " " and (said in ([], ["…"]) or said[-1] == " ")
        places.append(len(said))
        if kept[at] and not blank:
            said.append(character)
        elif character == "|" and said not in ([], ["…"]) and said[-1] != " ":
            said.append(" ")
    places.append(len(said))
    text = "".join(said).rstrip()
    moved = [(places[start], min(places[end], len(text))) for start, end in marks]
    return text, tuple((start, end) for start, end in moved if start < end)
