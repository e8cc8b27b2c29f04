from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication

from tests.ui.waiting import until
from ui.window.instance import Instance

_ROOT = Path(__file__).parents[3]
_CALL = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.window.instance import Instance
app = QCoreApplication([])
instance = Instance(Path(sys.argv[1]))
files = [Path(name) for name in sys.argv[2:]]
sys.exit(0 if not instance.claim() and instance.call(files) else 1)
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


def test_where_nobody_listens_the_call_is_not_heard(qapp: QApplication, tmp_path: Path) -> None:
    assert not Instance(tmp_path).call()


async def test_files_of_a_second_start_go_to_the_first(qapp: QApplication, tmp_path: Path) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    given: list[list[Path]] = []
    first.given.connect(given.append)
    long = "x" * 200
    assert await call(tmp_path, f"/tmp/{long}/ä.json", "relative.json") == 0
    assert given == [[Path(f"/tmp/{long}/ä.json"), _ROOT / "relative.json"]]
    first.release()


@pytest.mark.parametrize("said", [b"show {\n", b"show []\n", b"hello\n", b"show " + b"x" * (64 << 10) + b"\n"])
async def test_what_is_no_wish_is_not_answered(qapp: QApplication, tmp_path: Path, said: bytes) -> None:
    first = Instance(tmp_path)
    assert first.claim()
    heard: list[str] = []
    first.called.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(first._name)
    socket.write(said)
    await until(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    first.release()
