"""Turns that a model answered, read without their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import FIRST_MS, LAST_MS, ModelRef, Status
from desktop.domain.routers import answering_model
from desktop.store.records import index_text, row_mapping
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Cell, Sql

_TURNS = """
SELECT c.id, p.id, m.id, m.created_at, m.status, json_extract(m.facts, '$.model.connection', '$.model.name',
    '$.figures.server_model', '$.figures.finish_reason'), instr(p.parts, '"sha256"') > 0,
    length(p.words), length(m.words)
FROM conversations c CROSS JOIN messages m ON m.conversation = c.seq JOIN messages p ON p.seq = m.parent
WHERE c.trashed_at IS NULL AND m.role = 'assistant' AND p.role = 'user' AND m.created_at >= ?1 AND m.created_at < ?2
    AND json_valid(m.facts) AND (?3 = '' OR instr(lower(c.words), lower(?3)) > 0)
    AND (?4 = '[]' OR c.seq IN (
        SELECT conversation FROM conversation_tags WHERE key IN (SELECT value FROM json_each(?4))
    ))
ORDER BY m.created_at DESC, m.seq DESC
"""
_STATES = {each.value: each for each in Status}
_FACTS = msgspec.json.Decoder(tuple[str | None, str | None, str | None, str | None])


class PastTurn(msgspec.Struct, frozen=True):
    """A prompt and its response by their ids.

    `at` is in milliseconds since 1970. `finish_reason` is None if the server or the imported file did not report it.
    `has_files` is 1 if the prompt has attachments, else 0. Lengths are in characters.
    """

    conversation: str
    prompt: str
    answer: str
    at: int
    status: Status
    model: ModelRef
    finish_reason: str | None = None
    has_files: int = 0
    prompt_length: int = 0
    answer_length: int = 0


class PastTurns:
    """Turns of one database. All methods may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(
        self,
        models: Sequence[ModelRef],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        title: str = "",
        tags: Sequence[str] = (),
    ) -> list[PastTurn]:
        """Return the turns that models answered, newest first, without those in the trash.

        A model is the one that was requested or, where a router chose, the one that the server named.

        Args:
            models: Models by connection and name; an empty connection stands for all.
            until: First time that is too late.
            title: Text in the conversation's title, without regard to case.
            tags: Tags of which a conversation must have one; none for all conversations.
        """
        values = (
            FIRST_MS if since is None else row_mapping.to_ms(since),
            LAST_MS if until is None else row_mapping.to_ms(until),
            index_text.clean(title),
            row_mapping.to_json([index_text.folded_name(tag) for tag in tags]),
        )
        wanted = frozenset(models)
        return await self._database.read(lambda sql: list(_read(sql, values, wanted)))


class _Answered(NamedTuple):
    """Model and finish reason of answers that have the same facts."""

    model: ModelRef
    finish_reason: str | None


def _read(sql: Sql, values: Sequence[Cell], wanted: frozenset[ModelRef]) -> Iterator[PastTurn]:
    answered: dict[str, _Answered | None] = {}  # few answers have facts of their own
    for conversation, prompt, answer, at, status, facts, *sizes in sql.rows(_TURNS, values):
        if facts not in answered:
            answered[facts] = _answered(facts, wanted)
        found = answered[facts]
        if found is not None:
            state = _STATES.get(status, Status.INTERRUPTED)
            yield PastTurn(conversation, prompt, answer, at, state, found.model, found.finish_reason, *sizes)


def _answered(facts: str, wanted: frozenset[ModelRef]) -> _Answered | None:
    """Return who answered with these facts, or None if it is no wanted model."""
    try:
        connection, name, served, reason = _FACTS.decode(facts)
    except msgspec.DecodeError:
        return None
    for each in (name, served):
        if each and not wanted.isdisjoint((_ref(connection, each), _ref(None, each))):
            return _Answered(answering_model(_ref(connection, name), served), reason)
    return None


def _ref(connection: str | None, name: str | None) -> ModelRef:
    return ModelRef(connection=connection or "", name=name or "")
