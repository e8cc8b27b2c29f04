"""Where conversations were seen once they had been moved: an empty folder in their place means that a disk is away."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private

_KEPT = ("*.db*", "backups", "exchange", "keys", "replaced-*", "broken-*")
"""What a folder that conversations were kept in has at least one of."""


def remember(pointer: Path, folder: Path) -> None:
    """Note beside the pointer that a folder holds conversations. Raises OSError."""
    write_private(_note(pointer), f"{folder}\n")


def follow(pointer: Path, folder: Path | None) -> None:
    """Note at a start where conversations are found, or that none were moved; what cannot be written stays."""
    with suppress(OSError):
        if folder is None:
            _note(pointer).unlink(missing_ok=True)
        elif any(folder.glob("*.db")) and _noted(pointer) != str(folder):
            remember(pointer, folder)


def is_away(pointer: Path, folder: Path) -> bool:
    """Whether nothing of the conversations that a folder held is in it: a disk is mounted there, and now is not."""
    return _noted(pointer) == str(folder) and not any(next(folder.glob(each), None) for each in _KEPT)


def _noted(pointer: Path) -> str:
    try:
        return read_plain(_note(pointer)).decode("utf-8", "replace").removesuffix("\n")
    except OSError:
        return ""


def _note(pointer: Path) -> Path:
    return pointer.with_name(f"{pointer.name}.kept")
