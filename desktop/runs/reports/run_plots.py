"""Pictures of a run's results as SVG: scores with their intervals, and quality against what it takes; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from desktop.phrases import phrase
from desktop.runs.result_values import ContenderResult
from desktop.runs.run_text import percent
from desktop.transfer.comparison_page.report_phrases import Say, in_a_line
from desktop.transfer.comparison_page.report_style import COLOURS

_WIDTH, _NAMES, _VALUE, _ROW = 900, 230, 150, 30
_SIDE, _TALL, _LEFT, _FOOT = 460, 300, 52, 44
_LONGEST_NAME = 30

PLOT_STYLE = """
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.plots figure { margin: 0; flex: 1 1 22rem; max-width: 34rem; }
svg.plot { display: block; width: 100%; height: auto; max-width: 56rem; }
.plot text { fill: var(--text); font: 13px system-ui, sans-serif; }
.plot .muted { fill: var(--muted); font-size: 12px; }
.plot .axis { stroke: var(--line); stroke-width: 1; }
.plot .reach { stroke: var(--text); stroke-width: 1.5; }
.plot .bar, .plot circle { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.plot .on { fill: var(--on); font: 600 11px system-ui, sans-serif; }
"""


class ScatterPoint(NamedTuple):
    """A contender by its number, at `x` in whatever unit, with its score and the score's interval."""

    contender: int
    x: float
    score: float
    low: float
    high: float


def point_of(contender: ContenderResult, x: float) -> ScatterPoint:
    """A contender at `x`; without a score it lies at the bottom."""
    high = 1.0 if contender.high is None else contender.high
    return ScatterPoint(contender.contender, x, contender.score or 0.0, contender.low or 0.0, high)


def bars(contenders: Sequence[ContenderResult], say: Say, *, is_rtl: bool = False) -> str:
    """A bar for each score from 0 to 100 with its interval across its end; read from the right it is turned round."""
    scored = [each for each in contenders if each.score is not None]
    height = len(scored) * _ROW + 26
    rows = "\n".join(_bar(each, number, say, is_rtl=is_rtl) for number, each in enumerate(scored))
    base = len(scored) * _ROW
    marks = "".join(_mark(part, base, say, is_rtl=is_rtl) for part in (0.0, 0.5, 1.0))
    return f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="img" direction="ltr">\n{marks}\n{rows}</svg>'


def _x(score: float, *, is_rtl: bool) -> float:
    at = _NAMES + score * (_WIDTH - _NAMES - _VALUE)
    return _WIDTH - at if is_rtl else at


def _bar(each: ContenderResult, number: int, say: Say, *, is_rtl: bool) -> str:
    score, low, high = each.score or 0.0, each.low or 0.0, 1.0 if each.high is None else each.high
    middle = number * _ROW + _ROW / 2
    begin, end = sorted((_x(0.0, is_rtl=is_rtl), _x(score, is_rtl=is_rtl)))
    ends = [_x(low, is_rtl=is_rtl), _x(high, is_rtl=is_rtl)]
    name = in_a_line(each.name)
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:14]}…{name[-14:]}"
    start, anchor = (_WIDTH - 4, "end") if is_rtl else (4, "start")
    value = say(phrase("{score}% ({low}–{high})", score=percent(score), low=percent(low), high=percent(high)))
    beyond, behind = (4, "start") if is_rtl else (_WIDTH - 4, "end")
    caps = "".join(
        f'<line class="reach" x1="{x:.1f}" y1="{middle - 5:.1f}" x2="{x:.1f}" y2="{middle + 5:.1f}"/>' for x in ends
    )
    return (
        f'<text x="{start}" y="{middle + 4:.1f}" text-anchor="{anchor}">{escape(shown)}</text>'
        f'<rect class="bar" x="{begin:.1f}" y="{middle - 8:.1f}" width="{end - begin:.1f}" height="16"'
        f' fill="{_colour(each.contender)}"/>'
        f'<line class="reach" x1="{ends[0]:.1f}" y1="{middle:.1f}" x2="{ends[1]:.1f}" y2="{middle:.1f}"/>{caps}'
        f'<text class="muted" x="{beyond}" y="{middle + 4:.1f}" text-anchor="{behind}">{escape(value)}</text>'
    )


def _mark(part: float, base: float, say: Say, *, is_rtl: bool) -> str:
    x = _x(part, is_rtl=is_rtl)
    return (
        f'<line class="axis" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{base}"/>'
        f'<text class="muted" x="{x:.1f}" y="{base + 18}" text-anchor="middle">{escape(say(percent(part)))}</text>'
    )


def _colour(contender: int) -> str:
    return f"var(--p{contender % COLOURS})"


def scatter(points: Sequence[ScatterPoint], across: str, up: str, said: Callable[[float], str]) -> str:
    """Scores against something else, the best at the top; `said` writes a value of the axis, whose names are given."""
    most = max((each.x for each in points), default=0.0) or 1.0
    pieces = "\n".join(_scattered(points, most))
    base, right = _TALL - _FOOT, _SIDE - 12
    return (
        f'<svg class="plot" viewBox="0 0 {_SIDE} {_TALL}" role="img" direction="ltr">\n'
        f'<line class="axis" x1="{_LEFT}" y1="10" x2="{_LEFT}" y2="{base}"/>'
        f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{right}" y2="{base}"/>'
        f'<text class="muted" x="{_LEFT - 6}" y="14" text-anchor="end">100</text>'
        f'<text class="muted" x="{_LEFT - 6}" y="{base}" text-anchor="end">0</text>'
        f'<text class="muted" x="{_LEFT}" y="{base + 16}" text-anchor="middle">{escape(said(0.0))}</text>'
        f'<text class="muted" x="{right}" y="{base + 16}" text-anchor="end">{escape(said(most))}</text>'
        f'<text class="muted" x="{(_LEFT + right) / 2}" y="{base + 34}" text-anchor="middle">{escape(across)}</text>'
        f'<text class="muted" x="14" y="{base / 2}" text-anchor="middle"'
        f' transform="rotate(-90 14 {base / 2})">{escape(up)}</text>\n{pieces}</svg>'
    )


def _scattered(points: Sequence[ScatterPoint], most: float) -> Iterator[str]:
    base = _TALL - _FOOT

    def y(score: float) -> float:
        """Where a score lies."""
        return base - score * (base - 20)

    placed = [(each, _LEFT + each.x / most * (_SIDE - 36 - _LEFT)) for each in points]
    for each, x in placed:
        yield f'<line class="reach" x1="{x:.1f}" y1="{y(each.low):.1f}" x2="{x:.1f}" y2="{y(each.high):.1f}"/>'
    for each, x in placed:
        yield (
            f'<circle cx="{x:.1f}" cy="{y(each.score):.1f}" r="9" fill="{_colour(each.contender)}"/>'
            f'<text class="on" x="{x:.1f}" y="{y(each.score) + 4:.1f}" text-anchor="middle">{each.contender + 1}</text>'
        )
