"""Fenced code in prompts. Everything else in a prompt is shown as typed, without Markdown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from msgspec.structs import replace

from desktop.markdown.blocks import Block
from desktop.markdown.fences import Fence

_OPENING = re.compile(r"^( {0,3})(`{3,}+(?=[^`\r\n]*+\r?$)|~{3,}+)([^\r\n]*+)\r?\n", re.MULTILINE)


_MOST_FENCES, _MOST_CODE, _LOOKED_AT = 300, 200_000, 400_000
"""Maximum number of fences shown as code in a prompt, of characters in them, and of characters searched.

Anything beyond this is shown as typed.
"""


class PromptPart(NamedTuple):
    """A range of a prompt's lines, with its offset: either text or code. Parts are separated by line breaks."""

    start: int
    text: str
    code: tuple[Block, ...] = ()
    """Blocks of the code, whose joined sources are the text."""


def prompt_parts(text: str) -> list[PromptPart]:
    """Return the parts of a prompt in order, without the line breaks between them. An unclosed fence is text."""
    parts: list[PromptPart] = []
    at = 0
    for start, end, code in _fences(text):
        if start > at:
            parts.append(PromptPart(at, _without_end(text[at:start])))
        written = _without_end(text[start:end])
        parts.append(PromptPart(start, written, _as_typed(code, written)))
        at = end
    if at < len(text) or not parts:
        parts.append(PromptPart(at, text[at:]))
    return parts


def _fences(text: str) -> Iterator[tuple[int, int, list[Block]]]:
    """Yield the code of each non-empty fence, with its start and end, which includes the last line break."""
    if len(text) > _LOOKED_AT:
        text = text[: text.rfind("\n", 0, _LOOKED_AT) + 1]
    closings = {marks: _Closings(text, marks) for marks in ("`", "~") if marks * 3 in text}
    at = fences = room = 0
    while (opening := _OPENING.search(text, at)) is not None and fences < _MOST_FENCES:
        indent, marks, info = opening.groups()
        at = opening.end()
        closed = closings[marks[0]].behind(at, len(marks))
        if closed is None:
            continue
        start, at = closed
        fences += 1
        if text[opening.end() : start].strip():
            room += at - opening.start()
            if room > _MOST_CODE:
                return
            fence = Fence(_unix(opening[0]), len(indent), marks, info)
            fence.feed(_without_end(_unix(text[opening.end() : at])) + "\n")
            yield opening.start(), at, [*fence.parts(), fence.block(is_open=False)]


class _Closings:
    """Lines that consist only of one kind of fence marker. Each may close a fence with at most as many markers."""

    def __init__(self, text: str, mark: str) -> None:
        lines = re.compile(rf"^ {{0,3}}({re.escape(mark)}{{3,}}+)[ \t]*+\r?(?:\n|\Z)", re.MULTILINE)
        self._lines = [(each.start(), each.end(), len(each[1])) for each in lines.finditer(text)]
        longest = accumulate((length for _, _, length in reversed(self._lines)), max)
        self._longest = [*longest][::-1]

    def behind(self, at: int, marks: int) -> tuple[int, int] | None:
        """Return start and end of the first line after an offset that closes a fence of this many markers, or None."""
        place = bisect_left(self._lines, (at,))
        if place == len(self._lines) or self._longest[place] < marks:
            return None  # avoids searching all remaining text for each of many unclosed fences
        while self._lines[place][2] < marks:
            place += 1
        start, end, _ = self._lines[place]
        return start, end


def _as_typed(code: list[Block], written: str) -> tuple[Block, ...]:
    """Return the blocks of code with their sources exactly as in the text, without the last line break."""
    parts: list[Block] = []
    at = 0
    for number, block in enumerate(code, start=1):
        end = len(written) if number == len(code) else _end_of(block.source, written, at)
        parts.append(replace(block, source=written[at:end]))
        at = end
    return tuple(parts)


def _end_of(source: str, written: str, at: int) -> int:
    """Return the end of a source in a text that may have other line endings."""
    if written.startswith(source, at):
        return at + len(source)
    for sign in source:
        at += 2 if sign == "\n" and written.startswith("\r\n", at) else 1
    return at


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\r\n") else text.removesuffix("\n")
