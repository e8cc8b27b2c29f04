"""A D-Bus that is another user's, or never answers, is left out; any other is left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from desktop.session_bus import leave_out_if_anothers, leave_out_if_silent

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
    assert leave_out_if_silent(environ, 0.05)
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
    assert not leave_out_if_silent(environ, 5)
    thread.join()
    assert environ == {NAME: address}
    assert greeted[0].startswith(b"\0AUTH EXTERNAL ")


@pytest.mark.parametrize(
    "address", ["", "unix:path=/nonexistent/bus", "tcp:host=localhost,port=1", "nonsense", "unix:"]
)
def test_no_bus_is_none_that_is_silent(address: str) -> None:
    environ = {NAME: address}
    assert not leave_out_if_silent(environ, 0.05)
    assert environ == {NAME: address}


_STRANGER = """
import os, socket, sys
os.setgid(65534)
os.setuid(65534)
bus = socket.socket(socket.AF_UNIX)
bus.bind(sys.argv[1].replace("@", chr(0)))
bus.listen()
print("ready", flush=True)
sys.stdin.read()
"""


as_root = pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can be two users")


@contextmanager
def strangers(kind: str) -> Generator[str]:
    """The address of a bus that is another user's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        path = f"{name}/a bus"
        words = [sys.executable, "-c", _STRANGER, path if kind == "path" else f"@{path}"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
            assert stranger.stdout is not None
            assert stranger.stdout.readline() == b"ready\n"
            yield f"unix:{kind}={path.replace(' ', '%20')},guid=1"
            stranger.communicate()


@as_root
@pytest.mark.parametrize("before", ["", "unix:path=/nonexistent/bus;"], ids=["alone", "second"])
@pytest.mark.parametrize("kind", ["path", "abstract"])
@pytest.mark.parametrize("name", [NAME, "AT_SPI_BUS_ADDRESS"])
def test_another_users_bus_is_left_out(name: str, kind: str, before: str) -> None:
    with strangers(kind) as address:
        environ = {name: before + address}
        assert leave_out_if_anothers(environ)
        assert address not in environ[name]


@as_root
@pytest.mark.parametrize("words", [["connections", "list"], []], ids=["terminal", "window"])
def test_both_faces_look_whose_bus_it_is(words: list[str], tmp_path: Path) -> None:
    main = Path(__file__).resolve().parents[2] / "main.py"
    command = [sys.executable, str(main), "--data-dir", str(tmp_path / "p"), *words]
    with strangers("path") as address:
        environ = {**os.environ, NAME: address, "QT_QPA_PLATFORM": "offscreen"}
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
            assert program.stderr is not None
            said = program.stderr.readline().decode()
            program.kill()
            program.communicate()
    assert said == "the session's D-Bus belongs to another user: going on without it\n"


def test_ones_own_bus_is_used(listening: tuple[socket.socket, str]) -> None:
    environ = {NAME: listening[1]}
    assert not leave_out_if_anothers(environ)
    assert environ == {NAME: listening[1]}


def test_a_bus_that_is_not_there_or_whose_queue_is_full_is_left_out(tmp_path: Path) -> None:
    """Who comes there later need not be the session's user."""
    environ = {NAME: f"unix:path={tmp_path / 'gone'}"}
    assert not leave_out_if_anothers(environ, 0.05)
    assert str(tmp_path) not in environ[NAME]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bus, ExitStack() as held:
        bus.bind(str(tmp_path / "full"))
        bus.listen(0)
        while True:
            client = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.setblocking(False)
            try:
                client.connect(str(tmp_path / "full"))
            except BlockingIOError:
                break
        environ = {NAME: f"unix:path={tmp_path / 'full'}"}
        leave_out_if_anothers(environ, 0.05)
        assert str(tmp_path) not in environ[NAME]


def test_addresses_of_other_kinds_and_a_bus_of_ours_are_left_alone(listening: tuple[socket.socket, str]) -> None:
    for address in (
        "",
        "tcp:host=localhost,port=1",
        "autolaunch:",
        listening[1],
        f"unix:path=/nonexistent;{listening[1]}",
    ):
        environ = {NAME: address}
        assert not leave_out_if_anothers(environ, 0.5)
        assert environ == {NAME: address}
