"""A wine prefix below a folder: a Windows of its own, without 32-bit programs, with a display where one is named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

COMPILER = "x86_64-w64-mingw32-gcc"
ICU = Path(__file__).with_name("icuuc.c")
_PATIENCE_S = 120


class Prefix:
    """One prefix; whoever starts it ends it."""

    def __init__(self, folder: Path, display: str = "") -> None:
        """`display` is X11's name of one, for programs that show windows."""
        self._display = display
        self._folder = folder / "prefix"
        self.home = folder / "home"
        # The server that comes first needs the folder, and leaves making it to the programs.
        self._folder.mkdir(parents=True)
        self.home.mkdir()

    @cached_property
    def environ(self) -> dict[str, str]:
        """The environment that programs of this Windows are started in."""
        # No Mono, no Gecko, no entries in a desktop's menus.
        off = "winemenubuilder.exe,mscoree,mshtml="
        own = {"WINEPREFIX": str(self._folder), "WINEARCH": "win64", "WINEDEBUG": "-all", "WINEDLLOVERRIDES": off}
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        if self._display:
            own["DISPLAY"] = self._display
        return {**kept, **own, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)}

    @property
    def drive(self) -> Path:
        """Drive C."""
        return self._folder / "drive_c"

    def start(self) -> None:
        """Make the prefix; takes about ten seconds."""
        # The server stays until the end: starting Windows' services anew for each program takes seconds.
        self._server("-p")
        # Windows' services stay too, and with them what they write to: a pipe would never end.
        self._quietly("wine", "wineboot", "--init", check=True)

    def end(self) -> None:
        """End everything that runs in the prefix."""
        self._server("-k")
        self._server("-w")

    def add_icu(self) -> None:
        """Put a stand-in for Windows' ICU among the system's libraries: Qt asks for one, and wine has none."""
        target = self.drive / "windows" / "system32" / "icuuc.dll"
        subprocess.run([COMPILER, "-Os", "-s", "-shared", "-o", str(target), str(ICU)], check=True)

    def _server(self, word: str) -> None:
        self._quietly("wineserver", word)

    def _quietly(self, *command: str, check: bool = False) -> None:
        null = subprocess.DEVNULL
        subprocess.run(
            command, env=self.environ, timeout=_PATIENCE_S, check=check, stdin=null, stdout=null, stderr=null
        )


@contextmanager
def started(folder: Path) -> Generator[Prefix]:
    """A prefix below a folder with all that Qt needs, for a while."""
    prefix = Prefix(folder)
    try:
        prefix.start()
        prefix.add_icu()
        yield prefix
    finally:
        prefix.end()
