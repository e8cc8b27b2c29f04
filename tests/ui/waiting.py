"""Waits for conditions while Qt and asyncio both go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtWidgets import QApplication


async def until(condition: Callable[[], object], timeout_s: float = 8) -> None:
    """Return once the condition holds; TimeoutError where it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            QApplication.processEvents()
            await asyncio.sleep(0.002)
