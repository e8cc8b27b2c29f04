"""Sign all release files in dist/ with the keys specified in the environment (keys.py).

    python packaging/signing/sign.py [DIST]

Debian packages are added to a signed repository, dist/apt. RPM packages and the MSI are signed directly. The checksums
of all files are signed, too.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import apt
import rpms
import sums
import windows
from keys import Keys, Refused

DIST = Path(__file__).resolve().parents[2] / "dist"
RELEASED = ("*.deb", "*.rpm", "*.msi", "*.AppImage", "*.pkg", "*.cdx.json")


def main(dist: Path = DIST) -> int:
    """Sign everything. If something is missing, print a sentence and return 1."""
    try:
        released = sign(Keys.of(os.environ), dist)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    for path in released:
        print(f"signed: {path.name}")
    return 0


def sign(keys: Keys, dist: Path) -> list[Path]:
    """Sign all release files, and return their paths.

    Raises:
        Refused: If a tool or key is missing.
    """
    if debs := [*dist.glob("*.deb")]:
        apt.sign(keys, dist / "apt", debs, datetime.now(UTC))
    rpms.sign(keys, dist.glob("*.rpm"))
    for package in sorted(dist.glob("*.msi")):
        windows.sign(keys, package)
    released = sorted(path for pattern in RELEASED for path in dist.glob(pattern))
    if not released:
        raise Refused(f"{dist} holds nothing to sign")
    sums.sign(keys, dist, released)
    return released


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
