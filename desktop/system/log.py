"""Log in a rotating file that only its owner can read; secrets are redacted, prompts are never logged."""

from __future__ import annotations

import copy
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop.redaction.key_patterns import KEY_START
from desktop.system.private_files import private_file
from desktop.text.late_pattern import late_pattern

ROOT = "paragone"
_LIKE_A_SECRET = late_pattern(
    rf"""(?ix)
    (?P<name> (?: api[-_]?key | authorization | bearer | token | secret (?! \ (?-i:Service)\b ) | password )
              ["']? (?: \s{{0,9}} [:=] \s{{0,9}} | \s{{1,9}} ) ["']? (?: bearer \s{{1,9}} )? )
    (?P<value> [^\s"',;&]{{6,}} )
    | {KEY_START}
    | (?<= :// ) (?P<login> [^/\s?\#"'<>]+ ) (?= @ )
    """
)


def logger(name: str) -> logging.Logger:
    """Return the logger of a package, for example `logger("providers.azure")`."""
    return logging.getLogger(f"{ROOT}.{name}")


def redact(text: str) -> str:
    """Redact anything that looks like a key, a token, or a user name and password in a URL."""

    def mask(match: re.Match[str]) -> str:
        return (match["name"] or "") + "[secure]"

    return _LIKE_A_SECRET.sub(mask, text)


class _Redacting(logging.Formatter):
    """Formatter that adds an error's traceback and redacts secrets in the result.

    The error's message is omitted, because it may quote a prompt or a server.
    """

    def __init__(self, form: str, hide: Callable[[str], str]) -> None:
        super().__init__(form)
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """Return the log line without secrets."""
        own = copy.copy(record)
        own.exc_text = None  # another handler's formatter may have left its words there
        return redact(self._hide(super().format(own)))

    def formatException(self, ei: tuple[Any, ...]) -> str:  # noqa: N802 - logging's name
        """Return the frames and classes of an error and its causes, without their messages."""
        error = ei[1]
        return "" if error is None else "\n".join(traced(error))


def traced(error: BaseException, depth: int = 8) -> Iterator[str]:
    """Yield the frames and class of an error line by line, causes first; for an OSError also the system's reason."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth:
        yield from traced(before, depth - 1)
        yield "from it came:"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
    reason = getattr(error, "code", "") if type(error).__module__.startswith("desktop.") else ""
    if isinstance(error, OSError):
        reason = error.strerror or ""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield f"{kind}: {reason}" if reason else kind
    for each in getattr(error, "exceptions", ()) if depth else ():
        yield from traced(each, depth - 1)


class _LateFile(logging.Handler):
    """Handler that opens the log file on first use, because importing the rotating handler takes milliseconds."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        _take(path)
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or nothing if the log file cannot be written."""
        if self._file is None:
            with suppress(OSError):
                self._file = _rotating_file(self._path)
                self._file.setFormatter(self.formatter)
        if self._file is not None:
            self._file.emit(record)

    def close(self) -> None:
        """Close the log file too."""
        if self._file is not None:
            self._file.close()
        super().close()


def _rotating_file(path: Path) -> logging.Handler:
    """Open the log file: 1 MB, with three older files.

    If the disk is full or read-only, lines are lost without an error.
    """
    from logging.handlers import RotatingFileHandler

    class PrivateLogFile(RotatingFileHandler):
        def _open(self):  # noqa: ANN202 - the type is typeshed's private one
            _take(Path(self.baseFilename))
            return super()._open()

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
            del record

    return PrivateLogFile(path, maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=False)


def _take(path: Path) -> None:
    """Create the log file with mode 0600, replacing a link or a pipe. Raises OSError."""
    if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
        path.unlink()
    private_file(path)


_NOWHERE = logging.NullHandler()


def set_up(folder: Path, level: str = "INFO", hide: Callable[[str], str] = str) -> logging.Handler | None:
    """Log to `folder`/paragone.log. Return the handler, or None if the file cannot be written.

    Args:
        folder: Folder of the log file.
        level: Minimum severity that is logged.
        hide: Redacts this run's keys in a text.
    """
    root = logging.getLogger(ROOT)
    root.propagate = False
    # Without a handler, Python prints libraries' warnings to stderr; some quote responses, including tokens.
    logging.getLogger().addHandler(_NOWHERE)
    try:
        handler = _LateFile(folder / "paragone.log")
    except OSError:
        root.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(_Redacting("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s", hide))
    root.addHandler(handler)
    root.setLevel(level)
    return handler


def close() -> None:
    """Close the log file, because Windows cannot remove a folder that contains an open file."""
    root = logging.getLogger(ROOT)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
