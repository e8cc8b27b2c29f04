"""The lock of one window on its data folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from ui.window.instance import WindowLock

_HOLDS = """
import sys, pathlib
from ui.window.instance import WindowLock
lock = WindowLock(pathlib.Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_one_at_a_time_has_it_and_its_end_lets_it_go(tmp_path: Path) -> None:
    path = tmp_path / "window.lock"
    command = [sys.executable, "-c", _HOLDS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        mine = WindowLock(path)
        assert not mine.acquire()
        assert not mine.is_held
        other.kill()
        other.wait()
        assert mine.acquire()
        assert mine.is_held
        mine.release()
        assert WindowLock(path).acquire()


def test_versions_before_had_filelocks_lock_and_both_keep_each_other_out(tmp_path: Path) -> None:
    mine, before = WindowLock(tmp_path / "window.lock"), FileLock(tmp_path / "window.lock")
    assert mine.acquire()
    with pytest.raises(Timeout):
        before.acquire(timeout=0)
    mine.release()
    with before:
        assert not mine.acquire()


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_its_file_is_its_owners_alone_and_no_link_leads_elsewhere(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "window.lock", tmp_path / "elsewhere"
    before = os.umask(0)
    try:
        lock = WindowLock(path)
        assert lock.acquire()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lock.release()
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic links"):
        lock.acquire()
    assert not elsewhere.exists()
