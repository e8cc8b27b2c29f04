"""Libraries that the frozen program takes from the system, and the packages that contain them.

    python packaging/linux/system_libraries.py FROZEN     fails if a needed library is neither bundled nor in the table

`system_libraries.toml` is the table.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

TABLE = Path(__file__).with_name("system_libraries.toml")
_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")
_BATCH = 100


@dataclass(frozen=True)
class SystemLibrary:
    """A library of the system by the pattern of its soname, and the packages that contain it.

    `symbols` is the prefix of the library's symbol versions if they equal the version of its package.
    """

    pattern: str
    deb: str
    rpm: str
    symbols: str = ""

    def holds(self, soname: str) -> bool:
        """Whether this is the library of that name."""
        return fnmatchcase(soname, self.pattern)


@dataclass(frozen=True)
class LibraryTable:
    """All libraries that the program takes from the system, and those of the build machine that are bundled."""

    libraries: tuple[SystemLibrary, ...]
    bundled: tuple[str, ...]
    newest: dict[str, str]

    @classmethod
    def read(cls) -> LibraryTable:
        """Return the table in `system_libraries.toml`."""
        told = tomllib.loads(TABLE.read_text(encoding="utf-8"))
        libraries = tuple(SystemLibrary(pattern, **entry) for pattern, entry in told["library"].items())
        return cls(libraries, tuple(told["bundled"]), dict(told["newest"]))

    def find(self, soname: str) -> SystemLibrary | None:
        """Return a library of the system by its name."""
        return next((each for each in self.libraries if each.holds(soname)), None)

    def is_bundled(self, name: str) -> bool:
        """Whether a library of the build machine is bundled."""
        return any(fnmatchcase(name, pattern) for pattern in self.bundled)

    def problems(self, needed: Iterable[str], bundled: Iterable[str], code: Iterable[bytes] = ()) -> list[str]:
        """Return a sentence for each library that is missing or bundled by mistake, and each symbol that is too new.

        Args:
            needed: Names of the libraries that the frozen files load.
            bundled: Names of the frozen libraries.
            code: Contents of the frozen files.
        """
        there = set(bundled)
        missing = [name for name in sorted(set(needed) - there) if self.find(name) is None]
        twice = [name for name in sorted(there) if self.find(name) is not None]
        found = [f"{name} is needed, and neither bundled nor a library of the system" for name in missing]
        found += [f"{name} is bundled, but is a library of the system" for name in twice]
        for contents in code:
            for prefix, newest in self.newest.items():
                version = newest_symbol(prefix, [contents])
                if _numbers(version) > _numbers(newest):
                    found.append(f"{prefix}_{version} is newer than {prefix}_{newest} of the oldest supported system")
        return sorted(set(found))

    def debian(self, needed: Iterable[str], code: Iterable[bytes]) -> str:
        """Return the packages that Debian must install for these libraries, as text of a control file.

        Args:
            needed: Names of the libraries that the files load.
            code: Contents of the files, which name the symbol versions.
        """
        contents = list(code)
        named: dict[str, str] = {}
        for library in self.libraries:
            if any(library.holds(name) for name in needed):
                version = newest_symbol(library.symbols, contents) if library.symbols else ""
                choices = library.deb.split(" | ")
                named[library.deb] = " | ".join(f"{each} (>= {version})" if version else each for each in choices)
        return ", ".join(named.values())


def newest_symbol(prefix: str, code: Iterable[bytes]) -> str:
    """Return the newest symbol version with a prefix that files name, without the prefix; empty if there is none."""
    pattern = re.compile(rb"\0" + prefix.encode() + rb"_(\d+(?:\.\d+)+)(?=\0)")
    return max((found.decode() for each in code for found in pattern.findall(each)), key=_numbers, default="")


def needed_by(files: Iterable[Path]) -> set[str]:
    """Return the names of the libraries that these files of machine code load at their start.

    Raises:
        subprocess.CalledProcessError: If a file is damaged.
    """
    every, found = [*map(str, files)], set[str]()
    for first in range(0, len(every), _BATCH):
        command = ["readelf", "--dynamic", "--wide", *every[first : first + _BATCH]]
        found.update(_NEEDED.findall(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return found


def machine_code(folder: Path) -> Iterator[Path]:
    """Yield the machine code files, which are identified by their first bytes, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".") if each)


def main(frozen: Path) -> int:
    """Print what is wrong with the libraries of a frozen folder. Returns 1 if anything is."""
    files = list(machine_code(frozen))
    names = [path.name for path in frozen.rglob("*.so*")]
    problems = LibraryTable.read().problems(needed_by(files), names, (path.read_bytes() for path in files))
    for problem in problems:
        print(f"{frozen}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
