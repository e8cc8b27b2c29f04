"""Requests highlighted code and formulas from the render process, one at a time."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from PySide6.QtCore import QObject

from desktop.renderer.render_wire import CodeReply, CodeRequest, FormulaReply, FormulaRequest, Reply, Request
from ui.base.tasks import Tasks

_KEPT = {CodeRequest: 512, FormulaRequest: 2_000}
"""Number of cached replies for each kind of request, so that text scrolled back into view is complete at once."""

Ask = Callable[[Request], Awaitable[Reply | None]]


class Wish(Protocol):
    """Displayed content that needs highlighting or formulas, possibly in several requests."""

    @property
    def lasting(self) -> bool:
        """Whether the content is complete, so that replies are worth caching."""
        ...

    def request(self) -> Request | None:
        """Return the next request, or None if there are no more."""
        ...

    def take(self, request: Request, reply: Reply | None) -> None:
        """Receive the reply to a request, or None if the render process has none."""
        ...


class Drawings(QObject):
    """Requests and replies shared by all transcripts of a window.

    Without a render process, code has no colors and formulas are shown as source.
    """

    def __init__(self, ask: Ask | None = None, tasks: Tasks | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._tasks = tasks
        self._wishes: deque[Wish] = deque()
        self._waiting: set[int] = set()
        self._running = False
        self._known: dict[type, OrderedDict[Request, Reply | None]] = {kind: OrderedDict() for kind in _KEPT}

    def coloured(self, request: CodeRequest) -> CodeReply | None:
        """Return the cached highlighting of code, or None."""
        reply = self._recalled(request)
        return reply if isinstance(reply, CodeReply) else None

    def drawn(self, request: FormulaRequest) -> FormulaReply | None:
        """Return the cached rendering of a formula, or None."""
        reply = self._recalled(request)
        return reply if isinstance(reply, FormulaReply) else None

    def is_settled(self, request: Request) -> bool:
        """Whether a request has been answered, even if the answer was that there is no reply."""
        return request in self._known[type(request)]

    def want(self, wish: Wish) -> None:
        """Queue a wish, unless it is already queued."""
        if self._ask is None or self._tasks is None or id(wish) in self._waiting:
            return
        self._waiting.add(id(wish))
        self._wishes.append(wish)
        self._start()

    def _start(self) -> None:
        if not self._running and self._tasks is not None:
            self._running = True
            self._tasks.start(self._grant(), name="transcript.drawings")

    def _recalled(self, request: Request) -> Reply | None:
        known = self._known[type(request)]
        if request not in known:
            return None
        known.move_to_end(request)
        return known[request]

    async def _grant(self) -> None:
        """Process the queued wishes until none are left."""
        try:
            while self._wishes:
                wish = self._wishes.popleft()
                self._waiting.discard(id(wish))
                request = wish.request()
                if request is None:
                    continue
                wish.take(request, await self._reply(request, lasting=wish.lasting))
                if wish.request() is not None:
                    self.want(wish)
        except Exception:
            self._running = False
            if self._wishes:
                self._start()  # one that fails is told, and the others come all the same
            raise
        self._running = False

    async def _reply(self, request: Request, *, lasting: bool) -> Reply | None:
        if self.is_settled(request):
            return self._recalled(request)
        assert self._ask is not None
        reply = await self._ask(request)
        result = reply if isinstance(reply, CodeReply | FormulaReply) else None
        if lasting or result is None:
            known = self._known[type(request)]
            known[request] = result
            if len(known) > _KEPT[type(request)]:
                known.popitem(last=False)
        return result
