"""Start of external programs (browser, mail, file manager) with the environment of the user's shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from desktop.system.log import logger
from desktop.system.private_files import users_umask

_log = logger("external_programs")

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_ORIGINAL = "_ORIG"
"""Suffix of the variable in which the frozen program's loader saves the user's library path before replacing it."""

_LOADERS = ("_PYI_", "_MEIPASS2")
_OPENERS = {"linux": "xdg-open", "darwin": "open"}


class Launch:
    """A started program that may still fail: `xdg-open` reports a missing browser only when it exits."""

    def __init__(self, process: subprocess.Popen[bytes] | None, *, failed: bool = False) -> None:
        """Wrap a process. None means that the system opened the address itself, or that nothing could be started."""
        self._process = process
        self._failed = failed

    @property
    def has_failed(self) -> bool | None:
        """Whether the program failed; None while it runs."""
        if self._process is None:
            return self._failed
        status = self._process.poll()
        return None if status is None else status != 0


def launch(address: str) -> Launch:
    """Open an address or an absolute path in the user's default program for it.

    Nothing else in Paragone starts external programs. The caller checks the address.
    """
    with users_umask():
        try:
            if sys.platform == "win32":
                start: Callable[[str], None] = os.startfile
                start(address)
                return Launch(None)
            return Launch(
                subprocess.Popen(  # noqa: S603 - the system's own opener, with one argument
                    [_OPENERS.get(sys.platform, "xdg-open"), address],
                    env=users_environment(os.environ, getattr(sys, "_MEIPASS", None)),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        except OSError as error:
            _log.warning("the system's opener could not be started: %s", type(error).__name__)
            return Launch(None, failed=True)


def users_environment(environ: Mapping[str, str], bundle: str | None) -> dict[str, str]:
    """Return the environment without the changes made by a frozen program's loader, whose folder is `bundle`.

    With these changes, a browser would load our libraries instead of its own and crash silently.
    """
    if bundle is None:
        return dict(environ)
    cleaned: dict[str, str] = {}
    for name, value in environ.items():
        if name.endswith(_ORIGINAL) or name.startswith(_LOADERS):
            continue
        users = environ.get(name + _ORIGINAL, "") if name in _LIBRARY_PATHS else value
        parts = [part for part in users.split(os.pathsep) if not part.startswith(bundle)]
        if parts == users.split(os.pathsep) and (users or name not in _LIBRARY_PATHS):
            cleaned[name] = users
        elif any(parts):
            cleaned[name] = os.pathsep.join(parts)
    return cleaned
