"""Loads what the first message would wait for, after the window has been painted: parser, writer, lexers."""

from __future__ import annotations

import asyncio
from importlib import import_module

_MODULES = (
    "desktop.markdown.segments",
    "ui.transcript.writer",
    "ui.transcript.highlight",
    "pygments.lexers",
)
_BETWEEN_S = 0.05
"""Between two lexers: each takes up to 70 ms, on a thread that shares the interpreter with the window."""


async def warm() -> None:
    """Import on a thread, then make the commonest lexers one by one."""
    await asyncio.to_thread(_import)
    from ui.transcript.highlight import warm as lexers

    for _ in lexers():
        await asyncio.sleep(_BETWEEN_S)


def _import() -> None:
    for name in _MODULES:
        import_module(name)
