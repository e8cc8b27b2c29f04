"""Asks the render child for the colours of code that is shown, one block after another; until they come it is plain."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from PySide6.QtCore import QObject

from desktop.renderer.render_wire import CodeReply, CodeRequest, Reply
from ui.tasks import Tasks

_KEPT = 512
"""Replies that are remembered: code that is scrolled back to has its colours at once."""

Ask = Callable[[CodeRequest], Awaitable[Reply | None]]


class Wish(Protocol):
    """Code that wants its colours. It may want more once it has some."""

    @property
    def lasting(self) -> bool:
        """Whether the code is all there, so that its colours are worth remembering."""
        ...

    def request(self) -> CodeRequest | None:
        """What is to be asked for next; None where there is nothing any more."""
        ...

    def take(self, request: CodeRequest, reply: CodeReply | None) -> None:
        """Here is the reply; None where it cannot be had, and code stays as it is."""
        ...


class CodeColours(QObject):
    """One for all transcripts of a window. Without anybody to ask all code is plain."""

    def __init__(self, ask: Ask | None = None, tasks: Tasks | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._tasks = tasks
        self._wishes: deque[Wish] = deque()
        self._waiting: set[int] = set()
        self._running = False
        self._known: OrderedDict[CodeRequest, CodeReply | None] = OrderedDict()

    def known(self, request: CodeRequest) -> CodeReply | None:
        """A reply that came before."""
        reply = self._known.get(request)
        if reply is not None:
            self._known.move_to_end(request)
        return reply

    def want(self, wish: Wish) -> None:
        """Ask for somebody's colours, after those who asked before."""
        if self._ask is None or self._tasks is None or id(wish) in self._waiting:
            return
        self._waiting.add(id(wish))
        self._wishes.append(wish)
        if not self._running:
            self._running = True
            self._tasks.start(self._grant(), name="transcript.colours")

    async def _grant(self) -> None:
        """Ask for one wish after another until there is none."""
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
        finally:
            self._running = False

    async def _reply(self, request: CodeRequest, *, lasting: bool) -> CodeReply | None:
        if request in self._known:
            return self._known[request]
        assert self._ask is not None
        reply = await self._ask(request)
        made = reply if isinstance(reply, CodeReply) else None
        if lasting or made is None:
            self._known[request] = made
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return made
