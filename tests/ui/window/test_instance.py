from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
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
sys.exit(0 if not instance.claim() and instance.call() else 1)
"""


async def test_the_second_of_a_folder_is_heard_by_the_first(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "a token")
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    assert not second.claim()
    called: list[str] = []
    first.called.connect(called.append)
    calling = await asyncio.create_subprocess_exec(sys.executable, "-c", _CALL, str(tmp_path), cwd=_ROOT)
    ended = asyncio.ensure_future(calling.wait())
    await until(ended.done)
    assert ended.result() == 0
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
