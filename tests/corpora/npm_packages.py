"""Packages of the npm registry, fetched by the npm command into a folder that is thrown away."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_TIMEOUT_S = 120


@contextmanager
def npm_package(name: str) -> Generator[Path]:
    """A package's files, without what they depend on and without running anything of theirs."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run(
            ["npm", "pack", "--silent", name], cwd=folder, check=True, timeout=_TIMEOUT_S, stdout=subprocess.DEVNULL
        )
        (archive,) = folder.glob("*.tgz")
        with tarfile.open(archive) as held:
            held.extractall(folder, filter="data")
        yield folder / "package"
