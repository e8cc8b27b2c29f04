"""Whole messages: all of their blocks, or segments of their text that can be parsed one by one when they are seen."""

from __future__ import annotations

import re

from msgspec.structs import replace

from desktop.markdown.blocks import Block, Definitions
from desktop.markdown.link_labels import Labels
from desktop.markdown.outlook import told
from desktop.markdown.splitter import Splitter

SEGMENTS_PER_ROW = 24
"""Blocks that are shown as one row, at most."""

SEGMENT = 5_000
"""Characters beyond which a stored message is cut into segments."""

MOST_SOUGHT = 32_000
"""Characters of segments that define something, of which that is read before anything is shown."""

_DEFINES = re.compile(r"^[ \t>*+\-.)\d]*\[(?:[^\[\]\\]|\\.){1,999}\]:", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^\ufeff?( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n(?=[^ \t\n])")
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t\n]|\Z)")


def blocks(text: str, known: Definitions | None = None) -> tuple[Block, ...]:
    """The blocks of a whole message, or of a segment of one that is known to have these definitions."""
    splitter = Splitter(known)
    closed = splitter.feed(text).closed
    end = splitter.finish()
    if end.redo:
        return blocks(text, splitter.known)
    return told(closed + end.closed)


def definitions(text: str) -> Definitions:
    """What a message defines, for its segments. Costs next to nothing where it defines nothing.

    So much is looked through as nobody has to wait for: what is defined beyond is known to its own segment alone.
    """
    known = Definitions()
    if "\r" not in text and not _DEFINES.search(text):
        return known
    left = MOST_SOUGHT
    for segment in segments(text):
        if _DEFINES.search(segment):
            splitter = Splitter()
            splitter.feed(segment[:left])
            splitter.finish()
            known = known.joined(splitter.known)
            left -= len(segment)
            if left <= 0 or known.is_full:
                break
    if not known.links:
        return known
    labels = Labels()
    labels.see(text)
    return replace(known, unused=labels.unused(known.links))


def segments(text: str, size: int = SEGMENT, most: int | None = None) -> tuple[str, ...]:
    r"""A message's text in parts of about `size` characters, or `most` paragraphs, which joined are the text.

    Cut at blank lines before which everything is closed, so that the blocks of the parts are those of the whole;
    where there is no such line, a part is longer. Line ends become `\n`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= size and most is None:
        return (text,) if text else ()
    found: list[str] = []
    start = paragraphs = 0
    for place in _safe(text):
        paragraphs += 1
        if place - start >= size or paragraphs == most:
            found.append(text[start:place])
            start, paragraphs = place, 0
    if start < len(text):
        found.append(text[start:])
    return tuple(found)


def _safe(text: str) -> list[int]:
    """Where a top-level block is known to begin: after a blank line, at the margin, no list marker, in no fence."""
    outside: list[tuple[int, int]] = []
    start = 0
    while (opening := _FENCE.search(text, start)) is not None:
        outside.append((start, opening.start()))
        end = _fence_end(text, opening)
        if end is None:
            break
        start = end
    else:
        outside.append((start, len(text)))
    return [
        found.end()
        for begin, end in outside
        for found in _BLANK.finditer(text, max(begin - 1, 0), min(end + 1, len(text)))
        if not _MARKER.match(text, found.end())
    ]


def _fence_end(text: str, opening: re.Match[str]) -> int | None:
    """Where the line ends that closes a fence; None where that is not known for sure.

    A fence that is indented may lie in a list. Then it ends with the item as well: at a line that is indented less.
    """
    indent, marks = opening[1], opening[2]
    closing = re.compile(rf"^ {{0,3}}{re.escape(marks)}{re.escape(marks[0])}*[ \t]*$", re.MULTILINE)
    found = closing.search(text, opening.end())
    if found is None:
        return None
    if indent:
        within = text[opening.end() + 1 : found.end()].split("\n")
        if any(line.strip() and not line.startswith(indent) for line in within):
            return None
    return found.end()
