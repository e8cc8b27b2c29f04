"""Drawings of a replay's report: preferences with their intervals beside the margin, as shapes and as SVG."""

from __future__ import annotations

import math
from enum import StrEnum
from html import escape
from typing import NamedTuple

from desktop.formatting.number_format import Say
from desktop.replay.replay_results import KindResult, ReplayResults, SuccessorResult
from desktop.reports.replay_text import VERDICTS
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.text.phrases import Phrase, figure, phrase

WIDTH, HEIGHT = 620, 118
"""Size of a preference's drawing in pixels."""

KIND_WIDTH, KIND_HEIGHT = 200, 18
"""Size of the drawing in a row of the table of kinds."""

_PAD, _TOP, _BAND = 12, 4, 70
_LEAST_REACH, _ROUNDED = 35.0, 5
"""Points to each side of 0 that are shown at least, and to which the axis is rounded."""

_LETTER, _LABEL_ROOM = 7.0, 70
"""Approximate pixels of a letter, and of a label of the axis."""


class Ink(StrEnum):
    """Colors by their role, which the page and the paper choose."""

    WORSE_ZONE = "zone-worse"
    MARGIN_ZONE = "zone-margin"
    BETTER_ZONE = "zone-better"
    WORSE = "worse"
    MARGIN = "margin"
    BETTER = "better"
    ESTIMATE = "estimate"
    TEXT = "strong"
    MUTED = "muted"
    AXIS = "axis"


class Anchor(StrEnum):
    """Part of a label that is at its position. The values are those of SVG."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class BoxShape(NamedTuple):
    """Filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink


class LineShape(NamedTuple):
    """Straight line; `dash` is the length of its dashes, 0 for none."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: Ink
    width: float = 1.0
    dash: float = 0.0


class DotShape(NamedTuple):
    """Filled circle."""

    x: float
    y: float
    radius: float
    ink: Ink


class LabelShape(NamedTuple):
    """Text on one line with its baseline at `y`."""

    x: float
    y: float
    text: str
    ink: Ink
    anchor: Anchor = Anchor.MIDDLE
    bold: bool = False

    @property
    def room(self) -> float:
        """Approximate width in pixels."""
        return _LETTER * len(self.text)


Shape = BoxShape | LineShape | DotShape | LabelShape


class Diagram(NamedTuple):
    """Shapes from back to front, within a box that begins at 0. `summary` says the same in words."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    summary: str


class _Axis(NamedTuple):
    """Points of net preference on a horizontal axis, mirrored if right-to-left."""

    reach: float
    width: float
    is_rtl: bool

    def x(self, points: float) -> float:
        """Return the position of a number of points."""
        part = (min(max(points, -self.reach), self.reach) + self.reach) / (2 * self.reach)
        at = _PAD + part * (self.width - 2 * _PAD)
        return self.width - at if self.is_rtl else at

    def box(self, start: float, end: float, y: float, height: float, ink: Ink) -> BoxShape:
        """Return a box between two numbers of points."""
        left, right = sorted((self.x(start), self.x(end)))
        return BoxShape(left, y, right - left, height, ink)

    def side(self, anchor: Anchor) -> Anchor:
        """Return an anchor in the direction of the axis."""
        turned = {Anchor.START: Anchor.END, Anchor.END: Anchor.START}
        return turned.get(anchor, anchor) if self.is_rtl else anchor


def points_of(theta: float) -> float:
    """Return θ as net preference (wins − losses) in points."""
    return 200 * (theta - 0.5)


def preference_diagram(
    results: ReplayResults, result: SuccessorResult, say: Say, *, is_rtl: bool = False
) -> Diagram | None:
    """Return the drawing of a successor's net preference between the zones of the verdict; None without one."""
    if result.theta is None or result.low is None or result.high is None:
        return None
    mean, low, high = map(points_of, (result.theta, result.low, result.high))
    margin = results.plan.margin
    axis = _Axis(_reach(low, high, margin), WIDTH, is_rtl)
    middle, foot = _TOP + _BAND * 0.55, _TOP + _BAND
    ends = (axis.x(low), axis.x(high))
    shapes: list[Shape] = [
        axis.box(-axis.reach, -margin, _TOP, _BAND, Ink.WORSE_ZONE),
        axis.box(-margin, 0, _TOP, _BAND, Ink.MARGIN_ZONE),
        axis.box(0, axis.reach, _TOP, _BAND, Ink.BETTER_ZONE),
        LineShape(axis.x(-margin), _TOP, axis.x(-margin), foot, Ink.MARGIN, 1.2, 4),
        LineShape(axis.x(0), _TOP, axis.x(0), foot, Ink.MUTED, 1.2),
        LineShape(ends[0], middle, ends[1], middle, Ink.ESTIMATE, 2.5),
        *(LineShape(x, middle - 7, x, middle + 7, Ink.ESTIMATE, 2.5) for x in ends),
        DotShape(axis.x(mean), middle, 5.5, Ink.ESTIMATE),
        _within(LabelShape(axis.x(mean), middle - 14, _signed_points(mean, say), Ink.TEXT, bold=True)),
        *_axis_labels(axis, margin, foot, say),
    ]
    values = {"mean": _signed(mean), "low": _signed(low), "high": _signed(high), "margin": figure(margin)}
    summary = phrase("Net preference {mean} points, from {low} to {high}, margin {margin} points", **values)
    return Diagram(WIDTH, HEIGHT, tuple(shapes), say(summary))


def kind_reach(results: ReplayResults, result: SuccessorResult) -> float:
    """Return the points to each side of 0 that the drawings of all kinds share."""
    ends = [points_of(end) for kind in result.by_kind for end in (kind.low, kind.high)]
    return _reach(min(ends, default=0.0), max(ends, default=0.0), results.plan.margin)


def kind_diagram(kind: KindResult, margin: float, reach: float, say: Say, *, is_rtl: bool = False) -> Diagram:
    """Return the drawing of one kind's preference, for a row of a table."""
    axis = _Axis(reach, KIND_WIDTH, is_rtl)
    mean, low, high = map(points_of, (kind.theta, kind.low, kind.high))
    middle = KIND_HEIGHT / 2
    inks = {SuccessorVerdict.BETTER: Ink.BETTER, SuccessorVerdict.WORSE: Ink.WORSE}
    ink = inks.get(kind.verdict, Ink.MUTED)
    shapes = (
        LineShape(axis.x(-margin), 1, axis.x(-margin), KIND_HEIGHT - 1, Ink.MARGIN, 1, 3),
        LineShape(axis.x(0), 1, axis.x(0), KIND_HEIGHT - 1, Ink.AXIS, 1.2),
        LineShape(axis.x(low), middle, axis.x(high), middle, ink, 2),
        DotShape(axis.x(mean), middle, 4, ink),
    )
    values = {"mean": _signed(mean), "low": _signed(low), "high": _signed(high)}
    summary = say(phrase("{mean} points, from {low} to {high}", **values))
    return Diagram(KIND_WIDTH, KIND_HEIGHT, shapes, summary)


def _reach(low: float, high: float, margin: float) -> float:
    farthest = max(-low, high, 1.5 * margin, _LEAST_REACH)
    return min(math.ceil(farthest / _ROUNDED) * _ROUNDED, 100)


def _axis_labels(axis: _Axis, margin: float, foot: float, say: Say) -> list[Shape]:
    """Return the numbers below the axis and the names of the zones; numbers without room are left out."""
    base, names, reach = foot + 17, foot + 36, axis.reach
    at_margin = phrase("margin {points}", points=_signed(-margin))
    margin_x, zero_x = axis.x(-margin), axis.x(0)
    labels = [
        LabelShape(zero_x, base, say(figure(0)), Ink.MUTED),
        LabelShape(axis.x(reach), base, say(_signed(reach)), Ink.MUTED, axis.side(Anchor.END)),
        _within(LabelShape(margin_x, base, say(at_margin), Ink.MARGIN, axis.side(Anchor.END))),
    ]
    if abs(margin_x - axis.x(-reach)) > 1.6 * _LABEL_ROOM:
        labels.append(LabelShape(axis.x(-reach), base, say(_signed(-reach)), Ink.MUTED, axis.side(Anchor.START)))
    zones = (
        (SuccessorVerdict.WORSE, -(reach + margin) / 2, Ink.WORSE),
        (SuccessorVerdict.NOT_WORSE, -margin / 2, Ink.MARGIN),
        (SuccessorVerdict.BETTER, reach / 2, Ink.BETTER),
    )
    labels += [_within(LabelShape(axis.x(points), names, say(VERDICTS[zone]), ink)) for zone, points, ink in zones]
    return [*labels]


def _within(label: LabelShape) -> LabelShape:
    """Return a label that does not leave the drawing."""
    half = label.room / 2
    if label.x < (label.room if label.anchor is Anchor.END else half):
        return label._replace(x=2, anchor=Anchor.START)
    if label.x > WIDTH - (label.room if label.anchor is Anchor.START else half):
        return label._replace(x=WIDTH - 2, anchor=Anchor.END)
    return label


def _signed(points: float) -> Phrase:
    rounded = round(points) + 0.0  # no negative zero
    return phrase("+{n}", n=figure(rounded)) if rounded > 0 else figure(rounded)


def _signed_points(points: float, say: Say) -> str:
    return say(phrase("{points} points", points=_signed(points)))


def svg_of(diagram: Diagram) -> str:
    """Return a drawing as SVG whose colors are classes of the page's style sheet."""
    shapes = "".join(map(_svg, diagram.shapes))
    return (
        f'<svg class="drawn" viewBox="0 0 {diagram.width:g} {diagram.height:g}" style="max-width:{diagram.width:g}px"'
        f' role="img" aria-label="{escape(diagram.summary)}" direction="ltr">{shapes}</svg>'
    )


def _svg(shape: Shape) -> str:
    match shape:
        case BoxShape():
            size = f'width="{shape.width:.1f}" height="{shape.height:.1f}"'
            return f'<rect class="{shape.ink}" x="{shape.x:.1f}" y="{shape.y:.1f}" {size}/>'
        case LineShape():
            dash = f' stroke-dasharray="{shape.dash:g}"' if shape.dash else ""
            ends = f'x1="{shape.x1:.1f}" y1="{shape.y1:.1f}" x2="{shape.x2:.1f}" y2="{shape.y2:.1f}"'
            return f'<line class="{shape.ink}" {ends} stroke-width="{shape.width:g}"{dash}/>'
        case DotShape():
            return f'<circle class="{shape.ink}" cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:g}"/>'
        case LabelShape():
            bold = ' font-weight="600"' * shape.bold
            place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.anchor}"{bold}'
            return f'<text class="{shape.ink}" {place}>{escape(shape.text)}</text>'
