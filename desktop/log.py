"""The log: named loggers into a rotating file of the owner's, with secrets masked; prompts are never logged."""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

from desktop.private_files import private_file

ROOT = "paragone"
_LIKE_A_SECRET = re.compile(
    r"""(?ix)
    (?P<name> (?: api[-_]?key | authorization | bearer | token | secret | password )
              ["']? \s* [:=\s] \s* ["']? (?:bearer\s+)? )
    (?P<value> [^\s"',;&]{6,} )
    | (?P<bare> \b (?: sk | xai | gsk ) - [A-Za-z0-9_-]{16,} )
    | (?<= :// ) (?P<login> [^/\s@:]+ : [^/\s@]+ ) (?= @ )
    """
)


def logger(name: str) -> logging.Logger:
    """The logger of one room, for example `logger("providers.azure")`."""
    return logging.getLogger(f"{ROOT}.{name}")


def redact(text: str) -> str:
    """Mask what looks like a key, a token or a sign-in within a URL."""

    def mask(match: re.Match[str]) -> str:
        """The name before a secret stays, so that one sees what it was."""
        return (match["name"] or "") + "[secure]"

    return _LIKE_A_SECRET.sub(mask, text)


class _Redacting(logging.Formatter):
    """Formats a record, traceback and all, and masks secrets in the result."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written, without secrets."""
        return redact(super().format(record))


class _PrivateFile(RotatingFileHandler):
    """A rotating file with mode 0600; a full or read-only disk costs log lines, never the program."""

    def _open(self):  # noqa: ANN202 - the type is typeshed's private one
        private_file(Path(self.baseFilename))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A log that cannot be written is no reason to disturb anybody."""
        del record


def set_up(folder: Path, level: str = "INFO") -> logging.Handler | None:
    """Log into `folder`/paragone.log (1 MB, three old ones). Returns the handler, None where it cannot be written."""
    root = logging.getLogger(ROOT)
    root.propagate = False
    try:
        handler = _PrivateFile(folder / "paragone.log", maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=False)
    except OSError:
        root.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(_Redacting("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(level)
    return handler


def close() -> None:
    """Let the log file go: Windows removes no folder with an open file in it."""
    root = logging.getLogger(ROOT)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
