"""The fenced code in a prompt: all else of a prompt is shown as it was typed, and no other Markdown is read in it."""

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
"""Fences of one prompt, and characters in them, that are drawn as code; and characters in which any is looked for.

What comes behind stays as it was typed.
"""


class PromptPart(NamedTuple):
    """Lines of a prompt and where they begin: as they are, or as parts of code. Line ends stand between two parts."""

    start: int
    text: str
    code: tuple[Block, ...] = ()
    """Their sources, joined, are the text."""


def prompt_parts(text: str) -> list[PromptPart]:
    """A prompt's lines in turn, without the line ends between the parts. A fence that nothing closes stays text."""
    found: list[PromptPart] = []
    at = 0
    for start, end, code in _fences(text):
        if start > at:
            found.append(PromptPart(at, _without_end(text[at:start])))
        written = _without_end(text[start:end])
        found.append(PromptPart(start, written, _as_typed(code, written)))
        at = end
    if at < len(text) or not found:
        found.append(PromptPart(at, text[at:]))
    return found


def _fences(text: str) -> Iterator[tuple[int, int, list[Block]]]:
    """Where fences with code in them begin and end, with their last line's end, and their code."""
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
    """The lines of a text that are marks alone, of one kind: each may close a fence of as many marks, or of fewer."""

    def __init__(self, text: str, mark: str) -> None:
        lines = re.compile(rf"^ {{0,3}}({re.escape(mark)}{{3,}}+)[ \t]*+\r?(?:\n|\Z)", re.MULTILINE)
        self._lines = [(each.start(), each.end(), len(each[1])) for each in lines.finditer(text)]
        longest = accumulate((length for _, _, length in reversed(self._lines)), max)
        self._longest = [*longest][::-1]

    def behind(self, at: int, marks: int) -> tuple[int, int] | None:
        """Where the first begins and ends that stands behind a place and closes so many; None without one."""
        place = bisect_left(self._lines, (at,))
        if place == len(self._lines) or self._longest[place] < marks:
            return None  # told at once: each of many fences that nothing closes would search all of the rest
        while self._lines[place][2] < marks:
            place += 1
        start, end, _ = self._lines[place]
        return start, end


def _as_typed(code: list[Block], written: str) -> tuple[Block, ...]:
    """The parts of code with their sources as they stand in the text, without the line end behind the last one."""
    made: list[Block] = []
    at = 0
    for number, block in enumerate(code, start=1):
        end = len(written) if number == len(code) else _end_of(block.source, written, at)
        made.append(replace(block, source=written[at:end]))
        at = end
    return tuple(made)


def _end_of(source: str, written: str, at: int) -> int:
    """Where a source ends in a text that may have other line ends."""
    if written.startswith(source, at):
        return at + len(source)
    for sign in source:
        at += 2 if sign == "\n" and written.startswith("\r\n", at) else 1
    return at


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\r\n") else text.removesuffix("\n")
