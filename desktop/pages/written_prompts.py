"""Prompts as they were written, in a page of Markdown: no line of theirs becomes a heading or a rule; pure."""

from __future__ import annotations

import re

from desktop.pages.page_parser import page_parser

_MADE = re.compile(r"( {0,3})(?=\\{0,99}(?:#{1,6}(?:[ \t]|\Z)|(?:=+|-+)[ \t]*\Z|([-*_])(?:[ \t]*\2){2,}[ \t]*\Z))")
"""A line that may be a heading, the line below one, or a rule; such a line behind backslashes gets one more."""

_MARKED = re.compile(r"( {0,3})\\(?=\\{0,98}(?:#{1,6}(?:[ \t]|\Z)|(?:=+|-+)[ \t]*\Z|([-*_])(?:[ \t]*\2){2,}[ \t]*\Z))")
"""A line that was given a backslash for it."""

_CODE = frozenset(("fence", "code_block", "html_block", "math_block"))
_PASSES = 6


def as_written(text: str) -> str:
    """A prompt of which nothing becomes a heading or a rule, as the window shows it; what is code stays.

    A backslash stands before such lines, and before no others that look alike: whoever takes one away has the prompt.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marked: set[int] = set()
    for _ in range(_PASSES):
        new = {place for place in _prose(lines) - marked if _MADE.match(lines[place])}
        if not new:
            break
        for place in new:
            indent = len(lines[place]) - len(lines[place].lstrip(" "))
            lines[place] = f"{lines[place][:indent]}\\{lines[place][indent:]}"
        marked |= new  # what follows a rule may have been code, and goes on with a paragraph
    return "\n".join(lines)


def as_meant(text: str) -> str:
    """A prompt as it was before `as_written`, but for how its lines ended."""
    lines = text.split("\n")
    for place in _prose(lines):
        lines[place] = _MARKED.sub(r"\1", lines[place], count=1) if _MARKED.match(lines[place]) else lines[place]
    return "\n".join(lines)


def _prose(lines: list[str]) -> set[int]:
    """The lines that are no code."""
    code = {
        line
        for token in page_parser().parse("\n".join(lines))
        if token.map and token.type in _CODE
        for line in range(*token.map)
    }
    return {place for place in range(len(lines)) if place not in code}
