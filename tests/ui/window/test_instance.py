from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication

from desktop.system.paths import Paths
from tests.desktop.system.test_paths import fill
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.window import instance
from ui.window.instance import NAME_FILE, Instance, pipe_name, socket_path

_ROOT = Path(__file__).parents[3]
_CALL = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.window.instance import Instance
app = QCoreApplication([])
instance = Instance(Path(sys.argv[1]))
files = [Path(name) for name in sys.argv[2:] if name != "--toggle"]
sys.exit(0 if not instance.claim() and instance.call(files, toggles="--toggle" in sys.argv) else 1)
"""


async def call(folder: Path, *files: str) -> int:
    """A second start on a folder; its exit status."""
    words = ("-c", _CALL, str(folder), *files)
    calling = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=_ROOT)
    ended = asyncio.ensure_future(calling.wait())
    await until(ended.done)
    return ended.result()


async def test_the_second_of_a_folder_is_heard_by_the_first(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "a token")
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    first.listen()
    assert not second.claim()
    called: list[str] = []
    first.called.connect(called.append)
    assert await call(tmp_path) == 0
    assert called == ["a token"]
    first.release()
    assert second.claim()
    second.release()


def test_folders_do_not_know_each_other(qapp: QApplication, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = Instance(tmp_path / "one"), Instance(tmp_path / "two")
    assert one.claim()
    assert two.claim()
    one.release()
    two.release()


async def test_a_window_has_the_folder_that_its_data_were_moved_to(qapp: QApplication, tmp_path: Path) -> None:
    """A second start finds the data there: two windows would overwrite each other's drafts."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    window, called = Instance(tmp_path / "old"), list[str]()
    window.called.connect(called.append)
    assert window.claim()
    window.listen()
    await window.follow(replace(Paths.find(tmp_path / "home", {}), data=tmp_path / "new", moved=True))
    assert await call(tmp_path / "new") == 0
    assert len(called) == 1
    old = Instance(tmp_path / "old")
    assert old.claim()
    old.release()
    window.release()


async def test_a_window_keeps_its_folder_where_another_has_the_one_of_the_data(
    qapp: QApplication, tmp_path: Path
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    window, other = Instance(tmp_path / "old"), Instance(tmp_path / "new")
    assert window.claim()
    assert other.claim()
    await window.follow(replace(Paths.find(tmp_path / "home", {}), data=tmp_path / "new", moved=True))
    assert not Instance(tmp_path / "old").claim()
    other.release()
    window.release()


def test_on_a_full_disk_a_window_opens_on_what_is_there(qapp: QApplication, small_disk: Path) -> None:
    """Check 27, where no file of the window's lies yet, as in a folder that data were moved to."""
    fill(small_disk)
    window = Instance(small_disk)
    assert window.claim()
    window.release()


def test_where_nobody_listens_the_call_is_not_heard(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_STARTING_S", 0.2)
    assert not Instance(tmp_path).call()


async def test_a_window_that_is_still_starting_is_called_a_moment_later(qapp: QApplication, tmp_path: Path) -> None:
    first, called = Instance(tmp_path), list[str]()
    assert first.claim()
    first.called.connect(called.append)
    asyncio.get_running_loop().call_later(0.4, first.listen)
    assert await call(tmp_path) == 0
    assert len(called) == 1
    first.release()


async def test_files_of_a_second_start_go_to_the_first(qapp: QApplication, tmp_path: Path) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    first.listen()
    given: list[list[Path]] = []
    first.given.connect(given.append)
    long = "x" * 200
    assert await call(tmp_path, f"/tmp/{long}/ä.json", "relative.json") == 0
    assert given == [[Path(f"/tmp/{long}/ä.json"), _ROOT / "relative.json"]]
    first.release()


async def test_a_second_start_can_toggle_the_first(qapp: QApplication, tmp_path: Path) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    first.listen()
    called, toggled = heard(first.called), heard(first.toggled)
    assert await call(tmp_path, "--toggle") == 0
    assert (len(called), len(toggled)) == (0, 1)
    first.release()


async def test_a_thousand_files_go_to_it_together(qapp: QApplication, tmp_path: Path) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    first.listen()
    given: list[list[Path]] = []
    first.given.connect(given.append)
    names = [f"/tmp/{number}{'ä' * 90}.json" for number in range(1_000)]
    assert await call(tmp_path, *names) == 0
    assert given == [[Path(each) for each in names]]
    first.release()


@pytest.mark.parametrize(
    "said",
    [b"show {\n", b"show []\n", b"hello\n", b"show " + b"x" * (8 << 20) + b"\n", b"show " + b"[" * 60_000 + b"\n"],
)
async def test_what_is_no_wish_is_not_answered(qapp: QApplication, tmp_path: Path, said: bytes) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    first.listen()
    heard: list[str] = []
    first.called.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(socket_path(tmp_path, os.environ))
    socket.write(said)
    await until(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    first.release()


_STRANGER = """
import os, socket, sys
role, path = sys.argv[1:]
os.setgid(65534)
os.setuid(65534)
end = socket.socket(socket.AF_UNIX)
if role == "listens":
    end.bind(path)
    end.listen()
    print("ready", flush=True)
    end, _ = end.accept()
else:
    end.connect(path)
    end.sendall(b'show {"token": "", "files": ["/strange"]}\\n')
end.settimeout(10)
print(end.recv(1000), flush=True)
"""


@contextmanager
def open_folder() -> Generator[Path]:
    """A folder that every user can write, and reach: an older version's, or one of the temporary files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@asynccontextmanager
async def stranger(role: str, path: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process of another user at a socket, which prints what it is told."""
    words = ("-c", _STRANGER, role, path)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def printed(process: asyncio.subprocess.Process) -> bytes:
    """The next line of a process."""
    assert process.stdout is not None
    reading = asyncio.ensure_future(process.stdout.readline())
    await until(reading.done)
    return reading.result().strip()


def always(path: str) -> Callable[[Path, Mapping[str, str]], str]:
    """A place for the socket that is taken without a look at its folder."""

    def place(folder: Path, environ: Mapping[str, str]) -> str:
        """The path."""
        del folder, environ
        return path

    return place


as_root = pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can be two users")


@as_root
async def test_another_user_who_was_first_at_the_socket_is_told_nothing(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_folder() as folder:
        path = str(folder / "window.socket")
        # As if the folder had been found private: who the other one is must be seen all the same.
        monkeypatch.setattr(instance, "socket_path", always(path))
        async with stranger("listens", path) as other:
            assert await printed(other) == b"ready"
            assert not Instance(folder).call([Path("/secret")])
            assert await printed(other) == b"b''"


@as_root
async def test_another_user_cannot_call_the_window(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        path = folder / "window.socket"
        monkeypatch.setattr(instance, "socket_path", always(str(path)))
        window = Instance(folder)
        assert window.claim()
        window.listen()
        path.chmod(0o666)
        heard: list[object] = []
        window.called.connect(heard.append)
        window.given.connect(heard.append)
        async with stranger("calls", str(path)) as other:
            assert await printed(other) in {b"b''", b""}
        assert heard == []
        window.release()


def private(folder: Path) -> Path:
    """A folder of our own."""
    folder.mkdir(mode=0o700)
    return folder


def test_the_socket_lies_in_the_sessions_own_folder(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as runtime:
        path = Path(socket_path(tmp_path, {"XDG_RUNTIME_DIR": runtime}))
        assert path.parent == Path(runtime)
        assert tmp_path.name not in path.name


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o720])
def test_a_runtime_folder_that_others_can_write_is_not_used(tmp_path: Path, mode: int) -> None:
    runtime, data = private(tmp_path / "r"), private(tmp_path / "data")
    runtime.chmod(mode)
    environ = {"XDG_RUNTIME_DIR": str(runtime)}
    assert socket_path(data, environ) == str(data / "window.socket")
    data.chmod(mode)
    assert socket_path(data, environ) == ""


@pytest.mark.parametrize("runtime", ["", "relative", "/nowhere/at/all"])
def test_without_a_runtime_folder_the_data_folder_has_the_socket(tmp_path: Path, runtime: str) -> None:
    data = private(tmp_path / "data")
    assert socket_path(data, {"XDG_RUNTIME_DIR": runtime}) == str(data / "window.socket")


def test_where_the_path_is_too_long_there_is_no_socket_and_the_window_opens(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    data = private(tmp_path / ("x" * 100))
    assert socket_path(data, {}) == ""
    one = Instance(data)
    assert one.claim()
    one.listen()
    assert not Instance(data).call()
    one.release()


def test_the_longest_path_that_is_given_can_be_bound(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    short = len(os.fsencode(tmp_path / "window.socket"))
    data = private(tmp_path / ("x" * (100 - short - 1)))
    path = Path(socket_path(data, {}))
    one = Instance(data)
    assert one.claim()
    one.listen()
    assert path.is_socket()
    assert path.stat().st_mode & 0o077 == 0
    one.release()


def test_a_pipes_name_is_drawn_anew_and_known_to_its_owner_alone(tmp_path: Path) -> None:
    assert pipe_name(tmp_path, new=False) == ""
    names = {pipe_name(tmp_path, new=True) for _ in range(5)}
    assert len(names) == 5
    assert pipe_name(tmp_path, new=False) in names
    assert (tmp_path / NAME_FILE).stat().st_mode & 0o777 == 0o600


async def test_to_listen_once_more_changes_nothing(qapp: QApplication, tmp_path: Path) -> None:
    first, called = Instance(tmp_path), list[str]()
    assert first.claim()
    first.called.connect(called.append)
    first.listen()
    first.listen()
    assert await call(tmp_path) == 0
    assert len(called) == 1
    first.release()


@pytest.mark.skipif(os.name != "posix", reason="sockets lie in folders there")
def test_a_socket_lies_in_no_folder_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    assert socket_path(tmp_path, {"XDG_RUNTIME_DIR": str(tmp_path)})
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert socket_path(tmp_path, {"XDG_RUNTIME_DIR": str(tmp_path)}) == ""
