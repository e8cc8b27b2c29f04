"""The log: named loggers into a rotating file of the owner's, with secrets masked; prompts are never logged."""

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
    """The logger of one room, for example `logger("providers.azure")`."""
    return logging.getLogger(f"{ROOT}.{name}")


def redact(text: str) -> str:
    """Mask what looks like a key, a token or a sign-in within a URL."""

    def mask(match: re.Match[str]) -> str:
        """The name before a secret stays, so that one sees what it was."""
        return (match["name"] or "") + "[secure]"

    return _LIKE_A_SECRET.sub(mask, text)


class _Redacting(logging.Formatter):
    """Formats a record with where an error came from, and hides secrets in the result.

    What an error says is left out: it may quote a prompt, or a server.
    """

    def __init__(self, form: str, hide: Callable[[str], str]) -> None:
        super().__init__(form)
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written, without secrets."""
        own = copy.copy(record)
        own.exc_text = None  # another handler's formatter may have left its words there
        return redact(self._hide(super().format(own)))

    def formatException(self, ei: tuple[Any, ...]) -> str:  # noqa: N802 - logging's name
        """The places that an error and its causes went through, and their kinds, never their words."""
        error = ei[1]
        return "" if error is None else "\n".join(traced(error))


def traced(error: BaseException, depth: int = 8) -> Iterator[str]:
    """An error's places and kind, line by line, causes first; of those of the system also what the system says."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth:
        yield from traced(before, depth - 1)
        yield "from it came:"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f'  File "{frame.f_code.co_filename}", line {line}, in {frame.f_code.co_name}'
    told = getattr(error, "code", "") if type(error).__module__.startswith("desktop.") else ""
    if isinstance(error, OSError):
        told = error.strerror or ""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield f"{kind}: {told}" if told else kind
    for each in getattr(error, "exceptions", ()) if depth else ():
        yield from traced(each, depth - 1)


class _LateFile(logging.Handler):
    """The log's file, opened with the first line: what turns it over is imported then."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        _take(path)
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a log that cannot be written is no reason to disturb anybody."""
        if self._file is None:
            from desktop.system.log_file import PrivateLogFile

            with suppress(OSError):
                self._file = PrivateLogFile(self._path, _take)
                self._file.setFormatter(self.formatter)
        if self._file is not None:
            self._file.emit(record)

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
        super().close()


def _take(path: Path) -> None:
    """Make the log's file with mode 0600. Raises OSError.

    Nobody who keeps logs elsewhere links the file, or has a pipe there: somebody else wants another one written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
        path.unlink()
    private_file(path)


_NOWHERE = logging.NullHandler()


def set_up(folder: Path, level: str = "INFO", hide: Callable[[str], str] = str) -> logging.Handler | None:
    """Log into `folder`/paragone.log (1 MB, three old ones). Returns the handler, None where it cannot be written.

    `hide` takes the keys of this run out of a text.
    """
    root = logging.getLogger(ROOT)
    root.propagate = False
    # Without one, Python prints the warnings of libraries on stderr, and some quote what a server answered: tokens too.
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
    """Let the log file go: Windows removes no folder with an open file in it."""
    root = logging.getLogger(ROOT)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
