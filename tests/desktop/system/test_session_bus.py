"""A D-Bus that is another user's, or never answers, is left out; any other is left alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from desktop.system import session_bus
from desktop.system.session_bus import leave_out_if_anothers, leave_out_if_silent, leave_out_left_behind

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


_STRANGER_AT_A_PORT = """
import os, socket, sys
os.setgid(65534)
os.setuid(65534)
bus = socket.create_server(("127.0.0.1", 0))
print(bus.getsockname()[1], flush=True)
sys.stdin.read()
"""

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
    main = Path(__file__).resolve().parents[3] / "main.py"
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


def test_of_several_addresses_the_first_of_ours_stays_alone(listening: tuple[socket.socket, str]) -> None:
    """Qt would ask at the others first, or later, and anybody may take them."""
    for addresses in (f"unix:path=/nonexistent;{listening[1]}", f"{listening[1]};unix:path=/nonexistent"):
        environ = {NAME: addresses}
        assert not leave_out_if_anothers(environ, 0.5)
        assert environ == {NAME: listening[1]}


def test_addresses_of_other_kinds_and_a_bus_of_ours_are_left_alone(listening: tuple[socket.socket, str]) -> None:
    for address in (
        "",
        "autolaunch:",
        listening[1],
    ):
        environ = {NAME: address}
        assert not leave_out_if_anothers(environ, 0.5)
        assert environ == {NAME: address}


@as_root
def test_another_users_bus_at_a_port_is_left_out() -> None:
    words = [sys.executable, "-c", _STRANGER_AT_A_PORT]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        environ = {NAME: f"tcp:host=127.0.0.1,port={int(stranger.stdout.readline())},family=ipv4"}
        assert leave_out_if_anothers(environ)
        stranger.communicate()
    assert environ[NAME].startswith("unix:path=/nonexistent")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no list of sockets elsewhere")
def test_ones_own_bus_at_a_port_is_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bus:
        environ = {NAME: f"tcp:host=localhost,port={bus.getsockname()[1]}"}
        assert not leave_out_if_anothers(environ)
    assert environ[NAME].startswith("tcp:")


@pytest.mark.parametrize("host", ["desktop.example", "10.1.2.3"])
def test_a_bus_of_another_machine_is_left_out(host: str) -> None:
    environ = {NAME: f"tcp:host={host},port=4711"}
    leave_out_if_anothers(environ)
    assert "tcp:" not in environ[NAME]


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An X server that takes only who knows its cookie, and what leads there."""
    if shutil.which("Xvfb") is None or shutil.which("xauth") is None or shutil.which("xprop") is None:
        pytest.skip("Xvfb, xauth or xprop is not there")
    known = tmp_path_factory.mktemp("display") / "known by"
    reading, writing = os.pipe()
    cookie = "0123456789abcdef0123456789abcdef"
    subprocess.run(["xauth", "-q", "-f", str(known), "add", ":0", ".", cookie], check=True)
    words = ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset", "-auth", str(known)]
    with subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        subprocess.run(["xauth", "-q", "-f", str(known), "add", f":{number}", ".", cookie], check=True)
        yield {"DISPLAY": f":{number}", "XAUTHORITY": str(known), "HOME": str(known.parent)}
        server.terminate()


def left_out(environ: dict[str, str]) -> bool:
    with ExitStack() as held:
        return leave_out_left_behind(held, environ)


def name_readers(display: dict[str, str], address: str) -> None:
    words = ["xprop", "-root", "-f", "AT_SPI_BUS", "8s", "-set", "AT_SPI_BUS", address]
    subprocess.run(words, env={**os.environ, **display}, check=True)


def test_a_display_that_names_no_readers_changes_nothing(display: dict[str, str]) -> None:
    environ = {**display}
    assert not left_out(environ)
    assert environ == display


@as_root
@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_readers_that_a_display_names_are_left_out_where_they_are_anothers(
    display: dict[str, str], kind: str
) -> None:
    with strangers(kind) as address:
        name_readers(display, address)
        environ = {**display}
        assert left_out(environ)
        assert environ["AT_SPI_BUS_ADDRESS"].startswith("unix:path=/nonexistent")
        for without in ({"WAYLAND_DISPLAY": "w"}, {"QT_QPA_PLATFORM": "offscreen"}, {NAME: session_bus._NOWHERE}):
            assert not left_out({**display, **without})


def test_the_readers_that_a_display_names_are_left_out_where_others_may_come(display: dict[str, str]) -> None:
    name_readers(display, "unix:abstract=/tmp/left-behind,guid=1")
    assert left_out({**display})


def test_readers_of_ours_that_a_display_names_are_used_also_where_they_come_later(
    display: dict[str, str], listening: tuple[socket.socket, str]
) -> None:
    for address in (listening[1], "unix:path=/run/user/4711/at-spi/bus_0,guid=1"):
        name_readers(display, address)
        environ = {**display}
        assert not left_out(environ)
        assert environ == display


def test_a_display_that_is_not_there_or_lets_nobody_in_changes_nothing(display: dict[str, str]) -> None:
    for wrong in ({"DISPLAY": ":4711"}, {"DISPLAY": "nonsense"}, {"XAUTHORITY": "/nonexistent"}):
        environ = {**display, **wrong}
        assert not left_out(environ)


@pytest.mark.parametrize("named", [{}, {"IBUS_ADDRESS_FILE": "{home}/named"}], ids=["usual", "named"])
@pytest.mark.parametrize(("address", "is_left_out"), [("unix:abstract=/tmp/ibus-left", True), ("", False)])
def test_the_file_that_ibus_left_behind_is_not_followed_to_where_others_may_come(
    tmp_path: Path, listening: tuple[socket.socket, str], named: dict[str, str], address: str, is_left_out: bool
) -> None:
    machine = Path("/etc/machine-id").read_text("utf-8").strip() if Path("/etc/machine-id").exists() else ""
    file = tmp_path / ("named" if named else f".config/ibus/bus/{machine}-unix-7")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# made by ibus\nIBUS_ADDRESS={address or listening[1]}\nIBUS_DAEMON_PID=1\n")
    environ = {"HOME": str(tmp_path), "DISPLAY": ":7.0", "QT_QPA_PLATFORM": "offscreen"}
    environ |= {name: value.format(home=tmp_path) for name, value in named.items()}
    before = dict(environ)
    assert not left_out(environ)
    assert environ == before
    environ["QT_IM_MODULE"] = "ibus"
    assert left_out(environ) is is_left_out
    assert (environ.get("IBUS_ADDRESS_FILE", "").startswith("/nonexistent")) is is_left_out
