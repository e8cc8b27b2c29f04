"""Signed apt repository with the Debian packages: pool, index of each architecture, and an InRelease file that expires.

python packaging/signing/apt.py sign REPOSITORY PACKAGE...    lay out and sign a repository
python packaging/signing/apt.py renew REPOSITORY KEY          renew a repository that is signed with the public KEY
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import takewhile
from pathlib import Path

from keys import Keys, Refused, gpg_sign, run
from sums import check_signature, digest

VALID_DAYS = 60
"""Days after which apt considers the repository outdated, so that replayed old versions are detected."""

_SUITE, _COMPONENT = "stable", "main"


def main(words: list[str]) -> int:
    """Sign or renew a repository. If something is missing or does not match, print a sentence and return 1."""
    action, repository, *files = words
    keys, now = Keys.of(os.environ), datetime.now(UTC)
    try:
        if action == "sign":
            sign(keys, Path(repository), map(Path, files), now)
        else:
            renew(keys, Path(repository), Path(files[0]), now)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def sign(keys: Keys, repository: Path, packages: Iterable[Path], now: datetime) -> None:
    """Lay out and sign the repository.

    Raises:
        Refused: If a tool or key is missing.
    """
    shutil.rmtree(repository, ignore_errors=True)
    pool = repository / "pool" / _COMPONENT
    pool.mkdir(parents=True)
    for package in sorted(packages):
        shutil.copy2(package, pool / package.name)
    for architecture in _architectures(repository):
        index = _index(repository, architecture)
        index.mkdir(parents=True)
        listed = run(["apt-ftparchive", "--arch", architecture, "packages", "pool"], folder=repository).encode()
        (index / "Packages").write_bytes(listed)
        (index / "Packages.gz").write_bytes(gzip.compress(listed, mtime=0))
    _sign_release(keys, repository, now)


def renew(keys: Keys, repository: Path, public: Path, now: datetime) -> None:
    """Sign the repository again, so that it stays valid, after verifying that nothing in it was changed.

    Raises:
        Refused: If anything does not match, or a tool or key is missing.
    """
    verify(repository, public)
    _sign_release(keys, repository, now)


def _sign_release(keys: Keys, repository: Path, now: datetime) -> None:
    suite = repository / "dists" / _SUITE
    for name in ("Release", "InRelease", "Release.gpg"):
        (suite / name).unlink(missing_ok=True)  # else they would be listed
    (suite / "Release").write_text(_release(repository, now), encoding="utf-8")
    gpg_sign(keys, suite / "Release", suite / "InRelease", clear=True)
    gpg_sign(keys, suite / "Release", suite / "Release.gpg", clear=False)


def verify(repository: Path, public: Path) -> None:
    """Verify the signatures, indexes and packages of the repository with a single key.

    Raises:
        Refused: If anything does not match.
    """
    suite = repository / "dists" / _SUITE
    check_signature(public, suite / "Release.gpg", suite / "Release")
    check_signature(public, suite / "InRelease")
    after = (suite / "Release").read_text(encoding="utf-8").partition("\nSHA256:\n")[2]
    for wanted, _, name in (line.split() for line in takewhile(lambda line: line.startswith(" "), after.splitlines())):
        _hold(suite / name, wanted)
    for architecture in _architectures(repository):
        text = (_index(repository, architecture) / "Packages").read_text(encoding="utf-8")
        for stanza in text.strip().split("\n\n"):
            facts = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
            _hold(repository / facts["Filename"], facts["SHA256"])


def source_line(repository: Path, keyring: Path) -> str:
    """Return the line that adds the repository to apt."""
    return f"deb [signed-by={keyring}] file:{repository} {_SUITE} {_COMPONENT}\n"


def _architectures(repository: Path) -> list[str]:
    """Return the architectures of the packages in the pool, which are in the names of their files."""
    return sorted({path.stem.rpartition("_")[2] for path in (repository / "pool").rglob("*.deb")})


def _index(repository: Path, architecture: str) -> Path:
    return repository / "dists" / _SUITE / _COMPONENT / f"binary-{architecture}"


def _hold(file: Path, wanted: str) -> None:
    if not file.is_file() or digest(file) != wanted:
        raise Refused(f"{file.name} is not what the repository signed: it was changed")


def _release(repository: Path, now: datetime) -> str:
    facts = {
        "Origin": "Paragone",
        "Label": "Paragone",
        "Suite": _SUITE,
        "Codename": _SUITE,
        "Architectures": " ".join(_architectures(repository)),
        "Components": _COMPONENT,
        "Date": _date(now),
    }
    options = [word for name, value in facts.items() for word in ("-o", f"APT::FTPArchive::Release::{name}={value}")]
    made = run(["apt-ftparchive", *options, "release", f"dists/{_SUITE}"], folder=repository)
    # apt-ftparchive would count from the current time, ignoring Date
    return f"Valid-Until: {_date(now + timedelta(days=VALID_DAYS))}\n{made}"


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
