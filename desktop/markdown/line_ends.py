"""Which line ends of a paragraph are meant, as in a poem, and which an editor made that wraps its lines; pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markdown_it.token import Token

_NARROWEST, _WIDEST = 60, 100
"""Characters of the longest line where lines were wrapped at a width."""

_SURE = 3
"""Lines from which on it can be told well; of two, the first must be about as long as editors make them."""

_USUAL = range(66, 83)


def keep_line_ends(tokens: Sequence[Token]) -> None:
    """Make breaks of the ends of lines, as chats show them, but where all lines are wrapped at one width."""
    for token in tokens:
        children = token.children or ()
        if "\n" in token.content and children and not _is_wrapped(token.content.split("\n")):
            for child in children:
                if child.type == "softbreak":
                    child.type = "hardbreak"


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether each line ends where the next one's first word had no room."""
    longest = max(map(len, lines))
    if not _NARROWEST <= longest <= _WIDEST or (len(lines) < _SURE and len(lines[0]) not in _USUAL):
        return False
    return all(
        len(line.rstrip()) + 1 + len(after.split(None, 1)[0] if after.strip() else "") > longest
        for line, after in pairwise(lines)
    )
