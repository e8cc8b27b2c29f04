"""Search filters as words of the query, which clicks add and remove. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.store.search.query import Token

_SAME = {"since": "from", "until": "to"}


def held(text: str, now: datetime) -> dict[str, list[str]]:
    """Return the filters in a query, as lists of values by key."""
    found: dict[str, list[str]] = {}
    for token in _filters(text, now):
        found.setdefault(_key(token), []).append(token.value)
    return found


def put(text: str, now: datetime, key: str, value: str) -> str:
    """Return the query with a filter, which replaces any other filter with the same key."""
    from desktop.store.search.query import quoted

    plain = value if value and not set(value) & set(' "') and key not in ("model", "tag") else quoted(value)
    return f"{taken_out(text, now, key)} {key}:{plain}".strip() + " "


def taken_out(text: str, now: datetime, key: str, value: str = "") -> str:
    """Return the query without the filters for a key, or only without the one that has this value."""
    kept = [
        token.text
        for token in _tokens(text, now)
        if _key(token) != key or (value and token.value.casefold() != value.casefold())
    ]
    return " ".join(kept)


def _tokens(text: str, now: datetime) -> Sequence[Token]:
    if not text.strip():
        return ()
    # Imported late: not needed for the first paint.
    from desktop.store.search.query import tokens

    return tokens(text, now)


def _filters(text: str, now: datetime) -> Sequence[Token]:
    return [token for token in _tokens(text, now) if token.key]


def _key(token: Token) -> str:
    return _SAME.get(token.key, token.key)
