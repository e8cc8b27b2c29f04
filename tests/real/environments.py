"""Where the servers come from: environments of Python, and Debian packages unpacked without installing them."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from tests.real.outcome_table import NotTriedError

_INSTALL_S = 2400
_MARK = "installed.txt"


def python_with(folder: Path, name: str, *packages: str, binary: bool = True) -> Path:
    """The Python of an environment below `folder` with these packages, made once. Raises NotTriedError."""
    place = folder / name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = place / _MARK
    wanted = "\n".join(packages)
    if python.exists() and mark.exists() and mark.read_text("utf-8") == wanted:
        return python
    if not python.exists():
        venv.create(place, with_pip=True)
    only = ("--only-binary", ":all:") if binary else ()  # nothing of theirs runs while it is installed
    _run((str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *only, *packages))
    mark.write_text(wanted, "utf-8")
    return python


def version_of(python: Path, distribution: str) -> str:
    """The version of a distribution in an environment."""
    script = f"from importlib.metadata import version; print(version({distribution!r}))"
    return subprocess.run((str(python), "-c", script), check=True, capture_output=True, text=True).stdout.strip()


def program_of(folder: Path, name: str, packages: Sequence[str]) -> tuple[Path, dict[str, str]]:
    """A program of the system, else of Debian packages unpacked below `folder`, and what its environment needs.

    Raises NotTriedError.
    """
    if (found := shutil.which(name)) is not None:
        return Path(found), {}
    root = folder / "debian"
    places = [root / "usr" / part / name for part in ("sbin", "bin")]
    if not any(place.exists() for place in places):
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise NotTriedError(f"{name} is not installed, and there is no apt-get to fetch it")
        fetched = folder / "fetched"
        fetched.mkdir(parents=True, exist_ok=True)
        for package in packages:
            _run(("apt-get", "download", "-q", package), cwd=fetched)
            for file in fetched.glob(f"{package}_*.deb"):
                _run(("dpkg-deb", "-x", str(file), str(root)))
    libraries = [str(path) for path in (root / "usr/lib").glob("*-linux-gnu")]
    for place in places:
        if place.exists():
            return place, {"LD_LIBRARY_PATH": os.pathsep.join(libraries)}
    raise NotTriedError(f"the package of {name} has no such program")


def _run(words: Sequence[str], cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=_INSTALL_S)
    except subprocess.TimeoutExpired as error:
        raise NotTriedError(f"`{' '.join(words[-2:])}` took too long") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise NotTriedError(f"it cannot be installed: {last[:160]}")
