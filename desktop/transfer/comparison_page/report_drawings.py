"""What the render child makes of a page's answers: formulas as SVG, code in colours, within a bound of time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping

from msgspec import Struct

from desktop.renderer.render_wire import CodeReply, CodeRequest, FormulaReply, FormulaRequest, Reply, Request
from desktop.transfer.comparison_page.formula_svg import svg

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
