"""Exports to files: whole or not at all, readable by their owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from desktop.errors import TransferError
from desktop.phrases import phrase


def write(path: Path, text: str) -> None:
    """Write an export; an older one of this name goes only when the new is complete. Raises TransferError."""
    with pieces(path) as add:
        add(text)


@contextmanager
def pieces(path: Path) -> Generator[Callable[[str], None]]:
    """Write an export piece by piece, as `draft` does. Raises TransferError, the call too."""
    with draft(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as file:

        def add(text: str) -> None:
            """Write one piece. Raises TransferError."""
            try:
                file.write(text)
            except OSError as error:
                raise _refused(path, error) from error

        yield add
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def draft(path: Path) -> Generator[Path]:
    """A file beside `path`, of mode 0600, that takes its place when the block ends well, and else is gone.

    Raises TransferError.
    """
    if path.is_dir():
        raise TransferError(phrase("{path} is a folder.", path=path), hint=phrase("Name a file."))
    path = path.absolute()
    unfinished: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
        os.close(descriptor)
        unfinished = Path(name)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)


def _refused(path: Path, error: OSError) -> TransferError:
    return TransferError(
        phrase("{path} cannot be written: {reason}.", path=path, reason=error.strerror or error),
        hint=phrase("Choose another place, or free some space."),
    )
