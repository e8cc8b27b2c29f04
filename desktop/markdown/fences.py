"""A fence that is open: no parsing, only the search for the line that ends it."""

from __future__ import annotations

import re

from markdown_it.token import Token

from desktop.markdown.blocks import Block, Kind
from desktop.markdown.parse import Parse
from desktop.markdown.parser import language_of

_OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})([^\n]*)\n")


class Fence:
    """Takes the text after a fence's first line as it comes, until its end."""

    def __init__(self, before: str, indent: int, markup: str, info: str) -> None:
        self._source = [before]
        self._content: list[str] = []
        self._indent = indent
        self._markup = markup
        self._info = info
        self._line = ""  # without its end yet
        self._closing = re.compile(rf"^ {{0,3}}{re.escape(markup)}{re.escape(markup[0])}*[ \t]*\n", re.MULTILINE)

    @classmethod
    def opened(cls, parse: Parse, place: int) -> Fence:
        """The fence that a parse ends with, its first line whole. Blank lines before it belong to it."""
        start = parse.at(parse.groups[place].start)
        found = _OPENING.match(parse.text, start)
        assert found is not None
        return cls(parse.text[parse.offset(place) : found.end()], len(found[1]), found[2], found[3])

    def feed(self, text: str) -> str | None:
        """Take more. None while the fence is open, else what follows the line that closed it."""
        text = self._line + text
        found = self._closing.search(text)
        end = found.start() if found else text.rfind("\n") + 1
        self._take(text[:end])
        if found is None:
            self._line = text[end:]
            return None
        self._line = ""
        self._source.append(found[0])
        return text[found.end() :]

    def block(self, *, is_open: bool) -> Block:
        """The code so far; where it is not open any more, it ended with the text."""
        rest = self._line
        if not is_open and rest and re.fullmatch(rf" {{0,3}}{re.escape(self._markup)}{self._markup[0]}*[ \t]*", rest):
            content = "".join(self._content)
        elif is_open or rest.strip(" \t"):
            content = "".join(self._content) + self._outdented(rest)
        else:
            content = "".join(self._content)
        token = Token("fence", "code", 0, content=content, markup=self._markup, info=self._info, block=True)
        source = "".join(self._source) + rest
        return Block(Kind.CODE, source, (token,), language_of(self._info), open=is_open)

    def _take(self, text: str) -> None:
        if not text:
            return
        self._source.append(text)
        if self._indent:
            text = "".join(self._outdented(line) for line in text.splitlines(keepends=True))
        self._content.append(text)
        if len(self._content) > 64:  # joined now and then, so that a block costs no join of thousands
            self._content = ["".join(self._content)]
            self._source = ["".join(self._source)]

    def _outdented(self, line: str) -> str:
        """A line without the columns by which the fence itself is indented."""
        column = place = 0
        while place < len(line) and column < self._indent and line[place] in " \t":
            column += 1 if line[place] == " " else 4 - column % 4
            place += 1
        return " " * (column - self._indent) + line[place:]
