"""What makes the window's modules cheaper to import, before any of them is."""

from __future__ import annotations

import builtins
import gc
from importlib import import_module


def hasten() -> None:
    """Leave out what importing them would cost a fifth of the time until the first paint.

    Garbage is not looked for while hundreds of modules make nothing but what stays: ui/collector.py does from the
    window's first moment on. Qt for Python has every import go by a function of its own, for a spelling of names with
    underscores that ours never use; it reads each module's source for it, and keeps all of it in memory.
    """
    gc.disable()
    usual = builtins.__import__
    import_module("PySide6.QtCore")
    builtins.__import__ = usual
