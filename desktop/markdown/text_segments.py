"""Whole messages: all of their blocks, or segments of their text that can be parsed one by one when they are seen."""

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
"""Blocks that are shown as one row, at most."""

SEGMENT = 5_000
"""Characters beyond which a stored message is cut into segments."""

MOST_SOUGHT = 40_000
"""Characters of paragraphs and lists that define links, and of those that may hold such links, read beforehand."""

_LEAST = 160
"""Characters that a part counts at least: a short one is not parsed in no time."""

_FENCE = re.compile(r"^\ufeff?( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)
_LONGEST_FENCE = 200
"""Marks: a line of more of them is a drawn one, and begins no fence whose end is looked for."""

_BLANK = re.compile(r"\n[ \t]*\n(?=[^ \t\n])")
_LONGEST = 8_000
"""Characters of a formula that is kept in one part."""

_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_ALONE = re.compile(r"^[ \t]*(\$\$|\\\[)[ \t]*$", re.MULTILINE)
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t\n]|\Z)")


def blocks(text: str, known: Definitions | None = None) -> tuple[Block, ...]:
    """The blocks of a whole message, or of a segment of one that is known to have these definitions."""
    splitter = Splitter(known)
    closed = splitter.feed(text).closed
    end = splitter.finish()
    if not end.redo:
        return told(closed + end.closed)
    again = Splitter(splitter.known)
    closed = again.feed(text).closed
    return told(settled(closed + again.finish().closed, splitter.known))


def settled(found: Sequence[Block], known: Definitions) -> tuple[Block, ...]:
    """All blocks of a message, with those of its definitions shown that no link in them was made from."""
    known = replace(known, used=frozenset[str]().union(*(linked(block.tokens) for block in found)))
    return tuple(replace(block, tokens=shown(block.tokens, known)) for block in found)


def definitions(text: str) -> Definitions:
    """What a message defines, for its segments. Costs next to nothing where it defines nothing.

    So much is looked through as nobody has to wait for, code left out: what is defined beyond is known to its own
    segment alone.
    """
    known = Definitions()
    if "\r" not in text and not DEFINES.search(text):
        return known
    parts = segments(text, 1)
    prose = tuple(map(_without_fences, parts))
    read: dict[int, list[TokenGroup]] = {}
    left = MOST_SOUGHT
    for place, said in enumerate(prose):
        if DEFINES.search(said):
            read[place] = found = groups(_few(parts[place][:left]))
            known = known.joined(
                defined([token for group in found if group.kind is not BlockKind.PLAIN for token in group.tokens])
            )
            left -= len(parts[place])
            if left <= 0 or known.is_full:
                break
    return replace(known, used=_used(parts, prose, read, known)) if known.links else known


def _few(text: str) -> str:
    """A text with as many definitions of links as are kept; whole where it has other definitions."""
    links = [found.start() for found in islice(DEFINES.finditer(text), MOST_DEFINITIONS + 1)]
    return text if len(links) <= MOST_DEFINITIONS or "[^" in text else text[: links[MOST_DEFINITIONS]]


def _used(
    parts: Sequence[str], prose: Sequence[str], read: Mapping[int, list[TokenGroup]], known: Definitions
) -> frozenset[str]:
    """The labels that links were made from. Beyond what nobody has to wait for, brackets are taken for links."""
    wanted = frozenset(label for label, (address, _) in known.links.items() if is_openable(address))
    used: frozenset[str] = frozenset()
    left = MOST_SOUGHT
    for place, said in enumerate(prose):
        if used == wanted:
            break
        new = (labels_of(said) & wanted) - used
        if new and (left > 0 or place in read):
            new = links_made(read.get(place) or groups(parts[place]), known, new)
            left -= 0 if place in read else max(len(parts[place]), _LEAST)
        used |= new
    return used


def _without_fences(text: str) -> str:
    """A text but for its code between fences."""
    return "".join(text[start:end] for start, end in _outside(text)) if "```" in text or "~~~" in text else text


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
    return [
        found.end()
        for begin, end in _outside(text)
        for start, last in _between_formulas(text, max(begin - 1, 0), min(end + 1, len(text)))
        for found in _BLANK.finditer(text, start, last)
        if not _MARKER.match(text, found.end())
    ]


def _between_formulas(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a stretch of a text is outside formulas between marks on lines of their own, which may have blank lines."""
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
    """Where a text is outside fences; after one whose end is not sure nothing is."""
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
    """Where the line ends that closes a fence; None where that is not known for sure.

    A fence that is indented may lie in a list. Then it ends with the item as well: at a line that is indented less.
    """
    indent, marks = opening[1], opening[2]
    if len(marks) > _LONGEST_FENCE:
        return None
    closing = re.compile(rf"^ {{0,3}}{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$", re.MULTILINE)
    found = closing.search(text, opening.end())
    if found is None:
        return None
    if indent:
        within = text[opening.end() + 1 : found.end()].split("\n")
        if any(line.strip() and not line.startswith(indent) for line in within):
            return None
    return found.end()
