"""Filters within the words of a search, put in and taken out by a click; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.store.search.query import Token

_SAME = {"since": "from", "until": "to"}


def held(text: str, now: datetime) -> dict[str, list[str]]:
    """The filters that a search holds: their values by their keys."""
    found: dict[str, list[str]] = {}
    for token in _filters(text, now):
        found.setdefault(_key(token), []).append(token.value)
    return found


def put(text: str, now: datetime, key: str, value: str) -> str:
    """The search with a filter, in the place of others of its key."""
    from desktop.store.search.query import quoted

    plain = value if value and not set(value) & set(' "') and key not in ("model", "tag") else quoted(value)
    return f"{taken_out(text, now, key)} {key}:{plain}".strip() + " "


def taken_out(text: str, now: datetime, key: str, value: str = "") -> str:
    """The search without a filter, or without those of a key that have this value."""
    kept = [
        token.text
        for token in _tokens(text, now)
        if _key(token) != key or (value and token.value.casefold() != value.casefold())
    ]
    return " ".join(kept)


def _tokens(text: str, now: datetime) -> Sequence[Token]:
    if not text.strip():
        return ()
    # Late: the window paints without it, and nothing is typed by then.
    from desktop.store.search.query import tokens

    return tokens(text, now)


def _filters(text: str, now: datetime) -> Sequence[Token]:
    return [token for token in _tokens(text, now) if token.key]


def _key(token: Token) -> str:
    return _SAME.get(token.key, token.key)
