"""A screen for tests: an X server, a window manager, a D-Bus session with a keyring, and the door of screen readers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.secret_service import secret_service

WAIT_S = 60

Kind = Callable[[Path], AbstractContextManager[dict[str, str]]]
"""What makes a screen without the rest of a session."""

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_PROGRAMS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "dbus-daemon": "dbus-daemon",
    "gnome-keyring-daemon": "gnome-keyring",
    "weston": "weston",
}


@dataclass(frozen=True)
class Screen:
    """A running screen; programs that are to appear on it get `environ`."""

    environ: Mapping[str, str]

    @property
    def display(self) -> str:
        """The X server's name."""
        return self.environ["DISPLAY"]


def missing_packages() -> list[str]:
    """Debian's packages that a screen needs and this machine lacks."""
    missing = [package for program, package in _PROGRAMS.items() if not shutil.which(program)]
    return missing if _launcher() else [*missing, "at-spi2-core"]


@contextmanager
def x_server(size: str = "1600x1000") -> Generator[dict[str, str]]:
    """An X server on a free display, reached by a local socket only; yields the environment that leads to it."""
    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    with ExitStack() as stack:
        _started(stack, words, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as said:
            number = said.readline().strip()
        assert number, "the X server did not start"
        yield {"DISPLAY": f":{number}"}


@contextmanager
def managed_screen(folder: Path) -> Generator[dict[str, str]]:
    """An X server with a window manager and nothing else; `folder` becomes the home of all that runs on it."""
    with ExitStack() as stack:
        x = stack.enter_context(x_server())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        environ = {**x, "HOME": str(folder), "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
        ready = folder / "window-manager"
        _started(stack, ["openbox", "--sm-disable", "--startup", f"touch {ready}"], environ)
        until(ready.exists, "the window manager")
        yield environ


@contextmanager
def compositor(folder: Path) -> Generator[dict[str, str]]:
    """A Wayland compositor without a screen, and no X server; `folder` becomes the home of all that runs on it."""
    with ExitStack() as stack:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The path of a socket has to be short, and its folder is to be read by nobody else
        runtime = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wl-")))
        environ = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime), "DISPLAY": "", "LC_ALL": "C.UTF-8"}
        size = ["--width=1600", "--height=1000", "--idle-time=0"]
        _started(stack, ["weston", "--backend=headless", "--renderer=pixman", "--socket=wl", *size], environ)
        until((runtime / "wl").exists, "the compositor")
        yield {**environ, "WAYLAND_DISPLAY": str(runtime / "wl"), "QT_QPA_PLATFORM": "wayland"}


@contextmanager
def screen(folder: Path, kind: Kind = managed_screen) -> Generator[Screen]:
    """The whole of it, ended when it is left. `folder` becomes the home of all that runs on it; keep its path short."""
    with kind(folder) as managed, secret_service(folder) as keyring, ExitStack() as stack:
        accessible = {"QT_ACCESSIBILITY": "1", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        environ = {**managed, **keyring.environ, **accessible}
        _started(stack, [_launcher(), "--launch-immediately"], environ)
        yield Screen(environ)


def until(holds: Callable[[], object], what: str, timeout_s: float = WAIT_S) -> None:
    """Return once something holds; AssertionError where it does not in time."""
    limit = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < limit, f"{what} did not return"
        time.sleep(0.02)


def _launcher() -> str:
    return next((path for path in _LAUNCHERS if Path(path).exists()), "")


def _started(
    stack: ExitStack, words: list[str], environ: Mapping[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> None:
    """Start a process that is ended when the stack is left."""
    process = subprocess.Popen(
        words,
        env={**os.environ, **(environ or {})},
        pass_fds=pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait, WAIT_S)
    stack.callback(process.terminate)
