"""A Windows of the tests' own: wine with a prefix below a folder, without a display, without 32-bit programs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TIMEOUT_S = 50
REFUSED = 1603 % 256
"""What wine's msiexec ends with where Windows' says 1603, of which a status here has the lower byte only."""


@dataclass(frozen=True)
class Ended:
    """How a Windows program ended."""

    status: int
    out: str


class Wine:
    """One prefix; whoever starts it ends it."""

    def __init__(self, folder: Path) -> None:
        self._prefix = folder / "prefix"
        self._home = folder / "home"
        self._home.mkdir(parents=True)

    @cached_property
    def _environ(self) -> dict[str, str]:
        # No Mono, no Gecko, no entries in a desktop's menus.
        off = "winemenubuilder.exe,mscoree,mshtml="
        own = {"WINEPREFIX": str(self._prefix), "WINEARCH": "win64", "WINEDEBUG": "-all", "WINEDLLOVERRIDES": off}
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        return {**kept, **own, "HOME": str(self._home), "XDG_RUNTIME_DIR": str(self._home)}

    @property
    def drive(self) -> Path:
        """Drive C."""
        return self._prefix / "drive_c"

    @property
    def installed(self) -> Path:
        """Where the program is put."""
        return self.drive / "Program Files" / "Paragone"

    @property
    def user_data(self) -> Path:
        """The user's own folder of the program, as desktop/paths.py has it on Windows."""
        (users,) = (path for path in (self.drive / "users").iterdir() if path.name != "Public")
        return users / "AppData" / "Local" / "Paragone"

    def start(self) -> None:
        """Make the prefix; takes about ten seconds."""
        # The server stays until the end: starting Windows' services anew for each program takes seconds.
        self._server("-p")
        assert self.run("wineboot", "--init").status == 0

    def end(self) -> None:
        """End everything that runs in the prefix."""
        self._server("-k")
        self._server("-w")

    def run(self, *words: str | Path) -> Ended:
        """Run a Windows program to its end."""
        command = ["wine", *map(str, words)]
        done = subprocess.run(command, env=self._environ, capture_output=True, timeout=TIMEOUT_S, cwd=self._home)
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace").replace("\r\n", "\n"))

    def msiexec(self, action: str, msi: Path | str, *words: str) -> int:
        """Run Windows Installer silently; its status."""
        target = "Z:" + str(msi).replace("/", "\\") if isinstance(msi, Path) else msi
        return self.run("msiexec", action, target, "/qn", *words).status

    def value(self, key: str, name: str = "") -> str | None:
        """A value of the registry as `reg` prints it; None where there is none. Without a name the key's own."""
        ended = self.run("reg", "query", key, *(["/v", name] if name else ["/ve"]))
        lines = [line.split("    ", 3) for line in ended.out.splitlines() if line.startswith("    ")]
        return lines[0][3] if ended.status == 0 and lines and len(lines[0]) > 3 else None

    def set_value(self, key: str, name: str, value: str) -> None:
        """Write a text into the registry, as an administrator's tool does."""
        assert self.run("reg", "add", key, "/v", name, "/d", value, "/f").status == 0

    def forget(self, key: str) -> None:
        """Remove a key of the registry."""
        assert self.run("reg", "delete", key, "/f").status == 0

    def registry(self, key: str = r"HKLM\Software") -> list[str]:
        """All lines below a key, as exported."""
        file = self._home / "export.reg"
        assert self.run("reg", "export", key, "Z:" + str(file).replace("/", "\\"), "/y").status == 0
        return file.read_text("utf-16").splitlines()

    def files(self) -> set[str]:
        """Names of all files of drive C, but what programs leave for a while."""
        names = (path.relative_to(self.drive).as_posix() for path in self.drive.rglob("*") if not path.is_dir())
        return {name for name in names if "/Temp/" not in name and "/temp/" not in name}

    def _server(self, word: str) -> None:
        subprocess.run(["wineserver", word], env=self._environ, timeout=TIMEOUT_S, check=False)
