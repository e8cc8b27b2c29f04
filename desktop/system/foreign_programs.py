"""Starts foreign programs (browser, mail, file manager) with the environment that the user's own shell has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from desktop.system.log import logger
from desktop.system.private_files import users_umask

_log = logger("foreign programs")

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_ORIGINAL = "_ORIG"
"""What the frozen program's loader calls the user's own library path, which it replaces."""

_LOADERS = ("_PYI_", "_MEIPASS2")
_OPENERS = {"linux": "xdg-open", "darwin": "open"}


class Launch:
    """A program that was started, which may still fail: `xdg-open` says only at its end that no browser came."""

    def __init__(self, process: subprocess.Popen[bytes] | None, *, failed: bool = False) -> None:
        """`process` is None where the system takes the address itself, or where nothing could be started."""
        self._process = process
        self._failed = failed

    @property
    def has_failed(self) -> bool | None:
        """Whether it did not work; None as long as that is not known."""
        if self._process is None:
            return self._failed
        status = self._process.poll()
        return None if status is None else status != 0


def launch(address: str) -> Launch:
    """Hand an address or an absolute path to the program that the user's system has for it.

    The only place of the program that starts foreign programs. Addresses are checked by whoever calls this.
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
    """The environment without what a frozen program's loader and Qt's plug-ins need, whose folder is `bundle`.

    With it a browser loads our libraries instead of its own, and dies without a word.
    """
    if bundle is None:
        return dict(environ)
    found: dict[str, str] = {}
    for name, value in environ.items():
        if name.endswith(_ORIGINAL) or name.startswith(_LOADERS):
            continue
        users = environ.get(name + _ORIGINAL, "") if name in _LIBRARY_PATHS else value
        parts = [part for part in users.split(os.pathsep) if not part.startswith(bundle)]
        if parts == users.split(os.pathsep) and (users or name not in _LIBRARY_PATHS):
            found[name] = users
        elif any(parts):
            found[name] = os.pathsep.join(parts)
    return found
