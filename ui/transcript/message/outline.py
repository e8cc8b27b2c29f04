"""The outline of a long answer: its headings, and where they stand."""

from __future__ import annotations

from msgspec import Struct

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import Row

LONG = 1_500
"""Characters from which an answer is long enough for an outline."""


class Heading(Struct, frozen=True):
    """A heading's text, its level from 1, and its slab and segment within the row."""

    text: str
    level: int
    slab: int
    segment: int


def outline(row: Row) -> list[Heading]:
    """The headings of an answer; none where it is short. Parses it, but lays nothing out."""
    from desktop.markdown.blocks import BlockKind

    if row.is_prompt or len(row.text) < LONG:
        return []
    return [
        Heading(_text(block.tokens[1].content), int(block.tokens[0].tag[1:]), number, place)
        for number, slab in enumerate(row.slabs)
        if isinstance(slab, BodySlab)
        for place, block in enumerate(slab.blocks)
        if block.kind is BlockKind.HEADING and len(block.tokens) > 1
    ]


def _text(source: str) -> str:
    return " ".join(source.replace("*", "").replace("`", "").split())
