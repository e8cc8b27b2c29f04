"""Attachments in their own database, each stored once under its hash.

The database uses the same key as the conversations. Files that are no longer referenced are deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from desktop.attachments.attachment import Attachment, fingerprint, plain_name
from desktop.attachments.decode_wire import Decoded
from desktop.attachments.media_kind import Media, MediaKind
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import StoreCorrupt, StoreError, StoreReadOnly
from desktop.store.files import attached_schema
from desktop.store.opening.exchange import ATTACHED
from desktop.store.records import row_mapping
from desktop.store.sqlite import database_files
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.lane import Lane
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger
from desktop.system.paths import is_file
from desktop.text.phrases import Phrase, phrase

DRAFTS_KEPT = timedelta(days=30)
"""Time for which attachments of unsent prompts are stored."""

DRAFT_SPARED = timedelta(days=1)
"""Time for which a newly attached file is not deleted with its messages, because a draft may use it."""

_REFERRED = "SELECT 1 FROM message_files WHERE sha256 = ? LIMIT 1"
_INSERT = (
    "INSERT INTO files (sha256, media_type, kind, size, added_at, drafted_at, decoded, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (sha256) DO UPDATE SET drafted_at = excluded.drafted_at, added_at = excluded.added_at"
)
_SENT = "SELECT sha256 FROM files WHERE drafted_at IS NULL OR drafted_at < 0"
_AT_ONCE = 20_000
_DRAFTED = "SELECT sha256 FROM files WHERE drafted_at BETWEEN 0 AND ?"
_DELETE = "DELETE FROM files WHERE sha256 = ? AND (drafted_at IS NULL OR drafted_at < ?) AND added_at <= ?"
"""Statement that deletes a file unless another window has attached it again."""

_READINGS_GONE = "DELETE FROM readings WHERE sha256 = ? AND sha256 NOT IN (SELECT sha256 FROM files)"
_PIECE = 3 << 18
"""Number of bytes read at once during export; divisible by 3 for base64."""

_log = logger("store")
_T = TypeVar("_T")
Alone = Callable[[Callable[[], Path]], Path]
"""Runs work on files while no other process has them open. Raises StoreBusy if one does."""
_decoded = msgspec.msgpack.Decoder(Decoded)


class AttachedFiles:
    """Attachments of one data folder, opened on demand. All methods may raise StoreError."""

    def __init__(self, conversations: Database, clock: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._clock = clock
        self._one = asyncio.Lock()
        self._database: Database | None = None
        self._closed = False
        self._has_readings = True

    @property
    def path(self) -> Path:
        """Path of the database."""
        return self._conversations.path.with_name(ATTACHED)

    async def look(self, alone: Alone) -> tuple[Phrase, ...]:
        """Check at startup that the database opens, and move a damaged one aside. Return notices.

        Problems never prevent the program from starting.
        """
        if self._conversations.read_only or not (is_file(self.path) or database_files.is_orphaned(self.path)):
            return ()
        try:
            async with self._one:
                await self._opened(write=True)
        except StoreCorrupt:
            try:
                aside = await asyncio.to_thread(alone, lambda: attached_schema.set_aside(self.path, self._clock()))
            except (StoreError, OSError) as error:  # as where another run has it open
                _log.error("damaged attached files stay where they are: %s", type(error).__name__)
                return (phrase("The attached files in {path} are damaged.", path=self.path),)
            return (_set_aside(aside),)
        except StoreError as error:
            return (error.message,)
        return ()

    @property
    def lacks(self) -> bool:
        """Whether files of a damaged database have not been restored yet."""
        return is_file(attached_schema.lacks(self.path))

    def complete(self) -> None:
        """Record that all readable files of a damaged database were restored."""
        with suppress(OSError):
            attached_schema.lacks(self.path).unlink(missing_ok=True)

    async def missing(self) -> int:
        """Return how many referenced attachments are missing."""
        named = await self._conversations.read(attached_schema.referred)
        return len(named) - len(await self.sizes(named)) if named else 0

    async def keep(self, attachment: Attachment, data: bytes) -> None:
        """Store a file durably, unless it is stored already."""
        made = msgspec.msgpack.encode(attachment.decoded)
        media = attachment.media
        await self._put(attachment.sha256, media, data, made)

    async def bring(self, sha256: str, media: Media, data: bytes) -> None:
        """Store an imported file whose contents have not been extracted yet."""
        await self._put(sha256, media, data, b"")

    async def _put(self, sha256: str, media: Media, data: bytes, made: bytes) -> None:
        at = row_mapping.to_ms(self._clock())

        def job(sql: Sql) -> None:
            sql.run_great(_INSERT, (sha256, media.type, media.kind.value, len(data), at, at, made, data))
            if made:
                _describe(sql, (sha256, media.type, media.kind.value, made))

        async with self._one:
            await (await self._opened(write=True)).write(job)

    async def sent(self, hashes: Iterable[str]) -> None:
        """Mark files as sent, so that they no longer count as attachments of drafts."""
        rows = [(each,) for each in hashes]
        if not rows or not is_file(self.path):
            return
        statement = f"UPDATE files SET drafted_at = {attached_schema.SENT} WHERE sha256 = ?"  # noqa: S608 - a constant
        try:
            async with self._one:
                await (await self._opened(write=True)).write(lambda sql: sql.run_each(statement, rows))
        except StoreError as error:
            _log.warning("attached files still count as drafts': %s", type(error).__name__)

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        """Return the attachment of a message part, or None if it is missing or was not decoded as this media type."""
        row = await self._row(attached_schema.FIND, (part.media_type, part.sha256), old=attached_schema.FIND_OLD)
        if row is None or row[1] is None:
            return None
        try:
            media, decoded = Media(MediaKind(row[1]), part.media_type), _decoded.decode(row[2])
        except (TypeError, ValueError, msgspec.DecodeError):  # a flipped bit may make a text of bytes
            return None
        size = row_mapping.number_of(row[0])
        return Attachment(sha256=part.sha256, name=plain_name(part.name), media=media, size=size, decoded=decoded)

    async def describe(self, attachment: Attachment) -> None:
        """Store the extracted contents of an existing file."""
        made = msgspec.msgpack.encode(attachment.decoded)
        row = (attachment.sha256, attachment.media.type, attachment.media.kind.value, made)
        async with self._one:
            await (await self._opened(write=True)).write(lambda sql: _describe(sql, row))

    async def data(self, sha256: str) -> bytes | None:
        """Return the original bytes of a file, or None if it is missing.

        Raises:
            StoreCorrupt: If the bytes do not match the hash.
        """
        if (row := await self._row("SELECT data FROM files WHERE sha256 = ?", (sha256,))) is None:
            return None
        data = row[0] if isinstance(row[0], bytes) else row_mapping.text_of(row[0]).encode()
        if await asyncio.to_thread(fingerprint, data) != sha256:
            raise StoreCorrupt(phrase("An attached file in {path} is damaged.", path=self.path))
        return data

    async def sizes(self, hashes: Iterable[str]) -> dict[str, int]:
        """Return the sizes in bytes of the existing files among these hashes."""
        if not is_file(self.path):
            return {}
        asked, sizes = [*hashes], dict[str, int]()
        async with self._one:
            database = await self._opened(write=False)
            for start in (*range(0, len(asked), _AT_ONCE), None):  # at last those that an index may have missed
                listed = asked if start is None else asked[start : start + _AT_ONCE]
                some = json.dumps([each for each in listed if each not in sizes])
                rows = await database.read(lambda sql, some=some: self._found(sql, attached_schema.SIZES, (some,)))
                sizes |= {row_mapping.text_of(sha256): row_mapping.number_of(size) for sha256, size in rows}
        return sizes

    async def pour(self, sha256: str, into: Callable[[Iterator[bytes]], None]) -> bool:
        """Pass a file's bytes in pieces to `into`, on a thread. Return whether the file exists and matches its hash."""

        def job(sql: Sql) -> bool:
            if not (rows := self._found(sql, "SELECT rowid FROM files WHERE sha256 = ?", (sha256,))):
                return False
            blob = sql.connection.blob_open("main", "files", "data", rows[0][0], False)  # noqa: FBT003 - only to be read
            try:
                sound = _digest(blob) == sha256
                if sound:
                    into(_pieces(blob))
                return sound
            finally:
                blob.close()

        if not is_file(self.path):
            return False
        async with self._one:
            return await (await self._opened(write=False)).read(job)

    async def figures(self) -> tuple[int, int]:
        """Return the number and the total size of all files."""
        if not is_file(self.path):
            return 0, 0
        async with self._one:
            database = await self._opened(write=False)
            return (await database.read(lambda sql: sql.rows("SELECT count(*), coalesce(sum(size), 0) FROM files")))[0]

    async def clear(self) -> int:
        """Delete files released by deleted messages, and expired drafts; return their number.

        Only releases recorded with these conversations count, because the database may have been replaced by another
        one.
        """
        if self._conversations.read_only or not is_file(self.path):
            return 0
        try:
            async with self._one:
                return await self._clear(await self._opened(write=True))
        except StoreError as error:
            _log.warning("attached files are cleared later: %s", type(error).__name__)
            return 0

    async def sweep(self, named: Collection[str]) -> int:
        """Delete files that neither a message nor `named` refers to, except recent drafts; return their number."""
        if self._conversations.read_only or not is_file(self.path):
            return 0
        start = row_mapping.to_ms(self._clock())
        async with self._one:
            database = await self._opened(write=True)
            sent = await database.read(lambda sql: sql.rows(_SENT))
            kept = {*named}
            loose = [each for (each,) in sent if each not in kept]
            gone = await self._conversations.read(
                lambda sql: [each for each in loose if not sql.rows(_REFERRED, (each,))]
            )
            if gone:
                await database.write(lambda sql: _delete(sql, gone, start, start), scrub=True)
            return len(gone)

    async def discard(self, hashes: Collection[str]) -> None:
        """Delete attachments to which no message refers, of drafts too, unless they were attached again meanwhile."""
        if self._conversations.read_only or not is_file(self.path):
            return
        start = row_mapping.to_ms(self._clock())
        async with self._one:
            gone = await self._conversations.read(
                lambda sql: [each for each in hashes if not sql.rows(_REFERRED, (each,))]
            )
            if gone:
                database = await self._opened(write=True)
                await database.write(lambda sql: _delete(sql, gone, start + 1, start), scrub=True)

    def doubt(self) -> None:
        """Request a check of the database at the next start."""
        with suppress(OSError):
            database_files.private_file(attached_schema.doubt(self.path))

    async def _clear(self, database: Database) -> int:
        at = self._clock()
        start, often, seldom = (row_mapping.to_ms(at - span) for span in (timedelta(), DRAFT_SPARED, DRAFTS_KEPT))

        def asked(sql: Sql) -> tuple[list[str], set[str]]:
            """Return the released hashes, and those of them that are still referenced."""
            released = [each for (each,) in sql.rows("SELECT sha256 FROM files_released")]
            return released, {each for each in released if sql.rows(_REFERRED, (each,))}

        released, needed = await self._conversations.read(asked)
        spared = await database.read(
            lambda sql: [each for (each,) in sql.rows("SELECT sha256 FROM files WHERE drafted_at >= ?", (often,))]
        )
        old = await database.read(lambda sql: [each for (each,) in sql.rows(_DRAFTED, (seldom - 1,))])
        unsent = await self._conversations.read(lambda sql: [each for each in old if not sql.rows(_REFERRED, (each,))])
        unneeded = [each for each in released if each not in needed and each not in {*spared}]
        done = [(each,) for each in {*unneeded, *needed}]
        if unneeded or unsent:
            await database.write(lambda sql: _delete(sql, {*unneeded, *unsent}, often, start), scrub=True)
        if done:
            await self._conversations.write(
                lambda sql: sql.run_each("DELETE FROM files_released WHERE sha256 = ?", done)
            )
        return len({*unneeded, *unsent})

    async def aclose(self) -> None:
        """Close the database. Safe to call more than once."""
        async with self._one:
            self._closed = True
            await self._close()

    async def while_closed(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Run work that replaces or copies the closed database, and return the result.

        Once started, the work completes even if the caller is canceled.
        """

        async def alone() -> _T:
            """Hold the lock until the work is done."""
            async with self._one:
                await self._close()
                return await work()

        task = asyncio.ensure_future(alone())
        # Retrieve the error, because asyncio would log it as never retrieved if the waiter was canceled.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return await asyncio.shield(task)

    async def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            await database.aclose()
            if database.damaged:
                self.doubt()

    async def _row(self, query: str, values: tuple[str, ...], *, old: str = "") -> tuple[Any, ...] | None:
        if not is_file(self.path):
            return None
        async with self._one:
            database = await self._opened(write=False)
            if old and not self._has_readings:
                query = old
            rows = await database.read(lambda sql: self._found(sql, query, values))
        return rows[0] if rows else None

    def _found(self, sql: Sql, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """Run a query by hash; request a check if the index is incomplete."""
        rows, missed = attached_schema.found(sql, query, values)
        if missed:
            self.doubt()
        return rows

    async def _opened(self, *, write: bool) -> Database:
        """Return the open database, creating it if necessary. Requires the lock."""
        if self._database is None:
            lane = Lane("files-writer")
            conversations = self._conversations.access
            access = replace(conversations, path=self.path, still=False, alone=False)
            read_only = self._conversations.read_only or self._closed
            if read_only and write:
                raise StoreReadOnly(phrase("{path} is not writable: nothing new is saved.", path=self.path))
            try:
                sql = None
                if self._conversations.read_only:
                    await lane.run(lambda: attached_schema.find_way(access))
                elif not read_only:
                    sql = await lane.run(lambda: attached_schema.connected(access))
            except BaseException:
                lane.stop(wait=False)
                raise
            database = Database(access, sql, lane)
            if read_only:
                try:
                    found = await database.read(lambda sql: attached_schema.require_known(sql, access.path))
                except StoreError:
                    await database.aclose()
                    raise
                self._has_readings = found >= attached_schema.VERSION
            self._database = database
        return self._database


def _set_aside(place: Path) -> Phrase:
    return phrase(
        "The attached files were damaged and were moved to {place}. Readable files are restored.",
        place=place,
    )


def _describe(sql: Sql, row: tuple[str, str, str, bytes]) -> None:
    """Store the contents extracted from a file as one media type."""
    sql.run(
        "INSERT OR REPLACE INTO readings (sha256, media_type, kind, decoded) SELECT ?1, ?2, ?3, ?4"
        " WHERE EXISTS (SELECT 1 FROM files WHERE sha256 = ?1 AND (media_type <> ?2 OR decoded <> ?4))",
        row,
    )


def _delete(sql: Sql, hashes: Iterable[str], often: int, start: int) -> None:
    """Delete files, except those that were attached again since `start`."""
    for sha256 in hashes:
        sql.run(_DELETE, (sha256, often, start))
        sql.run(_READINGS_GONE, (sha256,))
    sql.run("PRAGMA incremental_vacuum")


def _digest(blob: apsw.Blob) -> str:
    whole = hashlib.sha256()
    for piece in _pieces(blob):
        whole.update(piece)
    return whole.hexdigest()


def _pieces(blob: apsw.Blob) -> Iterator[bytes]:
    blob.seek(0)
    while piece := blob.read(_PIECE):
        yield piece
