"""Finds the model file for a connection's engine, and checks before each start that the model fits in memory."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Callable
from pathlib import Path

from desktop.domain.conversation_types import Connection
from desktop.embedded.bundled_model import find_model
from desktop.embedded.gguf import check_fits, read_header
from desktop.system.paths import at_home

_MEMINFO = Path("/proc/meminfo")


def free_memory(meminfo: Path = _MEMINFO) -> int | None:
    """Return the bytes that programs can allocate without swapping, or None if unknown, as on macOS."""
    if sys.platform == "win32":
        return _windows()
    try:
        match = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(match[1]) * 1024 if match else None


class _MemoryStatus(ctypes.Structure):
    """Windows' MEMORYSTATUSEX."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total_physical", ctypes.c_uint64),
        ("available_physical", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("available_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("available_virtual", ctypes.c_uint64),
        ("available_extended_virtual", ctypes.c_uint64),
    )


def _windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return status.available_physical


def model_source(
    connection: Connection,
    *,
    cache: Path,
    bundle: Path | None,
    tokens: int,
    free: Callable[[], int | None] = free_memory,
) -> Callable[[], Path]:
    """Return a function that finds the model's file, for EngineOptions.model. It blocks, and may run on any thread.

    The function raises GgufInvalid, ModelTooLarge or EngineMissing. A connection's own file is never changed. If it has
    none, the bundled model is used.

    Args:
        connection: The connection, with its own model file if it has one.
        cache: Folder that remembers verified files.
        bundle: Folder of models in a frozen program.
        tokens: Context window of all slots together.
        free: Returns the free memory in bytes.
    """

    def find() -> Path:
        """Check at each start, because the file and the free memory may have changed."""
        if not connection.file:
            return find_model(cache=cache, bundle=bundle)
        path = at_home(Path(connection.file))
        check_fits(read_header(path), tokens, free())
        return path

    return find
