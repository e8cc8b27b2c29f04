"""Draws formulas in the render child: LaTeX to SVG with MathJax, then to outlines and text in pixels."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width
from xml.etree import ElementTree as ET

from msgspec import structs

from desktop.markdown.formulas import is_formula
from desktop.renderer import mathjax
from desktop.renderer.mathjax import NotDrawn
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline, TextRun
from desktop.renderer.svg_shapes import (
    NUMBER,
    RULE,
    Matrix,
    Viewport,
    dashed_line,
    ellipse_shape,
    is_dashed,
    length_of,
    nested_viewport,
    path_shape,
    style_of,
    transform_of,
)

_PERCENT = re.compile(r"(?<=\d)(\s?)%(?![^\n]*\n)")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%[ \t]*[^\s%][^\n]*\Z")
_TEXT = re.compile(r"(\\(?:text(?:rm|bf|it|sf|tt|normal)?|mbox|hbox)\s*)\{([^{}$]*\$[^{}]*)\}")
_DELIMITER = re.compile(r"(\\(?:left|right|middle|[bB]igg?[lrm]?)\s*)([⌈⌉⌊⌋⟨⟩⟮⟯⎰⎱‖])")
_NAMES = {
    "⌈": "lceil",
    "⌉": "rceil",
    "⌊": "lfloor",
    "⌋": "rfloor",
    "⟨": "langle",
    "⟩": "rangle",
    "⟮": "lgroup",
    "⟯": "rgroup",
    "⎰": "lmoustache",
    "⎱": "rmoustache",
    "‖": "Vert",
}
_DOLLARS = re.compile(r"(?<!\\)\$((?:\\.|[^\\$])*)(?<!\\)\$(?!\d)|(?<!\\)\$")


def prepared(source: str) -> str:
    """Return a formula with common mistakes corrected. Raises NotDrawn if part of it would be dropped as a comment."""
    source = _PERCENT.sub(r"\1\\%", source)
    if _COMMENT.search(source):
        raise NotDrawn("a comment would leave out what follows")
    source = _DELIMITER.sub(lambda found: f"{found[1]}\\{_NAMES[found[2]]} ", source)
    return _TEXT.sub(lambda found: f"{found[1]}{{{_DOLLARS.sub(_dollar, found[2])}}}", source)


def _dollar(found: re.Match[str]) -> str:
    """Return a formula between two dollar signs without them. Other dollar signs are currency signs."""
    inner = found[1]
    if inner is None:
        return r"\$"
    if inner and inner == inner.strip() and is_formula(inner):
        return found[0]
    return rf"\${inner}\$"


LONGEST = 4_000
"""Maximum length of a formula in characters."""

load = mathjax.load

_EM = 1000.0
_LARGER = 1.15
"""Scale of formulas, because MathJax's lowercase letters are smaller than those of the window's fonts (KaTeX: 1.21)."""

_X_HEIGHT_EM = 0.442
"""MathJax's `ex`, as a fraction of the font size."""

_OUTSIDE = 0.03
"""How far shapes may extend beyond MathJax's box without enlarging it, as a fraction of the font size."""

_ROOM = (0.68, 1.13)
"""Width that MathJax reserves for a character missing in its font, in font sizes, and for an East Asian one."""

_DARK, _LIGHT = "#000000", "#ffffff"
_LEAST_LIGHT = 0.4
"""Lightness of a background from which text on it is black."""


class _Ink(NamedTuple):
    """Properties that an element inherits. `ground` is set if the element is on a background of its own."""

    fill: str = ""
    stroke: str = ""
    line: float = 0.0
    ground: str = ""


def drawn(request: FormulaRequest) -> FormulaReply:
    """Draw a formula. Raises NotDrawn if it cannot be drawn, or only incompletely."""
    if len(request.source) > LONGEST:
        raise NotDrawn("too long")
    try:
        root = ET.fromstring(mathjax.svg(prepared(request.source), display=request.display))  # noqa: S314 - made by MathJax
    except ET.ParseError:
        raise NotDrawn("characters that XML cannot hold") from None
    canvas = _Canvas(request.size * _LARGER / _EM)
    return canvas.reply(root)


class _Canvas:
    """Collects the shapes of one drawing in pixels."""

    def __init__(self, pixels: float) -> None:
        """Create an empty drawing. `pixels` is the size of a thousandth of the font size."""
        self._pixels = pixels
        self._outlines: list[GlyphOutline] = []
        self._texts: list[TextRun] = []
        self._steps: list[str] = []
        self._numbers: list[float] = []
        self._last: tuple[str, float, bool] = ("", 0.0, False)
        self._clip = Viewport(0, 0).clip
        self._left = self._top = math.inf
        self._right = self._bottom = -math.inf

    def reply(self, root: ET.Element) -> FormulaReply:
        """Draw everything.

        A drawing without a `viewBox` has equation numbers at its side and uses its minimum width.
        """
        pixels = self._pixels
        unit = _EM * _X_HEIGHT_EM
        sizes = [length_of(root.attrib.get(side, "")) * unit for side in ("width", "height")]
        if "viewBox" in root.attrib:
            box_left, top, width, height = map(float, root.attrib["viewBox"].split())
            base = Matrix(pixels, 0, 0, pixels, 0, 0)
            view = Viewport(width, height)
        else:
            style = style_of(root.attrib.get("style", ""))
            width, height = length_of(style.get("min-width", "")) * unit, sizes[1]
            first = transform_of(root[0].attrib.get("transform", ""))
            factor = first.scale  # user units per thousandth of the font size
            base = Matrix(pixels / factor, 0, 0, pixels / factor, 0, 0)
            depth = -length_of(style.get("vertical-align", "")) * unit
            box_left, top = 0.0, depth - height
            base = Matrix(1, 0, 0, 1, 0, top * pixels).times(base)
            view = Viewport(width * factor, height * factor)
        self._walk(root, base, _Ink(), view)
        self._flush()
        if not self._outlines and not self._texts:
            raise NotDrawn("nothing to see")
        near = _OUTSIDE * _EM * pixels
        box = [box_left * pixels, top * pixels, (box_left + width) * pixels, (top + height) * pixels]
        ink = [self._left, self._top, self._right, self._bottom]
        for at, sign in enumerate((-1, -1, 1, 1)):
            if (ink[at] - box[at]) * sign > near:
                box[at] = ink[at]
        return FormulaReply(
            left=box[0],
            top=box[1],
            width=box[2] - box[0],
            height=box[3] - box[1],
            outlines=tuple(self._outlines),
            texts=tuple(self._texts),
        )

    def _walk(self, parent: ET.Element, matrix: Matrix, ink: _Ink, view: Viewport) -> None:
        r"""Draw the children of an element. A group's background comes first and is below its other parts.

        A rule (`\rule`) is a space with a background, and has the color of the text.
        """
        for element in parent:
            tag = element.tag.rpartition("}")[2]
            here = matrix.times(transform_of(element.attrib.get("transform", "")))
            own = _inherited(element.attrib, ink)
            match tag:
                case "g" | "a":
                    self._walk(element, here, own, view)
                case "svg":
                    outside = self._clip
                    inner, nested = nested_viewport(element, here, view)
                    self._clip = nested.clip
                    self._walk(element, inner, own, nested)
                    self._clip = outside
                case "text":
                    self._text(element, here, own)
                case "title" | "desc":
                    pass
                case _:
                    is_ground = "data-bgcolor" in element.attrib and parent.attrib.get("data-mml-node") != "mspace"
                    self._shape(tag, element.attrib, here, own, is_ground=is_ground)
                    if is_ground:
                        ink = ink._replace(ground=_DARK if _is_light(own.fill) else _LIGHT)

    def _shape(self, tag: str, attributes: Mapping[str, str], matrix: Matrix, ink: _Ink, *, is_ground: bool) -> None:
        """Add one shape, filled or stroked."""
        line = ink.line
        steps, points = _outline(tag, attributes)
        is_stroked = tag == "line" or ink.fill == "none"
        if "data-frame" in attributes or "data-line" in attributes:
            is_stroked, line = True, line or RULE
        if is_stroked and not line:
            return
        colour = ink.stroke if is_stroked else ink.fill
        is_exact = is_ground
        if not is_exact and ink.ground and not colour:
            colour, is_exact = ink.ground, True
        self._add(steps, points, matrix, (colour, line * matrix.scale if is_stroked else 0.0, is_exact))

    def _add(self, steps: str, points: Sequence[float], matrix: Matrix, ink: tuple[str, float, bool]) -> None:
        """Add a shape. It is joined with the previous one if both are filled with the same color."""
        if ink != self._last or ink[1]:
            self._flush()
            self._last = ink
        self._steps.append(steps)
        half = ink[1] / 2
        left, top, right, bottom = self._clip
        for at in range(0, len(points), 2):
            x, y = matrix.at(points[at], points[at + 1])
            x, y = min(max(x, left), right), min(max(y, top), bottom)
            self._numbers += (x, y)
            self._cover(x - half, y - half, x + half, y + half)

    def _cover(self, left: float, top: float, right: float, bottom: float) -> None:
        self._left, self._top = min(self._left, left), min(self._top, top)
        self._right, self._bottom = max(self._right, right), max(self._bottom, bottom)

    def _flush(self) -> None:
        if self._steps:
            points = struct.pack(f"<{len(self._numbers)}f", *self._numbers)
            colour, line, is_exact = self._last
            outline = GlyphOutline(steps="".join(self._steps), points=points, colour=colour, line=line, exact=is_exact)
            self._outlines.append(outline)
        self._steps, self._numbers = [], []

    def _text(self, element: ET.Element, matrix: Matrix, ink: _Ink) -> None:
        """Add characters that are missing in MathJax's font."""
        variant = element.attrib.get("data-variant", "")
        size = length_of(element.attrib.get("font-size", "")) * matrix.scale
        x, y = matrix.at(0, 0)
        if not (text := "".join(element.itertext())):
            return  # an anchor to which links could lead
        run = TextRun(
            text=text,
            x=x,
            y=y,
            size=size,
            width=size * sum(_ROOM[east_asian_width(each) in "WF"] for each in text),
            bold="bold" in variant,
            italic="italic" in variant,
            family=next((each for each in ("monospace", "sans-serif") if each in variant), "serif"),
            colour=ink.fill or ink.ground,
            exact=bool(ink.ground and not ink.fill),
        )
        if self._texts and (joined := _joined(self._texts[-1], run)):
            self._texts[-1] = joined
        else:
            self._texts.append(run)
        self._cover(x, y - size, x, y)


def _outline(tag: str, attributes: Mapping[str, str]) -> tuple[str, Sequence[float]]:
    """Return the steps and points of an SVG shape. Raises NotDrawn."""

    def lengths(*names: str) -> list[float]:
        return [length_of(attributes.get(name, "0")) for name in names]

    match tag:
        case "line":
            ends = lengths("x1", "y1", "x2", "y2")
            return dashed_line(ends, attributes) if is_dashed(attributes) else ("ML", ends)
        case "rect":
            x, y, width, height = lengths("x", "y", "width", "height")
            return "MLLLZ", [x, y, x + width, y, x + width, y + height, x, y + height]
        case "path":
            return path_shape(attributes.get("d", ""))
        case "polygon":
            points = [float(number) for number in NUMBER.findall(attributes.get("points", ""))]
            return "M" + "L" * (len(points) // 2 - 1) + "Z", points
        case "ellipse":
            return ellipse_shape(*lengths("cx", "cy", "rx", "ry"))
        case _:
            raise NotDrawn(f"an element <{tag}>")


def _joined(one: TextRun, other: TextRun) -> TextRun | None:
    """Join two runs if the second one continues the first, so that words keep their spacing, or return None."""
    near = _OUTSIDE * one.size * (len(one.text) + 1)
    moved = structs.replace(other, text=one.text, x=one.x, width=one.width)
    if moved != one or abs(one.x + one.width - other.x) > near:
        return None
    return structs.replace(one, text=one.text + other.text, width=other.x + other.width - one.x)


def _inherited(attributes: Mapping[str, str], ink: _Ink) -> _Ink:
    """Return the properties of an element: from its own attributes and style, or else inherited."""
    given = {**attributes, **style_of(attributes.get("style", ""))}
    for name in ("fill", "stroke"):
        if (colour := given.get(name)) is not None:
            ink = ink._replace(**{name: "" if colour == "currentColor" else colour})
    width = given.get("stroke-width", "")
    return ink._replace(line=length_of(width)) if width else ink


def _is_light(colour: str) -> bool:
    """Whether black is more legible on a color than white. Unknown color names count as light."""
    digits = colour.removeprefix("#")
    if colour.startswith("#") and len(digits) in (3, 6) and all(each in "0123456789abcdefABCDEF" for each in digits):
        width = len(digits) // 3
        red, green, blue = (int(digits[at : at + width] * (3 - width), 16) / 255 for at in range(0, 3 * width, width))
        return 0.3 * red + 0.59 * green + 0.11 * blue > _LEAST_LIGHT
    return colour.lower() not in _DARK_NAMES


_DARK_NAMES = frozenset(
    {
        *("black", "blue", "navy", "purple", "maroon", "green", "teal", "brown", "gray", "grey"),
        *("darkblue", "darkred", "darkgreen", "indigo", "midnightblue"),
    }
)
