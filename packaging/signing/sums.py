"""Signed checksums (SHA256SUMS) of all release files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from keys import Keys, Refused, gpg_sign, run

SUMS = "SHA256SUMS"


def sign(keys: Keys, folder: Path, files: Iterable[Path]) -> None:
    """Write and sign the checksums.

    Raises:
        Refused: If signing fails.
    """
    lines = [f"{digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in sorted(files)]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    gpg_sign(keys, folder / SUMS, folder / f"{SUMS}.asc", clear=False)


def verify(folder: Path, public: Path) -> list[str]:
    """Verify the checksums, which must be signed with the key in `public`, and return the names of the files.

    Raises:
        Refused: If a checksum or the signature is invalid.
    """
    check_signature(public, folder / f"{SUMS}.asc", folder / SUMS)
    names: list[str] = []
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        if not (folder / name).is_file():
            raise Refused(f"{name} is named by {SUMS} and is not there")
        if digest(folder / name) != wanted:
            raise Refused(f"{name} is not what {SUMS} says: it was changed")
        names.append(name)
    return names


def check_signature(public: Path, signature: Path, file: Path | None = None) -> None:
    """Verify a signature with a single key, ignoring the keys that this computer knows.

    Raises:
        Refused: If the signature is missing or invalid.
    """
    if not signature.is_file():
        raise Refused(f"{signature.name} is not there: this is not signed")
    ring = signature.parent / ".ring.gpg"
    try:
        run(["gpg", "--batch", "--yes", "--dearmor", "--output", ring, public])
        run(["gpgv", "--keyring", ring, signature, *([file] if file is not None else [])])
    finally:
        ring.unlink(missing_ok=True)


def digest(file: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
