"""What the first part of a long table or list is told of those that go on with it, so that all look alike; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from desktop.markdown.blocks import Block, BlockKind, Wording

SHORT = 30
"""Characters of a cell that stands in one line; of a longer one its words do."""

_LONGEST = 60
_MOST = 400_000
"""Characters that are looked through."""

_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,400}\)")
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
    found: list[Wording] = []
    for line in source[:_MOST].split("\n"):
        row = line.strip()
        if "|" not in row:
            if row:
                break
            continue
        cells = row.replace("\\|", "\x01").removeprefix("|").removesuffix("|").split("|")
        found += [Wording()] * (len(cells) - len(found))
        for column, cell in enumerate(cells):
            if weight(cell) > weight(found[column].text):
                wording = Wording(unbroken(_plain(cell)), bold="**" in cell, code="`" in cell)
                found[column] = max(found[column], wording, key=lambda each: weight(each.text))
    return tuple(found)


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


def _plain(cell: str) -> str:
    return " ".join(_LINK.sub(r"\1", cell.replace("\x01", "|")).translate(_SIGNS).split())


def weight(text: str) -> int:
    """About how wide a text is: letters beyond ASCII count for more."""
    return len(text.encode("utf-8", "replace"))
