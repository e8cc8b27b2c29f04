"""A Windows of the tests' own: wine with a prefix below a folder, without a display, without 32-bit programs."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.windows.folder import tool

TIMEOUT_S = 50
INSTALL_S = 300
REFUSED = 1603 % 256
"""What wine's msiexec ends with where Windows' says 1603, of which a status here has the lower byte only."""


@dataclass(frozen=True)
class Ended:
    """How a Windows program ended."""

    status: int
    out: str
    err: str


class Wine:
    """One prefix; whoever starts it ends it."""

    def __init__(self, folder: Path, display: str = "") -> None:
        self._prefix = tool("prefix").Prefix(folder, display)
        self._home: Path = self._prefix.home

    @property
    def drive(self) -> Path:
        """Drive C."""
        drive: Path = self._prefix.drive
        return drive

    @property
    def installed(self) -> Path:
        """Where the program is put."""
        return self.drive / "Program Files" / "Paragone"

    @property
    def user_data(self) -> Path:
        """The user's own folder of the program, as desktop/system/paths.py has it on Windows."""
        (users,) = (path for path in (self.drive / "users").iterdir() if path.name != "Public")
        return users / "AppData" / "Local" / "Paragone"

    def start(self, *, icu: bool = False) -> None:
        """Make the prefix, with the library that Qt needs where it is asked for; takes about ten seconds."""
        self._prefix.start()
        if icu:
            self._prefix.add_icu()

    def end(self) -> None:
        """End everything that runs in the prefix."""
        self._prefix.end()

    def run(self, *words: str | Path, within_s: float = TIMEOUT_S, typed: str = "", **more: str) -> Ended:
        """Run a Windows program to its end; it reads what is `typed`, and has `more` in its environment."""
        command = ["wine", *map(str, words)]
        environ = {**self._prefix.environ, **more}
        done = subprocess.run(
            command, env=environ, input=typed.encode(), capture_output=True, timeout=within_s, cwd=self._home
        )
        return Ended(done.returncode, _text(done.stdout), _text(done.stderr))

    def begin(self, *words: str | Path) -> subprocess.Popen[bytes]:
        """Start a Windows program that goes on."""
        null = subprocess.DEVNULL
        command = ["wine", *map(str, words)]
        return subprocess.Popen(command, env=self._prefix.environ, cwd=self._home, stdin=null, stdout=null, stderr=null)

    def msiexec(self, action: str, msi: Path | str, *words: str) -> int:
        """Run Windows Installer silently; its status."""
        target = named(msi) if isinstance(msi, Path) else msi
        return self.run("msiexec", action, target, "/qn", *words, within_s=INSTALL_S).status

    def value(self, key: str, name: str = "") -> str | None:
        """A value of the registry as `reg` prints it; None where there is none. Without a name the key's own."""
        ended = self.run("reg", "query", key, *(["/v", name] if name else ["/ve"]))
        lines = [line.split("    ", 3) for line in ended.out.splitlines() if line.startswith("    ")]
        return lines[0][3] if ended.status == 0 and lines and len(lines[0]) > 3 else None

    def set_value(self, key: str, name: str, value: str, kind: str = "REG_SZ") -> None:
        """Write a value into the registry, as an administrator's tool does."""
        assert self.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f").status == 0

    def forget(self, key: str) -> None:
        """Remove a key of the registry."""
        assert self.run("reg", "delete", key, "/f").status == 0

    def registry(self, key: str = r"HKLM\Software") -> list[str]:
        """All lines below a key, as exported."""
        file = self._home / "export.reg"
        assert self.run("reg", "export", key, named(file), "/y").status == 0
        return file.read_text("utf-16").splitlines()

    def files(self) -> set[str]:
        """Names of all files of drive C, but what programs leave for a while."""
        names = (path.relative_to(self.drive).as_posix() for path in self.drive.rglob("*") if not path.is_dir())
        return {name for name in names if "/Temp/" not in name and "/temp/" not in name}


def named(path: Path) -> str:
    """A file of this system as a program in there names it."""
    return "Z:" + str(path).replace("/", "\\")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")
