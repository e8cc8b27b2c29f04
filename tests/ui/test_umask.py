"""What Qt writes by itself is its owner's alone too, and programs of the user's are started with the user's umask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The window begins where `assemble` is called; a file dialog of Qt's own remembers its folders when it goes.
SCRIPT = """
import json, os, subprocess, sys
os.umask(0)
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from desktop.errors import ParagoneError
from ui.app import application as app
from ui.base import link_opener

masks = {}

def begin():
    masks["within"] = os.umask(0o077)
    os.umask(masks["within"])
    raise ParagoneError("enough")

def opened(*args, **options):
    masks["opener"] = os.umask(0)
    os.umask(masks["opener"])
    raise FileNotFoundError

def ask(running, error):
    dialog = QFileDialog(None, "Export to", os.environ["HOME"])
    dialog.open()
    dialog.accept()
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return 1

subprocess.Popen = opened
app._refuse = ask
app.run(begin)
link_opener.open_page("https://example.org/")
masks["after"] = os.umask(0)
print(json.dumps(masks))
"""


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_settings_that_qt_keeps_are_private_and_a_browser_gets_the_users_umask(tmp_path: Path) -> None:
    home = tmp_path / "somebody"
    home.mkdir(mode=0o700)
    environ = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environ, cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"within": 0o077, "opener": 0, "after": 0o077}
    written = [*home.rglob("*")]
    assert home / ".config" / "QtProject.conf" in written
    assert [str(path) for path in written if path.lstat().st_mode & 0o077] == []
