"""Components of a frozen folder: the locked packages, and parts that are not packages."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

_UNKNOWN = "as shipped"
"""Version of a part that does not tell its own."""

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A component that is not a package. `licence` is an SPDX identifier; `version` is empty if unknown.

    `files` are patterns of its files in the folder of the libraries, `inside` of files of packages that contain it.
    `purl` and `cpe` identify it in databases of vulnerabilities.
    """

    name: str
    publisher: str
    licence: str
    version: str
    notice: str
    kind: str = "library"
    files: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    purl: str = ""
    cpe: str = ""


def parts(python: Path, frozen: Path) -> list[Part]:
    """Return the components in parts.toml that exist, with versions from the frozen Python and the folder."""
    declared = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))["part"]
    components: list[Part] = []
    for each in declared:
        version = _of_file(frozen, each["file"]) if "file" in each else _asked(python, each["version"])
        if version and {"file", "version"} <= each.keys():
            version = _asked(python, each["version"])  # that of the file's name is a guess
        named = "*" if version == _UNKNOWN else version
        known = {"version": named, "build": version.split(".")[2] if version.count(".") == 3 else named}
        part = Part(
            name=each["name"],
            publisher=each["publisher"],
            licence=each["licence"],
            version=version,
            notice=" ".join(each["notice"].split()),
            kind=each.get("kind", "library"),
            files=(*each.get("files", ()), *((each["file"], f"*/{each['file']}") if "file" in each else ())),
            inside=tuple(each.get("inside", ())),
            purl=each["purl"].format_map(known).removesuffix("@*").removesuffix("@v*"),
            cpe=f"{each['cpe'].format_map(known)}{':*' * 7}" if "cpe" in each else "",
        )
        if part.version:
            components.append(part)
    return components


def locked(lock: Path) -> set[str]:
    """Return the normalized names of the packages in a lock file."""
    names = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return {alike(name) for name in names}


def alike(name: str) -> str:
    """Return a package's normalized name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(python: Path, expression: str) -> str:
    done = subprocess.run([str(python), "-c", f"print({expression})"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _of_file(frozen: Path, pattern: str) -> str:
    found = next(iter(sorted(frozen.rglob(pattern))), None)
    if found is None:
        return ""
    number = found.name.rpartition(".so.")[2]
    return number if re.fullmatch(r"[\d.]+", number) else _UNKNOWN
