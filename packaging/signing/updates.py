"""Make the signed file that names the newest version, for Paragone's check for updates.

    python packaging/signing/updates.py OUT [NOTES]     the version in pyproject.toml, valid for 90 days
    python packaging/signing/updates.py --public        print the public key for the policy UpdateKey

PARAGONE_UPDATES_KEY names a PEM file with an Ed25519 private key (openssl genpkey -algorithm ed25519).
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from keys import Refused

ROOT = Path(__file__).resolve().parents[2]
VALID_DAYS = 90


def main(words: list[str]) -> int:
    """Write the file or print the key. If something is missing, print a sentence and return 1."""
    try:
        key = private_key(os.environ.get("PARAGONE_UPDATES_KEY", ""))
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    if words[:1] == ["--public"]:
        print(public_text(key))
        return 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    text = signed(key, version, datetime.now(UTC).date(), words[1] if len(words) > 1 else "")
    Path(words[0]).write_text(text, encoding="utf-8", newline="\n")
    return 0


def private_key(name: str) -> Ed25519PrivateKey:
    """Return the private key in a PEM file.

    Raises:
        Refused: If there is none, or it is of another kind.
    """
    if not name:
        raise Refused("PARAGONE_UPDATES_KEY names no key")
    try:
        key = load_pem_private_key(Path(name).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"{name}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(f"{name} holds no Ed25519 key")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key in Base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(key: Ed25519PrivateKey, version: str, published: date, notes: str) -> str:
    """Return the contents of the file."""
    expires = published + timedelta(days=VALID_DAYS)
    facts = {"version": version, "published": published.isoformat(), "expires": expires.isoformat(), "notes": notes}
    release = json.dumps(facts)
    return json.dumps({"release": release, "signature": base64.b64encode(key.sign(release.encode())).decode()}) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
