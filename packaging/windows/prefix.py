"""Wine prefix in a folder: a separate 64-bit Windows environment, with a display if one is given."""

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
    """A Wine prefix. Its creator must end it."""

    def __init__(self, folder: Path, display: str = "") -> None:
        """Create the folders of a prefix.

        Args:
            folder: Parent folder of the prefix.
            display: X11 display for programs with windows.
        """
        self._display = display
        self._folder = folder / "prefix"
        self.home = folder / "home"
        # The Wine server starts first and needs the folder, but does not create it.
        self._folder.mkdir(parents=True)
        self.home.mkdir()

    @cached_property
    def environ(self) -> dict[str, str]:
        """Return the environment for programs in the prefix."""
        # Disable Mono, Gecko and desktop menu entries.
        off = "winemenubuilder.exe,mscoree,mshtml="
        own = {"WINEPREFIX": str(self._folder), "WINEARCH": "win64", "WINEDEBUG": "-all", "WINEDLLOVERRIDES": off}
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        if self._display:
            own["DISPLAY"] = self._display
        return {**kept, **own, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)}

    @property
    def drive(self) -> Path:
        """Path of drive C."""
        return self._folder / "drive_c"

    def start(self) -> None:
        """Create the prefix, which takes about ten seconds."""
        # Keep the Wine server running, because restarting Windows services for each program takes seconds.
        self._server("-p")
        # Windows services also keep running, so a pipe that they inherit would never close.
        self._quietly("wine", "wineboot", "--init", check=True)

    def end(self) -> None:
        """Terminate everything that runs in the prefix."""
        self._server("-k")
        self._server("-w")

    def add_icu(self) -> None:
        """Add a stub of Windows' ICU library, which Qt requires and Wine does not have."""
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
    """Provide a started prefix with everything that Qt needs."""
    prefix = Prefix(folder)
    try:
        prefix.start()
        prefix.add_icu()
        yield prefix
    finally:
        prefix.end()
