"""The program with a window as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ui.app import application as app

ROOT = Path(__file__).parents[3]
START = """
import argparse, sys
from functools import partial
from pathlib import Path
import main
from ui.app import application as app
folder = Path(sys.argv[1])
sys.argv = ["paragone"]
sys.exit(app.run(partial(main.assemble, argparse.Namespace(data_dir=folder))))
"""

WITH_KEYRING = """
import argparse, sys
from pathlib import Path
import main
from tests.desktop.credentials.fakes import MemoryKeyring
from ui.app import application as app
folder = Path(sys.argv[1])
sys.argv = ["paragone"]
def assemble():
    made = main.assemble(argparse.Namespace(data_dir=folder))
    made.keys._find = MemoryKeyring
    return made
sys.exit(app.run(assemble))
"""

MOVING = """
import argparse, sys
from pathlib import Path
import main
from ui.app import application as app
folder = Path(sys.argv[1])
sys.argv = ["paragone"]
def assemble():
    made = main.assemble(argparse.Namespace(data_dir=folder))
    async def move():  # as soon as the window stands
        await made.move_data(folder / "moved")
        return ()
    made.move_headers = move
    return made
sys.exit(app.run(assemble))
"""

pytestmark = pytest.mark.slow


def start(folder: Path, program: str = START) -> subprocess.Popen[str]:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path) -> None:
    limit = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < limit, f"{path} did not appear"
        time.sleep(0.01)


def test_a_second_start_raises_the_first_and_a_signal_ends_it_in_order(tmp_path: Path) -> None:
    first = start(tmp_path)
    try:
        wait_for(tmp_path / "data" / "conversations.db")
        second = start(tmp_path)
        assert second.communicate(timeout=200) == ("", "")
        assert second.returncode == 0
        first.send_signal(signal.SIGTERM)
        assert first.communicate(timeout=200) == ("", "")
        assert first.returncode == 0
        assert (tmp_path / "config" / "window.json").exists()
        assert list((tmp_path / "data" / "runs").glob("*.lock")) == []
    finally:
        first.kill()
        first.communicate()


def test_a_second_start_raises_the_window_whose_data_were_moved(tmp_path: Path) -> None:
    window = start(tmp_path, MOVING)
    try:
        wait_for(tmp_path / "moved" / "window.lock")
        second = start(tmp_path)
        assert second.communicate(timeout=200) == ("", "")
        assert second.returncode == 0
        window.send_signal(signal.SIGTERM)
        assert window.communicate(timeout=200) == ("", "")
    finally:
        window.kill()
        window.communicate()


def test_the_window_begins_by_moving_keys_of_headers_into_the_keyring(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    file.parent.mkdir()
    file.write_text(
        '[connections.old]\nkind = "openai-v1"\nauth = "none"\nurl = "http://127.0.0.1:9/v1"\n'
        '[connections.old.headers]\nX-Team = "blue"\nX-Api-Key = "key-0123456789"\n'
    )
    window = start(tmp_path, WITH_KEYRING)
    try:
        limit = time.monotonic() + 20
        while "key-0123456789" in file.read_text():
            assert time.monotonic() < limit, "the key stayed in the file"
            time.sleep(0.01)
        assert 'secret_headers = ["X-Api-Key"]' in file.read_text()
        window.send_signal(signal.SIGTERM)
        assert window.communicate(timeout=200) == ("", "")
    finally:
        window.kill()
        window.communicate()


def test_nothing_slow_is_imported_for_the_window(tmp_path: Path) -> None:
    slow = ("azure", "aiohttp", "keyring", "rich", "markdown_it", "pygments", "desktop.markdown.parser")
    words = (
        f"import sys; from ui.app import application as app; print([name for name in {slow} if name in sys.modules])"
    )
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    found = subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")


def test_the_size_of_everything_is_set_before_qt_starts_and_the_sessions_own_goes_first() -> None:
    environ = dict[str, str]()
    app.scale(100, environ)
    assert environ == {}
    app.scale(125, environ)
    assert environ == {"QT_SCALE_FACTOR": "1.25"}
    app.scale(200, environ)
    assert environ == {"QT_SCALE_FACTOR": "1.25"}
