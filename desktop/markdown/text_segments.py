"""Blocks of whole messages, and segments of their text that can be parsed separately when they become visible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from desktop.markdown.blocks import MOST_DEFINITIONS, Block, BlockKind, Definitions
from desktop.markdown.formula_blocks import MATH_LINES
from desktop.markdown.link_labels import DEFINES, labels_of
from desktop.markdown.link_rules import is_openable, linked
from desktop.markdown.outlook import told
from desktop.markdown.parser import TokenGroup, defined, groups, links_made, shown
from desktop.markdown.splitter import Splitter

SEGMENTS_PER_ROW = 24
"""Maximum number of blocks shown as one row."""

SEGMENT = 5_000
"""Length in characters above which a stored message is split into segments."""

MOST_SOUGHT = 40_000
"""Maximum number of characters read in advance to find link definitions, and again to find links that use them."""

_LEAST = 160
"""Number of characters that a part counts as at least, because parsing even a short part takes time."""

_FENCE = re.compile(r"^\ufeff?( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)
_LONGEST_FENCE = 200
"""Number of markers above which a line is a drawing, and not a fence whose end is searched for."""

_BLANK = re.compile(r"\n[ \t]*\n(?=[^ \t\n])")
_LONGEST = 8_000
"""Maximum number of characters of a formula that is not split."""

_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_ALONE = re.compile(r"^[ \t]*(\$\$|\\\[)[ \t]*$", re.MULTILINE)
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t\n]|\Z)")


def blocks(text: str, known: Definitions | None = None) -> tuple[Block, ...]:
    """Return the blocks of a whole message, or of a segment of a message with known definitions."""
    splitter = Splitter(known)
    closed = splitter.feed(text).closed
    end = splitter.finish()
    if not end.redo:
        return told(closed + end.closed)
    again = Splitter(splitter.known)
    closed = again.feed(text).closed
    return told(settled(closed + again.finish().closed, splitter.known))


def settled(found: Sequence[Block], known: Definitions) -> tuple[Block, ...]:
    """Return all blocks of a message, in which definitions that no link uses are shown."""
    known = replace(known, used=frozenset[str]().union(*(linked(block.tokens) for block in found)))
    return tuple(replace(block, tokens=shown(block.tokens, known)) for block in found)


def definitions(text: str) -> Definitions:
    """Return the definitions of a message for its segments. Takes almost no time for messages without any.

    To avoid delays, only part of a long text is examined, and code is excluded. Definitions beyond that part apply only
    to their own segment.
    """
    known = Definitions()
    if "\r" not in text and not DEFINES.search(text):
        return known
    parts = segments(text, 1)
    prose = tuple(map(_without_fences, parts))
    read: dict[int, list[TokenGroup]] = {}
    remaining = MOST_SOUGHT
    for index, said in enumerate(prose):
        if DEFINES.search(said):
            read[index] = found = groups(_few(parts[index][:remaining]))
            known = known.joined(
                defined([token for group in found if group.kind is not BlockKind.PLAIN for token in group.tokens])
            )
            remaining -= len(parts[index])
            if remaining <= 0 or known.is_full:
                break
    return replace(known, used=_used(parts, prose, read, known)) if known.links else known


def _few(text: str) -> str:
    """Return a text up to at most MOST_DEFINITIONS link definitions, or all of it if it has footnotes."""
    links = [found.start() for found in islice(DEFINES.finditer(text), MOST_DEFINITIONS + 1)]
    return text if len(links) <= MOST_DEFINITIONS or "[^" in text else text[: links[MOST_DEFINITIONS]]


def _used(
    parts: Sequence[str], prose: Sequence[str], read: Mapping[int, list[TokenGroup]], known: Definitions
) -> frozenset[str]:
    """Return the labels that links use. Beyond the examined text, all brackets count as links."""
    wanted = frozenset(label for label, (address, _) in known.links.items() if is_openable(address))
    used: frozenset[str] = frozenset()
    remaining = MOST_SOUGHT
    for index, said in enumerate(prose):
        if used == wanted:
            break
        new = (labels_of(said) & wanted) - used
        if new and (remaining > 0 or index in read):
            new = links_made(read.get(index) or groups(parts[index]), known, new)
            remaining -= 0 if index in read else max(len(parts[index]), _LEAST)
        used |= new
    return used


def _without_fences(text: str) -> str:
    """Return a text without its fenced code."""
    return "".join(text[start:end] for start, end in _outside(text)) if "```" in text or "~~~" in text else text


def segments(text: str, size: int = SEGMENT, most: int | None = None) -> tuple[str, ...]:
    """Split a message's text into parts of about `size` characters, or of `most` paragraphs.

    The joined parts are the text with LF line endings. Cuts are made only at blank lines before which everything is
    closed, so that the blocks are the same. Parts without such a line are longer.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= size and most is None:
        return (text,) if text else ()
    parts: list[str] = []
    start = paragraphs = 0
    for offset in _safe(text):
        paragraphs += 1
        if offset - start >= size or paragraphs == most:
            parts.append(text[start:offset])
            start, paragraphs = offset, 0
    if start < len(text):
        parts.append(text[start:])
    return tuple(parts)


def _safe(text: str) -> list[int]:
    """Return the offsets at which a top-level block begins after a blank line, unindented and not in a fence.

    List items are excluded.
    """
    return [
        found.end()
        for begin, end in _outside(text)
        for start, last in _between_formulas(text, max(begin - 1, 0), min(end + 1, len(text)))
        for found in _BLANK.finditer(text, start, last)
        if not _MARKER.match(text, found.end())
    ]


def _between_formulas(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges outside formulas that may contain blank lines because their delimiters are on separate lines."""
    at = start
    while (opening := _ALONE.search(text, at, end)) is not None:
        closing = text.find("$$" if opening[1] == "$$" else r"\]", opening.end(), min(opening.end() + _LONGEST, end))
        within = text[opening.end() : max(closing, 0)]
        at = opening.end() if closing < 0 else closing + 2
        if closing >= 0 and _BLANK_LINE.search(within) and within.count("\n") <= MATH_LINES:
            yield start, opening.end()
            start = closing
    yield start, end


def _outside(text: str) -> list[tuple[int, int]]:
    """Return the ranges outside fences. After a fence whose end is uncertain, there are none."""
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
    return outside


def _fence_end(text: str, opening: re.Match[str]) -> int | None:
    """Return the end of the line that closes a fence, or None if it is uncertain.

    An indented fence may be part of a list item. It then ends with the item, at a line with less indentation.
    """
    indent, marks = opening[1], opening[2]
    if len(marks) > _LONGEST_FENCE:
        return None
    closing = re.compile(rf"^ {{0,3}}{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$", re.MULTILINE)
    match = closing.search(text, opening.end())
    if match is None:
        return None
    if indent:
        within = text[opening.end() + 1 : match.end()].split("\n")
        if any(line.strip() and not line.startswith(indent) for line in within):
            return None
    return match.end()
