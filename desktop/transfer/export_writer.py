"""Exports to files: whole or not at all, readable by their owner alone."""

from __future__ import annotations

import errno
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
    with draft(path) as descriptor, os.fdopen(descriptor, "w", encoding="utf-8", newline="\n", closefd=False) as file:

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
def draft(path: Path) -> Generator[int]:
    """A file beside `path`, of mode 0600, that takes its place when the block ends well, and else is gone.

    It is given as its descriptor alone: where others may write to the folder, its name may be another file's at any
    moment. Raises TransferError.
    """
    if path.is_dir():
        raise TransferError(phrase("{path} is a folder.", path=path), hint=phrase("Name a file."))
    if path.exists() and not path.is_file():  # whoever may would put the export in the place of a device
        raise TransferError(phrase("{path} is no file.", path=path), hint=phrase("Name a file."))
    path = path.absolute()
    unfinished: Path | None = None
    descriptor = -1
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
        unfinished = Path(name)
        yield descriptor
        _demand_same(descriptor, unfinished)
        if os.name != "posix":  # what is open cannot be renamed there
            os.close(descriptor)
            descriptor = -1
        unfinished.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        if descriptor != -1:
            os.close(descriptor)
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)


def _demand_same(descriptor: int, name: Path) -> None:
    """Go on where a name still is that of the file that was written. Raises FileNotFoundError where it is another's."""
    written, found = os.fstat(descriptor), name.lstat()
    if (written.st_dev, written.st_ino) != (found.st_dev, found.st_ino):
        raise FileNotFoundError(errno.ENOENT, "somebody else put another file in its place", str(name))


def _refused(path: Path, error: OSError) -> TransferError:
    return TransferError(
        phrase("{path} cannot be written: {reason}.", path=path, reason=error.strerror or error),
        hint=phrase("Choose another place, or free some space."),
    )
