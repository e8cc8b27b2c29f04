"""Signing keys of releases, specified in the environment and never stored in the repository; throwaway keys for tests.

PARAGONE_GPG_KEY             fingerprint of the key in GNUPGHOME (or a token) that signs Linux packages and checksums
PARAGONE_WINDOWS_CERT        the code-signing certificate with its chain, PEM
PARAGONE_WINDOWS_KEY         its key: a PEM file, or a token's URI if PARAGONE_PKCS11_MODULE names its library
PARAGONE_WINDOWS_PASSWORD    the key's password, if any
PARAGONE_TIMESTAMP           addresses of timestamp authorities (RFC 3161), or CERT:KEY, two local PEM files
PARAGONE_WINDOWS_SIGNER      instead of all these, the command of a cloud signer; {file} is what it signs in place
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class Refused(Exception):
    """Raised if a requirement is missing or a signature is invalid, with one sentence as the message."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Locations of the signing keys. Those that are not specified are empty."""

    gpg: str = ""
    certificate: str = ""
    key: str = ""
    password: str = ""
    module: str = ""
    timestamp: str = ""
    signer: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Keys:
        """Return the keys that the environment specifies."""
        return cls(
            gpg=environ.get("PARAGONE_GPG_KEY", ""),
            certificate=environ.get("PARAGONE_WINDOWS_CERT", ""),
            key=environ.get("PARAGONE_WINDOWS_KEY", ""),
            password=environ.get("PARAGONE_WINDOWS_PASSWORD", ""),
            module=environ.get("PARAGONE_PKCS11_MODULE", ""),
            timestamp=environ.get("PARAGONE_TIMESTAMP", ""),
            signer=environ.get("PARAGONE_WINDOWS_SIGNER", ""),
        )


def run(words: Sequence[str | Path], *, given: str = "", folder: Path | None = None) -> str:
    """Return the output of a command.

    Raises:
        Refused: If the command fails or is not installed.
    """
    command = [*map(str, words)]
    if shutil.which(command[0]) is None:
        raise Refused(f"{command[0]} is not installed")
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=environ, cwd=folder, check=False)
    if done.returncode:
        raise Refused(f"{command[0]}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout + done.stderr


def gpg_sign(keys: Keys, file: Path, out: Path, *, clear: bool) -> None:
    """Sign a file: with an inline signature if `clear`, otherwise with a detached one.

    Raises:
        Refused: If there is no key or signing fails.
    """
    if not keys.gpg:
        raise Refused("PARAGONE_GPG_KEY names no key")
    way = "--clearsign" if clear else "--detach-sign"
    run(["gpg", "--batch", "--yes", "--armor", "--local-user", keys.gpg, "--output", out, way, file])


def make_throwaway(folder: Path) -> dict[str, str]:
    """Create test keys that are valid for a short time, and return the environment that specifies them."""
    home = folder / "gnupg"
    home.mkdir(mode=0o700, parents=True)
    os.environ["GNUPGHOME"] = str(home)
    name = "Paragone throw-away <nobody@paragone.invalid>"
    run(["gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "1d"])
    listed = run(["gpg", "--list-keys", "--with-colons"])
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
    run(["gpg", "--armor", "--output", folder / "paragone.asc", "--export", fingerprint])
    _certificate(folder, "ca", "Paragone throw-away CA", "basicConstraints=critical,CA:TRUE", "")
    _certificate(folder, "code", "Paragone throw-away", "extendedKeyUsage=critical,codeSigning", "ca")
    _certificate(folder, "time", "Paragone throw-away time", "extendedKeyUsage=critical,timeStamping", "ca")
    return {
        "GNUPGHOME": str(home),
        "PARAGONE_GPG_KEY": fingerprint,
        "PARAGONE_GPG_PUBLIC": str(folder / "paragone.asc"),
        "PARAGONE_WINDOWS_CERT": str(folder / "code.pem"),
        "PARAGONE_WINDOWS_KEY": str(folder / "code.key"),
        "PARAGONE_WINDOWS_CA": str(folder / "ca.pem"),
        "PARAGONE_TIMESTAMP": f"{folder / 'time.pem'}:{folder / 'time.key'}",
    }


def _certificate(folder: Path, name: str, subject: str, extension: str, issuer: str) -> None:
    """Create a key and a certificate that is signed by an issuer in the folder, or self-signed."""
    signed_by = ("-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key") if issuer else ()
    words = ("openssl", "req", "-x509", "-newkey", "rsa:3072", "-sha256", "-nodes", "-days", "2")
    subject_words = ("-subj", f"/CN={subject}", "-addext", extension)
    run([*words, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", *subject_words, *signed_by])


if __name__ == "__main__":
    # python packaging/signing/keys.py FOLDER: lines for the shell
    for variable, value in make_throwaway(Path(sys.argv[1]).absolute()).items():
        print(f"export {variable}='{value}'")
