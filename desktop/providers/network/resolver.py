"""Name look-ups that end when connecting should have ended; imports aiohttp, so it is itself imported late."""

from __future__ import annotations

import asyncio
import errno
import socket

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from desktop.origin import is_loopback
from desktop.providers.network.connect_errors import SEVERAL_OWNERS
from desktop.providers.network.listeners import SeveralOwners, trusted_here


class BoundedResolver(ThreadedResolver):
    """The system's resolver with a time limit: azure-core's time-out for connecting does not cover the look-up."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look `host` up. Raises TimeoutError and OSError.

        A name of this machine's own, to which keys go in the clear, is never another machine, whatever DNS says, and
        of its several addresses it is the one at which one's own server listens.
        """
        async with asyncio.timeout(self._timeout_s):
            try:
                found = await super().resolve(host, port, family)
            except UnicodeError as error:  # two dots in a row, a part of more than 63 letters: no name can be so
                raise socket.gaierror(socket.EAI_NONAME, "this cannot be a host's name") from error
            if is_loopback(host):
                found = [each for each in found if is_loopback(each["host"])]
                if not found:
                    raise OSError(errno.EADDRNOTAVAIL, "the name of this machine leads to another one")
            by_host = {each["host"]: each for each in found}
            if len(by_host) > 1 and all(map(is_loopback, by_host)):
                try:
                    kept = await asyncio.to_thread(trusted_here, tuple(by_host), port)
                except SeveralOwners:
                    raise OSError(SEVERAL_OWNERS, "programs of several users listen at it") from None
                found = [by_host[each] for each in kept]
        return found
