"""The newest messages and titles as they are looked through for each letter that is typed, kept while nothing changes.

Reading them takes as long as all the rest of a search. They are kept from one letter to the next only: whoever searches
lets go of them when no more letters come.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from desktop.store.search.search_term import Term
from desktop.store.sqlite.sql import Sql

MOST_CHARACTERS = 8_000_000
"""So many are kept at most, some 16 MB; where the newest messages have more, they are read each time."""


class NewestText(NamedTuple):
    """A message: when it was said (milliseconds), its seq and its conversation's, its words and its title's."""

    at: int
    message: int
    conversation: int
    words: str
    title: str


class NewestTitles(NamedTuple):
    """Conversations by their seqs, with their titles' words; whether no other has a title to be found by."""

    titles: Sequence[tuple[int, str]]
    are_all: bool

    def holding(self, terms: Sequence[Term]) -> list[tuple[int, str]]:
        """Those that hold all of some words."""
        held = self.titles
        for term in terms:
            held = [each for each in held if term.holds(each[1])]
        return [*held]


@dataclass
class _State:
    """What one connection read while nobody wrote."""

    sql: weakref.ref[Sql]
    version: object
    messages: list[NewestText] | None = None
    titles: NewestTitles | None = None

    def holds_for(self, sql: Sql, version: object) -> bool:
        return self.sql() is sql and self.version == version


@dataclass
class NewestTexts:
    """Used by the reader's thread; `forget` by any."""

    _held: _State | None = field(default=None, init=False)

    def forget(self) -> None:
        """Let go of all."""
        self._held = None

    def messages(self, sql: Sql, read: Callable[[], Iterable[NewestText]]) -> Iterable[NewestText]:
        """The newest messages of a snapshot: those that are kept, else what `read` gives, kept once all of it came."""
        state = self._state(sql)
        return state.messages if state.messages is not None else _kept(state, read())

    def titles(self, sql: Sql, read: Callable[[], NewestTitles]) -> NewestTitles:
        """The same of conversations."""
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
