"""Loads what the first message would wait for, after the window has been painted: parser and writer."""

from __future__ import annotations

import asyncio
from importlib import import_module

_MODULES = ("desktop.markdown.text_segments", "ui.transcript.text.document_writer")


async def warm() -> None:
    """Import on a thread."""
    await asyncio.to_thread(_import)


def _import() -> None:
    for name in _MODULES:
        import_module(name)
