"""Sends requests to the render child one by one, and remembers which ones timed out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from msgspec import Struct

from desktop.renderer.render_wire import (
    MOST_BYTES,
    CodeRequest,
    LexerLoaded,
    LoadRequest,
    Refusal,
    Reply,
    Request,
    encode,
    parse_reply,
)
from desktop.system.child_process import ChildFailed, ChildFailure, ChildSupervisor
from desktop.system.log import logger

_log = logger("renderer")

_MOST_REMEMBERED = 256


class RenderLimits(Struct, frozen=True, kw_only=True):
    """Seconds for a request and for the child's start, and maximum number of consecutive failed starts."""

    request_s: float = 1.0
    start_s: float = 15.0
    starts: int = 3


class Renderer:
    """Interface to the render child, which starts on first use. Belongs to one event loop; its owner must close it.

    If the child hangs, crashes or exceeds its memory, there is no reply.
    """

    def __init__(self, command: Sequence[str], *, limits: RenderLimits | None = None) -> None:
        """Create the renderer. `command` starts this program as the child."""
        self._limits = limits or RenderLimits()
        self._child = ChildSupervisor("rendering", command, start_s=self._limits.start_s, most=MOST_BYTES)
        self._lock = asyncio.Lock()
        self._failed_starts = 0
        self._loaded: set[tuple[int, str]] = set()
        """Libraries that a child has loaded, with the child's number."""
        self._unavailable: set[str] = set()
        self._late: OrderedDict[Request, None] = OrderedDict()

    @property
    def pid(self) -> int:
        """The child's process ID, or 0 if it is not running."""
        return self._child.pid

    async def ask(self, request: Request) -> Reply | None:
        """Return the reply to a request, or None if none arrives in time.

        A request that timed out is not tried again.
        """
        async with self._lock:
            if request in self._late or self._failed_starts >= self._limits.starts:
                return None
            try:
                await self._child.start()
                self._failed_starts = 0
                if not await self._load("code" if isinstance(request, CodeRequest) else "formula"):
                    return None
            except ChildFailed as error:
                self._failed_starts += error.failure is ChildFailure.START
                return None
            try:
                async with self._child.exchange(self._limits.request_s) as exchange:
                    reply = parse_reply(await exchange.ask(encode(request)))
            except ChildFailed as error:
                if error.failure is ChildFailure.LATE:
                    self._remember(request)
                return None
            return reply if not isinstance(reply, LexerLoaded) else None

    async def aclose(self) -> None:
        """Terminate the child permanently. Safe to call more than once."""
        await self._child.aclose()

    async def _load(self, what: str) -> bool:
        """Let the child load the library for a type of request once, and return whether it is available.

        Raises ChildFailed.
        """
        if what in self._unavailable:
            return False
        if (self._child.starts, what) not in self._loaded:
            async with self._child.exchange(self._limits.start_s) as exchange:
                reply = parse_reply(await exchange.ask(encode(LoadRequest(what=what))))
            if isinstance(reply, Refusal):
                self._unavailable.add(what)
                _log.warning("requests of the type %s cannot be answered on this system: %s", what, reply.error)
            if not isinstance(reply, LexerLoaded):
                return False
            self._loaded.add((self._child.starts, what))
        return True

    def _remember(self, request: Request) -> None:
        self._late[request] = None
        if len(self._late) > _MOST_REMEMBERED:
            self._late.popitem(last=False)


def is_done(reply: Reply | None) -> bool:
    """Whether a reply contains the requested result."""
    return reply is not None and not isinstance(reply, Refusal)
