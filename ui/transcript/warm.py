"""Imports the parser and the writer after the first paint, so that the first message does not wait for them."""

from __future__ import annotations

import asyncio
from importlib import import_module

_MODULES = ("desktop.markdown.text_segments", "ui.transcript.text.document_writer")


async def warm() -> None:
    """Import the modules in a thread."""
    await asyncio.to_thread(_import)


def _import() -> None:
    for name in _MODULES:
        import_module(name)
