"""Files that are attached, in a database of their own beside the conversations: each once, by the hash of its bytes.

It is encrypted with the same key. What nothing refers to any more is deleted once it is no draft's either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from desktop.attachments.attachment import Attachment, fingerprint
from desktop.attachments.decode_wire import Decoded
from desktop.attachments.media_kind import Media, MediaKind
from desktop.errors import StoreCorrupt, StoreError, StoreNewer, StoreReadOnly
from desktop.log import logger
from desktop.paths import is_file
from desktop.phrases import phrase
from desktop.store import row_mapping
from desktop.store.opening.exchange import ATTACHED
from desktop.store.sqlite import database_files, sqlite_faults
from desktop.store.sqlite.database import Access, Database, Lane
from desktop.store.sqlite.sql import Sql

DRAFTS_KEPT = timedelta(days=30)
"""For how long a file stays that was attached to what was never sent."""

DRAFT_SPARED = timedelta(days=1)
"""For how long a file stays that was attached anew, though its messages were deleted: it may be a draft's."""

_REFERRED = "SELECT 1 FROM message_files WHERE sha256 = ? LIMIT 1"
_DELETE = "DELETE FROM files WHERE sha256 = ? AND (drafted_at IS NULL OR drafted_at < ?)"
"""Another window may have attached it anew meanwhile."""

_VERSION = 1
_SCHEMA = """
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,       -- of `data`, in hex
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at INTEGER NOT NULL,     -- in milliseconds since 1970, as the next
    drafted_at INTEGER,            -- as long as it may be a draft's: since when; NULL once a message refers to it
    decoded BLOB NOT NULL,         -- what models are given of it
    data BLOB NOT NULL
) STRICT;
"""
_log = logger("store")
_T = TypeVar("_T")
_decoded = msgspec.msgpack.Decoder(Decoded)


class AttachedFiles:
    """Of one data folder. Opened when it is first needed; every method raises StoreError's tree."""

    def __init__(self, conversations: Database, clock: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._clock = clock
        self._one = asyncio.Lock()
        self._database: Database | None = None
        self._closed = False

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._conversations.path.with_name(ATTACHED)

    async def keep(self, attachment: Attachment, data: bytes) -> None:
        """Keep a file; on the disk on return. One that is there already is there once."""
        made = msgspec.msgpack.encode(attachment.decoded)
        media = attachment.media
        at = row_mapping.to_ms(self._clock())
        row = (attachment.sha256, media.type, media.kind.value, len(data), at, at, made, data)

        def job(sql: Sql) -> None:
            """On the writer's thread."""
            sql.run(
                "INSERT INTO files (sha256, media_type, kind, size, added_at, drafted_at, decoded, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET drafted_at = excluded.drafted_at, decoded = excluded.decoded",
                row,
            )

        async with self._one:
            await (await self._opened(write=True)).write(job)

    async def sent(self, hashes: Iterable[str]) -> None:
        """Messages refer to these files: they are drafts' no more. Where that is not written, they go a bit later."""
        rows = [(each,) for each in hashes]
        if not rows:
            return
        statement = "UPDATE files SET drafted_at = NULL WHERE sha256 = ?"
        try:
            async with self._one:
                await (await self._opened(write=True)).write(lambda sql: sql.run_each(statement, rows))
        except StoreError as error:
            _log.warning("attached files still count as drafts': %s", type(error).__name__)

    async def find(self, sha256: str, name: str) -> Attachment | None:
        """A file by its hash, under a name; None where it is not there."""
        query = "SELECT media_type, kind, size, decoded FROM files WHERE sha256 = ?"
        row = await self._row(query, sha256)
        if row is None:
            return None
        media_type, kind, size, made = row
        try:
            media, decoded = Media(MediaKind(kind), media_type), _decoded.decode(made)
        except (ValueError, msgspec.DecodeError):
            return None
        return Attachment(sha256=sha256, name=name, media=media, size=size, decoded=decoded)

    async def data(self, sha256: str) -> bytes | None:
        """A file's bytes, as they were attached; None where it is not there. Raises StoreCorrupt for others."""
        row = await self._row("SELECT data FROM files WHERE sha256 = ?", sha256)
        if row is None:
            return None
        data = bytes(row[0])
        if await asyncio.to_thread(fingerprint, data) != sha256:
            raise StoreCorrupt(phrase("An attached file in {path} is damaged.", path=self.path))
        return data

    async def figures(self) -> tuple[int, int]:
        """How many files there are, and their bytes."""
        if not is_file(self.path):
            return 0, 0
        async with self._one:
            database = await self._opened(write=False)
            return (await database.read(lambda sql: sql.rows("SELECT count(*), total(size) FROM files")))[0]

    async def clear(self) -> int:
        """Delete what deleted messages referred to and no other does, and what was never sent; how many went.

        Only what was deleted in these conversations goes: in the place of damaged ones, or of those that a backup
        replaced, others may stand that know nothing of a file. What fails is tried again the next time.
        """
        if self._conversations.read_only or not is_file(self.path):
            return 0
        try:
            async with self._one:
                return await self._clear(await self._opened(write=True))
        except StoreError as error:
            _log.warning("attached files are cleared later: %s", type(error).__name__)
            return 0

    async def _clear(self, database: Database) -> int:
        at = self._clock()
        often, seldom = (row_mapping.to_ms(at - span) for span in (DRAFT_SPARED, DRAFTS_KEPT))

        def asked(sql: Sql) -> tuple[list[str], set[str]]:
            """Hashes that deleted messages referred to, and those among them that others still do."""
            released = [each for (each,) in sql.rows("SELECT sha256 FROM files_released")]
            return released, {each for each in released if sql.rows(_REFERRED, (each,))}

        released, needed = await self._conversations.read(asked)
        spared = await database.read(
            lambda sql: [each for (each,) in sql.rows("SELECT sha256 FROM files WHERE drafted_at >= ?", (often,))]
        )
        old = await database.read(
            lambda sql: [each for (each,) in sql.rows("SELECT sha256 FROM files WHERE drafted_at < ?", (seldom,))]
        )
        unsent = await self._conversations.read(lambda sql: [each for each in old if not sql.rows(_REFERRED, (each,))])
        gone = [each for each in released if each not in needed and each not in {*spared}]
        done = [(each,) for each in {*gone, *needed}]
        if gone or unsent:
            await database.write(
                lambda sql: sql.run_each(_DELETE, [(each, often) for each in {*gone, *unsent}]), scrub=True
            )
        if done:
            await self._conversations.write(
                lambda sql: sql.run_each("DELETE FROM files_released WHERE sha256 = ?", done)
            )
        return len({*gone, *unsent})

    async def aclose(self) -> None:
        """Close it. May be called twice."""
        async with self._one:
            self._closed = True
            await self._close()

    async def while_closed(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """What work returns that exchanges or copies the file: nobody has it open meanwhile, and who asks for it waits.

        Once begun, it comes to its end, also where nobody waits for that any more.
        """

        async def alone() -> _T:
            """Under the lock until the work is done."""
            async with self._one:
                await self._close()
                return await work()

        task = asyncio.ensure_future(alone())
        # Where the waiting is cancelled nobody else asks for the error, and asyncio would complain of that.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return await asyncio.shield(task)

    async def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            await database.aclose()

    async def _row(self, query: str, sha256: str) -> tuple[Any, ...] | None:
        if not is_file(self.path):
            return None
        async with self._one:
            database = await self._opened(write=False)
            rows = await database.read(lambda sql: sql.rows(query, (sha256,)))
        return rows[0] if rows else None

    async def _opened(self, *, write: bool) -> Database:
        """The open database, made where it is not there. Under the lock."""
        if self._database is None:
            lane = Lane("files-writer")
            access = Access(path=self.path, vfs=self._conversations.access.vfs, key=self._conversations.access.key)
            read_only = self._conversations.read_only or self._closed
            if read_only and write:
                raise StoreReadOnly(phrase("{path} cannot be written: nothing new is kept.", path=self.path))
            try:
                sql = None if read_only else await lane.run(lambda: _sound(access, self._clock()))
            except BaseException:
                lane.stop(wait=False)
                raise
            self._database = Database(access, sql, lane)
        return self._database


def _sound(access: Access, at: datetime) -> Sql:
    """The file open to be written; a damaged one is set aside, and a new one begun. Raises StoreError's tree."""
    try:
        return _connected(access)
    except StoreCorrupt:
        aside = database_files.set_aside(access.path, at)
        _log.error("the attached files were damaged and set aside in %s", aside.name)
        return _connected(access)


def _connected(access: Access) -> Sql:
    """The file open to be written, with its schema. Raises StoreError's tree."""
    with sqlite_faults.typed(access.path):
        database_files.private_file(access.path)
        sql = access.connect()
        try:
            _demand_known(sql, access.path)
            with sql.transaction():
                if int(sql.pragma("user_version") or 0) < _VERSION:
                    sql.run(_SCHEMA)
                    sql.pragma("user_version", _VERSION)
        except BaseException:
            sql.close()
            raise
        return sql


def _demand_known(sql: Sql, path: Path) -> None:
    """Go on where this version knows the schema. Raises StoreNewer: then nothing was changed."""
    found = int(sql.pragma("user_version") or 0)
    if found > _VERSION:
        said = "{path} was written by a newer version of the program (schema {schema})."
        raise StoreNewer(phrase(said, path=path, schema=found))
