"""Positions at which text may be cut: after blocks that are final, and within long blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from markdown_it.token import Token

from desktop.markdown.blocks import BlockKind, Definitions
from desktop.markdown.formula_blocks import ALONE, MATH_BLANKS, MATH_LINES, is_opening
from desktop.markdown.parser import TokenGroup, fill, groups
from desktop.markdown.section_rules import is_certain
from desktop.markdown.syntax_rules import TITLE_LINES

LIST_CHARACTERS = 600
"""Length in characters above which all items of a list except the last are closed."""

TABLE_ROWS, TABLE_CHARACTERS, TABLE_CELLS = 40, 3_000, 120
"""Maximum number of rows of a table in a block, and numbers of characters and cells after which a new block begins.

Even an empty cell takes as long to render as about twenty characters.
"""

_MATH = re.compile(r" {0,3}(?:\$\$|\\\[|\\begin\{)")
_TITLE = re.compile(r"[ \t]*[\"'(]")
_SENTENCE = re.compile(r"(?:[.!?:;…]['\"”’)*_]{0,3}\s+|[。！？])(?=[^\W\d_])")
_OPENERS = re.compile(r"[`\[]|[*_~$<](?!\s)|(?<!\s)[*_~$]")
_PAIRS = (("\\(", "\\)"), ("\\[", "\\]"), ("\\begin{", "\\end{"))
_TRIES = 4
_LINES = {BlockKind.HEADING, BlockKind.RULE, BlockKind.SECTION_END}
_BY_BLANK = {BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.QUOTE, BlockKind.MATH, BlockKind.DEFINITION}


def certain(token_groups: Sequence[TokenGroup], lines: Sequence[str], whole: int) -> int:
    """Return how many of the first groups are final, whatever text follows. The first `whole` lines are complete.

    A group is final once its end is certain: by its own last line, by a blank line, or because the next group has
    certainly begun.
    """
    limit = math_limit(lines, whole)
    count = 0
    for index, group in enumerate(token_groups):
        if _ended(group, lines, whole, limit):
            count = index + 1
            continue
        if index + 1 == len(token_groups):
            break
        following = token_groups[index + 1]
        needed = following.start + (2 if following.kind is BlockKind.TABLE else 1)
        if needed > whole or following.start >= limit:
            break
        if group.kind is BlockKind.DEFINITION and _may_be_title(group, following, lines, whole):
            break
        count = index + 1
    return count


def _ended(group: TokenGroup, lines: Sequence[str], whole: int, limit: int) -> bool:
    """Whether a group has ended, whatever text follows."""
    if group.kind in _LINES or closes(group, lines):
        return group.end <= min(whole, limit)
    if group.kind is BlockKind.SECTION:
        return group.end <= limit and is_certain(group.start, group.end, lines, whole)
    if group.kind not in _BY_BLANK or group.end >= whole or lines[group.end].strip(" \t\n"):
        return False
    return group.kind is BlockKind.MATH or group.end <= limit


def math_limit(lines: Sequence[str], whole: int) -> int:
    """Return the first line at which an unclosed formula may begin, or a number beyond the last line."""
    limit = len(lines) + 1
    blanks = 0
    for index in range(whole - 1, max(whole - 1 - MATH_LINES, -1), -1):
        text = lines[index].strip(" \t\n")
        blanks += not text
        if blanks > MATH_BLANKS:
            break
        if text in ALONE if blanks else _MATH.match(lines[index]) or is_opening(lines[index]):
            limit = index
    return limit


def _may_be_title(group: TokenGroup, following: TokenGroup, lines: Sequence[str], whole: int) -> bool:
    """Whether the following group may still turn out to be the title of a link definition."""
    if following.start != group.end or not _TITLE.match(lines[following.start]):
        return False
    last = min(group.start + TITLE_LINES, whole)
    ended = any(not line.strip(" \t\n") for line in lines[group.end : last])
    return not ended and whole < group.start + TITLE_LINES


def closes(group: TokenGroup, lines: Sequence[str]) -> bool:
    """Whether a group is a fence that includes its closing line."""
    token = group.tokens[0]
    if token.type != "fence" or group.end - group.start < 2:
        return False
    line = lines[group.end - 1]
    marks = line.strip(" ").rstrip("\n \t")
    return len(marks) >= len(token.markup) and set(marks) == {token.markup[0]} and not line.startswith("    ")


def list_cut(group: TokenGroup, lines: Sequence[str], sure: int) -> int | None:
    """Return the line of the first item that belongs in a new block, or None.

    The meaning of lines from `sure` on may still change.
    """
    size, at = 0, group.start
    for token in group.tokens:
        if token.type != "list_item_open" or token.level != 1 or token.map is None:
            continue
        start = token.map[0]
        if start >= sure:
            return None
        size += sum(map(len, lines[at:start]))
        at = start
        if size >= LIST_CHARACTERS:
            return start
    return None


def table_cut(group: TokenGroup, lines: Sequence[str], sure: int) -> int | None:
    """Return the line of the first row that belongs in a new block, or None.

    The meaning of lines from `sure` on may still change.
    """
    size = 0
    columns = sum(token.type == "th_open" for token in group.tokens)
    rows = min(TABLE_ROWS, -(-TABLE_CELLS // max(columns, 1)))
    for number, line in enumerate(range(group.start + 2, min(group.end, sure))):
        if number == rows or size >= TABLE_CHARACTERS:
            return line
        size += len(lines[line])
    return None


def paragraph_cut(text: str, *, again: bool = False) -> int | None:
    """Return an offset at which a text that is one paragraph can be split without breaking its markup, or None.

    Only ends of sentences in the second half are considered. `again` means that there was no such offset in a shorter
    window, so that another one is unlikely.
    """
    found = groups(text)
    if len(found) != 1 or found[0].kind is not BlockKind.PARAGRAPH:
        return None
    sentences = _SENTENCE.finditer(text, len(text) // 2, len(text) - 1)
    places = [sentence.end() for sentence in islice(sentences, _TRIES)]
    for number, place in enumerate(places):
        if number == (0 if again else 1) and _stays_open(text[: places[-1]], places[0]):
            return None
        if _is_whole(text[:place]):
            return place
    return None


def _is_whole(text: str) -> bool:
    """Whether all markup in the text is closed."""
    found = _children(text)
    if not found or any(text.rfind(opening) > text.rfind(closing) for opening, closing in _PAIRS):
        return False
    return not any(child.type == "text" and _OPENERS.search(child.content) for child in found)


def _stays_open(text: str, before: int) -> bool:
    """Whether markup that begins before an offset remains unclosed up to the end of the text.

    This then also holds for all shorter texts that contain it. Positions are computed from the end of the text.
    """
    at = len(text)
    for child in reversed(_children(text)):
        said = "\n" if child.type in ("softbreak", "hardbreak") else child.content
        place = text.rfind(said, 0, at) if said else -1
        sign = _OPENERS.search(child.content) if child.type == "text" else None
        if sign is not None and (at if place < 0 else place + sign.start()) < before:
            return True
        at = place if place >= 0 else at
    return False


def _children(text: str) -> list[Token]:
    """Return the inline tokens of a text that is one paragraph, or an empty list."""
    found = groups(text)
    if len(found) != 1 or found[0].kind is not BlockKind.PARAGRAPH:
        return []
    return [child for token in fill(found[0].tokens, Definitions()) for child in token.children or ()]
