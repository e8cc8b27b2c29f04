"""Authenticode signatures of the MSI, and of all unsigned programs and libraries in a folder.

python packaging/signing/windows.py FROZEN     sign the programs in a frozen folder before the MSI is built
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path

from keys import Keys, Refused, run

_PROGRAMS = (".exe", ".com", ".dll", ".pyd")
_ATTEMPTS, _PAUSE_S = 3, 10
"""How often each timestamp authority is asked, and the pause between two attempts in seconds."""

_ABOUT = ("-n", "Paragone", "-i", "https://paragone.app/")


def sign_folder(keys: Keys, frozen: Path) -> list[Path]:
    """Sign the unsigned programs and libraries in a folder, and return their paths.

    Raises:
        Refused: If signing fails.
    """
    unsigned = [path for path in sorted(frozen.rglob("*")) if path.suffix.lower() in _PROGRAMS and not is_signed(path)]
    for path in unsigned:
        sign(keys, path)
    return unsigned


def is_signed(path: Path) -> bool:
    """Whether a program has any signature. Existing ones, such as those of Qt and Python, are preserved."""
    data = path.read_bytes()
    if data[:2] != b"MZ":
        return False
    header = int.from_bytes(data[60:64], "little")
    wide = data[header + 24 : header + 26] == b"\x0b\x02"  # PE32+
    entry = header + 24 + (112 if wide else 96) + 4 * 8  # entry of the certificate table
    return int.from_bytes(data[entry + 4 : entry + 8], "little") > 0


def sign(keys: Keys, path: Path) -> None:
    """Sign a program or MSI in place, with one timestamp if an authority is specified.

    Authorities are asked in turn, several times, because they often fail for a moment.

    Raises:
        Refused: If there is no key or signing fails.
    """
    if keys.signer:
        run([word.replace("{file}", str(path)) for word in shlex.split(keys.signer)])
        return
    if not (keys.certificate and keys.key):
        raise Refused("PARAGONE_WINDOWS_CERT and PARAGONE_WINDOWS_KEY name no certificate and key")
    signed = path.with_name(f"{path.name}.signed")
    words = ["osslsigncode", "sign", "-h", "sha256", "-certs", keys.certificate, "-key", keys.key, *_ABOUT]
    if keys.module:
        words += ["-pkcs11module", keys.module]
    if keys.password:
        words += ["-readpass", "-"]
    ways = [way for _ in range(_ATTEMPTS) for way in _timestamps(keys)]
    for attempt, way in enumerate(ways):
        try:
            run([*words, *way, "-in", path, "-out", signed], given=keys.password)
        except Refused:
            if attempt == len(ways) - 1 or "-ts" not in way:
                raise
            time.sleep(_PAUSE_S)
        else:
            signed.replace(path)
            return
        finally:
            signed.unlink(missing_ok=True)


def verify(path: Path, ca: Path) -> None:
    """Verify a signature and its timestamp with a single certificate authority.

    Raises:
        Refused: If the signature is invalid.
    """
    output = run(["osslsigncode", "verify", "-CAfile", ca, "-TSA-CAfile", ca, "-in", path])
    if "Signature verification: ok" not in output:
        raise Refused(f"{path.name} is not signed as it must be")


def _timestamps(keys: Keys) -> list[list[str]]:
    """Return the options for each timestamp authority; one empty list if there is none."""
    if not keys.timestamp:
        return [[]]
    if "://" in keys.timestamp:
        return [["-ts", address] for address in keys.timestamp.split()]
    certificate, _, key = keys.timestamp.rpartition(":")
    return [["-TSA-certs", certificate, "-TSA-key", key]]


if __name__ == "__main__":
    try:
        for each in sign_folder(Keys.of(os.environ), Path(sys.argv[1])):
            print(f"signed: {each}")
    except Refused as problem:
        sys.exit(str(problem))
