"""Authenticode signatures of the MSI, and of all unsigned programs and libraries in a folder.

python packaging/signing/windows.py FROZEN     sign the programs in a frozen folder before the MSI is built
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from keys import Keys, Refused, run

_PROGRAMS = (".exe", ".com", ".dll", ".pyd")
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
    """Sign a program or MSI in place. A timestamp is added if an authority is specified.

    Raises:
        Refused: If there is no key or signing fails.
    """
    if not (keys.certificate and keys.key):
        raise Refused("PARAGONE_WINDOWS_CERT and PARAGONE_WINDOWS_KEY name no certificate and key")
    signed = path.with_name(f"{path.name}.signed")
    words = ["osslsigncode", "sign", "-h", "sha256", "-certs", keys.certificate, "-key", keys.key, *_ABOUT]
    if keys.module:
        words += ["-pkcs11module", keys.module]
    if keys.password:
        words += ["-readpass", "-"]
    try:
        run([*words, *_timestamp(keys), "-in", path, "-out", signed], given=keys.password)
        signed.replace(path)
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


def _timestamp(keys: Keys) -> list[str]:
    if not keys.timestamp:
        return []
    if "://" in keys.timestamp:
        return ["-ts", keys.timestamp]
    certificate, _, key = keys.timestamp.rpartition(":")
    return ["-TSA-certs", certificate, "-TSA-key", key]


if __name__ == "__main__":
    try:
        for each in sign_folder(Keys.of(os.environ), Path(sys.argv[1])):
            print(f"signed: {each}")
    except Refused as problem:
        sys.exit(str(problem))
