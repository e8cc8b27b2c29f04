"""What a frozen folder is made of: the packages of the lock, and parts that no package names."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part. `licence` is an SPDX identifier; `version` is empty where it cannot be told."""

    name: str
    publisher: str
    licence: str
    version: str
    notice: str
    kind: str = "library"


def parts(python: Path, frozen: Path) -> list[Part]:
    """The parts of parts.toml that are there, their versions asked of the Python that was frozen and of the folder."""
    declared = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))["part"]
    found = [
        Part(
            name=each["name"],
            publisher=each["publisher"],
            licence=each["licence"],
            version=_asked(python, each["version"]) if "version" in each else _of_file(frozen, each["file"]),
            notice=" ".join(each["notice"].split()),
            kind=each.get("kind", "library"),
        )
        for each in declared
    ]
    return [part for part in found if part.version]


def locked(lock: Path) -> set[str]:
    """The packages of a lock, their names written alike."""
    found = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {alike(name) for name in found}


def alike(name: str) -> str:
    """A package's name as all spellings of it compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(python: Path, expression: str) -> str:
    done = subprocess.run([str(python), "-c", f"print({expression})"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _of_file(frozen: Path, pattern: str) -> str:
    found = next(iter(sorted(frozen.rglob(pattern))), None)
    if found is None:
        return ""
    number = found.name.rpartition(".")[2]
    return number if number.isdigit() else "as shipped"
