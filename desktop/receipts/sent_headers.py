"""What of a request's headers and address a receipt keeps: all of them, the key where it stood as a variable; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desktop.net.headers import belongs_in_keyring, query_secrets
from desktop.receipts.receipt import KEY


def kept_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """The headers in lower case; a key's value, and one that may be a key, is a variable, its scheme stays."""
    known = [each for each in secrets if each]
    return {name.lower(): _kept(name, value, known) for name, value in headers.items()}


def kept_address(url: str, secrets: Iterable[str] = ()) -> str:
    """The address without the keys in it."""
    for each in sorted({*query_secrets(url), *filter(None, secrets)}, key=len, reverse=True):
        url = url.replace(each, KEY)
    return url


def _kept(name: str, value: str, secrets: list[str]) -> str:
    if not belongs_in_keyring(name, value) and not any(each in value for each in secrets):
        return value
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {KEY}" if blank and name.lower().endswith("authorization") and scheme.isalpha() else KEY
