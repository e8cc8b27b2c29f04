"""Rows of votes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from desktop.domain.conversation_types import bounded_time
from desktop.domain.message_parts import TextPart, words
from desktop.store.migrations import WITH_VOTES, version
from desktop.store.records import index_text, row_mapping
from desktop.store.sqlite.sql import Cell, Sql
from desktop.voting.tally import Counts, MeetingTally, in_a_line, key_of
from desktop.voting.vote import Outcome, Vote

LONGEST_PROMPT = 100_000
"""Maximum length of a stored prompt; of a longer prompt, only the digest is stored."""

_COLUMNS = "seq, id, state"
# Older versions stored a vote before the reveal; until then, it would disclose the models. A backup may bring back
# a round that has become a comparison since.
_REVEALED = (
    "(comparison IS NULL OR comparison NOT IN (SELECT id FROM rounds WHERE id NOT IN (SELECT id FROM comparisons)))"
)
_ALL = f"SELECT {_COLUMNS} FROM votes WHERE {_REVEALED} ORDER BY at, seq"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM votes WHERE id = ?"  # noqa: S608
_BELONGING = (
    f"SELECT {_COLUMNS} FROM votes WHERE {_REVEALED} AND comparison IN (SELECT value FROM json_each(?))"  # noqa: S608
    " ORDER BY at, seq"
)
ANSWERED = (
    "seq IN (SELECT vote FROM vote_answers WHERE message IN"
    " (SELECT id FROM messages WHERE seq IN (SELECT value FROM json_each(?))))"
)
"""Condition for votes on the messages in a JSON list."""

_FIRST, _LAST = (bounded_time(datetime(year, 12, 31, tzinfo=UTC)) for year in (1, 9999))
_TEXTS = "SELECT id, parts FROM messages WHERE id IN (SELECT value FROM json_each(?))"
_STATES = f"SELECT state FROM votes WHERE {_REVEALED}"  # noqa: S608


class _Named(msgspec.Struct, gc=False):
    model: str


class _Ended(msgspec.Struct, gc=False):
    ranks: tuple[int, ...]
    all_bad: bool = False


class _Met(msgspec.Struct, gc=False):
    """Undecoded contenders and outcome of a vote, and the fields that determine whether it counts."""

    contenders: msgspec.Raw
    outcome: msgspec.Raw
    blind: bool = True
    undone: str | None = None
    set_aside: str | None = None


_MET = msgspec.json.Decoder(_Met)
_CONTENDERS = msgspec.json.Decoder(tuple[_Named, ...])
_OUTCOME = msgspec.json.Decoder(_Ended)
_VOTE = msgspec.json.Decoder(Vote)
_DAMAGED = (msgspec.MsgspecError, ValueError, RecursionError)


def is_there(sql: Sql) -> bool:
    """Whether the database has a table for votes; an older read-only database has none."""
    return version(sql) >= WITH_VOTES


def add(sql: Sql, vote: Vote) -> bool:
    """Insert a vote. Return whether its id was new."""
    vote = _timely(vote)
    if len(vote.prompt) > LONGEST_PROMPT:
        vote = msgspec.structs.replace(vote, prompt=key_of(vote.prompt))
    comparison = None if vote.comparison is None else index_text.clean(vote.comparison)
    values = (index_text.clean(vote.id), row_mapping.to_ms(vote.at), comparison, row_mapping.to_json(vote))
    sql.run("INSERT INTO votes (id, at, comparison, state) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", values)
    if not sql.connection.changes():
        return False
    seq = sql.connection.last_insert_rowid()
    answers = sorted({index_text.clean(each) for each in vote.answers})
    sql.run_each("INSERT INTO vote_answers (vote, message) VALUES (?, ?)", [(seq, each) for each in answers])
    return True


def read_all(sql: Sql) -> Iterator[Vote | None]:
    """Yield all votes, oldest first, except those of unrevealed rounds; None for each unreadable vote."""
    return (_vote(id_, state) for _, id_, state in sql.each(_ALL)) if is_there(sql) else iter(())


def pairs(sql: Sql) -> Counts:
    """Count how often models were compared in votes that count. Unreadable votes are skipped."""
    tally, names = MeetingTally(), dict[str, str]()
    for (contenders, ended), times in _meetings(sql).items():
        try:
            found = _OUTCOME.decode(ended)
            outcome = Outcome(ranks=found.ranks, all_bad=found.all_bad)
            called = [names.setdefault(each.model, in_a_line(each.model)) for each in _CONTENDERS.decode(contenders)]
        except _DAMAGED:
            continue
        if len(called) == len(outcome.ranks):
            tally.add(called, outcome, times)
    return tally.counts()


def _meetings(sql: Sql) -> Counter[tuple[bytes, bytes]]:
    """Count votes by contenders and outcome, since thousands of votes have only hundreds of combinations."""
    kinds: Counter[tuple[bytes, bytes]] = Counter()
    for (state,) in sql.each(_STATES) if is_there(sql) else ():
        try:
            vote = _MET.decode(row_mapping.text_of(state))
        except _DAMAGED:
            continue
        if vote.undone is None and vote.set_aside is None and vote.blind:
            kinds[bytes(vote.contenders), bytes(vote.outcome)] += 1
    return kinds


def given_in(sql: Sql, comparisons: Iterable[str]) -> Iterator[Vote | None]:
    """Yield the votes that were given in some comparisons; None for each unreadable vote."""
    values = (json.dumps(list(comparisons)),)
    return (_vote(id_, state) for _, id_, state in sql.each(_BELONGING, values)) if is_there(sql) else iter(())


def read_one(sql: Sql, vote_id: str) -> Vote | None:
    """Return a vote by id, or None."""
    row = sql.row(_ONE, (index_text.clean(vote_id),)) if is_there(sql) else None
    return None if row is None else _vote(*row[1:])


def lengths(sql: Sql, answers: str) -> dict[str, int]:
    """Return the text lengths of messages by id, for a JSON list of ids."""
    text_lengths: dict[str, int] = {}
    for id_, parts in sql.each(_TEXTS, (answers,)):
        try:
            text_lengths[row_mapping.text_of(id_)] = len(words(row_mapping.parts(row_mapping.text_of(parts)), TextPart))
        except _DAMAGED:
            continue
    return text_lengths


def change(sql: Sql, vote: Vote) -> None:
    """Update an existing vote."""
    sql.run("UPDATE votes SET state = ? WHERE id = ?", (row_mapping.to_json(vote), index_text.clean(vote.id)))


def forget_answers(sql: Sql, messages: Sequence[int], *, keep: bool) -> None:
    """Delete the votes on messages that are about to be deleted, or only reduce them to their outcome if `keep`."""
    _forget(sql, ANSWERED, (json.dumps(messages),), keep=keep)


def forget_comparison(sql: Sql, comparison_id: str, *, keep: bool) -> None:
    """Delete the votes given in a comparison, or only reduce them to their outcome if `keep`."""
    _forget(sql, "comparison = ?", (index_text.clean(comparison_id),), keep=keep)


def index_anew(sql: Sql) -> None:
    """Rebuild the index of responses that were voted on, because it may be wrong in untrusted files."""
    held = "CASE WHEN json_valid(votes.state) THEN votes.state ELSE '{}' END"
    with sql.transaction():
        sql.run("DELETE FROM vote_answers")
        sql.run(
            "INSERT OR IGNORE INTO vote_answers (vote, message) SELECT votes.seq, CAST(value AS TEXT)"  # noqa: S608
            f" FROM votes, json_each({held}, '$.answers') WHERE value IS NOT NULL"
        )


def _forget(sql: Sql, which: str, values: Sequence[Cell], *, keep: bool) -> None:
    if not keep:
        sql.run(f"DELETE FROM votes WHERE {which}", values)  # noqa: S608 - of constants
        return
    rows: list[tuple[Any, ...]] = sql.rows(f"SELECT {_COLUMNS} FROM votes WHERE {which}", values)  # noqa: S608
    for _, id_, state in rows:
        vote = _vote(id_, state)
        if vote is not None and vote.prompt != (key := key_of(vote.prompt)):
            change(sql, msgspec.structs.replace(vote, prompt=key))


def _vote(id_: Cell, state: Cell) -> Vote | None:
    try:
        vote = _VOTE.decode(row_mapping.text_of(state))
    except _DAMAGED:
        return None
    return _timely(vote) if vote.id == id_ else msgspec.structs.replace(_timely(vote), id=row_mapping.text_of(id_))


def _timely(vote: Vote) -> Vote:
    """Limit a vote's times to the range of datetime."""
    if _FIRST <= vote.at <= _LAST and (vote.undone is None or _FIRST <= vote.undone <= _LAST):
        return vote
    undone = None if vote.undone is None else bounded_time(vote.undone)
    return msgspec.structs.replace(vote, at=bounded_time(vote.at), undone=undone)
