"""What Linux tells of running processes, which open, close and end while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GONE = (FileNotFoundError, ProcessLookupError)
"""A descriptor was closed, or a process ended, between being listed and being read."""


def open_files(pid: int) -> set[str]:
    """What a process's descriptors lead to, as the kernel writes it (`/path`, `socket:[3]`, `pipe:[4]`)."""
    found: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(*_GONE):
            found.add(str(descriptor.readlink()))
    return found


def children(pid: int) -> list[int]:
    """The processes that a process started, none for one that ended."""
    with suppress(*_GONE):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def descendants(pid: int) -> Iterator[int]:
    """Those that a process started, and theirs."""
    for child in children(pid):
        yield child
        yield from descendants(child)


def read_of(pid: int, name: str) -> str:
    """A file of a process's (`environ`, `cmdline`, `status`), empty for one that ended."""
    with suppress(*_GONE):
        return Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
    return ""


def has_ended(pid: int) -> bool:
    """Whether a process has ended, reaped or not: in a container nobody may reap an orphan."""
    stat = read_of(pid, "stat")
    return not stat or stat.rpartition(")")[2].split()[0] in "ZX"
