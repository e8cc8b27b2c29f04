"""The desktop's portal for tests: a service on a D-Bus of the test's own that says which proxy to use."""

# jeepney has no types of its own.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from jeepney import HeaderFields, Message, MessageType, message_bus, new_error, new_method_return
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

NAME = "org.freedesktop.portal.Desktop"
INTERFACE = "org.freedesktop.portal.ProxyResolver"


class Portal:
    """Answers every Lookup with `proxies`, with silence where that is None; `asked` is what it was asked about.

    Without `resolves` it has no ProxyResolver, as portals of small desktops.
    """

    def __init__(self, connection: DBusConnection, proxies: Sequence[str] | None, *, resolves: bool) -> None:
        self.asked: list[str] = []
        self.proxies = proxies
        self._resolves = resolves
        self._connection = connection

    async def serve(self) -> None:
        """Until it is cancelled."""
        while True:
            message = await self._connection.receive()
            if message.header.message_type is MessageType.method_call:
                await self._answer(message)

    async def _answer(self, message: Message) -> None:
        fields = message.header.fields
        called = (fields.get(HeaderFields.interface), fields.get(HeaderFields.member), fields.get(HeaderFields.path))
        if not self._resolves or called != (INTERFACE, "Lookup", "/org/freedesktop/portal/desktop"):
            await self._connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
            return
        self.asked.append(message.body[0])
        if self.proxies is not None:
            await self._connection.send(new_method_return(message, "as", (list(self.proxies),)))


@asynccontextmanager
async def portal(bus: str, proxies: Sequence[str] | None, *, resolves: bool = True) -> AsyncGenerator[Portal]:
    """A portal on the bus of an address, there before the block begins."""
    async with await open_dbus_connection(bus) as connection:
        async with DBusRouter(connection) as router:
            await Proxy(message_bus, router).RequestName(NAME)
        made = Portal(connection, proxies, resolves=resolves)
        serving = asyncio.create_task(made.serve())
        try:
            yield made
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
