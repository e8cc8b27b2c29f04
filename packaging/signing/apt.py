"""Signed apt repository with the Debian packages: pool, index, and an InRelease file that expires."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import takewhile
from pathlib import Path

from keys import Keys, Refused, gpg_sign, run
from sums import check_signature, digest

VALID_DAYS = 60
"""Days after which apt considers the repository outdated, so that replayed old versions are detected."""

_SUITE, _COMPONENT, _ARCHITECTURE = "stable", "main", "amd64"


def sign(keys: Keys, repository: Path, packages: Iterable[Path], now: datetime) -> None:
    """Lay out and sign the repository.

    Raises:
        Refused: If a tool or key is missing.
    """
    shutil.rmtree(repository, ignore_errors=True)
    pool = repository / "pool" / _COMPONENT
    index = repository / "dists" / _SUITE / _COMPONENT / f"binary-{_ARCHITECTURE}"
    pool.mkdir(parents=True)
    index.mkdir(parents=True)
    for package in sorted(packages):
        shutil.copy2(package, pool / package.name)
    listed = run(["apt-ftparchive", "packages", "pool"], folder=repository).encode()
    (index / "Packages").write_bytes(listed)
    (index / "Packages.gz").write_bytes(gzip.compress(listed, mtime=0))
    suite = repository / "dists" / _SUITE
    (suite / "Release").write_text(_release(repository, now), encoding="utf-8")
    gpg_sign(keys, suite / "Release", suite / "InRelease", clear=True)
    gpg_sign(keys, suite / "Release", suite / "Release.gpg", clear=False)


def verify(repository: Path, public: Path) -> None:
    """Verify the signatures, index and packages of the repository with a single key.

    Raises:
        Refused: If anything does not match.
    """
    suite = repository / "dists" / _SUITE
    check_signature(public, suite / "Release.gpg", suite / "Release")
    check_signature(public, suite / "InRelease")
    after = (suite / "Release").read_text(encoding="utf-8").partition("\nSHA256:\n")[2]
    for wanted, _, name in (line.split() for line in takewhile(lambda line: line.startswith(" "), after.splitlines())):
        _hold(suite / name, wanted)
    index = suite / _COMPONENT / f"binary-{_ARCHITECTURE}" / "Packages"
    for stanza in index.read_text(encoding="utf-8").strip().split("\n\n"):
        facts = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
        _hold(repository / facts["Filename"], facts["SHA256"])


def source_line(repository: Path, keyring: Path) -> str:
    """Return the line that adds the repository to apt."""
    return f"deb [arch={_ARCHITECTURE} signed-by={keyring}] file:{repository} {_SUITE} {_COMPONENT}\n"


def _hold(file: Path, wanted: str) -> None:
    if not file.is_file() or digest(file) != wanted:
        raise Refused(f"{file.name} is not what the repository signed: it was changed")


def _release(repository: Path, now: datetime) -> str:
    facts = {
        "Origin": "Paragone",
        "Label": "Paragone",
        "Suite": _SUITE,
        "Codename": _SUITE,
        "Architectures": _ARCHITECTURE,
        "Components": _COMPONENT,
        "Date": _date(now),
    }
    options = [word for name, value in facts.items() for word in ("-o", f"APT::FTPArchive::Release::{name}={value}")]
    made = run(["apt-ftparchive", *options, "release", f"dists/{_SUITE}"], folder=repository)
    # apt-ftparchive would count from the current time, ignoring Date
    return f"Valid-Until: {_date(now + timedelta(days=VALID_DAYS))}\n{made}"


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
