"""Join the files that the release workflows of the systems made into one folder, with one signed list of checksums.

    python packaging/signing/join.py ARTIFACTS OUT

ARTIFACTS has one folder per build, named after it. Bills of materials get its name: paragone-linux-x86_64.cdx.json.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import sums
from keys import Keys, Refused
from sign import RELEASED

SYSTEMS = ("linux", "windows", "macos")


def main(artifacts: Path, out: Path) -> int:
    """Join and sign. If something is missing, print a sentence and return 1."""
    try:
        for path in join(Keys.of(os.environ), artifacts, out):
            print(f"joined: {path.name}")
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def join(keys: Keys, artifacts: Path, out: Path) -> list[Path]:
    """Copy all release files to `out`, sign their checksums, and return their paths.

    Raises:
        Refused: If a system is missing, two builds made a file of the same name, or signing fails.
    """
    builds = sorted(path for path in artifacts.iterdir() if path.is_dir())
    if absent := [system for system in SYSTEMS if not any(path.name.startswith(system) for path in builds)]:
        raise Refused(f"there is no build for {', '.join(absent)}")
    out.mkdir(parents=True)
    joined: list[Path] = []
    for build in builds:
        for path in sorted(path for pattern in RELEASED for path in build.glob(pattern)):
            name = f"paragone-{build.name}.cdx.json" if path.name == "paragone.cdx.json" else path.name
            if (out / name).exists():
                raise Refused(f"{name} was made by two builds")
            joined.append(Path(shutil.copy2(path, out / name)))
    sums.sign(keys, out, joined)
    return joined


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
