"""A shortcut of the desktop, asked for on a D-Bus of the test's own, at a portal that speaks the real protocol."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from jeepney import DBusAddress, HeaderFields, Message, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from tests.ui.window.test_notifier import bus
from ui.base.tasks import Tasks
from ui.window.desktop_shortcut import DesktopShortcut

__all__ = ["bus"]

NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"


class Portal:
    """Grants every request, or refuses to bind shortcuts where `grants` is False."""

    def __init__(self, connection: DBusConnection) -> None:
        self.connection = connection
        self.grants = True
        self.called: list[tuple[str, tuple[object, ...]]] = []

    async def serve(self) -> None:
        while True:
            message = await self.connection.receive()
            if message.header.message_type is MessageType.method_call:
                await self._answer(message)

    async def _answer(self, message: Message) -> None:
        fields = message.header.fields
        member, body = fields[HeaderFields.member], message.body
        self.called.append((member, body))
        if member == "Register":
            await self.connection.send(new_method_return(message))
            return
        sender = fields[HeaderFields.sender].removeprefix(":").replace(".", "_")
        request = f"{PATH}/request/{sender}/{body[-1]['handle_token'][1]}"
        await self.connection.send(new_method_return(message, "o", (request,)))
        results = {"session_handle": ("s", f"{PATH}/session/one")} if member == "CreateSession" else {}
        status = 0 if self.grants or member == "CreateSession" else 1
        await self.emit(request, "org.freedesktop.portal.Request", "Response", "ua{sv}", status, results)

    async def emit(self, path: str, interface: str, member: str, signature: str, *body: object) -> None:
        address = DBusAddress(path, bus_name=NAME, interface=interface)
        await self.connection.send(new_signal(address, member, signature, body))

    async def press(self, member: str = "Activated", session: str = "one") -> None:
        given = (f"{PATH}/session/{session}", "toggle", 1, {"activation_token": ("s", "token")})
        await self.emit(PATH, SHORTCUTS, member, "osta{sv}", *given)


@pytest_asyncio.fixture
async def portal(bus: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Portal]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    async with await open_dbus_connection(bus) as connection:
        async with DBusRouter(connection) as router:
            await Proxy(message_bus, router).RequestName(NAME)
        made = Portal(connection)
        serving = asyncio.create_task(made.serve())
        yield made
        serving.cancel()


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QObject]:
    made = QObject(qapp)
    yield made
    made.deleteLater()


async def test_the_granted_shortcut_is_reported_until_it_is_given_back(portal: Portal, parent: QObject) -> None:
    tasks = Tasks()
    shortcut = DesktopShortcut(tasks, parent)
    pressed = heard(shortcut.pressed)
    shortcut.start()
    await until(lambda: len(portal.called) == 3)
    assert [member for member, _ in portal.called] == ["Register", "CreateSession", "BindShortcuts"]
    assert portal.called[0][1][0] == "app.paragone.Paragone"
    assert portal.called[2][1][0] == f"{PATH}/session/one"
    await portal.press(session="another")
    await portal.press()
    await portal.press("Deactivated")
    await portal.press()
    await until(lambda: len(pressed) == 2)
    assert pressed == [("token",), ("token",)]
    shortcut.stop()
    await until(lambda: tasks.names == ())


async def test_a_user_who_says_no_is_not_told_so(portal: Portal, parent: QObject) -> None:
    portal.grants = False
    tasks = Tasks()
    shortcut = DesktopShortcut(tasks, parent)
    refused = heard(shortcut.refused)
    shortcut.start()
    await until(lambda: tasks.names == ())
    assert portal.called[-1][0] == "BindShortcuts"
    assert not refused


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere"])
async def test_without_a_portal_or_a_bus_it_is_refused(
    bus: str, address: str, parent: QObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address or bus)
    tasks = Tasks()
    shortcut = DesktopShortcut(tasks, parent)
    refused = heard(shortcut.refused)
    shortcut.start()
    await until(lambda: tasks.names == ())
    assert refused == [()]
