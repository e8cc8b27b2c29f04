"""Signatures of RPM packages."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from keys import Keys, Refused, run


def sign(keys: Keys, packages: Iterable[Path]) -> None:
    """Sign packages in place.

    Raises:
        Refused: If there is no key or signing fails.
    """
    if not keys.gpg:
        raise Refused("PARAGONE_GPG_KEY names no key")
    # Debian 12's rpm looks for gpg2, which is not installed there.
    program = ("--define", f"__gpg {shutil.which('gpg') or 'gpg'}")
    for package in sorted(packages):
        run(["rpmsign", *program, "--define", f"_gpg_name {keys.gpg}", "--addsign", package])


def verify(package: Path, public: Path) -> None:
    """Verify a package with a single key, ignoring the keys that RPM knows on this computer.

    Raises:
        Refused: If the signature is invalid.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = ("--dbpath", folder)
        run(["rpmkeys", *database, "--import", public])
        level = ("--define", "_pkgverify_level all")
        said = run(["rpmkeys", *database, *level, "--checksig", "--verbose", package])
    if "signature" not in said.lower() or "NOKEY" in said or "NOT OK" in said:
        raise Refused(f"{package.name} is not signed by this key")
