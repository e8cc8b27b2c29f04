"""Parses search queries: words, quoted phrases, and filters such as `model:grok` or `is:pinned`. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desktop.domain.conversation_types import Role
from desktop.store.records import index_text
from desktop.store.search import search_term
from desktop.store.search.search_term import Term
from desktop.text.late_pattern import late_pattern

_TOKEN = late_pattern(r'(?:(?P<key>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))', re.IGNORECASE)
_QUOTES = str.maketrans("“”„«»", '"""""')
_DATE = late_pattern(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_ROLES = {
    "user": Role.USER,
    "me": Role.USER,
    "you": Role.USER,
    "prompt": Role.USER,
    "assistant": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "answer": Role.ASSISTANT,
    "system": Role.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Name:
    """A folded name to search for; a quoted name must match exactly."""

    text: str
    exact: bool = False

    def fits(self, *names: str) -> bool:
        """Whether one of the names matches."""
        folded = [index_text.folded_name(name) for name in names]
        return any(self.text == name if self.exact else self.text in name for name in folded)


@dataclass(kw_only=True)
class Query:
    """A parsed query. All words are required, and for each kind of filter one of its values.

    `since` and `until` (exclusive) are timezone-aware times. `code` requires a code block.
    """

    terms: tuple[Term, ...] = ()
    models: list[Name] = field(default_factory=list[Name])
    connections: list[Name] = field(default_factory=list[Name])
    tags: list[Name] = field(default_factory=list[Name])
    roles: set[Role] = field(default_factory=set[Role])
    since: datetime | None = None
    until: datetime | None = None
    pinned: bool = False
    archived: bool = False
    code: bool = False

    @property
    def filters_messages(self) -> bool:
        """Whether the query filters messages."""
        return bool(self.roles or self.since or self.until or self.code)

    @property
    def filters_conversations(self) -> bool:
        """Whether the query filters conversations."""
        return bool(self.models or self.connections or self.tags or self.pinned or self.archived)

    @property
    def is_empty(self) -> bool:
        """Whether the query contains nothing to search for."""
        return not (self.terms or self.filters_messages or self.filters_conversations)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query as typed. `key` is empty unless it is a valid filter."""

    key: str
    value: str
    quoted: bool
    text: str
    """The complete piece as typed."""


def tokens(text: str, now: datetime) -> list[Token]:
    """Split a query into pieces."""
    pieces: list[Token] = []
    for match in _TOKEN.finditer(text.translate(_QUOTES)):
        key = (match["key"] or "").lower()
        quoted = match["quoted"] is not None
        value = match["quoted"] if quoted else match["plain"]
        understood = key in _FILTERS and _FILTERS[key](Query(), _Given(value, quoted, now))
        pieces.append(Token(key if understood else "", value, quoted, match[0]))
    return pieces


def parse(text: str, now: datetime, *, loosely: bool = False) -> Query:
    """Parse a query; `now` determines the time zone of dates. Any input is valid.

    Invalid filters are treated as words.
    """
    query = Query()
    phrases: list[tuple[str, bool]] = []
    for token in tokens(text, now):
        if token.key:
            _FILTERS[token.key](query, _Given(token.value, token.quoted, now))
        elif token.text.startswith('"'):
            phrases.append((token.value, True))
        else:
            phrases += [(word, False) for word in token.text.replace('"', " ").split()]
    query.terms = search_term.terms(phrases, loosely=loosely)
    return query


def quoted(value: str) -> str:
    """Return a filter's value in quotes, so that it must match exactly."""
    return '"' + value.replace('"', " ") + '"'


@dataclass(frozen=True, slots=True)
class _Given:
    value: str
    quoted: bool
    now: datetime


_Filter = Callable[[Query, _Given], bool]
"""Adds a filter to a query. Returns False if its value is invalid."""


def _named(names: Callable[[Query], list[Name]]) -> _Filter:
    def add(query: Query, given: _Given) -> bool:
        """Add a name unless it is blank."""
        text = index_text.folded_name(given.value)
        if text and len(names(query)) < search_term.MOST_TERMS:
            names(query).append(Name(text, given.quoted))
        return bool(text)

    return add


def _role(query: Query, given: _Given) -> bool:
    role = _ROLES.get(given.value.casefold())
    if role is not None:
        query.roles.add(role)
    return role is not None


def _since(query: Query, given: _Given) -> bool:
    span = _span(given)
    if span is not None:
        query.since = max(query.since or span[0], span[0])
    return span is not None


def _until(query: Query, given: _Given) -> bool:
    span = _span(given)
    if span is not None:
        query.until = min(query.until or span[1], span[1])
    return span is not None


def _is(query: Query, given: _Given) -> bool:
    value = given.value.casefold()
    query.pinned |= value == "pinned"
    query.archived |= value == "archived"
    return value in ("pinned", "archived")


def _has(query: Query, given: _Given) -> bool:
    code = given.value.casefold() == "code"
    query.code |= code
    return code


_FILTERS: dict[str, _Filter] = {
    "model": _named(lambda query: query.models),
    "connection": _named(lambda query: query.connections),
    "tag": _named(lambda query: query.tags),
    "role": _role,
    "from": _since,
    "since": _since,
    "to": _until,
    "until": _until,
    "is": _is,
    "has": _has,
}
KEYS: Sequence[str] = tuple(_FILTERS)
"""Valid filter keys."""


def _span(given: _Given) -> tuple[datetime, datetime] | None:
    """Return the start and end of the period that a date describes, or None."""
    today = given.now.replace(hour=0, minute=0, second=0, microsecond=0)
    value = given.value.casefold()
    if value in ("today", "yesterday"):
        start = today - timedelta(days=value == "yesterday")
        return start, start + timedelta(days=1)
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(each) if each else 0 for each in match.groups())
    try:
        start = today.replace(year=year, month=month or 1, day=day or 1)
        if day:
            return start, start + timedelta(days=1)
        if month:
            return start, start.replace(year=year + month // 12, month=month % 12 + 1)
        return start, start.replace(year=year + 1)
    except (ValueError, OverflowError):
        return None
