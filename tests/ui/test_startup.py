"""What the window's modules cost while they are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_IMPORT = r"""
import builtins, gc, linecache, sys
usual = builtins.__import__
from ui.startup import hasten
hasten()
from ui import app
ours = [name for name in linecache.cache if "desktop" in name or "/ui/" in name.replace("\\", "/")]
print(gc.isenabled(), len(ours), builtins.__import__ is usual, *sorted(set(sys.modules) & set(sys.argv[1:])))
"""


_LATER = (
    "ui.transcript.caret_reader",
    "ui.transcript.error_card",
    "ui.transcript.find_bar",
    "ui.transcript.link_question",
    "ui.settings.shortcuts_page",
    "ui.window.palette",
    "ui.window.palette_choices",
    "aiohttp",
    "azure.ai.inference",
    "filelock",
    "keyring",
    "PySide6.QtNetwork",
)
"""What the first paint does without."""


def test_no_source_is_read_no_garbage_looked_for_and_nothing_imported_for_later_before_the_window() -> None:
    command = [sys.executable, "-c", _IMPORT, *_LATER]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["False", "0", "True"], done.stderr
