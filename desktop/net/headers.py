"""Which headers of a connection belong into the keyring: all but those whose names are known to hold none; pure."""

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
"""Words of a name, or their ends, that say of a value that it is a key."""

_OTHER_WORDS = frozenset({"portkey", "monkey", "turkey", "hockey"})
"""Words that end like those and mean something else: names of gateways, places and games."""
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
"""What the names of headers are made of whose values may lie in a file: anything else may be somebody's key."""
_ANYTHING = frozenset({"x", "api", "client", "app", "application", "service", "portkey", "litellm", "helicone"})
"""Those among them that say nothing of the value where a name is made of them alone."""
_IN_VALUE = late_pattern(
    r"\s*(?:bearer|basic|digest|token|apikey|negotiate|sharedaccesssignature|aws4-hmac-sha256)\s+\S"
    r"|\s*eyJ[A-Za-z0-9_-]{10,}\.",
    re.IGNORECASE,
)
_SIGN_IN = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://([^/?#\s]{1,4000})@")
"""An address with the name and the password of somebody."""

_BETWEEN, _WITHIN = late_pattern(r"[;,&\s]+"), late_pattern(r"[:;,&|\s\"'{}\[\]]+")
_OCTAL = late_pattern(r"\\([0-3][0-7]{2})")
_LEAST_PIECE, _LEAST_PASSWORD = 8, 4
"""Characters from which on a part of a header is hidden by itself: shorter ones are words, as a cookie's `dark`. Of a
basic sign-in the parts are a person's name and password."""

_LEAST_UNKNOWN = 8
"""Characters from which on the value of a header is hidden of which only its name is unknown."""


def belongs_in_keyring(name: str, value: str = "") -> bool:
    """Whether a header's value must not lie in a file; rather one too many than one too few."""
    words = {*re.split(r"[-_.\s]+", name.strip().casefold())} - {""}
    tells_nothing = bool(words) and words <= _ANYTHING
    return not words <= _PLAIN or tells_nothing or carries_key(name, value) or is_drawn(value)


def carries_key(name: str, value: str = "") -> bool:
    """Whether a name or a value says that it is a key, or is an address that holds one or a sign-in."""
    return _is_key(name, value) or bool(_SIGN_IN.search(value) or query_secrets(value))


def _is_key(name: str, value: str) -> bool:
    name = name.strip()
    return name.casefold() in _NAMES or _names_key(name) or bool(_IN_VALUE.match(value)) or has_key(value)


def _names_key(name: str) -> bool:
    words = {word.casefold() for word in _BETWEEN_WORDS.split(name)} - _OTHER_WORDS
    return any(map(_KEY_WORD.fullmatch, words)) or "connection-string" in name.casefold()


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

    Also each part of a value that is made of several, as written and decoded; of a sign-in also the password.
    """
    scheme, _, bare = value.strip().rpartition(" ")
    found = {value, bare, *query_secrets(value)}
    named = {piece.partition("=")[2] for text in _spellings(value) for piece in _BETWEEN.split(text) if "=" in piece}
    wholes = {text for each in (bare, *named) for text in (*_spellings(each), *_spellings(each.strip('"')))}
    wholes |= {text for each in (value, *wholes) for text in _texts_in_json(each)}
    pieces = {piece for each in wholes for piece in (each, *_WITHIN.split(each))}
    found |= {piece for piece in pieces if len(piece) >= _LEAST_PIECE}
    sign_ins = {sign_in for text in _spellings(value) for sign_in in _SIGN_IN.findall(text)}
    if scheme.strip().casefold() == "basic":
        sign_ins.add(_decoded(bare))
    parts = {part for each in sign_ins for part in (each, *each.partition(":")[::2])}
    found |= {text for each in parts for text in _spellings(each) if len(text) >= _LEAST_PASSWORD}
    return frozenset(found - {""})


def query_secrets(address: str) -> tuple[str, ...]:
    """The keys in an address, as some servers want them in its query, or its path; both as written and decoded.

    What looks drawn by lot is one whatever it is called; in a path only what has the shape of a known service's key.
    """
    before, _, query = address.partition("#")[0].partition("?")
    pairs = [piece.partition("=") for piece in query.split("&")]
    # What has no name may be a key alone.
    said = [(value or name, unquote_plus(name), unquote_plus(value or name)) for name, _, value in pairs]
    values = [value for value, name, meant in said if _is_key(name, meant) or is_drawn(meant)]
    values += [piece for piece in before.split("/")[3:] if has_key(unquote(piece))]
    return tuple({*values, *map(unquote_plus, values)} - {""})


def _spellings(text: str) -> Iterable[str]:
    """A value as it was written, and as servers read it: cookies are in percent signs, or quoted with octal numbers."""
    return {text, unquote(text), unquote_plus(text), _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)}


def _texts_in_json(text: str) -> Iterable[str]:
    """The texts in a value that is JSON; none in any other."""
    if not text.startswith(("{", "[", '"')):
        return
    try:
        left: list[object] = [msgspec.json.decode(text)]
    except (ValueError, RecursionError):
        return
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += cast("Mapping[str, object]", value).values()
        elif isinstance(value, list):
            left += cast("list[object]", value)


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
