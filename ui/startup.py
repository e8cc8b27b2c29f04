"""What makes the window's modules cheaper to import, before any of them is."""

from __future__ import annotations

import builtins
import gc
from collections.abc import Callable
from importlib import import_module
from typing import cast

_WRITERS_OF_STUBS = (
    "shibokensupport/signature/lib/pyi_generator.py",
    "shibokensupport/signature/lib/enum_sig.py",
)
"""Sources within Qt for Python that only write its stub files, and that it compiles anew at each start."""


def hasten() -> None:
    """Leave out what importing them would cost a fifth of the time until the first paint.

    Garbage is not looked for while hundreds of modules make nothing but what stays: ui/collector.py does from the
    window's first moment on. Qt for Python has every import go by a function of its own, for a spelling of names with
    underscores that ours never use; it reads each module's source for it, and keeps all of it in memory. And it
    compiles what is within its library, its writers of stub files too, which are compiled as empty ones here. Where a
    version has none under these names, nothing is left out.
    """
    gc.disable()
    usual, compiled = builtins.__import__, cast("Callable[..., object]", builtins.compile)

    def compile_needed(source: str | bytes, filename: str, mode: str, **named: int) -> object:
        return compiled("" if filename in _WRITERS_OF_STUBS else source, filename, mode, **named)

    builtins.compile = compile_needed
    try:
        import_module("PySide6.QtCore")
    finally:
        builtins.__import__ = usual
        builtins.compile = compiled
