"""Reads the signed file that names the newest version. Nothing is downloaded or installed.

The file is JSON: `release` is a text that holds JSON with `version`, `published`, `expires` and `notes`; `signature` is
the Ed25519 signature of that text's UTF-8 bytes, in Base64.
"""

from __future__ import annotations

import base64
import re
import tomllib
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from desktop.errors import AddressInsecure, AddressInvalid, UpdateCheckFailed, UsageError
from desktop.net.options import NetworkOptions
from desktop.net.origin import origin_of
from desktop.net.small_request import small_request
from desktop.settings.policy import UPDATE_ADDRESS, UPDATE_CHECK, UPDATE_KEY, Policy
from desktop.text.phrases import phrase

_MOST_BYTES = 64 << 10


class UpdateSource(Struct, frozen=True):
    """Where the file is, and the Ed25519 public key in Base64 that signs it. Both are empty if updates are unknown."""

    address: str = ""
    key: str = ""


class Release(Struct, frozen=True):
    """The newest version. `expires` is the last day on which the file is valid; `notes` is a page to read, or empty."""

    version: str
    published: date
    expires: date
    notes: str = ""


class _Signed(Struct, frozen=True):
    release: str
    signature: str


def source_of(policy: Policy, file: Path) -> UpdateSource:
    """Return the policy's source of updates, or the one in a build's own file.

    Raises:
        PolicyForbids: If policy does not allow checks for updates.
    """
    policy.require(UPDATE_CHECK)
    if address := policy.get(UPDATE_ADDRESS):
        return UpdateSource(address, policy.get(UPDATE_KEY))
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), UpdateSource) if file.is_file() else UpdateSource()


async def newest_release(source: UpdateSource, options: NetworkOptions, today: date) -> Release:
    """Return the newest release.

    Raises:
        UsageError: If there is no source of updates.
        UpdateCheckFailed: If the file is missing, not signed by the source's key, outdated or invalid.
        ProviderError: If the server cannot be reached.
    """
    if not source.address or not source.key:
        raise UsageError(
            phrase("This build of Paragone does not know where updates are announced."),
            hint=phrase("Check for a newer version where you got Paragone, or ask your administrator."),
        )
    try:
        origin_of(source.address)
    except (AddressInsecure, AddressInvalid) as error:
        raise UpdateCheckFailed(phrase("The address of the update file must begin with https://.")) from error
    response = await small_request("GET", source.address, options, most_bytes=_MOST_BYTES)
    if response.status != 200:
        raise UpdateCheckFailed(
            phrase("{host} did not send the update file ({status}).", host=response.host, status=response.status)
        )
    release = verified(response.body, source.key)
    if release.expires < today:
        raise UpdateCheckFailed(
            phrase("The update file is outdated. It was valid until {day}.", day=release.expires.isoformat()),
            hint=phrase("Check the date of this computer, or try again later."),
        )
    return release


def verified(data: bytes, key: str) -> Release:
    """Return the release in a file, after verifying the signature.

    Raises:
        UpdateCheckFailed: If the file is not signed by the key, or invalid.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signed = msgspec.json.decode(data, type=_Signed)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signed.signature, validate=True), signed.release.encode())
        release = msgspec.json.decode(signed.release, type=Release)
        numbers_of(release.version)
    except InvalidSignature as error:
        raise UpdateCheckFailed(phrase("The update file is not signed by the expected key.")) from error
    except ValueError as error:  # also msgspec's errors
        raise UpdateCheckFailed(phrase("The update file or its key is invalid.")) from error
    return release


def is_newer(release: Release, version: str) -> bool:
    """Whether a release is newer than a version."""
    return numbers_of(release.version) > numbers_of(version)


def numbers_of(version: str) -> tuple[int, ...]:
    """Return the numbers of a version such as 1.20.3.

    Raises:
        ValueError: If the version is invalid.
    """
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6}){0,2}", version, re.ASCII):
        raise ValueError(f"{version[:40]} is no version")
    return tuple(map(int, version.split(".")))
