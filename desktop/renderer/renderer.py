"""The render child as the program holds it: asked one thing at a time, ended when it is late, and started anew."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from desktop.renderer.render_wire import (
    MOST_BYTES,
    READY,
    CodeRequest,
    LexerLoaded,
    Line,
    LoadRequest,
    Refusal,
    Reply,
    Request,
    decode_reply,
    encode,
)
from desktop.system.child_process import MemoryWatch, start_child
from desktop.system.log import logger

_log = logger("renderer")

_KEPT = 256


class RenderLimits(Struct, frozen=True, kw_only=True):
    """Seconds that a request may take and that the child may take to start; how often in a row it may fail to."""

    request_s: float = 1.0
    start_s: float = 15.0
    starts: int = 3


class Renderer:
    """Starts its child when it is first asked. Belongs to one event loop; whoever makes it closes it.

    What the child does can hang, crash or take all memory that it is allowed: then there is no reply.
    """

    def __init__(self, command: Sequence[str], *, limits: RenderLimits | None = None) -> None:
        """`command` starts this program as the child."""
        self._command = tuple(command)
        self._limits = limits or RenderLimits()
        self._child: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()
        self._failed = 0
        self._closed = False
        self._loaded: set[str] = set()
        self._missing: set[str] = set()
        self._late: OrderedDict[Request, None] = OrderedDict()

    @property
    def pid(self) -> int:
        """The child's process id; 0 where there is none."""
        return self._child.pid if self._child is not None else 0

    async def ask(self, request: Request) -> Reply | None:
        """The reply to a request; None where there is none in time. A request that was late is not tried again."""
        async with self._one:
            if request in self._late:
                return None
            child = await self._ready()
            if child is None or not await self._load(child, "code" if isinstance(request, CodeRequest) else "formula"):
                return None
            reply, late = await self._within(self._limits.request_s, child, request)
            if late:
                self._remember(request)
            return reply if not isinstance(reply, LexerLoaded) else None

    async def aclose(self) -> None:
        """End the child. May be called twice; nothing is replied to any more."""
        self._closed = True
        await self._end()

    async def _load(self, child: asyncio.subprocess.Process, what: str) -> bool:
        """Have a child load what requests of a type need, once; whether it has."""
        if what in self._missing:
            return False
        if what not in self._loaded:
            reply, _ = await self._within(self._limits.start_s, child, LoadRequest(what=what))
            if isinstance(reply, Refusal):
                self._missing.add(what)
                _log.warning("requests of the type %s cannot be answered on this system: %s", what, reply.error)
            if not isinstance(reply, LexerLoaded):
                return False
            self._loaded.add(what)
        return True

    async def _within(
        self, seconds: float, child: asyncio.subprocess.Process, line: Line
    ) -> tuple[Reply | LexerLoaded | None, bool]:
        """The reply, and whether it was late; without one the child is ended, so that nobody gets it later."""
        reply, late = None, False
        try:
            async with asyncio.timeout(seconds):
                with MemoryWatch(child):
                    reply = await _exchange(child, encode(line))
        except TimeoutError:
            _log.warning("a request took longer than %g s", seconds)
            late = True
        finally:
            if reply is None:
                await self._end()
        return reply, late

    async def _ready(self) -> asyncio.subprocess.Process | None:
        """The child, started now where there is none; None where it cannot be."""
        if self._closed or self._failed >= self._limits.starts:
            return None
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self._end()
        started = False
        try:
            async with asyncio.timeout(self._limits.start_s):
                self._child = child = await start_child(self._command, longest_line=MOST_BYTES)
                assert child.stdout is not None
                started = await child.stdout.readline() == READY
        except (OSError, ValueError, TimeoutError) as error:
            _log.error("the render child could not be started: %s", type(error).__name__)
        finally:
            if not started:
                await self._end()
        self._failed = 0 if started else self._failed + 1
        return self._child

    async def _end(self) -> None:
        """Kill the child and wait until it is gone."""
        child, self._child = self._child, None
        self._loaded.clear()
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        if child.stdin is not None:
            child.stdin.close()
        await child.wait()

    def _remember(self, request: Request) -> None:
        self._late[request] = None
        if len(self._late) > _KEPT:
            self._late.popitem(last=False)


async def _exchange(child: asyncio.subprocess.Process, line: bytes) -> Reply | LexerLoaded | None:
    """Send a line and read its reply; None where the child broke off or wrote something else."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(line)
        await child.stdin.drain()
        return decode_reply(await child.stdout.readuntil(b"\n"))
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, msgspec.DecodeError) as error:
        _log.warning("the render child broke off: %s", type(error).__name__)
        return None


def is_done(reply: Reply | None) -> bool:
    """Whether a reply is what was asked for."""
    return reply is not None and not isinstance(reply, Refusal)
