"""Conversations of the `llm` command's log as they lie in its tables, older and newer ones alike, one at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from desktop.transfer.archives.loose_json import number, text
from desktop.transfer.formats.llm_tables import Key, LogTables, Row

_SIDES = ("prompt_fragments", "system_fragments", "tool_calls", "tool_results", "prompt_attachments")
"""Tables that say more of a response, by its id."""

_RESPONSE = (
    "id",
    "model",
    "prompt",
    "system",
    "response",
    "reasoning",
    "options_json",
    "schema_id",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
)
_TURN = (
    "id",
    "parent_message_hash",
    "tip_message_hash",
    "model",
    "options_json",
    "schema_id",
    "duration_ms",
    "datetime_utc",
    "input_tokens",
    "output_tokens",
)
_PART = ("position", "type", "text", "payload")


@dataclass(kw_only=True)
class _Place:
    """Where a conversation lies: the numbers of its rows."""

    id: str
    conversations: Sequence[int] = ()
    threads: Sequence[int] = ()
    responses: list[int] = field(default_factory=list[int])
    turns: list[int] = field(default_factory=list[int])


class LogConversations:
    """The conversations of a log; each may have rows in older tables, in newer ones, or in both."""

    def __init__(self, tables: LogTables) -> None:
        self._tables = tables
        self._sides = {name: tables.grouped(name, "response_id") for name in _SIDES}
        self._given = tables.grouped("turn_fragments", "turn_id")
        self._parts = tables.grouped("parts", "message_hash")
        self._attached = tables.grouped("part_attachments", "part_id")
        self._borrowed = tables.grouped("part_fragments", "part_id")
        self._attachments = tables.grouped("attachments", "id")
        self._fragments = tables.grouped("fragments", "id")
        self._places = list(self._found())

    def __len__(self) -> int:
        return len(self._places)

    def read(self, place: int) -> Mapping[str, object]:
        """One conversation as the importer of the log takes it. Raises apsw.Error."""
        at = self._places[place]
        known = self._tables.rows("conversations", ("name", "model"), at.conversations)
        thread = self._tables.rows("threads", ("name", "tip_message_hash"), at.threads)
        fragments: dict[Key, str] = {}
        return {
            "id": at.id,
            "name": next((named for row in (*known, *thread) if (named := text(row.get("name")))), ""),
            "model": next((text(row.get("model")) for row in known), ""),
            "responses": [
                self._response(row, fragments) for row in self._in_time("responses", _RESPONSE, at.responses)
            ],
            "turns": [self._turn(row, fragments) for row in self._in_time("turns", _TURN, at.turns)],
            "messages": [self._message(row, fragments) for row in self._chain(at)],
            "tip": next((row.get("tip_message_hash") for row in thread), None),
            "fragments": fragments,
        }

    def _found(self) -> Iterator[_Place]:
        """Conversations in order of their ids, then answers that belong to none, each one of its own."""
        conversations, threads = self._tables.grouped("conversations", "id"), self._tables.grouped("threads", "id")
        turned = self._tables.grouped("turns", "id")
        responses = self._belonging("responses", "conversation_id", without=turned)
        turns = self._belonging("turns", "thread_id", without={})
        for key in sorted({*conversations, *threads, *responses, *turns} - {None}, key=str):
            yield _Place(
                id=text(key),
                conversations=conversations.get(key, ()),
                threads=threads.get(key, ()),
                responses=responses.get(key, []),
                turns=turns.get(key, []),
            )
        yield from self._alone("responses", responses.get(None, []))
        yield from self._alone("turns", turns.get(None, []))

    def _alone(self, table: str, numbers: Sequence[int]) -> Iterator[_Place]:
        for each, row in zip(numbers, self._tables.rows(table, ("id",), numbers), strict=True):
            if table == "turns":
                yield _Place(id=f"turn {text(row.get('id'))}", turns=[each])
            else:
                yield _Place(id=f"response {text(row.get('id'))}", responses=[each])

    def _belonging(self, table: str, column: str, *, without: Mapping[Key, Sequence[int]]) -> dict[Key, list[int]]:
        """Numbers of rows by the conversation they belong to, but for those with some ids: they are said elsewhere."""
        ids = self._tables.grouped(table, "id")
        left_out = {each for key in without if key is not None for each in ids.get(key, ())}
        owners = {each: key for key, numbers in self._tables.grouped(table, column).items() for each in numbers}
        found: defaultdict[Key, list[int]] = defaultdict(list)
        for each in (each for numbers in ids.values() for each in numbers):
            if each not in left_out:
                found[owners.get(each)].append(each)
        return dict(found)

    def _in_time(self, table: str, wanted: Sequence[str], numbers: Sequence[int]) -> list[Row]:
        """Rows by their time; those of one time stay in the order of their ids, which llm gives rising ones."""
        return sorted(self._tables.rows(table, wanted, numbers), key=lambda row: text(row.get("datetime_utc")))

    def _response(self, row: Row, fragments: dict[Key, str]) -> Row:
        sides = {name: self._sides[name].get(_key(row.get("id")), ()) for name in _SIDES}
        calls = self._tables.rows("tool_calls", ("name", "arguments", "tool_call_id"), sides["tool_calls"])
        return {
            **row,
            "prompt_fragments": self._fragments_of("prompt_fragments", sides["prompt_fragments"], fragments),
            "system_fragments": self._fragments_of("system_fragments", sides["system_fragments"], fragments),
            "tool_calls": calls,
            "tool_results": len(sides["tool_results"]),
            "attachments": self._names("prompt_attachments", sides["prompt_attachments"]),
        }

    def _turn(self, row: Row, fragments: dict[Key, str]) -> Row:
        """A turn with the fragments that were given as its system prompt: messages hold only those of the first."""
        numbers = self._given.get(_key(row.get("id")), ())
        rows = sorted(self._tables.rows("turn_fragments", ("fragment_id", "order", "kind"), numbers), key=_order)
        ids = [_key(each.get("fragment_id")) for each in rows if each.get("kind") == "system"]
        self._fetch(ids, fragments)
        return {**row, "system_fragments": ids}

    def _fragments_of(self, table: str, numbers: Sequence[int], fragments: dict[Key, str]) -> Sequence[Key]:
        rows = self._tables.rows(table, ("fragment_id", "order"), numbers)
        ids = [_key(row.get("fragment_id")) for row in sorted(rows, key=_order)]
        self._fetch(ids, fragments)
        return ids

    def _fetch(self, ids: Sequence[Key], fragments: dict[Key, str]) -> None:
        for each in ids:
            if each not in fragments:
                rows = self._tables.rows("fragments", ("content",), self._fragments.get(each, ())[:1])
                fragments[each] = text(rows[0].get("content")) if rows else ""

    def _names(self, table: str, numbers: Sequence[int]) -> Sequence[str]:
        """What attachments are called: by a file's name, an address's end, or their kind."""
        rows = sorted(self._tables.rows(table, ("attachment_id", "order"), numbers), key=_order)
        found: list[str] = []
        for row in rows:
            numbered = self._attachments.get(_key(row.get("attachment_id")), ())[:1]
            nothing: Row = {}
            held = next(iter(self._tables.rows("attachments", ("type", "path", "url"), numbered)), nothing)
            where = text(held.get("path")) or text(held.get("url")).partition("?")[0].rstrip("/")
            found.append(PurePath(where.replace("\\", "/")).name or text(held.get("type")))
        return found

    def _chain(self, at: _Place) -> Sequence[Row]:
        return self._tables.chain(at.turns, at.threads) if at.turns or at.threads else ()

    def _message(self, row: Row, fragments: dict[Key, str]) -> Row:
        numbers = self._parts.get(_key(row.get("hash")), ())
        found: list[Row] = []
        for each, part in zip(numbers, self._tables.rows("parts", _PART, numbers), strict=True):
            attached = self._names("part_attachments", self._attached.get(each, ()))
            self._fragments_of("part_fragments", self._borrowed.get(each, ()), fragments)
            found.append({**part, "attachments": attached})
        return {**row, "parts": sorted(found, key=_position)}


def _key(value: object) -> Key:
    return value if isinstance(value, (str, int, float)) else None


def _order(row: Row) -> float:
    return number(row.get("order")) or 0


def _position(row: Row) -> float:
    return number(row.get("position")) or 0
