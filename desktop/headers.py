"""Which headers of a connection belong into the keyring: all but those whose names are known to hold none; pure."""

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
    r"|bearer|jwt|session|ticket|assertion|csrf|bypass|licen[cs]e|connection-?string"
    r"|(?:^|[-_.])(?:sas|sig|pat|pin|otp|totp|2fa|code|cred|creds|pass|pw|psk|hmac|login|dsn|\w*sess?id|sid)(?:$|[-_.])",
    re.IGNORECASE,
)
_PLAIN_WORDS = """
    x http id name referer referrer user agent accept language encoding charset content type length cache control
    connection keep alive origin host version api beta anthropic openai organization organisation org project team
    tenant region zone location place country locale timezone model models deployment engine provider route router
    routing retry retries timeout priority tier mode debug trace tracestate traceparent request correlation parent span
    sampled app application client service env environment stage department cost center centre group role tag tags
    title label feature flag flags experiment source via forwarded for proto date format stream policy purpose dataset
    author keyword comment note description channel workspace account
    """
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""What the names of headers are made of whose values may lie in a file: anything else may be somebody's key."""
_IN_VALUE = re.compile(
    r"\s*(?:bearer|basic|digest|token|apikey|negotiate|sharedaccesssignature|aws4-hmac-sha256)\s+\S"
    r"|\s*eyJ[A-Za-z0-9_-]{10,}\.",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[;,&\s]+")
_LEAST_PIECE, _LEAST_PASSWORD = 8, 4
"""Characters from which on a part of a header is hidden by itself: shorter ones are words, as a cookie's `dark`. Of a
basic sign-in the parts are a person's name and password."""

_LEAST_UNKNOWN = 8
"""Characters from which on the value of a header is hidden of which only its name is unknown."""


def belongs_in_keyring(name: str, value: str = "") -> bool:
    """Whether a header's value must not lie in a file; rather one too many than one too few."""
    words = {*re.split(r"[-_.\s]+", name.strip().casefold())}
    return not words - {""} <= _PLAIN or carries_key(name, value)


def carries_key(name: str, value: str = "") -> bool:
    """Whether a name or a value says that it is a key."""
    name = name.strip()
    return name.casefold() in _NAMES or bool(_IN_NAME.search(name) or _IN_VALUE.match(value) or has_key(value))


def secret_values(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values among headers that are keys, and what of each is one by itself."""
    found: set[str] = set()
    for name, value in headers.items():
        if carries_key(name, value):
            found |= secrets_within(value)
        elif belongs_in_keyring(name, value) and len(value) >= _LEAST_UNKNOWN:
            found.add(value)
    return tuple(found)


def secrets_within(value: str) -> frozenset[str]:
    """What a server may give back of a header that is a key: all of it, without its scheme (Bearer), a cookie alone.

    Of a basic sign-in also the password.
    """
    scheme, _, bare = value.strip().rpartition(" ")
    found = {value, bare}
    pieces = [piece.partition("=")[2].strip('"') for piece in _BETWEEN.split(value) if "=" in piece]
    found |= {piece for piece in pieces if len(piece) >= _LEAST_PIECE}
    if scheme.strip().casefold() == "basic":
        found |= {piece for piece in _decoded(bare).partition(":")[::2] if len(piece) >= _LEAST_PASSWORD}
    return frozenset(found - {""})


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


def without_keys(connection: Connection, *, sure: bool = False) -> tuple[Connection, dict[str, str]]:
    """A connection as a file may hold it, and the values of its headers that belong into the keyring.

    What was there once goes there again, whatever its value looks like now. Where there is no keyring, only those are
    kept out of the file of which it is `sure`, by name or value, that they are keys.
    """
    belongs = carries_key if sure else belongs_in_keyring
    there = {name.casefold() for name in connection.secret_headers}
    values = {
        name: value for name, value in connection.headers.items() if name.casefold() in there or belongs(name, value)
    }
    if not values:
        return connection, {}
    plain = {name: value for name, value in connection.headers.items() if name not in values}
    own = {name.casefold() for name in values}
    kept = (*(name for name in connection.secret_headers if name.casefold() not in own), *values)
    return msgspec.structs.replace(connection, headers=plain, secret_headers=kept), values


def header_names(connection: Connection) -> list[str]:
    """The names of all headers that a connection sends of its own, without their values."""
    return sorted({*connection.headers, *connection.secret_headers})
