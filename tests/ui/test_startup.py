"""What the window's modules cost while they are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_IMPORT = r"""
import gc, linecache
from ui.startup import hasten
hasten()
from ui import app
ours = [name for name in linecache.cache if "desktop" in name or "/ui/" in name.replace("\\", "/")]
print(gc.isenabled(), len(ours), hasattr(app, "run"))
"""


def test_no_source_is_read_and_no_garbage_looked_for_while_the_window_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORT], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["False", "0", "True"], done.stderr
