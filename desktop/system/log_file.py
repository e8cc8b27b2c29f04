"""The rotating file that the log goes into: imported with its first line, which a start need not have."""

from __future__ import annotations

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path


class PrivateLogFile(RotatingFileHandler):
    """1 MB and three old ones. Each is made by `take`; a full or read-only disk costs lines, never the program."""

    def __init__(self, path: Path, take: Callable[[Path], None]) -> None:
        self._take = take
        super().__init__(path, maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=False)

    def _open(self):  # noqa: ANN202 - the type is typeshed's private one
        self._take(Path(self.baseFilename))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A log that cannot be written is no reason to disturb anybody."""
        del record
