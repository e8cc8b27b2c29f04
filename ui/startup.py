"""What makes the window's modules cheaper to import, before any of them is."""

from __future__ import annotations

import gc
import sys
from importlib import import_module


def hasten() -> None:
    """Leave out what importing them would cost a fifth of the time until the first paint.

    Garbage is not looked for while hundreds of modules make nothing but what stays: ui/collector.py does from the
    window's first moment on. Qt for Python reads the source of each module, to see whether it may use its spelling of
    names with underscores, and Python keeps all of it in memory; ours never does.
    """
    gc.disable()
    import_module("PySide6.QtCore")
    features = sys.modules.get("shibokensupport.feature")
    if hasattr(features, "_mod_uses_pyside"):
        setattr(features, "_mod_uses_pyside", _never)  # noqa: B010 - it has no type


def _never(_module: object) -> bool:
    return False
