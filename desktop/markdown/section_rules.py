"""Block rule for foldable sections, which models write as `<details>` and `<summary>` with Markdown between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markdown_it.rules_block import StateBlock

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block

SUMMARY_LINES = 6
"""Maximum number of lines from the beginning of a section to the end of its summary."""

_BEGIN = re.compile(r"<details(\s[^<>]{0,200})?>[ \t]*(?:<summary(?:\s[^<>]{0,200})?>(.*))?", re.IGNORECASE)
_SUMMARY = re.compile(r"[ \t]*<summary(?:\s[^<>]{0,200})?>(.*)", re.IGNORECASE)
_SUMMARY_END = re.compile(r"</summary\s{0,9}>", re.IGNORECASE)
_END = re.compile(r"</details\s{0,9}>[ \t]*", re.IGNORECASE)
_TAGS = re.compile(r"^ {0,3}<(/?)details(?:\s[^<>\n]{0,200})?>", re.IGNORECASE | re.MULTILINE)
_OPEN = re.compile(r"\sopen(?:[\s=]|$)", re.IGNORECASE)

_WRAPPING = re.compile(
    r"</?(?:summary|b|strong|i|em|u|span|font|p|h[1-6]|big|small)(?:\s[^<>]{0,200})?>", re.IGNORECASE
)
_CODE = re.compile(r"</?(?:code|kbd|tt)>", re.IGNORECASE)
"""HTML tags in a summary: those that only make it bold or larger, and those of code."""


def section(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Parse the beginning or the end of a section. In a list or quotation, only the summary is shown, in bold.

    A summary goes on until its end tag, a blank line or the last line it may have, so that text further down never
    changes what a section is.
    """
    if not state.src.startswith("<", state.bMarks[start] + state.tShift[start]) or state.is_code_block(start):
        return False
    line = _line(state, start)
    if state.level:
        return _within(state, start, line, silent=silent)
    begin, is_end = _BEGIN.fullmatch(line), bool(_END.fullmatch(line))
    if silent or (begin is None and not is_end):
        return begin is not None or is_end
    if begin is None:
        token = state.push("section_end", "", 0)
        token.map, state.line = [start, start + 1], start + 1
        return True
    said, after = begin[2], start + 1
    if said is None and after < end and (below := _SUMMARY.fullmatch(_line(state, after))):
        said, after = below[1], after + 1
    while said is not None and not _SUMMARY_END.search(said) and after < min(end, start + SUMMARY_LINES):
        if state.isEmpty(after):
            break
        said, after = f"{said} {_line(state, after)}", after + 1
    opening = state.push("summary_open", "p", 1)
    opening.map, opening.meta = [start, after], {"open": bool(_OPEN.search(begin[1] or ""))}
    _push_text(state, said or "", opening.map)
    state.push("summary_close", "p", -1)
    state.line = after
    return True


def is_certain(start: int, end: int, lines: Sequence[str], whole: int) -> bool:
    """Whether the beginning of a section, from line `start` to before `end`, is final.

    The first `whole` lines of the text are complete.
    """
    if end < whole:
        return True
    return end == whole and (end - start == SUMMARY_LINES or bool(_SUMMARY_END.search(lines[end - 1])))


def closed_sections(text: str) -> frozenset[int]:
    """Return the offsets of the tags with which sections begin that end later in the text."""
    begun: list[int] = []
    closed: set[int] = set()
    for found in _TAGS.finditer(text):
        if not found[1]:
            begun.append(found.start(1) - 1)
        elif begun:
            closed.add(begun.pop())
    return frozenset(closed)


def is_set_open(block: Block) -> bool:
    """Whether a section is to be unfolded at first, as its author wrote."""
    return bool(block.tokens[0].meta.get("open"))


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _within(state: StateBlock, start: int, line: str, *, silent: bool) -> bool:
    """Parse one line of a section within a list or quotation, where nothing can be folded."""
    begin, alone = _BEGIN.fullmatch(line), _SUMMARY.fullmatch(line)
    if begin is None and alone is None and not _END.fullmatch(line):
        return False
    if silent:
        return True
    said = begin[2] if begin is not None else alone[1] if alone is not None else ""
    state.line = start + 1
    if said:
        state.push("heading_open", "h4", 1).map = [start, start + 1]
        _push_text(state, said, [start, start + 1])
        state.push("heading_close", "h4", -1)
    return True


def _push_text(state: StateBlock, said: str, lines: list[int]) -> None:
    """Push the text of a summary without the HTML tags that only make it bold or larger."""
    token = state.push("inline", "", 0)
    token.content = " ".join(_CODE.sub("`", _WRAPPING.sub("", said)).split())
    token.map, token.children = lines, []
