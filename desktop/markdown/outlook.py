"""What the first part of a long table or list is told of those that go on with it, so that all look alike; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from msgspec.structs import replace

from desktop.markdown.blocks import Block, BlockKind, Wording

SHORT = 30
"""Characters of a cell that stands in one line; of a longer one its words do."""

_LONGEST = 60
_MOST = 400_000
"""Characters that are looked through."""

_COLUMNS = 1_000
"""Columns that are told of; no table that is read has so many."""

_LOOKED = 200
"""Cells of a column, the longest, in which the longest word is sought."""

_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,400}\)")
_SIGNS = str.maketrans("", "", "*_`~")
_ITEM = re.compile(r"^ {0,3}([0-9]{1,9})[.)](?:[ \t]|$)", re.MULTILINE)
_ENDS = re.compile(r"\n[ \t]*\n(?=[^\s0-9*+-])")


def unbroken(text: str) -> str:
    """What of a cell's text should not be broken: all of it where it is short, else its longest word."""
    if len(text) <= SHORT:
        return text
    return max(text.split(), key=weight, default="")[:_LONGEST]


def table_outlook(source: str) -> tuple[Wording, ...]:
    """By columns what takes most room in a table's rows."""
    size = len if source.isascii() else weight
    return tuple(_widest(column, size) for column in zip_longest(*_rows(source[:_MOST]), fillvalue=""))


def _rows(source: str) -> list[list[str]]:
    """The cells of the rows up to where the table ends."""
    found: list[list[str]] = []
    for line in source.split("\n"):
        row = line.strip()
        if "|" in row:
            found.append(row.replace("\\|", "\x01").removeprefix("|").removesuffix("|").split("|", _COLUMNS)[:_COLUMNS])
        elif row:
            break
    return found


def _widest(column: Sequence[str], size: Callable[[str], int]) -> Wording:
    """What takes most room in a column. No cell takes more than its words side by side: the longest are looked at."""
    said = [*map(str.strip, _plain("\n".join(column)).split("\n"))]
    sizes = [*map(size, said)]
    found = Wording()
    looked = 0
    for place in sorted(range(len(said)), key=sizes.__getitem__, reverse=True):
        if sizes[place] <= weight(found.text):
            break
        if len(said[place]) > SHORT:
            if looked == _LOOKED:
                continue
            looked += 1
        text = unbroken(" ".join(said[place].split()))
        wording = Wording(text, bold="**" in column[place], code="`" in column[place])
        found = max(found, wording, key=lambda each: weight(each.text))
    return found


def list_outlook(source: str, first: int) -> int:
    """The number of a list's last item, counted generously."""
    end = _ENDS.search(source, 0, _MOST)
    written = [int(item[1]) for item in _ITEM.finditer(source, 0, end.start() if end else _MOST)]
    return max(first + max(len(written) - 1, 0), max(written, default=0))


def told(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks of a text, where those that go on are told of all of their parts."""
    made: list[Block] = []
    for place, block in enumerate(blocks):
        if block.kind is BlockKind.TABLE and not block.continued:
            rest = "".join(_parts(blocks[place + 1 :]))
            made.append(replace(block, widest=table_outlook(rest)) if rest else block)
        elif block.kind is BlockKind.LIST and block.number is not None:
            if block.continued and made and made[-1].last:
                last = made[-1].last
            else:
                last = list_outlook(block.source + "".join(_parts(blocks[place + 1 :])), block.number)
            made.append(replace(block, last=last))
        else:
            made.append(block)
    return tuple(made)


def told_by(text: str, start: int, block: Block) -> Block:
    """A block that begins at a place of a text, told of what goes on with it there."""
    end = start + len(block.source)
    if block.kind is BlockKind.TABLE and not block.continued and end < len(text):
        return replace(block, widest=table_outlook(text[end : end + _MOST]))
    if block.kind is BlockKind.LIST and block.number is not None:
        return replace(block, last=list_outlook(text[start : start + _MOST].lstrip("\n"), block.number))
    return block


def _parts(blocks: Sequence[Block]) -> Iterable[str]:
    for block in blocks:
        if not block.continued:
            return
        yield block.source


def _plain(cells: str) -> str:
    """Cells, each in a line, as they are read."""
    return (_LINK.sub(r"\1", cells) if "](" in cells else cells).replace("\x01", "|").translate(_SIGNS)


def weight(text: str) -> int:
    """About how wide a text is: letters beyond ASCII count for more."""
    return len(text.encode("utf-8", "replace"))
