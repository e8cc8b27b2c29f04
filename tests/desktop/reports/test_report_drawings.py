"""Formulas as SVG: nothing but shapes, whatever a child sends."""

from __future__ import annotations

import struct

import msgspec
import pytest

from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline
from desktop.reports.report_drawings import svg

ASKED = FormulaRequest(source='x < "y"', size=16)
LINE = GlyphOutline(steps="ML", points=struct.pack("<4f", 0, 0, 10, -5))
REPLY = FormulaReply(left=0, top=-10, width=20, height=14, outlines=(LINE,))


def test_it_stands_on_the_line_of_its_text() -> None:
    made = svg(ASKED, REPLY)
    assert 'viewBox="0 -10 20 14"' in made
    assert "width:1.250em;height:0.875em;vertical-align:-0.250em" in made
    assert 'd="M0.00 0.00L10.00 -5.00"' in made
    assert 'aria-label="x &lt; &quot;y&quot;"' in made


@pytest.mark.parametrize(
    "outline",
    [
        GlyphOutline(steps="ML", points=b"123"),
        GlyphOutline(steps="M<", points=LINE.points),
        GlyphOutline(steps="ML", points=struct.pack("<4f", 0, 0, float("nan"), 1)),
        GlyphOutline(steps="ML", points=struct.pack("<4f", 0, 0, 1e9, 1)),
        GlyphOutline(steps="ML", points=LINE.points, line=float("inf")),
    ],
)
def test_what_is_no_picture_makes_none(outline: GlyphOutline) -> None:
    assert svg(ASKED, msgspec.structs.replace(REPLY, outlines=(outline,))) == ""


@pytest.mark.parametrize("size", [{"width": 0.0}, {"height": float("nan")}, {"width": 1e6}, {"left": float("inf")}])
def test_nor_does_a_box_of_no_size(size: dict[str, float]) -> None:
    assert svg(ASKED, msgspec.structs.replace(REPLY, **size)) == ""


def test_a_colour_that_is_none_is_the_texts_own() -> None:
    evil = msgspec.structs.replace(LINE, colour='red"/><script>alert(1)</script>')
    assert 'fill="currentColor"' in svg(ASKED, msgspec.structs.replace(REPLY, outlines=(evil,)))
    assert 'fill="red"' in svg(
        ASKED, msgspec.structs.replace(REPLY, outlines=(msgspec.structs.replace(LINE, colour="red"),))
    )
