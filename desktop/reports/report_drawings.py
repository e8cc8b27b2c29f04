"""Formulas as SVG and highlighted code for a page, drawn by the render child within a time limit."""

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
"""Maximum side of a formula in pixels, maximum number of points in its outlines, and maximum absolute coordinate."""

_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,30}")


def svg(request: FormulaRequest, reply: FormulaReply) -> str:
    """Return a formula as SVG, sized relative to the font, or an empty string if the reply is invalid.

    Replies are validated, because a compromised child process could send anything.
    """
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
    """Whether the dimensions in a reply are plausible for a formula."""
    sides = (reply.width, reply.height)
    if not all(map(math.isfinite, (*sides, reply.left, reply.top))) or not 0 < min(sides) <= max(sides) < _MOST_SIDE:
        return False
    if max(abs(reply.left), abs(reply.top)) > _MOST_SIDE:
        return False
    drawn = sum(len(each.points) // 8 + len(each.steps) for each in reply.outlines)
    return drawn + sum(len(each.text) + 1 for each in reply.texts) <= _MOST_POINTS


def _path(outline: GlyphOutline) -> str:
    """Return an outline as an SVG path.

    Raises:
        ValueError: If the number or range of the points is invalid.
        KeyError: If a step is unknown.
        struct.error: If the points cannot be unpacked.
    """
    numbers = struct.unpack(f"<{len(outline.points) // 4}f", outline.points)
    if not all(-_FURTHEST < number < _FURTHEST for number in numbers):
        raise ValueError("a point far out")
    if len(numbers) != 2 * sum(_POINTS[step] for step in outline.steps) or not 0 <= outline.line < _MOST_SIDE:
        raise ValueError("points that belong to no step")
    colour = _colour(outline.colour)
    ink = f'fill="none" stroke="{colour}" stroke-width="{outline.line:.4g}"' if outline.line else f'fill="{colour}"'
    return f'<path {ink} d="{"".join(_steps(outline.steps, numbers))}"/>'


def _text(run: TextRun) -> str:
    """Return SVG text in one of the viewer's fonts.

    Raises:
        ValueError: If the coordinates are out of range.
    """
    if not all(-_FURTHEST < number < _FURTHEST for number in (run.x, run.y, run.size)):
        raise ValueError("text far out")
    family = run.family if run.family in ("monospace", "sans-serif") else "serif"
    style = ' font-weight="bold"' * run.bold + ' font-style="italic"' * run.italic
    return (
        f'<text x="{run.x:.2f}" y="{run.y:.2f}" font-size="{run.size:.2f}" font-family="{family}"{style}'
        f' fill="{_colour(run.colour)}">{escape(run.text)}</text>'
    )


def _colour(name: str) -> str:
    """Return a color for SVG, or the current text color if the name is invalid."""
    return name if _COLOUR.fullmatch(name) else "currentColor"


def _steps(steps: str, numbers: tuple[float, ...]) -> Iterator[str]:
    at = 0
    for step in steps:
        end = at + 2 * _POINTS[step]
        yield step + " ".join([f"{number:.2f}" for number in numbers[at:end]])
        at = end


Ask = Callable[[Request], Awaitable[Reply | None]]
"""Sends a request to the render child. Returns None if no reply arrives."""

PictureMaker = Callable[[FormulaRequest, FormulaReply], str]
"""Returns the markup of a formula in a page, or an empty string if the formula cannot be drawn."""

DRAWN_S = 30.0
"""Maximum seconds for drawing all formulas and code of a page. The rest is shown as source text."""

_KEPT = 1_000
"""Maximum number of cached formulas. They are cached because pages repeat many of them."""

ColouredWords = tuple[tuple[str, str], ...]
"""Pieces of code in order, including line breaks, each with its syntax kind."""


class DrawnParts(Struct, frozen=True):
    """Drawn formulas and highlighted code of a set of requests."""

    pictures: Mapping[Request, str] = {}
    coloured: Mapping[Request, ColouredWords] = {}

    def picture(self, request: Request | None) -> str:
        """Return a formula as SVG, or an empty string if it was not drawn."""
        return self.pictures.get(request, "") if request is not None else ""

    def words(self, request: Request | None) -> ColouredWords:
        """Return the highlighted pieces of code, or nothing if it was not highlighted."""
        return self.coloured.get(request, ()) if request is not None else ()


class ReportDrawings:
    """Draws the formulas and code of one page. Without a render child, nothing is drawn.

    `left` counts the requests that exceeded the time limit. `picture` returns the markup for a reply, SVG by default.
    """

    def __init__(self, ask: Ask | None, seconds: float = DRAWN_S, picture: PictureMaker = svg) -> None:
        self._ask = ask
        self._picture = picture
        self._seconds = seconds
        self._pictures: OrderedDict[Request, str] = OrderedDict()
        self.left = 0

    async def drawn(self, requests: Iterable[Request]) -> DrawnParts:
        """Draw each distinct request once."""
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
    """Return all pieces of a code block in one sequence, with line breaks."""
    words: list[tuple[str, str]] = []
    last = len(reply.lines) - 1
    for number, line in enumerate(reply.lines):
        words += line
        if number < last or request.text.endswith("\n"):
            words.append(("\n", ""))
    return tuple(words)
