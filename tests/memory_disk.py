"""Where tests write: in memory, where a machine has plenty, since programs that keep things safe wait for disks."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.processes import has_ended

_PLACE, _PREFIX = Path("/dev/shm"), "paragone-"
_ROOM_BYTES = 8 << 30
"""What has to be free there, and in memory: all tests together leave 1.6 GB there."""


def begin(place: Path = _PLACE, room_bytes: int = _ROOM_BYTES) -> Path | None:
    """A new folder in memory, named after this process; None where there is no room. Those of killed runs go first."""
    with suppress(OSError):
        for left in place.glob(f"{_PREFIX}*-*"):
            pid = left.name.removeprefix(_PREFIX).partition("-")[0]
            if pid.isdecimal() and has_ended(int(pid)):
                shutil.rmtree(left, ignore_errors=True)
        if min(shutil.disk_usage(place).free, _free_memory()) >= room_bytes:
            return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
    return None


def _free_memory() -> int:
    """Bytes that can be taken without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
