"""Line breaks in a paragraph: distinguishes intended ones, as in a poem, from those of text wrapped by an editor.

Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from markdown_it.token import Token

_NARROWEST, _WIDEST = 50, 140
"""Minimum and maximum length of the longest line in wrapped text. Addresses may be longer."""

_SHORT = 40
"""Length in characters below which a line was not wrapped."""

_RAGGED = 10
"""Number of characters that a wrapped line may be too short, because people also wrap manually."""

_USUAL = range(66, 83)
"""Lengths of the first of two lines at which the line counts as wrapped if the words around the break give no hint."""

_SENTENCE_END = re.compile(r"[.!?:;…。][\"'”’)\]*_`]{0,4}$")
_PAUSE = re.compile(r"[,–—-][\"'”’)\]*_`]{0,4}$")
_ITEM = re.compile(
    r"""
      [-+•–—>|\#](?!\w)            # list marker, including ones Markdown does not know
    | \*(?![\w*])
    | \d{1,3}[.)] | \(?[a-zA-Z]\)  # a number or a letter
    | [A-Z][\w .()/-]{0,30}:\s     # a label, as in "Pros: ..."
    | \*\*[^*]{1,40}:              # one in bold
    """,
    re.VERBOSE,
)
_OPENING = ("(", "[", "`", "<")
"""Characters, in addition to lowercase letters, with which a line may begin in the middle of a sentence."""


def keep_line_ends(tokens: Sequence[Token]) -> None:
    """Convert line ends to line breaks, like other chat programs, unless the text was wrapped at a width."""
    for token in tokens:
        children = token.children or ()
        if "\n" not in token.content or not children:
            continue
        meant = meant_ends(token.content.split("\n"))
        breaks = [child for child in children if child.type in ("softbreak", "hardbreak")]
        if len(breaks) != len(meant):  # some are within code or a formula
            meant = [any(meant)] * len(breaks)
        for child, is_meant in zip(breaks, meant, strict=True):
            if is_meant and child.type == "softbreak":
                child.type = "hardbreak"


def meant_ends(lines: Sequence[str]) -> list[bool]:
    """Return for each line except the last whether its line end is intended.

    A short line that ends a sentence divides a paragraph into parts, which are examined separately.
    """
    meant: list[bool] = []
    part: list[str] = []
    for line in map(str.strip, lines):
        part.append(line)
        if len(line) < _SHORT and _SENTENCE_END.search(line):
            meant += [not _is_wrapped(part)] * (len(part) - 1) + [True]
            part = []
    if part:
        return meant + [not _is_wrapped(part)] * (len(part) - 1)
    return meant[:-1]


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines end where the first word of the next line did not fit, or in the middle of sentences.

    Measured on READMEs, commit messages, songs and poems (`python -m tests.corpora`).
    """
    if len(lines) == 1 or any(map(_ITEM.match, lines[1:])):
        return False
    longest = max((len(line) for line in lines if "http" not in line), default=0)
    if longest < _NARROWEST:
        longest = min(max(map(len, lines)), _WIDEST)
    if longest < _NARROWEST:
        return False
    likely = within = surely_within = full = 0
    for line, after in pairwise(lines):
        left = longest - len(line) - 1 - len(after.split(None, 1)[0] if after else "")
        goes_on = len(line) >= _SHORT and not _SENTENCE_END.search(line) and _goes_on(after)
        within += goes_on
        surely_within += goes_on and not _PAUSE.search(line)
        likely += goes_on or (left < _RAGGED and len(line) >= min(60, 0.75 * longest))
        full += left < 0
    count = len(lines) - 1
    if count == 1:
        is_usual = full and len(lines[0]) in _USUAL and not _SENTENCE_END.search(lines[0])
        return bool(surely_within or (within and len(lines[0]) >= 60) or is_usual)
    return likely >= 0.7 * count and (surely_within >= count / 3 or (full == count and surely_within > 0))


def _goes_on(line: str) -> bool:
    """Whether a line may begin in the middle of a sentence."""
    start = line.lstrip("*_")[:1]
    return start.islower() or start in _OPENING
