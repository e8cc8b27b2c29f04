"""Layout hints for the first block of a long table or list, so that all of its blocks look alike. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from msgspec.structs import replace

from desktop.markdown.blocks import Block, BlockKind, Wording

SHORT = 30
"""Length in characters up to which a cell stays on one line. In longer cells, only single words stay unbroken."""

_LONGEST = 60
_MOST = 400_000
"""Maximum number of characters examined."""

_COLUMNS = 1_000
"""Maximum number of columns considered. No readable table has more."""

_LOOKED = 200
"""Number of the longest cells in a column that are searched for the longest word."""

_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,400}\)")
_SIGNS = str.maketrans("", "", "*_`~")
_ITEM = re.compile(r"^ {0,3}([0-9]{1,9})[.)](?:[ \t]|$)", re.MULTILINE)
_ENDS = re.compile(r"\n[ \t]*\n(?=[^\s0-9*+-])")


def unbroken(text: str) -> str:
    """Return the part of a cell's text that should not be broken: a short text, or the longest word of a long one."""
    if len(text) <= SHORT:
        return text
    return max(text.split(), key=weight, default="")[:_LONGEST]


def table_outlook(source: str) -> tuple[Wording, ...]:
    """Return the widest text that should not be broken in each column of a table's rows."""
    size = len if source.isascii() else weight
    return tuple(_widest(column, size) for column in zip_longest(*_rows(source[:_MOST]), fillvalue=""))


def _rows(source: str) -> list[list[str]]:
    """Return the cells of all rows up to the end of the table."""
    rows: list[list[str]] = []
    for line in source.split("\n"):
        row = line.strip()
        if "|" in row:
            rows.append(row.replace("\\|", "\x01").removeprefix("|").removesuffix("|").split("|", _COLUMNS)[:_COLUMNS])
        elif row:
            break
    return rows


def _widest(column: Sequence[str], size: Callable[[str], int]) -> Wording:
    """Return the widest text that should not be broken in a column.

    Cells are examined from the longest to the shortest, because none is wider than its text on one line.
    """
    texts = [*map(str.strip, _plain("\n".join(column)).split("\n"))]
    sizes = [*map(size, texts)]
    widest = Wording()
    looked = 0
    for index in sorted(range(len(texts)), key=sizes.__getitem__, reverse=True):
        if sizes[index] <= weight(widest.text):
            break
        if len(texts[index]) > SHORT:
            if looked == _LOOKED:
                continue
            looked += 1
        text = unbroken(" ".join(texts[index].split()))
        wording = Wording(text, bold="**" in column[index], code="`" in column[index])
        widest = max(widest, wording, key=lambda each: weight(each.text))
    return widest


def list_outlook(source: str, first: int) -> int:
    """Return an upper estimate of the number of a list's last item."""
    end = _ENDS.search(source, 0, _MOST)
    written = [int(item[1]) for item in _ITEM.finditer(source, 0, end.start() if end else _MOST)]
    return max(first + max(len(written) - 1, 0), max(written, default=0))


def told(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks of a text, adding layout hints to all tables and lists that later blocks continue."""
    result: list[Block] = []
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.TABLE and not block.continued:
            rest = "".join(_parts(blocks[index + 1 :]))
            result.append(replace(block, widest=table_outlook(rest)) if rest else block)
        elif block.kind is BlockKind.LIST and block.number is not None:
            if block.continued and result and result[-1].last:
                last = result[-1].last
            else:
                last = list_outlook(block.source + "".join(_parts(blocks[index + 1 :])), block.number)
            result.append(replace(block, last=last))
        else:
            result.append(block)
    return tuple(result)


def told_by(text: str, start: int, block: Block) -> Block:
    """Return a block at an offset in a text, with layout hints from the text after it."""
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
    """Return cells, one per line, as rendered text."""
    return (_LINK.sub(r"\1", cells) if "](" in cells else cells).replace("\x01", "|").translate(_SIGNS)


def weight(text: str) -> int:
    """Return the approximate width of a text, in which non-ASCII letters count more."""
    return len(text.encode("utf-8", "replace"))
