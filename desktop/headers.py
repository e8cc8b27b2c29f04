"""Which headers of a connection carry a key: told by names, and by values that begin as sign-ins and keys do; pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

import msgspec

from desktop.domain import Connection
from desktop.key_shapes import has_key

_NAMES = frozenset({
    "authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key",
    "x-functions-key", "x-auth-token", "x-amz-security-token", "cookie", "set-cookie", "x-csrf-token", "x-session-id",
    "x-ms-client-principal", "cf-access-client-secret", "x-vault-token", "private-token", "x-jwt-assertion",
})  # fmt: skip
_IN_NAME = re.compile(
    r"key(?!word|board)|token|secret|auth(?!or(?!i))|cookie|passw|passphrase|passcode|pwd|credential|signature"
    r"|bearer|jwt|session|ticket|assertion|(?:^|[-_.])(?:sas|sig|pat|pin|otp|code|cred|creds)(?:$|[-_.])",
    re.IGNORECASE,
)
_IN_VALUE = re.compile(
    r"\s*(?:bearer|basic|digest|token|apikey|negotiate|sharedaccesssignature|aws4-hmac-sha256)\s+\S"
    r"|\s*eyJ[A-Za-z0-9_-]{10,}\.",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[;,&\s]+")
_LEAST_PIECE = 8
"""Characters from which on a part of a header is hidden by itself: shorter ones are words, as a cookie's `dark`."""


def carries_key(name: str, value: str = "") -> bool:
    """Whether a header is one whose value must not lie in a file; rather one too many than one too few."""
    name = name.strip()
    return name.casefold() in _NAMES or bool(_IN_NAME.search(name) or _IN_VALUE.match(value) or has_key(value))


def secret_values(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values among headers that are keys, and what of each is one by itself."""
    return tuple(
        {secret for name, value in headers.items() if carries_key(name, value) for secret in secrets_within(value)}
    )


def secrets_within(value: str) -> frozenset[str]:
    """What a server may give back of a header that is a key: all of it, without its scheme (Bearer), a cookie alone.

    Of a basic sign-in also the password.
    """
    scheme, _, bare = value.strip().rpartition(" ")
    found = {value, bare}
    pieces = [piece.partition("=")[2].strip('"') for piece in _BETWEEN.split(value) if "=" in piece]
    if scheme.strip().casefold() == "basic":
        pieces += _decoded(bare).partition(":")[::2]
    return frozenset({*found, *(piece for piece in pieces if len(piece) >= _LEAST_PIECE)} - {""})


def query_secrets(address: str) -> tuple[str, ...]:
    """The keys in the query of an address, as some servers want them there; both as written and decoded."""
    query = address.partition("#")[0].partition("?")[2]
    pairs = [piece.partition("=") for piece in query.split("&")]
    values = [value for name, _, value in pairs if carries_key(unquote_plus(name), unquote_plus(value))]
    return tuple({*values, *map(unquote_plus, values)} - {""})


def _decoded(text: str) -> str:
    """What stands in a basic sign-in; nothing where that cannot be read."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def without_keys(connection: Connection) -> tuple[Connection, dict[str, str]]:
    """A connection as a file may hold it, and the values of its headers that belong into the keyring."""
    values = {name: value for name, value in connection.headers.items() if carries_key(name, value)}
    if not values:
        return connection, {}
    plain = {name: value for name, value in connection.headers.items() if name not in values}
    own = {name.casefold() for name in values}
    kept = (*(name for name in connection.secret_headers if name.casefold() not in own), *values)
    return msgspec.structs.replace(connection, headers=plain, secret_headers=kept), values


def header_names(connection: Connection) -> list[str]:
    """The names of all headers that a connection sends of its own, without their values."""
    return sorted({*connection.headers, *connection.secret_headers})
