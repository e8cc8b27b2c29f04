"""Writes exports atomically, readable only by their owner."""

from __future__ import annotations

import errno
import os
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from desktop.errors import TransferError
from desktop.system.private_files import is_others
from desktop.text.phrases import phrase


def write(path: Path, text: str) -> None:
    """Write a text file. An existing file is replaced once the new one is complete. Raises TransferError."""
    with pieces(path) as add:
        add(text)


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a binary file, like `write`. Raises TransferError."""
    with draft(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def pieces(path: Path) -> Generator[Callable[[str], None]]:
    """Open a file to write in pieces, like `draft`. Raises TransferError, also when a piece is written."""
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


Into = Callable[[Iterator[bytes]], None]
"""Receives the bytes of a file in pieces."""


class SideFolder:
    """Folder next to a page for its files, created with the first file."""

    def __init__(self, page: Path) -> None:
        self.path = page.absolute().with_name(f"{page.stem}-files")
        self._put: set[str] = set()
        self._new: set[str] = set()
        self._made = False

    @property
    def name(self) -> str:
        """Name of the folder in the page's links."""
        return self.path.name

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file, unless it was written already. Raises TransferError."""
        if name in self._put:
            return
        self._require()
        is_new = not (self.path / name).exists()
        write_bytes(self.path / name, pieces)
        self._put.add(name)
        if is_new:
            self._new.add(name)

    def undo(self) -> None:
        """Remove the files written here; those that existed before belong to an older page and are identical."""
        with suppress(OSError):
            for name in self._new:
                (self.path / name).unlink(missing_ok=True)
            if self._made:
                self.path.rmdir()

    def _require(self) -> None:
        """Create the folder if it is missing; otherwise check that it belongs to an export. Raises TransferError."""
        try:
            self.path.mkdir(mode=0o700)
            self._made = True
        except FileExistsError:
            others = os.name == "posix" and is_others(self.path, os.getuid())
            if self.path.is_symlink() or not self.path.is_dir() or others:
                raise TransferError(
                    phrase("{path} is not a folder that you own.", path=self.path), hint=phrase("Choose another name.")
                ) from None
        except OSError as error:
            raise _refused(self.path, error) from error


@contextmanager
def side_folder(page: Path) -> Generator[SideFolder]:
    """Yield the folder for a page's files. The files are removed if the block fails."""
    folder = SideFolder(page)
    try:
        yield folder
    except BaseException:
        folder.undo()
        raise


class ZipDraft:
    """A ZIP being written without compression, because an import could mistake strong compression for a zip bomb."""

    def __init__(self, path: Path, file: IO[bytes], at: datetime) -> None:
        self._path = path
        self._at = at.timetuple()[:6]
        self._archive = zipfile.ZipFile(file, "w")

    @contextmanager
    def member(self, name: str) -> Generator[Callable[[bytes], None]]:
        """Open a member to write in pieces. Raises TransferError, also when a piece is written."""
        info = zipfile.ZipInfo(name, max(self._at, (1980, 1, 1, 0, 0, 0)))
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as file:

            def add(data: bytes) -> None:
                """Write one piece. Raises TransferError."""
                try:
                    file.write(data)
                except OSError as error:
                    raise _refused(self._path, error) from error

            yield add

    def finish(self) -> None:
        """Write the central directory. Raises OSError."""
        self._archive.close()


@contextmanager
def zipped(path: Path, at: datetime) -> Generator[ZipDraft]:
    """Open a ZIP for writing, like `draft`. Raises TransferError."""
    with draft(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        archive = ZipDraft(path, file, at)
        try:
            yield archive
        except BaseException:
            with suppress(OSError, ValueError):  # otherwise zipfile writes again when it is garbage collected
                archive.finish()
            raise
        archive.finish()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def draft(path: Path) -> Generator[int]:
    """Open a temporary file with mode 0600 that replaces `path` if the block succeeds, and is removed otherwise.

    Yields only the file descriptor: in a folder that others can write to, the name may refer to another file at any
    moment. Raises TransferError.
    """
    if path.is_dir():
        raise TransferError(phrase("{path} is a folder.", path=path), hint=phrase("Specify a file."))
    if path.exists() and not path.is_file():  # with enough permissions the rename would replace a device
        raise TransferError(phrase("{path} is not a file.", path=path), hint=phrase("Specify a file."))
    path = path.absolute()
    unfinished: Path | None = None
    descriptor = -1
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
        unfinished = Path(name)
        yield descriptor
        _require_same(descriptor, unfinished)
        if os.name != "posix":  # Windows cannot rename an open file
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


def _require_same(descriptor: int, name: Path) -> None:
    """Check that a name still refers to the file that was written. Raises FileNotFoundError otherwise."""
    written, found = os.fstat(descriptor), name.lstat()
    if (written.st_dev, written.st_ino) != (found.st_dev, found.st_ino):
        raise FileNotFoundError(errno.ENOENT, "somebody else put another file in its place", str(name))


def _refused(path: Path, error: OSError) -> TransferError:
    return TransferError(
        phrase("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
        hint=phrase("Choose another location, or free some disk space."),
    )
