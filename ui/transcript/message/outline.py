"""Outline of a long response: headings with their positions."""

from __future__ import annotations

from msgspec import Struct

from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import Row

LONG = 1_500
"""Minimum length of a response that has an outline."""


class Heading(Struct, frozen=True):
    """A heading's text and level, with the slab and the segment in which it is."""

    text: str
    level: int
    slab: int
    segment: int


def outline(row: Row) -> list[Heading]:
    """Return the headings of a long response, which is parsed but not laid out."""
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
