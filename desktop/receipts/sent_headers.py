"""Request headers and address as stored in a receipt, with keys replaced by a variable. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desktop.net.headers import belongs_in_keyring, query_secrets
from desktop.receipts.receipt import KEY


def kept_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers with names in lower case; keys and possible keys after a scheme become a variable."""
    known = [each for each in secrets if each]
    return {name.lower(): _kept(name, value, known) for name, value in headers.items()}


def kept_address(url: str, secrets: Iterable[str] = ()) -> str:
    """Return the address with keys replaced by a variable."""
    for each in sorted({*query_secrets(url), *filter(None, secrets)}, key=len, reverse=True):
        url = url.replace(each, KEY)
    return url


def _kept(name: str, value: str, secrets: list[str]) -> str:
    if not belongs_in_keyring(name, value) and not any(each in value for each in secrets):
        return value
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {KEY}" if blank and name.lower().endswith("authorization") and scheme.isalpha() else KEY
