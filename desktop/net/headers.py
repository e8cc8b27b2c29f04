"""Secrets in the headers and addresses of connections, and headers that belong in the keyring. Pure functions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import unquote, unquote_plus

import msgspec

from desktop.domain.conversation_types import Connection
from desktop.redaction.key_patterns import has_key, is_drawn
from desktop.text.late_pattern import late_pattern

_NAMES = frozenset({
    "authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key",
    "x-functions-key", "x-auth-token", "x-amz-security-token", "cookie", "set-cookie", "x-csrf-token", "x-session-id",
    "x-ms-client-principal", "cf-access-client-secret", "x-vault-token", "private-token", "x-jwt-assertion",
})  # fmt: skip
_BETWEEN_WORDS = late_pattern(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_KEY_WORD = late_pattern(
    r"(?:[a-z0-9]{0,40}(?:keys?|keyid|tokens?|secrets?|auth|authori[sz]ation|authentication|cookies?|passw[a-z]{0,20}"
    r"|passphrase|passcode|pwd|credentials?|signature|bearer|jwt|sessions?|tickets?|assertion|[cx]srf|bypass"
    r"|licen[cs]e|connectionstring|sess?id)"
    r"|sas|sig|pat|pin|otp|totp|2fa|code|creds?|pass|pw|psk|hmac|login|dsn|sid)[0-9]{0,3}"
)
"""Words, or ends of words, in a header's name that indicate that its value is a key."""

_OTHER_WORDS = frozenset({"portkey", "monkey", "turkey", "hockey"})
"""Words with such an ending but another meaning: names of gateways, places and games."""
_PLAIN_WORDS = """
    x http id name referer referrer user agent accept language encoding charset content type length cache control
    connection keep alive origin host version api beta anthropic openai organization organisation org project team
    tenant region zone location place country locale timezone model models deployment engine provider route router
    routing retry retries timeout priority tier mode debug trace tracestate traceparent request correlation parent span
    sampled app application client service env environment stage department cost center centre group role tag tags
    title label feature flag flags experiment source via forwarded for proto date format stream policy purpose dataset
    author keyword comment note description channel workspace account portkey litellm helicone
    """
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words of header names whose values may be saved in a file; with any other name, the value may be a key."""
_ANYTHING = frozenset({"x", "api", "client", "app", "application", "service", "portkey", "litellm", "helicone"})
"""Words among those in `_PLAIN` that say nothing about the value unless the name has other words."""
_IN_VALUE = late_pattern(
    r"\s*(?:bearer|basic|digest|token|apikey|negotiate|sharedaccesssignature|aws4-hmac-sha256)\s+\S"
    r"|\s*eyJ[A-Za-z0-9_-]{10,}\.",
    re.IGNORECASE,
)
_SIGN_IN = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://([^/?#\s]{1,4000})@")
"""An address with a user name and password."""

_BETWEEN, _WITHIN = late_pattern(r"[;,&\s]+"), late_pattern(r"[:;,&|\s\"'{}\[\]]+")
_OCTAL = late_pattern(r"\\([0-3][0-7]{2})")
_LEAST_PIECE, _LEAST_PASSWORD = 8, 4
"""Minimum length of a part of a header that is a secret by itself (shorter parts are words, such as `dark` in a
cookie), and minimum length of a name or password in basic authentication."""

_LEAST_UNKNOWN = 8
"""Minimum length of a value that is a secret only because its header's name is unknown."""


def belongs_in_keyring(name: str, value: str = "") -> bool:
    """Whether a header's value must not be saved in a file; if in doubt, it must not."""
    words = {*re.split(r"[-_.\s]+", name.strip().casefold())} - {""}
    tells_nothing = bool(words) and words <= _ANYTHING
    return not words <= _PLAIN or tells_nothing or carries_key(name, value) or is_drawn(value)


def carries_key(name: str, value: str = "") -> bool:
    """Whether a header's value is a key, judging by its name or value, or is an address that contains a key."""
    return _is_key(name, value) or bool(_SIGN_IN.search(value) or query_secrets(value))


def _is_key(name: str, value: str) -> bool:
    name = name.strip()
    return name.casefold() in _NAMES or _names_key(name) or bool(_IN_VALUE.match(value)) or has_key(value)


def _names_key(name: str) -> bool:
    words = {word.casefold() for word in _BETWEEN_WORDS.split(name)} - _OTHER_WORDS
    return any(map(_KEY_WORD.fullmatch, words)) or "connection-string" in name.casefold()


def secret_values(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of headers that are keys, and the parts of values that are keys by themselves."""
    secrets: set[str] = set()
    for name, value in headers.items():
        if carries_key(name, value):
            secrets |= secrets_within(value)
        elif belongs_in_keyring(name, value) and len(value) >= _LEAST_UNKNOWN:
            secrets.add(value)
    return tuple(secrets)


def secrets_within(value: str) -> frozenset[str]:
    """Return the secret parts of a header's value, as written and decoded.

    These are the value itself, the value without its scheme (Bearer), each cookie, each string in JSON, and the
    password in basic authentication, because a server may quote any of them.
    """
    scheme, _, bare = value.strip().rpartition(" ")
    secrets = {value, bare, *query_secrets(value)}
    named = {piece.partition("=")[2] for text in _decodings(value) for piece in _BETWEEN.split(text) if "=" in piece}
    wholes = {text for part in (bare, *named) for text in (*_decodings(part), *_decodings(part.strip('"')))}
    wholes |= {text for part in (value, *wholes) for text in _texts_in_json(part)}
    pieces = {piece for whole in wholes for piece in (whole, *_WITHIN.split(whole))}
    secrets |= {piece for piece in pieces if len(piece) >= _LEAST_PIECE}
    sign_ins = {sign_in for text in _decodings(value) for sign_in in _SIGN_IN.findall(text)}
    if scheme.strip().casefold() == "basic":
        sign_ins.add(_decoded(bare))
    parts = {part for sign_in in sign_ins for part in (sign_in, *sign_in.partition(":")[::2])}
    secrets |= {text for part in parts for text in _decodings(part) if len(text) >= _LEAST_PASSWORD}
    return frozenset(secrets - {""})


def query_secrets(address: str) -> tuple[str, ...]:
    """Return the keys in the query or path of an address, as written and decoded.

    In the query, a random value is a key whatever its name; in the path, only keys of known services are.
    """
    before, _, query = address.partition("#")[0].partition("?")
    pairs = [piece.partition("=") for piece in query.split("&")]
    # A query parameter without a name may be a key
    parameters = [(value or name, unquote_plus(name), unquote_plus(value or name)) for name, _, value in pairs]
    values = [value for value, name, meant in parameters if _is_key(name, meant) or is_drawn(meant)]
    values += [piece for piece in before.split("/")[3:] if has_key(unquote(piece))]
    return tuple({*values, *map(unquote_plus, values)} - {""})


def _decodings(text: str) -> Iterable[str]:
    """Return a value as written and as servers decode it; cookies may be percent-encoded or have octal escapes."""
    return {text, unquote(text), unquote_plus(text), _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)}


def _texts_in_json(text: str) -> Iterable[str]:
    """Yield the strings in a value that is JSON."""
    if not text.startswith(("{", "[", '"')):
        return
    try:
        values: list[object] = [msgspec.json.decode(text)]
    except (ValueError, RecursionError):
        return
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            values += cast("Mapping[str, object]", value).values()
        elif isinstance(value, list):
            values += cast("list[object]", value)


def _decoded(text: str) -> str:
    """Return the decoded name and password of basic authentication; empty if they are invalid."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def without_keys(connection: Connection, *, sure: bool = False) -> tuple[Connection, dict[str, str]]:
    """Return a connection without its secret headers, and the values of these headers for the keyring.

    A header that is already in the keyring remains there, whatever its value is now.

    Args:
        connection: The connection as the user entered it.
        sure: Whether to remove only headers that are certainly keys, for a system without a keyring.
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
    """Return the names of all headers that a connection adds to its requests."""
    return sorted({*connection.headers, *connection.secret_headers})
