"""Formulas as SVG that stands within a page, made of the outlines that the render child sends; pure."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from html import escape

from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline, TextRun

_MOST_SIDE, _MOST_POINTS, _FURTHEST = 4_000, 60_000, 10_000.0
"""Pixels of a formula's longer side, points of its outlines, and how far out one may lie."""

_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,30}")


def svg(request: FormulaRequest, reply: FormulaReply) -> str:
    """The picture, measured by the font that it stands in; empty where a reply is none: a child may send anything."""
    if not _is_sensible(reply):
        return ""
    try:
        paths = "".join((*map(_path, reply.outlines), *map(_text, reply.texts)))
    except (ValueError, KeyError, struct.error):
        return ""
    size = request.size
    box = " ".join(f"{each:.4g}" for each in (reply.left, reply.top, reply.width, reply.height))
    depth = -(reply.top + reply.height) / size
    return (
        f'<svg role="img" aria-label="{escape(request.source)}" viewBox="{box}"'
        f' style="width:{reply.width / size:.3f}em;height:{reply.height / size:.3f}em;vertical-align:{depth:.3f}em">'
        f"{paths}</svg>"
    )


def _is_sensible(reply: FormulaReply) -> bool:
    """Whether a reply's box and outlines are of a size that a formula may have."""
    sides = (reply.width, reply.height)
    if not all(map(math.isfinite, (*sides, reply.left, reply.top))) or not 0 < min(sides) <= max(sides) < _MOST_SIDE:
        return False
    if max(abs(reply.left), abs(reply.top)) > _MOST_SIDE:
        return False
    drawn = sum(len(each.points) // 8 + len(each.steps) for each in reply.outlines)
    return drawn + sum(len(each.text) + 1 for each in reply.texts) <= _MOST_POINTS


def _path(outline: GlyphOutline) -> str:
    """A shape. Raises ValueError, KeyError and struct.error where it is none."""
    numbers = struct.unpack(f"<{len(outline.points) // 4}f", outline.points)
    if not all(-_FURTHEST < number < _FURTHEST for number in numbers):
        raise ValueError("a point far out")
    if len(numbers) != 2 * sum(_POINTS[step] for step in outline.steps) or not 0 <= outline.line < _MOST_SIDE:
        raise ValueError("points that belong to no step")
    colour = _colour(outline.colour)
    ink = f'fill="none" stroke="{colour}" stroke-width="{outline.line:.4g}"' if outline.line else f'fill="{colour}"'
    return f'<path {ink} d="{"".join(_steps(outline.steps, numbers))}"/>'


def _text(run: TextRun) -> str:
    """Text in a font of the reader's. Raises ValueError where it is far out."""
    if not all(-_FURTHEST < number < _FURTHEST for number in (run.x, run.y, run.size)):
        raise ValueError("text far out")
    family = run.family if run.family in ("monospace", "sans-serif") else "serif"
    style = ' font-weight="bold"' * run.bold + ' font-style="italic"' * run.italic
    return (
        f'<text x="{run.x:.2f}" y="{run.y:.2f}" font-size="{run.size:.2f}" font-family="{family}"{style}'
        f' fill="{_colour(run.colour)}">{escape(run.text)}</text>'
    )


def _colour(name: str) -> str:
    """A color as SVG has it; that of the text where the name is none."""
    return name if _COLOUR.fullmatch(name) else "currentColor"


def _steps(steps: str, numbers: tuple[float, ...]) -> Iterator[str]:
    at = 0
    for step in steps:
        end = at + 2 * _POINTS[step]
        yield step + " ".join([f"{number:.2f}" for number in numbers[at:end]])
        at = end
