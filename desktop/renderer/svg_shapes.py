"""Parses MathJax's SVG: transforms, nested viewports, and shapes as moves, lines and curves. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree as ET

from desktop.renderer.mathjax import NotDrawn

RULE = 70.0
"""Width of table rules and frames in MathJax's style sheet, in thousandths of the font size."""

_DASH = 140.0
_ROUND = 0.5523
"""Distance of a quarter circle's control points from its ends, as a fraction of the radius."""

_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_TRANSFORM = re.compile(r"(\w{1,20})\(([^)]{0,200})\)")


class Matrix(NamedTuple):
    """An affine transform: x' = a x + c y + e, y' = b x + d y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def times(self, other: Matrix) -> Matrix:
        """Return the transform that applies `other` first, then this one."""
        a, b, c, d, e, f = other
        return Matrix(
            self.a * a + self.c * b,
            self.b * a + self.d * b,
            self.a * c + self.c * d,
            self.b * c + self.d * d,
            *self.at(e, f),
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the transformed point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    @property
    def scale(self) -> float:
        """Factor by which lengths are scaled."""
        return math.sqrt(abs(self.a * self.d - self.b * self.c))


class Viewport(NamedTuple):
    """Viewport of a nested drawing in its parent's units, and its clip box in pixels."""

    width: float
    height: float
    clip: tuple[float, float, float, float] = (-math.inf, -math.inf, math.inf, math.inf)


def style_of(text: str) -> dict[str, str]:
    """Return the properties of a `style` attribute by name."""
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if value}


def length_of(text: str) -> float:
    """Return a number without its unit, or 0 if there is none."""
    found = NUMBER.match(text.strip())
    return float(found[0]) if found else 0.0


def transform_of(text: str) -> Matrix:
    """Parse a `transform` attribute. Its parts apply from right to left. Raises NotDrawn."""
    matrix = Matrix(1, 0, 0, 1, 0, 0)
    for name, inner in _TRANSFORM.findall(text):
        values = [float(each) for each in NUMBER.findall(inner)]
        match name, values:
            case "translate", [x, *rest]:
                step = Matrix(1, 0, 0, 1, x, rest[0] if rest else 0.0)
            case "scale", [x, *rest]:
                step = Matrix(x, 0, 0, rest[0] if rest else x, 0, 0)
            case "matrix", [a, b, c, d, e, f]:
                step = Matrix(a, b, c, d, e, f)
            case "rotate", [degrees, *rest]:
                sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
                x, y = rest if len(rest) == 2 else (0.0, 0.0)
                turned = Matrix(cosine, sine, -sine, cosine, 0, 0)
                step = Matrix(1, 0, 0, 1, x, y).times(turned).times(Matrix(1, 0, 0, 1, -x, -y))
            case _:
                raise NotDrawn(f"a transform {name}")
        matrix = matrix.times(step)
    return matrix


def nested_viewport(element: ET.Element, matrix: Matrix, view: Viewport) -> tuple[Matrix, Viewport]:
    """Return the placement of a nested drawing, whose `viewBox` is fitted into its own box, as in SVG.

    MathJax uses this to place equation numbers and to stretch delimiters. The middle part of a large delimiter is
    longer than its box and is clipped. Since these parts are bars, moving their points into the box clips them.
    """
    attributes = element.attrib
    x, y = length_of(attributes.get("x", "")), length_of(attributes.get("y", ""))
    width = length_of(attributes["width"]) if "width" in attributes else view.width
    height = length_of(attributes["height"]) if "height" in attributes else view.height
    placed = matrix.times(Matrix(1, 0, 0, 1, x, y))
    if "viewBox" not in attributes:
        return placed, Viewport(width, height, view.clip)
    box_left, top, wide, high = map(float, attributes["viewBox"].split())
    if wide <= 0 or high <= 0:
        raise NotDrawn("a drawing without a size")
    is_table = "data-table" in attributes or "data-labels" in attributes
    fit = attributes.get("preserveAspectRatio", "xMidYMid")
    if fit == "none":
        across, down = width / wide, height / high
    else:
        across = down = height / high if is_table else min(width / wide, height / high)
    rest_x, rest_y = width - wide * across, height - high * down
    shift_x = {"xMin": 0.0, "xMax": rest_x}.get(fit[:4], rest_x / 2) if fit != "none" else 0.0
    shift_y = {"YMin": 0.0, "YMax": rest_y}.get(fit[4:8], rest_y / 2) if fit != "none" else 0.0
    fitted = Matrix(across, 0, 0, down, shift_x - box_left * across, shift_y - top * down)
    clip = view.clip
    if not is_table:
        (x1, y1), (x2, y2) = placed.at(0, 0), placed.at(width, height)
        clip = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    return placed.times(fitted), Viewport(wide, high, clip)


@lru_cache(512)
def path_shape(text: str) -> tuple[str, Sequence[float]]:
    """Return a path as moves, lines, curves and closing steps only. Raises NotDrawn for other steps."""
    steps: list[str] = []
    points: list[float] = []
    x = y = 0.0
    control = (0.0, 0.0)
    for step, written in _STEP.findall(text):
        for part in _parts(step, [float(each) for each in NUMBER.findall(written)]):
            kind, numbers = step, part
            if step == "H":
                kind, numbers = "L", [part[0], y]
            elif step == "V":
                kind, numbers = "L", [x, part[0]]
            elif step == "T":  # its control point mirrors that of the previous curve
                kind, numbers = "Q", [2 * x - control[0], 2 * y - control[1], *part]
            steps.append(kind)
            points += numbers
            if numbers:
                x, y = numbers[-2:]
            control = (numbers[0], numbers[1]) if kind == "Q" else (x, y)
    return "".join(steps), points


_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "T": 2, "C": 6}


def _parts(step: str, values: list[float]) -> Iterator[list[float]]:
    """Yield the sets of numbers of a step, which is repeated for each set. Raises NotDrawn."""
    if step == "Z" and not values:
        yield []
        return
    count = _COUNTS.get(step, 0)
    if not count or not values or len(values) % count:
        raise NotDrawn(f"a path with {step}")
    for at in range(0, len(values), count):
        yield values[at : at + count]


def ellipse_shape(x: float, y: float, wide: float, high: float) -> tuple[str, list[float]]:
    """Return an ellipse as four curves."""
    near_x, near_y = wide * _ROUND, high * _ROUND
    return "MCCCCZ", [
        *(x + wide, y),
        *(x + wide, y + near_y, x + near_x, y + high, x, y + high),
        *(x - near_x, y + high, x - wide, y + near_y, x - wide, y),
        *(x - wide, y - near_y, x - near_x, y - high, x, y - high),
        *(x + near_x, y - high, x + wide, y - near_y, x + wide, y),
    ]


def is_dashed(attributes: Mapping[str, str]) -> bool:
    """Whether MathJax's style sheet shows a line as dashed or dotted."""
    return any(each in attributes.get("class", "") for each in ("mjx-dashed", "mjx-dotted"))


def dashed_line(ends: list[float], attributes: Mapping[str, str]) -> tuple[str, list[float]]:
    """Return a line in pieces: dashes that are as long as their gaps, or dots that are as long as the line is wide."""
    x1, y1, x2, y2 = ends
    length = math.hypot(x2 - x1, y2 - y1)
    piece = RULE if "mjx-dotted" in attributes.get("class", "") else _DASH
    count = min(max(round(length / (piece + _DASH)), 1), 1_000)
    points: list[float] = []
    for number in range(count):
        for share in (number / count, number / count + piece / (piece + _DASH) / count):
            points += (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)
    return "ML" * count, points
