"""The child that decodes files, as the program holds it: one file at a time, ended when it is late or long idle."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct

from desktop.attachments.decode_wire import (
    MOST_FRAME,
    READY,
    Decoded,
    DecodeProgress,
    DecodeRefusal,
    DecodeRequest,
    Reason,
    SoFar,
    framed,
    reply_of,
)
from desktop.log import logger

_log = logger("attachments")

_NEEDED = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Of the environment, what Python cannot start without on Windows or where it is frozen; nothing that is secret."""

Tell = Callable[[int, int], None]
"""Is told how many of how many pages are read."""


class DecodeLimits(Struct, frozen=True, kw_only=True):
    """Seconds that the child may take to start, and for a file in all, without a sign of life, and for a thumbnail.

    The last is how long it idles.
    """

    start_s: float = 15.0
    file_s: float = 80.0
    silent_s: float = 20.0
    drawing_s: float = 6.0
    idle_s: float = 30.0


class Decoder:
    """Starts its child when a file is to be decoded. Belongs to one event loop; whoever makes it closes it."""

    def __init__(
        self, command: Sequence[str], *, limits: DecodeLimits | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        """`command` starts this program as the child."""
        self._command = tuple(command)
        self._limits = limits or DecodeLimits()
        given = os.environ if environ is None else environ
        self._environ = {name: given[name] for name in _NEEDED if name in given}
        self._child: asyncio.subprocess.Process | None = None
        self._so_far: Decoded | None = None
        self._one = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int:
        """The child's process id; 0 where there is none."""
        return self._child.pid if self._child is not None else 0

    async def decode(self, request: DecodeRequest, tell: Tell = lambda _done, _of: None) -> Decoded | DecodeRefusal:
        """What came of a file. A child that hangs, crashes or takes too much is ended, and the file refused."""
        async with self._one:
            self._stay()
            child = await self._ready()
            if child is None:
                return DecodeRefusal(Reason.FAILED, "no child")
            reply: Decoded | DecodeRefusal | None = None
            self._so_far = None
            try:
                async with asyncio.timeout(self._limits.file_s):
                    reply = await self._exchange(child, request, tell)
            except TimeoutError:
                _log.warning("a file took too long to decode")
                reply = None
            finally:
                if reply is None:
                    await self._end()
                else:
                    self._idle = asyncio.get_running_loop().call_later(self._limits.idle_s, self._end_idle)
            return reply or self._so_far or DecodeRefusal(Reason.FAILED, "late or broken off")

    async def aclose(self) -> None:
        """End the child. May be called twice; nothing is decoded any more."""
        self._closed = True
        self._stay()
        await self._end()
        await asyncio.gather(*self._ends)

    async def _exchange(
        self, child: asyncio.subprocess.Process, request: DecodeRequest, tell: Tell
    ) -> Decoded | DecodeRefusal | None:
        """Send a file and read what comes of it; None where the child broke off or said something else."""
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(framed(request))
            await child.stdin.drain()
            while True:
                silent_s = self._limits.silent_s if self._so_far is None else self._limits.drawing_s
                async with asyncio.timeout(silent_s):
                    size = int.from_bytes(await child.stdout.readexactly(4), "big")
                    if size > MOST_FRAME:
                        return None
                    reply = reply_of(await child.stdout.readexactly(size))
                if isinstance(reply, DecodeProgress):
                    tell(reply.done, reply.of)
                elif isinstance(reply, SoFar):
                    self._so_far = reply.decoded
                else:
                    return reply
        except (ConnectionError, asyncio.IncompleteReadError, msgspec.DecodeError) as error:
            _log.warning("the child that decodes broke off: %s", type(error).__name__)
            return None

    async def _ready(self) -> asyncio.subprocess.Process | None:
        """The child, started now where there is none; None where it cannot be."""
        if self._closed:
            return None
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self._end()
        started = False
        flags = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0
        try:
            async with asyncio.timeout(self._limits.start_s):
                self._child = child = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=self._environ,
                    start_new_session=sys.platform != "win32",
                    creationflags=flags,
                )
                assert child.stdout is not None
                started = await child.stdout.readline() == READY
        except (OSError, ValueError, TimeoutError) as error:
            _log.error("the child that decodes could not be started: %s", type(error).__name__)
        finally:
            if not started:
                await self._end()
        return self._child

    def _stay(self) -> None:
        """The child is needed, or gone: it does not end for being idle."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_idle(self) -> None:
        """Give back the memory that decoding took."""
        self._idle = None
        if not self._one.locked():
            task = asyncio.get_running_loop().create_task(self._end(), name="attachments.end")
            self._ends.add(task)
            task.add_done_callback(self._ends.discard)

    async def _end(self) -> None:
        """Kill the child and wait until it is gone."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        if child.stdin is not None:
            child.stdin.close()
        await child.wait()
