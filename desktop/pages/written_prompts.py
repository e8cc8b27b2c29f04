"""Prompts as typed for a Markdown page, in which no line becomes a heading or a rule. Pure functions."""

from __future__ import annotations

import re

from desktop.pages.page_parser import page_parser

_MADE = re.compile(r"( {0,3})(?=\\{0,99}(?:#{1,6}(?:[ \t]|\Z)|(?:=+|-+)[ \t]*\Z|([-*_])(?:[ \t]*\2){2,}[ \t]*\Z))")
"""A line that might become a heading, an underline of a heading, or a rule, even after leading backslashes."""

_MARKED = re.compile(r"( {0,3})\\(?=\\{0,98}(?:#{1,6}(?:[ \t]|\Z)|(?:=+|-+)[ \t]*\Z|([-*_])(?:[ \t]*\2){2,}[ \t]*\Z))")
"""A line that was escaped with a backslash."""

_CODE = frozenset(("fence", "code_block", "html_block", "math_block"))
_PASSES = 6


def as_written(text: str) -> str:
    """Return a prompt in which no line becomes a heading or a rule, as in the window. Code is unchanged.

    A backslash is added only to such lines, so that removing one backslash restores the prompt.
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
        marked |= new  # text after a rule may have been code, and now continues a paragraph
    return "\n".join(lines)


def as_meant(text: str) -> str:
    """Return a prompt as it was before `as_written`, except for its line breaks."""
    lines = text.split("\n")
    for place in _prose(lines):
        lines[place] = _MARKED.sub(r"\1", lines[place], count=1) if _MARKED.match(lines[place]) else lines[place]
    return "\n".join(lines)


def _prose(lines: list[str]) -> set[int]:
    """Return the indexes of the lines that are not code."""
    code = {
        line
        for token in page_parser().parse("\n".join(lines))
        if token.map and token.type in _CODE
        for line in range(*token.map)
    }
    return {place for place in range(len(lines)) if place not in code}
