"""Reads files that only the administrator can have written, according to owner and mode of file and folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from desktop.text.phrases import phrase

MOST_BYTES = 1 << 20
"""Maximum size of a policy file."""

ROOT = 0


class Untrusted(Exception):
    """Raised if users other than the administrator can change a file or folder, or if it cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def read(path: Path, *, owner: int = ROOT) -> bytes:
    """Return a file's bytes, without following links or blocking on pipes.

    Raises:
        Untrusted: If users other than the administrator can change the file, or it cannot be read.
        FileNotFoundError: If there is no file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = phrase("the path is a symbolic link") if path.is_symlink() else error.strerror or str(error)
        raise Untrusted(path, reason) from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)  # of the opened file, since the path may have been replaced
        if not stat.S_ISREG(found.st_mode):
            raise Untrusted(path, phrase("the path is not a file"))
        _require(path, found, owner)
        if found.st_size > MOST_BYTES:
            raise Untrusted(path, phrase("the file is larger than {number} MB", number=MOST_BYTES >> 20))
        try:
            data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise Untrusted(path, error.strerror or str(error)) from error
    if len(data) > MOST_BYTES:
        raise Untrusted(path, phrase("the file is larger than {number} MB", number=MOST_BYTES >> 20))
    return data


def require_folders(folders: Sequence[Path], *, owner: int = ROOT) -> None:
    """Check that only the administrator can change the folders.

    Raises:
        Untrusted: If other users can change a folder.
        FileNotFoundError: If a folder does not exist.
    """
    for folder in folders:
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode):
            raise Untrusted(folder, phrase("the path is not a folder"))
        _require(folder, found, owner)


def _require(path: Path, found: os.stat_result, owner: int) -> None:
    if found.st_uid != owner:
        raise Untrusted(path, phrase("the path is not owned by the administrator"))
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Untrusted(path, phrase("users other than the owner can write to the path"))
