"""One search in steps: first the newest messages, then the index for all others."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from desktop.store.records import index_text
from desktop.store.search import filters, index_renewal
from desktop.store.search.newest_texts import NewestText, NewestTexts, NewestTitles
from desktop.store.search.query import Query
from desktop.store.search.search_term import Term
from desktop.store.sqlite.sql import Sql
from desktop.text.late_pattern import late_pattern

LOOKED_AT = 2_500
"""Number of newest messages that are scanned directly."""

_TITLES = 1_500  # so many of the newest titles
_FREQUENT = 0.05  # share of messages from which on a beginning is not asked of the index
_MOST_LOOKED_FOR = 8  # words; with more of them only the index is asked
_FROM_INDEX = 60_000
_FEW = 3_000  # answers of the index that are looked up one by one; with more, the messages are walked by time
_MIXED_TITLES = 400  # conversations with a word in their title whose messages may hold the others
_CHECKED = 5_000  # messages that are read to see whether a frequent beginning stands in them
_SIGNS_CHECKED = 20_000  # messages that are read to see whether signs stand in them
_MIXED_CHECKED = 1_000
_CHUNK = 250
_LETTER = late_pattern(index_text.LETTER)
_GLOB_SIGN = late_pattern(r"[*?\[]")
_LONGEST_PATTERN = 1_000  # characters: SQLite refuses patterns of 50,000 bytes

_TEXT, _WHOLE_TITLE = "coalesce(CAST(m.words AS BLOB), x'')", "coalesce(CAST(c.words AS BLOB), x'')"
"""Index text of a row as bytes, because damaged rows may not contain valid text."""

_SHORT_TITLE = f"iif(octet_length(c.words) > 10000, NULL, {_WHOLE_TITLE})"
"""Index text of a title, unless it is excessively long and therefore left to the index."""

_TITLE = f"coalesce({_SHORT_TITLE}, x'')"
"""Index text of the title for each message."""

_SAID_AT = "coalesce(CAST({} AS INTEGER), 0)"
"""Time of a row, even if a bit error changed the cell's type."""

_GIVEN = "c.seq IN (SELECT value FROM json_each(?))"
_LEAF = f"{_SAID_AT.format('coalesce(m.created_at, c.updated_at)')}, coalesce(m.seq, 0), c.seq"
_FOUND = f"{_SAID_AT.format('m.created_at')}, m.seq, m.conversation"


class FoundMessage(NamedTuple):
    """A match: time in milliseconds, and ROWIDs of the message (0 for none) and its conversation."""

    at: int
    message: int
    conversation: int


class Seeker:
    """Runs one query on one snapshot."""

    def __init__(
        self,
        sql: Sql,
        query: Query,
        limit: int,
        given_up: Callable[[], bool] = lambda: False,
        newest: NewestTexts | None = None,
    ) -> None:
        self._sql = sql
        self._kept = NewestTexts() if newest is None else newest
        self._query = query
        self._limit = limit
        self._given_up = given_up
        self._of_conversations = filters.conversations(sql, query)
        self._of_messages = filters.messages(query)
        self._seen: Counter[Term] = Counter()
        self._looked_at = 0
        self._all_titled: Sequence[tuple[int, str]] | None = None
        """All titles in which all words may stand, once they are known."""

    def find(self) -> list[FoundMessage]:
        """Return up to `limit` matches, newest first. Conversations whose title equals the query come first."""
        if not self._query.terms:
            return self._unsought()
        many = len(self._query.terms) > _MOST_LOOKED_FOR
        matches = {} if many else self._newest()
        titled = self._titles()
        for step in (self._indexed, self._mixed):
            if self._given_up():
                return []
            if len(matches) < self._limit:
                matches.update((each.message, each) for each in step())
        # A title is a separate match if no message of its conversation matches.
        taken = {each.conversation for each in matches.values()}
        alone = (each for each in titled if each.conversation not in taken)
        matches.update((each.message or -each.conversation, each) for each in alone)
        ordered = sorted(matches.values(), reverse=True)
        first = self._called_so(ordered)
        return [*first, *(each for each in ordered if each not in first)][: self._limit]

    def _called_so(self, ordered: Sequence[FoundMessage]) -> list[FoundMessage]:
        """Return one match for each conversation whose title equals the query."""
        sought = _name(index_text.indexed(" ".join(term.text for term in self._query.terms)))
        opening = " AND ".join(term.opening for term in self._query.terms if term.opening)
        if not opening:
            return []
        titles = self._all_titled
        if titles is None:
            titles = self._indexed_titles(f"^ {opening}", _TITLES, longer_than=" ".join(sought))
        called = {seq for seq, title in titles if _name(title) == sought}
        hits: dict[int, FoundMessage] = {}
        for each in ordered:
            if each.conversation in called:
                hits.setdefault(each.conversation, each)
        leaves = self._leaves([*called - hits.keys()], self._limit) if called - hits.keys() else []
        return [*hits.values(), *leaves]

    def _unsought(self) -> list[FoundMessage]:
        """Return the matches of filters without words."""
        if not self._query.filters_messages:
            return self._leaves(None, self._limit)
        return [*self._by_walking(self._limit)]

    def _newest(self) -> dict[int, FoundMessage]:
        matches: dict[int, FoundMessage] = {}
        terms = self._query.terms
        messages = self._read_some() if self._filters else self._kept.messages(self._sql, self._read_newest)
        # Runs for thousands of rows, so lookups are avoided.
        for at, message, conversation, words, title in messages:
            self._looked_at += 1
            lacking = [term for term in terms if not term.holds(words)]
            if len(lacking) == len(terms):
                continue
            for term in terms:
                if term not in lacking:
                    self._seen[term] += 1
            # A title that contains all words is a single hit, not one for each message.
            if not lacking or self._completes(title, lacking):
                matches[message] = FoundMessage(at, message, conversation)
                if len(matches) >= self._limit:
                    break
        return matches

    @property
    def _filters(self) -> bool:
        return self._query.filters_messages or self._query.filters_conversations

    def _read_some(self) -> Iterator[NewestText]:
        """Yield the newest messages that may contain a term."""
        cores = [core for term in self._query.terms for core in term.cores]
        for at, seq, conversation, said, title in self._walk(f"{_TEXT}, {_TITLE}", LOOKED_AT):
            for core in cores:
                if core in said:
                    yield NewestText(at, seq, conversation, _words(said), _words(title))
                    break
            else:
                self._looked_at += 1

    def _read_newest(self) -> Iterator[NewestText]:
        held, named = b"", ""
        for at, seq, conversation, said, title in self._walk(f"{_TEXT}, {_TITLE}", LOOKED_AT):
            if title != held:  # neighbours are often of one conversation
                held, named = title, _words(title)
            yield NewestText(at, seq, conversation, said.decode(errors="replace"), named)

    def _completes(self, title: str, lacking: Sequence[Term]) -> bool:
        """Whether a title contains the terms that a message lacks, but not all terms."""
        return all(term.holds(title) for term in lacking) and not all(term.holds(title) for term in self._query.terms)

    def _walk(self, columns: str, limit: int) -> Iterable[tuple[int, int, int, bytes, bytes]]:
        """Return the newest messages that match the filters."""
        where = self._of_conversations & self._of_messages
        # Few conversations have few messages, so the time index is not used.
        source = "messages m" if self._of_conversations.few else f"messages m{self._by_time}"
        return self._sql.each(
            f"SELECT {_FOUND}, {columns} FROM {source}"  # noqa: S608 - of constants
            f" CROSS JOIN conversations c ON c.seq = m.conversation WHERE {where.on('m.conversation')}"
            " ORDER BY m.created_at DESC, m.seq DESC LIMIT ?",
            (*where.values, limit),
        )

    @cached_property
    def _by_time(self) -> str:
        """Return the SQL for scanning messages by time, or an empty string for an older read-only schema."""
        name = "messages_code" if self._query.code else "messages_dated"
        return f" INDEXED BY {name}" if self._sql.rows("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)) else ""

    def _titles(self) -> Sequence[FoundMessage]:
        """Return the conversations whose titles contain all terms."""
        return self._leaves(self._titled(self._query.terms, self._limit), self._limit)

    def _titled(self, terms: Sequence[Term], limit: int) -> list[int]:
        """Return the ROWIDs of the newest conversations whose titles contain these terms."""
        newest: Sequence[tuple[int, str]] = ()
        if len(terms) <= _MOST_LOOKED_FOR:
            newest = self._newest_titles.holding(terms)
            if self._newest_titles.are_all and terms == self._query.terms:
                self._all_titled = newest
            if len(newest) >= limit or self._newest_titles.are_all or not self._all_of(terms):
                return [seq for seq, _ in newest[:limit]]
        literal = [term for term in terms if term.literal]
        most = _TITLES if literal else limit
        held = [*self._indexed_titles(self._all_of(terms), most)] if self._all_of(terms) else []
        if len(held) < most and terms == self._query.terms:
            self._all_titled = held
        fitting = (seq for seq, title in held if all(term.holds(title) for term in literal))
        return [*itertools.islice(fitting, limit)]

    def _indexed_titles(self, asked: str, limit: int, *, longer_than: str = "") -> Iterator[tuple[int, str]]:
        """Yield the ROWIDs and titles' index text of the newest conversations that the index finds."""
        where = self._of_conversations
        condition, values = where.on_found(), where.values
        if 0 < len(longer_than) <= _LONGEST_PATTERN:
            condition += " AND c.words NOT GLOB ?"
            values = (*values, _GLOB_SIGN.sub(r"[\g<0>]", longer_than) + " [a-z0-9]*")
        rows = self._sql.each(
            f"SELECT c.seq, {_WHOLE_TITLE} FROM conversations c WHERE c.seq IN"  # noqa: S608 - of constants
            " (SELECT rowid FROM conversations_index WHERE conversations_index MATCH ?)"
            f" AND {condition} ORDER BY c.updated_at DESC, c.seq DESC LIMIT ?",
            (asked, *values, limit),
        )
        return ((seq, _words(title)) for seq, title in rows)

    @cached_property
    def _newest_titles(self) -> NewestTitles:
        filtered = self._query.filters_conversations
        return self._read_titles() if filtered else self._kept.titles(self._sql, self._read_titles)

    def _read_titles(self) -> NewestTitles:
        where = self._of_conversations
        rows = self._sql.each(
            f"SELECT c.seq, {_SHORT_TITLE} FROM conversations c WHERE {where.on_newest()}"  # noqa: S608 - of constants
            " ORDER BY c.updated_at DESC, c.seq DESC LIMIT ?",
            (*where.values, _TITLES),
        )
        newest = [*rows]
        titles = [(seq, _words(title)) for seq, title in newest if title is not None]
        return NewestTitles(titles, are_all=len(titles) < _TITLES and len(titles) == len(newest))

    def _leaves(self, seqs: Sequence[int] | None, limit: int) -> list[FoundMessage]:
        """Return the current leaf of each conversation as a match.

        If `seqs` is None, all conversations that pass the filters are returned.
        """
        where = self._of_conversations
        if self._query.filters_messages:
            where &= self._of_messages
        condition, values = where.on_newest(), where.values
        if seqs is not None:
            condition, values = f"{where.on_found()} AND {_GIVEN}", (*values, json.dumps(seqs))
        rows = self._sql.rows(
            f"SELECT {_LEAF} FROM conversations c"  # noqa: S608 - of constants
            f" LEFT JOIN messages m ON m.seq = c.current WHERE {condition}"
            " ORDER BY c.updated_at DESC, c.seq DESC LIMIT ?",
            (*values, limit),
        )
        return [FoundMessage(*row) for row in rows]

    def _indexed(self) -> Iterable[FoundMessage]:
        """Return messages found by the index; then filter by frequent prefixes and symbols."""
        known = [term for term in self._query.terms if self._expression(term)]
        sought = [term for term in known if not self._is_frequent_beginning(term)] or known
        looked_for = [term for term in self._query.terms if term.literal or term not in sought]
        if not sought:
            return self._holding(self._by_walking(_SIGNS_CHECKED), looked_for)
        literal = any(term.literal for term in looked_for)
        most = _SIGNS_CHECKED if literal else _CHECKED if looked_for else self._limit
        in_order = self._in_order(self._matching(sought), most)
        return self._holding(in_order, looked_for) if looked_for else in_order

    def _by_walking(self, limit: int) -> Iterator[FoundMessage]:
        for at, seq, of, _, _ in self._walk("'', ''", limit):
            yield FoundMessage(at, seq, of)

    def _is_frequent_beginning(self, term: Term) -> bool:
        return term.prefix and self._seen[term] > self._looked_at * _FREQUENT

    def _all_of(self, terms: Sequence[Term]) -> str:
        return " AND ".join(f"({asked})" for asked in map(self._expression, terms) if asked)

    def _expression(self, term: Term) -> str:
        """Return the FTS5 expression of a term for this index."""
        return term.expression if not term.signs or self._knows_signs else term.spelled

    @cached_property
    def _knows_signs(self) -> bool:
        return index_renewal.is_finished(self._sql)

    def _matching(self, terms: Sequence[Term]) -> list[int]:
        found = self._sql.each(
            "SELECT rowid FROM messages_index WHERE messages_index MATCH ? ORDER BY rowid DESC LIMIT ?",
            (self._all_of(terms), _FROM_INDEX),
        )
        return [seq for (seq,) in found]

    def _in_order(self, seqs: Collection[int], limit: int) -> Iterator[FoundMessage]:
        """Yield the newest of these messages that pass the filters."""
        if not seqs:
            return
        where = self._of_conversations & self._of_messages
        condition, order = where.on("m.conversation"), " ORDER BY m.created_at DESC, m.seq DESC"
        columns = f"SELECT {_FOUND} FROM messages m"  # noqa: S608 - of constants
        if len(seqs) <= _FEW:
            found = self._sql.each(
                f"{columns} WHERE m.seq IN (SELECT value FROM json_each(?)) AND {condition}{order} LIMIT ?",  # noqa: S608
                (json.dumps(list(seqs)), *where.values, limit),
            )
            yield from (FoundMessage(*row) for row in found)
            return
        wanted = frozenset(seqs)
        walked = self._sql.each(f"{columns}{self._by_time} WHERE {condition}{order}", where.values)
        yield from itertools.islice((FoundMessage(*row) for row in walked if row[1] in wanted), limit)

    def _holding(
        self, candidates: Iterable[FoundMessage], terms: Sequence[Term], *, titles: bool = False
    ) -> list[FoundMessage]:
        """Return those messages that contain the terms, in their text or, if `titles`, in the title."""
        matching: list[FoundMessage] = []
        candidates = iter(candidates)
        while len(matching) < self._limit and not self._given_up():
            chunk = [*itertools.islice(candidates, _CHUNK)]
            if not chunk:
                break
            read = self._sql.each(
                f"SELECT m.seq, {_TEXT}, {_TITLE} FROM messages m"  # noqa: S608 - of constants
                " JOIN conversations c ON c.seq = m.conversation"
                " WHERE m.seq IN (SELECT value FROM json_each(?))",
                (json.dumps([each.message for each in chunk]),),
            )
            # One at a time, because each may be some megabytes.
            fitting = {seq for seq, text, title in read if _hold(terms, text, title if titles else b"")}
            matching += [each for each in chunk if each.message in fitting]
        return matching[: self._limit]

    def _mixed(self) -> Iterable[FoundMessage]:
        """Return messages that contain some of the terms while their title contains the others."""
        terms = self._query.terms
        if not 1 < len(terms) <= _MOST_LOOKED_FOR:
            return []
        titled = {term: frozenset(self._titled([term], _MIXED_TITLES)) for term in terms}
        conversations = frozenset[int]().union(*titled.values())
        rare = [term for term in terms if self._seen[term] <= self._looked_at * _FREQUENT and not term.literal]
        by_term = {term: frozenset(self._matching([term])) for term in rare} if conversations else {}
        messages = self._sql.each(
            "SELECT conversation, seq FROM messages WHERE conversation IN (SELECT value FROM json_each(?))",
            (json.dumps(list(conversations)),),
        )
        candidates = [
            seq
            for conversation, seq in messages
            if all(conversation in titled[term] or seq in by_term[term] for term in rare)
            # A title that contains all words is a single hit, not one for each message.
            and not all(conversation in titled[term] for term in terms)
        ]
        frequent = [term for term in terms if term not in rare]
        in_order = self._in_order(candidates, _MIXED_CHECKED if frequent else self._limit)
        return self._holding(in_order, frequent, titles=True) if frequent else in_order


def _words(held: bytes) -> str:
    """Decode index text."""
    return held.decode(errors="replace")


def _name(words: str) -> list[str]:
    """Return the words of a title for comparison, without isolated symbols."""
    return [word for word in index_text.said(words).split() if _LETTER.search(word)]


def _hold(terms: Sequence[Term], text: bytes, title: bytes) -> bool:
    """Whether a message or its title contains each term."""
    said, named = _words(text), _words(title)
    return all(term.holds(said) or term.holds(named) for term in terms)
