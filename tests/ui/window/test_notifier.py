"""Notifications on a D-Bus of the test's own, with a service that speaks the real protocol."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from jeepney import DBusAddress, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection
from PySide6.QtWidgets import QApplication

from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.window.notifier import BusNotifier

NAME = "org.freedesktop.Notifications"


@pytest.fixture
def bus() -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        (pytest.fail if os.geteuid() == 0 else pytest.skip)("dbus-daemon is missing")
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.terminate()


class Service:
    """Takes notifications and numbers them."""

    def __init__(self, connection: DBusConnection) -> None:
        self.connection = connection
        self.notified = list[tuple[object, ...]]()

    async def serve(self) -> None:
        while True:
            message = await self.connection.receive()
            if message.header.message_type is MessageType.method_call:
                self.notified.append(message.body)
                await self.connection.send(new_method_return(message, "u", (message.body[1] or 7,)))

    async def emit(self, name: str, signature: str, *body: object) -> None:
        address = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
        await self.connection.send(new_signal(address, name, signature, body))


@pytest_asyncio.fixture
async def service(bus: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    async with await open_dbus_connection(bus) as connection:
        async with DBusRouter(connection) as router:
            await Proxy(message_bus, router).RequestName(NAME)
        made = Service(connection)
        serving = asyncio.create_task(made.serve())
        yield made
        serving.cancel()


async def test_a_notification_is_shown_replaced_and_pressed(qapp: QApplication, service: Service) -> None:
    tasks = Tasks()
    made = BusNotifier(tasks)
    pressed = list[bool]()
    made.pressed.connect(lambda: pressed.append(True))
    made.say("Grok 3 mini answered", "1 < 2 & so on")
    await until(lambda: bool(service.notified) and made._shown == 7)
    assert service.notified[0][:5] == ("Paragone", 0, "paragone", "Grok 3 mini answered", "1 &lt; 2 &amp; so on")
    made.say("Another", "x" * 1000)
    await until(lambda: len(service.notified) == 2)
    assert (service.notified[1][1], len(str(service.notified[1][4]))) == (7, 200)
    await service.emit("ActionInvoked", "us", 8, "default")
    await service.emit("ActionInvoked", "us", 7, "default")
    await until(lambda: pressed == [True])
    await service.emit("NotificationClosed", "uu", 7, 2)
    await until(lambda: tasks.names == ())


async def test_without_a_service_or_a_bus_nothing_happens(
    qapp: QApplication, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = Tasks()
    bugs = list[object]()
    tasks.bug.connect(bugs.append)
    for address in (bus, "unix:path=/nonexistent"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        made = BusNotifier(tasks)
        made.say("Answered", "Yes.")
        await until(lambda: tasks.names == ())
    assert bugs == []


async def test_quitting_ends_what_listens(qapp: QApplication, service: Service) -> None:
    tasks = Tasks()
    BusNotifier(tasks).say("Answered", "Yes.")
    await until(lambda: bool(service.notified))
    assert await tasks.cancel_all()
