"""Open code fences. Only their closing line is searched for; their content is not parsed."""

from __future__ import annotations

import re

from markdown_it.token import Token

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.parse import Parse
from desktop.markdown.parser import language_of

PART_LINES, PART_CHARACTERS = 100, 4_000
"""Maximum number of lines of code in a block, and number of characters after which a new block begins."""

_LINE = re.compile(r"^ {0,3}(`{3,}+(?=[^`\n]*+$)|~{3,}+)([^\n]*+)$", re.MULTILINE)
_OPENING = re.compile(r"\ufeff?( {0,3})(`{3,}+|~{3,}+)([^\n]*+)\n")


def left_open(text: str) -> str:
    """Return the line that closes the fence that a text leaves open, or an empty string.

    A fence within a list or quotation ends with that list or quotation.
    """
    fence = ""
    for found in _LINE.finditer(text):
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return fence


def without_closing(text: str, fence: str) -> str:
    """Return a text that begins within a fence without the fence's closing line."""
    for found in _LINE.finditer(text):
        if found[1].startswith(fence) and not found[2].strip():
            return text[: found.start()] + text[found.end() + 1 :]
    return text


class Fence:
    """Consumes the text after a fence's first line until the fence ends. Long code is returned in parts.

    A part ends before the line with which it would exceed its limit. A line that exceeds the limit by itself is split.
    """

    def __init__(self, before: str, indent: int, markup: str, info: str) -> None:
        self._source = [before]
        self._content: list[str] = []
        self._indent = indent
        self._markup = markup
        self._info = info
        self._line = ""  # incomplete
        self._lines = self._size = 0  # size of `_content`
        self._parts: list[Block] = []
        self._continued = False
        self._closing = re.compile(rf"^ {{0,3}}{re.escape(markup)}{re.escape(markup[0])}*[ \t]*\n", re.MULTILINE)

    @classmethod
    def opened(cls, parse: Parse, place: int) -> Fence:
        """Create the fence with which a parse ends, and whose first line is complete.

        Includes preceding blank lines.
        """
        start = parse.at(parse.groups[place].start)
        found = _OPENING.match(parse.text, start)
        assert found is not None
        return cls(parse.text[parse.offset(place) : found.end()], len(found[1]), found[2], found[3])

    def feed(self, text: str) -> str | None:
        """Consume text. Returns None while the fence is open, and then the text after its closing line."""
        text = self._line + text
        closing = self._closing.search(text)
        end = closing.start() if closing else text.rfind("\n") + 1
        for line in text[:end].split("\n")[:-1]:
            self._take(f"{line}\n")
        if closing is None:
            self._line = self._torn(text[end:])
            return None
        self._line = ""
        self._source.append(closing[0])
        return text[closing.end() :]

    def parts(self) -> list[Block]:
        """Return the parts of the code completed since the last call."""
        given, self._parts = self._parts, []
        return given

    def block(self, *, is_open: bool) -> Block:
        """Return the remaining code as a block. If not `is_open`, the fence ended together with the text."""
        rest = self._line
        if not is_open and rest and re.fullmatch(rf" {{0,3}}{re.escape(self._markup)}{self._markup[0]}*[ \t]*", rest):
            content = "".join(self._content)
        elif is_open or rest.strip(" \t"):
            content = "".join(self._content) + self._outdented(rest)
        else:
            content = "".join(self._content)
        token = Token("fence", "code", 0, content=content, markup=self._markup, info=self._info, block=True)
        source = "".join(self._source) + rest
        language = language_of(self._info)
        return Block(BlockKind.CODE, source, (token,), language, open=is_open, continued=self._continued)

    def _take(self, line: str) -> None:
        """Add one complete line."""
        line = self._torn(line)
        if self._lines >= PART_LINES or self._size >= PART_CHARACTERS:
            self._end_part()
        self._source.append(line)
        line = self._outdented(line) if self._indent else line
        self._content.append(line)
        self._lines += 1
        self._size += len(line)

    def _torn(self, line: str) -> str:
        """Split full parts off a line that is too long, and return the rest."""
        while len(line) > PART_CHARACTERS and set(line[:PART_CHARACTERS]) - set(self._markup + " \t"):
            if self._content:
                self._end_part()
            self._source.append(line[:PART_CHARACTERS])
            self._content.append(line[:PART_CHARACTERS])
            self._end_part()
            line = line[PART_CHARACTERS:]
        return line

    def _end_part(self) -> None:
        """Complete the collected lines as a part that is followed by more code."""
        token = Token(
            "fence", "code", 0, content="".join(self._content), markup=self._markup, info=self._info, block=True
        )
        source, language = "".join(self._source), language_of(self._info)
        self._parts.append(Block(BlockKind.CODE, source, (token,), language, continued=self._continued))
        self._source, self._content = [], []
        self._lines = self._size = 0
        self._continued = True

    def _outdented(self, line: str) -> str:
        """Return a line without the indentation of its fence."""
        column = place = 0
        while place < len(line) and column < self._indent and line[place] in " \t":
            column += 1 if line[place] == " " else 4 - column % 4
            place += 1
        return " " * (column - self._indent) + line[place:]
