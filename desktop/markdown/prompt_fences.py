"""The fenced code in a prompt: all else of a prompt is shown as it was typed, and no other Markdown is read in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from desktop.markdown.blocks import Block
from desktop.markdown.fences import Fence

_OPENING = re.compile(r"^( {0,3})(`{3,}+(?=[^`\r\n]*+\r?$)|~{3,}+)([^\r\n]*+)\r?\n", re.MULTILINE)


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
    at = 0
    unclosed: dict[str, int] = {}  # from how many marks on nothing closes a fence any more
    while (opening := _OPENING.search(text, at)) is not None:
        indent, marks, info = opening.groups()
        at = opening.end()
        if len(marks) >= unclosed.get(marks[0], len(marks) + 1):
            continue
        closing = re.compile(rf"^ {{0,3}}{re.escape(marks)}{re.escape(marks[0])}*[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
        closed = closing.search(text, opening.end())
        if closed is None:
            unclosed[marks[0]] = len(marks)
            continue
        at = closed.end()
        if text[opening.end() : closed.start()].strip():
            fence = Fence(_unix(opening[0]), len(indent), marks, info)
            fence.feed(_without_end(_unix(text[opening.end() : at])) + "\n")
            yield opening.start(), at, [*fence.parts(), fence.block(is_open=False)]


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
