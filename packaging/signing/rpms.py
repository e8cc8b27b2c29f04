"""Signatures of the rpm packages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from keys import Keys, Refused, run


def sign(keys: Keys, packages: Iterable[Path]) -> None:
    """Sign packages in place. Raises Refused."""
    if not keys.gpg:
        raise Refused("PARAGONE_GPG_KEY names no key")
    for package in sorted(packages):
        run(["rpmsign", "--define", f"_gpg_name {keys.gpg}", "--addsign", package])


def verify(package: Path, public: Path) -> None:
    """Hold a package to one key, whatever keys this machine's rpm knows. Raises Refused."""
    with tempfile.TemporaryDirectory() as folder:
        database = ("--dbpath", folder)
        run(["rpmkeys", *database, "--import", public])
        level = ("--define", "_pkgverify_level all")
        said = run(["rpmkeys", *database, *level, "--checksig", "--verbose", package])
    if "signature" not in said.lower() or "NOKEY" in said or "NOT OK" in said:
        raise Refused(f"{package.name} is not signed by this key")
