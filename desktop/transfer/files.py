"""Exports to files: whole or not at all, readable by their owner alone."""

from __future__ import annotations

from pathlib import Path

from desktop.errors import TransferError
from desktop.settings.files import write_private


def write(path: Path, text: str) -> None:
    """Write an export; an older one of this name goes only when the new is complete. Raises TransferError."""
    if path.is_dir():
        raise TransferError(f"{path} is a folder.", hint="Name a file.")
    try:
        write_private(path.absolute(), text)
    except OSError as error:
        raise TransferError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Choose another place, or free some space."
        ) from error
