"""Runs of the program: each holds a lock while it lives, so that others can tell the living from the dead."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, Timeout

from desktop.paths import is_file
from desktop.private_files import private_folder, private_lock

_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Runs:
    """The folder of lock files. All but `end` is to be called by one process at a time (see opening.py)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: BaseFileLock | None = None

    def begin(self, run_id: str) -> None:
        """Hold this run's lock until `end` or the process's death.

        Raises ValueError for an id that cannot be a file's name, OSError, filelock.Timeout where it is held.
        """
        if not _NAME.fullmatch(run_id):
            raise ValueError(f"not an id of a run: {run_id!r}")
        private_folder(self._folder)
        lock = _lock(self._folder / f"{run_id}.lock")
        lock.acquire(timeout=0)
        self._own = lock

    def others(self) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of the runs that live and of those that died without `end`. Raises OSError."""
        living: set[str] = set()
        dead: set[str] = set()
        for path in self._folder.glob("*.lock"):
            if not _NAME.fullmatch(path.stem) or not is_file(path):  # no run made it
                continue
            (dead if _is_free(path) else living).add(path.stem)
        return frozenset(living), frozenset(dead)

    def living_since(self) -> dict[str, datetime]:
        """Since when those that live do, this one among them: ids tell, as `new_id` makes them. Raises OSError."""
        living, _ = self.others()
        return {run_id: _began(run_id) for run_id in living}

    def forget(self, dead: frozenset[str]) -> None:
        """Remove the lock files of dead runs. Raises OSError."""
        for run_id in dead:
            (self._folder / f"{run_id}.lock").unlink(missing_ok=True)

    def end(self, *, clean: bool) -> None:
        """Let go of this run's lock; an unclean end leaves the file, so that the next run checks the database."""
        if self._own is None:
            return
        path = Path(self._own.lock_file)
        # Where an open file can be removed it goes first: nobody can then take it for a dead run's.
        if clean and os.name != "nt":
            path.unlink(missing_ok=True)
        self._own.release()
        if clean:
            path.unlink(missing_ok=True)
        self._own = None


def opening_lock(folder: Path) -> BaseFileLock:
    """The lock round opening and migrating in `folder`, for all processes."""
    return _lock(folder / "opening.lock")


def _began(run_id: str) -> datetime:
    """When a run began; the beginning of time where its id does not tell."""
    ms = int(run_id[:12], 16) if re.fullmatch(r"[0-9a-f]{32}", run_id) else 0
    return datetime.fromtimestamp(ms / 1000, UTC)


def _is_free(path: Path) -> bool:
    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, PermissionError):
        return False
    lock.release()
    return True


def _lock(path: Path) -> BaseFileLock:
    # Taken on the thread of the database, released on another.
    return private_lock(path, thread_local=False)
