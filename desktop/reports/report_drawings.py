"""What the render child makes of a page's answers: formulas as SVG, code in colours, within a bound of time."""

from __future__ import annotations

import math
import re
import struct
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from html import escape

from msgspec import Struct

from desktop.renderer.render_wire import (
    CodeReply,
    CodeRequest,
    FormulaReply,
    FormulaRequest,
    GlyphOutline,
    Reply,
    Request,
    TextRun,
)

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


Ask = Callable[[Request], Awaitable[Reply | None]]
"""Asks the render child; None where no reply comes."""

PictureMaker = Callable[[FormulaRequest, FormulaReply], str]
"""Makes what stands for a formula in a page; empty where that cannot be."""

DRAWN_S = 30.0
"""Seconds that all formulas and all code of a page may take together; what comes after stays as it was written."""

_KEPT = 1_000
"""Formulas that are remembered: a page says many of them again and again."""

ColouredWords = tuple[tuple[str, str], ...]
"""The words of code in their order, ends of lines among them, each with what it is."""


class DrawnParts(Struct, frozen=True):
    """What came back for some answers."""

    pictures: Mapping[Request, str] = {}
    coloured: Mapping[Request, ColouredWords] = {}

    def picture(self, request: Request | None) -> str:
        """A formula's SVG; empty where there is none."""
        return self.pictures.get(request, "") if request is not None else ""

    def words(self, request: Request | None) -> ColouredWords:
        """The words of code; none where they were not told apart."""
        return self.coloured.get(request, ()) if request is not None else ()


class ReportDrawings:
    """Of one page. Without anybody to ask nothing is drawn. `left` counts what had no time.

    `picture` makes what stands in the page of a reply; SVG where there is no other.
    """

    def __init__(self, ask: Ask | None, seconds: float = DRAWN_S, picture: PictureMaker = svg) -> None:
        self._ask = ask
        self._picture = picture
        self._seconds = seconds
        self._pictures: OrderedDict[Request, str] = OrderedDict()
        self.left = 0

    async def drawn(self, requests: Iterable[Request]) -> DrawnParts:
        """Have drawn what is asked for, each once."""
        pictures: dict[Request, str] = {}
        coloured: dict[Request, ColouredWords] = {}
        for request in dict.fromkeys(requests):
            if (known := self._pictures.get(request)) is not None:
                self._pictures.move_to_end(request)
                pictures[request] = known
                continue
            reply = await self._reply(request)
            if isinstance(request, FormulaRequest):
                picture = self._picture(request, reply) if isinstance(reply, FormulaReply) else ""
                pictures[request] = picture
                self._remember(request, picture)
            elif isinstance(reply, CodeReply):
                coloured[request] = words_of(request, reply)
        return DrawnParts(pictures, coloured)

    async def _reply(self, request: Request) -> Reply | None:
        if self._ask is None:
            return None
        if self._seconds <= 0:
            self.left += 1
            return None
        begun = time.monotonic()
        try:
            return await self._ask(request)
        finally:
            self._seconds -= time.monotonic() - begun

    def _remember(self, request: Request, picture: str) -> None:
        self._pictures[request] = picture
        if len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)


def words_of(request: CodeRequest, reply: CodeReply) -> ColouredWords:
    """All words in a row, with the ends of lines."""
    found: list[tuple[str, str]] = []
    last = len(reply.lines) - 1
    for number, line in enumerate(reply.lines):
        found += line
        if number < last or request.text.endswith("\n"):
            found.append(("\n", ""))
    return tuple(found)
