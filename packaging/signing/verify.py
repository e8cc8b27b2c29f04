"""Verify downloaded files before installation, as described in docs/administration/verifying.md.

    python packaging/signing/verify.py FOLDER --key paragone.asc [--ca ca.pem]

Exits with status 1 at the first file that was changed, is unsigned, or is signed with another key.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import apt
import rpms
import sums
import windows
from keys import Refused


def main(words: list[str]) -> int:
    """Verify a folder, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the public key that releases are signed with")
    parser.add_argument("--ca", type=Path, help="the authority of the Windows certificate, where there is an MSI")
    given = parser.parse_args(words)
    try:
        for name in verify(given.folder, given.key, given.ca):
            print(f"good: {name}")
    except Refused as problem:
        print(f"refused: {problem}", file=sys.stderr)
        return 1
    return 0


def verify(folder: Path, key: Path, ca: Path | None) -> list[str]:
    """Return sentences about all valid files.

    Raises:
        Refused: If any file is invalid.
    """
    good = sums.verify(folder, key)
    for package in sorted(folder.glob("*.rpm")):
        rpms.verify(package, key)
    for package in sorted(folder.glob("*.msi")):
        if ca is None:
            raise Refused(f"{package.name} needs --ca to be verified")
        windows.verify(package, ca)
    if (folder / "apt").is_dir():
        apt.verify(folder / "apt", key)
        good.append("apt (the repository)")
    named = {
        path.name for pattern in ("*.deb", "*.rpm", "*.msi", "*.AppImage", "*.pkg") for path in folder.glob(pattern)
    }
    if strangers := sorted(named - set(good)):
        raise Refused(f"{strangers[0]} is not named by {sums.SUMS}")
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
