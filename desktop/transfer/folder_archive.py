"""A folder read as if it were a zip of what is in it: its plain files, no links and nothing hidden, within bounds."""

from __future__ import annotations

import os
import zipfile
from io import BufferedReader
from pathlib import Path, PurePath
from typing import Self

from desktop.plain_files import open_plain
from desktop.transfer.import_limits import LIMITS

_FLAGS = getattr(os, "O_NOFOLLOW", 0)
_DEEPEST = 12
"""Folders within one another."""


class FolderArchive:
    """What `zipfile.ZipFile` gives of a zip's members, of a folder's files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def infolist(self) -> list[zipfile.ZipInfo]:
        """The files in the folder and those below it, by their ways from it: no more than one beyond the bound.

        Raises OSError where the folder itself cannot be read.
        """
        return _members(self._path)

    def open(self, member: zipfile.ZipInfo) -> BufferedReader:
        """One of them. Raises OSError, also for what has become a link or a device meanwhile."""
        return open_plain(self._path / member.filename, _FLAGS)

    def close(self) -> None:
        """A folder is held by nobody."""


def _members(path: Path) -> list[zipfile.ZipInfo]:
    members: list[zipfile.ZipInfo] = []
    os.scandir(path).close()  # which os.walk would say nothing of
    for folder, below, names in os.walk(path):
        is_deep = len(Path(folder).relative_to(path).parts) >= _DEEPEST
        below[:] = [] if is_deep else sorted(name for name in below if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            file = Path(folder, name)
            try:
                status = file.lstat()
            except OSError:
                continue
            if file.is_symlink() or not file.is_file():
                continue
            member = zipfile.ZipInfo(PurePath(file.relative_to(path)).as_posix())
            member.file_size = member.compress_size = status.st_size
            members.append(member)
            if len(members) > LIMITS.members:
                return members
    return members
