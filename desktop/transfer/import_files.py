"""A file to import from, opened: the exports that are in it, whatever it is."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.plain_files import open_plain, read_plain
from desktop.transfer.format_detection import detect
from desktop.transfer.import_limits import LIMITS, Limits
from desktop.transfer.source import Source, too_large


def open_file(path: Path, limits: Limits = LIMITS) -> tuple[Source, ...]:
    """The exports of a file, several where it is a zip or a folder. Slow: call it on a thread. Raises TransferError."""
    from desktop.transfer import import_zips, llm_database

    try:
        if path.is_dir():
            return tuple(import_zips.open_zip(path, limits))
        if path.exists() and not path.is_file():  # a device, which may have no end
            raise TransferError(
                phrase("{name} is not a file.", name=path.name),
                hint=phrase("Choose the export's file, or a zip archive of it."),
            )
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(16) if size else b""
        if start == llm_database.MAGIC:
            return (llm_database.open_database(path),)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return tuple(import_zips.open_zip(path, limits))
        if size > limits.size:
            raise too_large(path.name, limits)
        return (detect(path.name, read_plain(path, limits.size)),)
    except OSError as error:
        raise TransferError(
            phrase("{path} could not be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error
