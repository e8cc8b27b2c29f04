"""Files that are attached, in a database of their own beside the conversations: each once, by the hash of its bytes.

It is encrypted with the same key. What nothing refers to any more is deleted once it is no draft's either.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from desktop.attachments.attachment import Attachment, fingerprint
from desktop.attachments.decode_wire import Decoded
from desktop.attachments.media_kind import Media, MediaKind
from desktop.errors import StoreCorrupt, StoreReadOnly
from desktop.paths import is_file
from desktop.phrases import phrase
from desktop.store import row_mapping
from desktop.store.opening.exchange import ATTACHED
from desktop.store.sqlite import database_files, sqlite_faults
from desktop.store.sqlite.database import Access, Database, Lane
from desktop.store.sqlite.sql import Sql

DRAFTS_KEPT = timedelta(days=30)
"""For how long a file stays that was attached to what was never sent."""

_VERSION = 1
_SCHEMA = """
CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,       -- of `data`, in hex
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at INTEGER NOT NULL,     -- or last attached anew, in milliseconds since 1970
    sent INTEGER NOT NULL,         -- 1 once a message refers to it, 0 as long as it may be a draft's
    decoded BLOB NOT NULL,         -- what models are given of it
    data BLOB NOT NULL
) STRICT;
"""
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
        row = (attachment.sha256, media.type, media.kind.value, len(data), at, made, data)

        def job(sql: Sql) -> None:
            """On the writer's thread."""
            sql.run(
                "INSERT INTO files (sha256, media_type, kind, size, added_at, sent, decoded, data)"
                " VALUES (?, ?, ?, ?, ?, 0, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET added_at = excluded.added_at, sent = 0,"
                " decoded = excluded.decoded",
                row,
            )

        async with self._one:
            await (await self._opened(write=True)).write(job)

    async def sent(self, hashes: Iterable[str]) -> None:
        """Messages refer to these files: they go once none does any more."""
        rows = [(each,) for each in hashes]
        if rows:
            async with self._one:
                database = await self._opened(write=True)
                await database.write(lambda sql: sql.run_each("UPDATE files SET sent = 1 WHERE sha256 = ?", rows))

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
        """Delete what no message refers to any more, and what was attached long ago and never sent; how many went."""
        if self._conversations.read_only or not is_file(self.path):
            return 0
        before = row_mapping.to_ms(self._clock() - DRAFTS_KEPT)
        async with self._one:
            database = await self._opened(write=True)
            kept = await database.read(
                lambda sql: sql.rows("SELECT sha256 FROM files WHERE sent OR added_at < ?", (before,))
            )
            gone = await self._unneeded(each for (each,) in kept)
            await self._delete(database, gone)
        return len(gone)

    async def aclose(self) -> None:
        """Close it. May be called twice."""
        async with self._one:
            self._closed = True
            await self._close()

    @asynccontextmanager
    async def offline(self) -> AsyncGenerator[None]:
        """While its file is exchanged or copied, nobody has it open; who asks for it waits."""
        async with self._one:
            await self._close()
            yield

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

    async def _unneeded(self, hashes: Iterable[str]) -> list[str]:
        wanted = list(hashes)

        def job(sql: Sql) -> list[str]:
            """Those to which no message refers."""
            query = "SELECT 1 FROM message_files WHERE sha256 = ? LIMIT 1"
            return [each for each in wanted if not sql.rows(query, (each,))]

        return await self._conversations.read(job)

    async def _delete(self, database: Database, hashes: list[str]) -> None:
        if hashes:
            await database.write(
                lambda sql: sql.run_each("DELETE FROM files WHERE sha256 = ?", [(each,) for each in hashes]), scrub=True
            )

    async def _opened(self, *, write: bool) -> Database:
        """The open database, made where it is not there. Under the lock."""
        if self._database is None:
            lane = Lane("files-writer")
            access = Access(path=self.path, vfs=self._conversations.access.vfs, key=self._conversations.access.key)
            read_only = self._conversations.read_only or self._closed
            if read_only and write:
                raise StoreReadOnly(phrase("{path} cannot be written: nothing new is kept.", path=self.path))
            try:
                sql = None if read_only else await lane.run(lambda: _connected(access))
            except BaseException:
                lane.stop(wait=False)
                raise
            self._database = Database(access, sql, lane)
        return self._database


def _connected(access: Access) -> Sql:
    """The file open to be written, with its schema. Raises StoreError's tree."""
    with sqlite_faults.typed(access.path):
        database_files.private_file(access.path)
        sql = access.connect()
        try:
            with sql.transaction():
                if int(sql.pragma("user_version") or 0) < _VERSION:
                    sql.run(_SCHEMA)
                    sql.pragma("user_version", _VERSION)
        except BaseException:
            sql.close()
            raise
        return sql
