"""Formulas drawn in the render child: LaTeX to outlines, or refused where something of it would be lost or wrong."""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

from desktop.renderer.formula_signs import keep_boxes, most_high, put_right
from desktop.renderer.latex import drawable
from desktop.renderer.latex_text import NotDrawn
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline

LONGEST = 1_000
"""Characters of a formula that is drawn."""

_LEAVES = {"mi", "mo", "mn", "mtext"}
_KNOWN = _LEAVES | {
    *("math", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mspace"),
    *("mtable", "mtr", "mtd", "menclose", "mphantom", "mpadded", "mstyle"),
}
"""Elements that the library draws."""

_BLACK = {"black", "#000000", "none", ""}
_STEP = re.compile(r"([MLQCZ])|(-?\d+(?:\.\d+)?(?:e-?\d+)?)")
_LINE_END = re.compile(r"\\\\\s*(?:\\end(?![A-Za-z]))?|\\[^\\]")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}


@cache
def load() -> ModuleType:
    """The library, loaded once: it takes a third of a second."""
    with warnings.catch_warnings():  # of its own, when it is loaded
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath import zmath
        from ziamath.config import config

    config.svg2 = False  # outlines, not references to outlines
    keep_boxes()
    return zmath


def drawn(request: FormulaRequest) -> FormulaReply:
    """A formula's outlines. Raises NotDrawn, and whatever the library makes of what it does not know."""
    if len(request.source) > LONGEST:
        raise NotDrawn("too long")
    library = load()
    from latex2mathml.symbols_parser import SYMBOLS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = drawable(request.source, SYMBOLS, display=request.display)
        mathml = ET.fromstring(library.unescape(library.tex2mml(source, inline=not request.display)))  # noqa: S314 - made by the library
        library.denamespace(mathml)
        _check(mathml, SYMBOLS)
        _check_lines(mathml, source)
        most = most_high(mathml) * request.size
        made = library.Math(mathml, request.size)
        _check_glyphs(made.node)
        svg = made.svgxml()
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    if height > most:
        raise NotDrawn("higher than what it holds")
    return FormulaReply(left=left, top=top, width=width, height=height, outlines=tuple(_outlines(svg)))


def _check(element: Any, symbols: dict[str, str]) -> None:  # noqa: ANN401 - untyped library
    """Refuse what the library would leave out or spell: unknown elements, commands, signs that hold others."""
    for each in element.iter():
        text = (each.text or "").strip()
        if each.tag not in _KNOWN or (each.tag in _LEAVES) != bool(not len(each) and each.tag in _LEAVES):
            raise NotDrawn(each.tag)
        if each.tag not in _LEAVES and text:
            raise NotDrawn("text between signs")
        if text.startswith("\\") and text in symbols:
            each.text = chr(int(symbols[text], 16))
        elif (text.startswith("\\") and len(text) > 1) or "&#" in text:
            raise NotDrawn(text)
        put_right(each)


def _check_lines(mathml: Any, source: str) -> None:  # noqa: ANN401 - untyped library
    """Refuse what has fewer lines than were written; an empty one at an environment's end counts for nothing."""
    ends = [ended for ended in _LINE_END.findall(source) if ended.startswith(r"\\")]
    written = sum(not ended.endswith(r"\end") for ended in ends)
    made = sum(max(len(table) - 1, 0) for table in mathml.iter("mtable"))
    breaks = [space for space in mathml.iter("mspace") if space.attrib.get("linebreak") == "newline"]
    within = {space for table in mathml.iter("mtable") for space in table.iter("mspace")}
    if made + len(breaks) < written or within.intersection(breaks):
        raise NotDrawn("a line is left out")


def _check_glyphs(node: Any) -> None:  # noqa: ANN401 - untyped library
    """Refuse signs that the font lacks, which would be boxes."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if getattr(getattr(each, "glyph", None), "index", 1) == 0:
            raise NotDrawn(f"no glyph for {each.char!r}")
        waiting += each.nodes


def _outlines(svg: Any) -> Iterator[GlyphOutline]:  # noqa: ANN401 - untyped library
    """What is filled or drawn with a line; neighbours of one colour are joined."""
    steps: list[str] = []
    numbers: list[float] = []
    ink = ("", 0.0)
    for element in _shapes(svg):
        colour, line, more, at = _shape(element)
        if steps and (ink != (colour, line) or line):
            yield _outline(steps, numbers, ink)
            steps, numbers = [], []
        ink = (colour, line)
        steps += more
        numbers += at
    if steps:
        yield _outline(steps, numbers, ink)


def _shapes(svg: Any) -> Iterator[Any]:  # noqa: ANN401 - untyped library
    """The shapes of a drawing; those of a group, which are the pieces of one large sign, in the group's colour."""
    for element in svg:
        if element.tag != "g":
            yield element
            continue
        if "transform" in element.attrib:
            raise NotDrawn("a transformed group")
        for piece in element:
            piece.attrib.setdefault("fill", element.attrib.get("fill", ""))
            yield piece


def _outline(steps: list[str], numbers: list[float], ink: tuple[str, float]) -> GlyphOutline:
    points = struct.pack(f"<{len(numbers)}f", *numbers)
    return GlyphOutline(steps="".join(steps), points=points, colour=ink[0], line=ink[1])


def _shape(element: Any) -> tuple[str, float, list[str], list[float]]:  # noqa: ANN401 - untyped library
    """An element's colour, its line's width (0 where it is filled), steps and points."""
    attributes: dict[str, str] = element.attrib
    line = float(attributes.get("stroke-width", "0"))
    colour = attributes.get("stroke" if line else "fill", "")
    colour = "" if colour in _BLACK else colour
    if element.tag == "path":
        steps, numbers = _path(attributes["d"])
    elif element.tag == "rect":
        x, y, width, height = (float(attributes[name]) for name in ("x", "y", "width", "height"))
        steps, numbers = list("MLLLZ"), [x, y, x + width, y, x + width, y + height, x, y + height]
    else:
        raise NotDrawn(element.tag)
    return colour, line, steps, numbers


def _path(text: str) -> tuple[list[str], list[float]]:
    steps: list[str] = []
    numbers: list[float] = []
    for found in _STEP.finditer(text):
        if found[1]:
            steps.append(found[1])
        else:
            numbers.append(float(found[2]))
    if len(numbers) != 2 * sum(_POINTS[step] for step in steps):
        raise NotDrawn("an outline of another kind")
    return steps, numbers
