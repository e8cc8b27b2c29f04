"""The `llm` command's logs.db, opened to be read alone: nothing is written beside it, nothing in its schema runs.

Versions before 0.32 log to `responses`, later ones to `threads`, `turns`, `messages` and `parts`; a database that was
upgraded has both, and a conversation that was gone on with stands in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import apsw

from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.transfer.importers import llm_logs
from desktop.transfer.llm_conversations import LogConversations
from desktop.transfer.llm_tables import LogTables, opened
from desktop.transfer.loose_json import Unreadable
from desktop.transfer.source import Source

MAGIC = b"SQLite format 3\0"

_WAITING = phrase(
    "The newest responses may be missing: llm has them in a file next to this one. Import again when llm "
    "is not running."
)
_PATIENCE = 20_000_000
"""Steps of SQLite that one question may take."""


def open_database(path: Path) -> Source:
    """The conversations of a log. Raises TransferError where the file is none."""
    try:
        sql = opened(f"{path.absolute().as_uri()}?mode=ro&immutable=1", _PATIENCE)
    except apsw.Error as error:
        raise _damaged(path, error) from error
    with ExitStack() as undo:
        undo.callback(sql.close)
        try:
            source = _source(path, LogTables(sql))
        except apsw.Error as error:
            raise _damaged(path, error) from error
        undo.pop_all()
    return Source(
        name=source.name,
        format=source.format,
        count=source.count,
        read=source.read,
        notice=source.notice,
        close=sql.close,
    )


def _source(path: Path, tables: LogTables) -> Source:
    older = tables.has("responses", "id", "model", "prompt", "response")
    newer = tables.has("turns", "id", "thread_id") and tables.has("parts", "message_hash", "type")
    if not older and not newer:
        raise TransferError(phrase("{name} is a database, but not llm's log.", name=path.name))
    conversations = LogConversations(tables)

    def read(place: int) -> Mapping[str, object]:
        """One conversation. Raises Unreadable where the database is damaged there."""
        try:
            return conversations.read(place)
        except apsw.Error as error:
            raise Unreadable(phrase("The database is damaged: {error}.", error=error)) from None

    return Source(
        name=path.name,
        format=llm_logs.FORMAT,
        count=len(conversations),
        read=read,
        notice=" ".join(_notices(path, tables)),
    )


def _notices(path: Path, tables: LogTables) -> Sequence[str]:
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > 0:
        return [_WAITING]
    if count := tables.count("logs"):
        return [phrase("Prompts of llm versions before 0.10 are left out ({count}).", count=f"{count:,}")]
    return []


def _damaged(path: Path, error: apsw.Error) -> TransferError:
    return TransferError(phrase("{name} is not a readable database: {error}.", name=path.name, error=error))
