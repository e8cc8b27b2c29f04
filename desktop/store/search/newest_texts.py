"""Cache of the newest messages and titles, which are searched after each typed letter.

Reading them takes as long as the rest of a search. They stay in the cache while the user types.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from desktop.store.search.search_term import Term
from desktop.store.sqlite.sql import Sql

MOST_CHARACTERS = 8_000_000
"""Maximum characters in the cache, about 16 MB; if there are more, the texts are read each time."""


class NewestText(NamedTuple):
    """A message: time in milliseconds, ROWIDs of message and conversation, index text of message and title."""

    at: int
    message: int
    conversation: int
    words: str
    title: str


class NewestTitles(NamedTuple):
    """The index text of titles by conversation, and whether these are all titles."""

    titles: Sequence[tuple[int, str]]
    are_all: bool

    def holding(self, terms: Sequence[Term]) -> list[tuple[int, str]]:
        """Return the titles that contain all terms."""
        held = self.titles
        for term in terms:
            held = [each for each in held if term.holds(each[1])]
        return [*held]


@dataclass
class _State:
    """Cached data, which is valid until something is written."""

    sql: weakref.ref[Sql]
    version: object
    messages: list[NewestText] | None = None
    titles: NewestTitles | None = None

    def holds_for(self, sql: Sql, version: object) -> bool:
        return self.sql() is sql and self.version == version


@dataclass
class NewestTexts:
    """Cache for one search. Used on the reader's thread, except `forget`, which any thread may call."""

    _held: _State | None = field(default=None, init=False)

    def forget(self) -> None:
        """Drop all cached data."""
        self._held = None

    def messages(self, sql: Sql, read: Callable[[], Iterable[NewestText]]) -> Iterable[NewestText]:
        """Return the newest messages of a snapshot, from the cache or from `read`."""
        state = self._state(sql)
        return state.messages if state.messages is not None else _kept(state, read())

    def titles(self, sql: Sql, read: Callable[[], NewestTitles]) -> NewestTitles:
        """Return the newest titles of a snapshot, from the cache or from `read`."""
        state = self._state(sql)
        if state.titles is None:
            state.titles = read()
        return state.titles

    def _state(self, sql: Sql) -> _State:
        version = sql.pragma("data_version")
        state = self._held
        if state is None or not state.holds_for(sql, version):
            state = self._held = _State(weakref.ref(sql), version)
        return state


def _kept(state: _State, read: Iterable[NewestText]) -> Iterator[NewestText]:
    messages: list[NewestText] = []
    room = MOST_CHARACTERS
    for each in read:
        room -= len(each.words) + len(each.title)
        if room >= 0:
            messages.append(each)
        else:
            messages.clear()
        yield each
    if room >= 0:
        state.messages = messages
