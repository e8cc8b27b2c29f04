"""Which headers of a connection carry a key: told by their names, and by values that begin as sign-ins do; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from desktop.domain import Connection

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
    r"|\s*(?:sk|xai|gsk|pk|ghp|gho|glpat|hf)[-_][A-Za-z0-9_-]{12,}|\s*eyJ[A-Za-z0-9_-]{10,}\.",
    re.IGNORECASE,
)


def carries_key(name: str, value: str = "") -> bool:
    """Whether a header is one whose value must not lie in a file; rather one too many than one too few."""
    name = name.strip()
    return name.casefold() in _NAMES or bool(_IN_NAME.search(name) or _IN_VALUE.match(value))


def secret_values(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values among headers that are keys, with and without their scheme (Bearer)."""
    values = [value for name, value in headers.items() if value and carries_key(name, value)]
    return tuple({*values, *(value.rpartition(" ")[2] for value in values)})


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
