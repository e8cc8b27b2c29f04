"""A session bus that never responds is disabled; any other is left alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.system.session_bus import disable_silent_bus

NAME = "DBUS_SESSION_BUS_ADDRESS"


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bus:
        bus.bind(str(path))
        bus.listen()
        yield bus, f"unix:path={path},guid=1"


def test_a_silent_bus_is_left_out(listening: tuple[socket.socket, str]) -> None:
    environ = {NAME: listening[1]}
    assert disable_silent_bus(environ, 0.05)
    assert environ[NAME] != listening[1]


def test_a_bus_that_answers_is_used(listening: tuple[socket.socket, str]) -> None:
    bus, address = listening
    greeted = list[bytes]()

    def answer() -> None:
        client, _ = bus.accept()
        with client:
            greeted.append(client.recv(100))
            client.sendall(b"OK 1234\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    environ = {NAME: address}
    assert not disable_silent_bus(environ, 5)
    thread.join()
    assert environ == {NAME: address}
    assert greeted[0].startswith(b"\0AUTH EXTERNAL ")


@pytest.mark.parametrize(
    "address", ["", "unix:path=/nonexistent/bus", "tcp:host=localhost,port=1", "nonsense", "unix:"]
)
def test_no_bus_is_none_that_is_silent(address: str) -> None:
    environ = {NAME: address}
    assert not disable_silent_bus(environ, 0.05)
    assert environ == {NAME: address}
