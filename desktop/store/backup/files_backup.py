"""The backup of attached files beside the daily ones: one database that takes in what is new, since bytes never change.

It holds what messages refer to, as it was attached; what was made of it is made anew when it is shown or sent.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from desktop.attachments.attachment import fingerprint
from desktop.attachments.attachment_limits import MOST_BYTES
from desktop.attachments.media_kind import Media, MediaKind
from desktop.errors import StoreCorrupt, StoreError, StoreFull, StoreNewer
from desktop.store.backup import restore
from desktop.store.encryption.encryption import Encryption
from desktop.store.encryption.recode import key_of
from desktop.store.files import attached_schema
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.opening import exchange
from desktop.store.opening.database_schema import require_ours
from desktop.store.opening.store_opener import BACKUPS, StoreOpener
from desktop.store.records import row_mapping
from desktop.store.sqlite import database_files, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Access, Database
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import phrase

_THERE = "SELECT sha256 FROM files"
_ALL = "SELECT sha256 FROM files NOT INDEXED"
_READ = (
    "SELECT substr(media_type, 1, 200), substr(kind, 1, 20), size, added_at, data FROM files"
    " WHERE sha256 = ? AND length(data) <= ?"
)
_PUT = (
    "INSERT OR IGNORE INTO files (sha256, media_type, kind, size, added_at, drafted_at, decoded, data)"
    " VALUES (?, ?, ?, ?, ?, NULL, x'', ?)"
)
LEFT_FREE = 256 << 20
"""Bytes of the disk that a backup of files leaves to what is said meanwhile."""

_log = logger("store")


class _BackupDamaged(Exception):
    """The backup of files was damaged, and set aside while it was in use."""


class FilesReturn(NamedTuple):
    """What a backup of conversations names that is not here: how many files come back with it, and how many do not."""

    back: int
    missing: int


class FilesBackup:
    """Of one open database. Every method raises StoreError's tree; what is killed goes on where it was left."""

    def __init__(self, database: Database, opening: StoreOpener, encryption: Encryption, files: AttachedFiles) -> None:
        self._database = database
        self._opening = opening
        self._encryption = encryption
        self._files = files
        self.free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
        """How many bytes a folder's disk has left."""

    @property
    def path(self) -> Path:
        """The database of all backups' files."""
        return self._opening.folder / BACKUPS / exchange.ATTACHED

    async def take(self, *, left_free: int = LEFT_FREE) -> int:
        """Take in the files that messages refer to and that are not there yet; how many they were.

        Raises StoreFull where the disk would have less than `left_free` bytes then.
        """
        keys = await self._encryption.keys()
        try:
            named = await self._named()
            if not named or not is_file(self._files.path):
                return 0
            try:
                return await self._database.beside(lambda: self._take(named, keys, left_free))
            except _BackupDamaged:  # it was set aside: all in it is here still
                return await self._database.beside(lambda: self._take(named, keys, left_free))
        except _BackupDamaged:  # the new one as well: the disk is failing
            return 0
        except StoreError as error:  # the conversations are backed up all the same
            if not _is_of_files(error):
                raise
            _log.warning("attached files are not backed up: %s", type(error).__name__)
            return 0

    async def sweep(self) -> int:
        """Delete what no conversations name any more, neither these nor any that could come back; how many files.

        Where one of them cannot be read, it may name any: then nothing is deleted.
        """
        keys = await self._encryption.keys()
        named = await self._database.beside(lambda: _named_by_others(self._opening.folder, keys, self._is_ending))
        if named is None:
            return 0
        here = await self._named()
        try:
            gone = await self._database.beside(lambda: self._sweep(named | here, keys))
            return gone + await self._files.sweep(named)
        except (StoreCorrupt, StoreNewer) as error:  # they are looked at when they are next opened
            _log.warning("attached files are not cleared: %s", type(error).__name__)
            return 0

    async def returning(self, path: Path, read: Path) -> FilesReturn:
        """What `bring` would do for a backup of conversations, which is read from another place where it is damaged."""
        keys = await self._encryption.keys()
        lacking = await self._lacking(read, keys)
        if not lacking:
            return FilesReturn(0, 0)
        there = await self._database.beside(lambda: self._there(self._sources(path), keys, lacking))
        return FilesReturn(len(there), len(lacking) - len(there))

    async def bring(self, path: Path, read: Path) -> set[str]:
        """Bring back the files that a backup of conversations names; the hashes of all that it names.

        Where the backup is damaged it is read from a copy.
        They are drafts' until `AttachedFiles.sent` is told that the conversations are there.
        """
        keys = await self._encryption.keys()
        named = await self._database.beside(lambda: restore.files_of(read, keys, self._is_ending))
        await self._bring(named, self._sources(path), keys)
        return named

    async def bring_again(self) -> None:
        """Bring back the files that messages here refer to, and that were set aside with a damaged database.

        From the backup, or from what was set aside, as far as it can be read. Killed, it goes on the next time.
        """
        if not self._files.lacks:
            return
        named = await self._named()
        aside = sorted(self._opening.folder.glob(f"{database_files.BROKEN}-*/{exchange.ATTACHED}"), reverse=True)
        await self._bring(named, [self.path, *aside], await self._encryption.keys())
        await self._files.sent(named)
        self._files.complete()

    async def _bring(self, named: Collection[str], sources: Iterable[Path], keys: Mapping[str, Key]) -> None:
        left = sorted(await self._not_here(named))
        for source in sources:
            if left and is_file(source):
                left = [each for each in left if not await self._brought(source, keys, each)]

    async def _named(self) -> set[str]:
        return await self._database.read(attached_schema.referred)

    async def _lacking(self, path: Path, keys: Mapping[str, Key]) -> set[str]:
        named = await self._database.beside(lambda: restore.files_of(path, keys, self._is_ending))
        return await self._not_here(named)

    async def _not_here(self, named: Collection[str]) -> set[str]:
        """Those among some files that are not here; none where that cannot be told."""
        try:
            return {*named} - (await self._files.sizes(named)).keys() if named else set()
        except StoreError as error:  # the conversations come back all the same
            if not _is_of_files(error):
                raise
            _log.warning("attached files do not come back: %s", type(error).__name__)
            return set()

    async def _brought(self, source: Path, keys: Mapping[str, Key], sha256: str) -> bool:
        found = await self._database.beside(lambda: self._read(source, keys, sha256))
        if found is None:
            return False
        try:
            await self._files.bring(sha256, *found)
        except StoreError as error:  # as above
            if not _is_of_files(error):
                raise
            _log.warning("an attached file does not come back: %s", type(error).__name__)
            return False
        self._opening.options.step("brought a file back")
        return True

    def _sources(self, path: Path) -> list[Path]:
        """Where a backup's files may lie: beside it, where it was carried away with them, and among our own."""
        beside = path.absolute().with_name(exchange.ATTACHED)
        is_other = is_file(beside) and beside != self._files.path
        return list(dict.fromkeys((self.path, *((beside,) if is_other else ()))))

    def _take(self, named: Collection[str], keys: Mapping[str, Key], left_free: int) -> int:
        """On a thread and connections of its own: each file in a transaction of its own."""
        target = self._opened(keys)
        source = Access(path=self._files.path, vfs=self._database.access.vfs, key=self._database.access.key)
        count = 0
        try:
            with self._kept_aside():
                there = {each for (each,) in target.rows(_THERE)}
            with sqlite_faults.typed(source.path):
                sql = source.connect_to_read()
            try:
                for sha256 in sorted({*named} - there):
                    if self._is_ending():
                        break
                    count += self._taken(sql, target, sha256, left_free)
            finally:
                sql.close()
        finally:
            target.close()
        return count

    def _taken(self, source: Sql, target: Sql, sha256: str, left_free: int) -> bool:
        try:
            with sqlite_faults.typed(self._files.path):
                row = source.row(_READ, (sha256, MOST_BYTES))
        except StoreCorrupt:
            self._files.doubt()
            raise
        if row is None or not _is_it(row[-1], sha256):
            return False
        with self._kept_aside():
            if self.free(self.path.parent) < len(row[-1]) + left_free:
                raise StoreFull(phrase("The disk is full. Paragone cannot write to {path}.", path=self.path))
            with target.transaction():
                target.run_great(_PUT, (sha256, *row))
        self._opening.options.step("backed a file up")
        return True

    def _sweep(self, named: Collection[str], keys: Mapping[str, Key]) -> int:
        if not is_file(self.path):
            return 0
        sql = self._opened(keys)
        try:
            with sqlite_faults.typed(self.path):
                gone = {each for (each,) in sql.rows(_THERE)} - {*named}
                for sha256 in gone:
                    with sql.transaction():
                        sql.run("DELETE FROM files WHERE sha256 = ?", (sha256,))
                    self._opening.options.step("cleared a file")
                if gone:
                    sql.run("PRAGMA incremental_vacuum")
        finally:
            sql.close()
        return len(gone)

    def _opened(self, keys: Mapping[str, Key]) -> Sql:
        """The backup of files, made where there is none; a damaged one is set aside, and a new one begun."""
        private_folder(self.path.parent)
        try:
            return self._connected(keys)
        except StoreCorrupt:
            self._set_aside()
            return self._connected(keys)

    def _set_aside(self) -> None:
        aside = database_files.set_aside(self.path, self._opening.clock(), into=self._opening.folder)
        _log.error("the backup of attached files was damaged and set aside in %s", aside.name)

    @contextmanager
    def _kept_aside(self) -> Generator[None]:
        """Errors of the backup in use. Raises _BackupDamaged once it was set aside."""
        try:
            with sqlite_faults.typed(self.path):
                yield
        except StoreCorrupt as error:
            self._set_aside()
            raise _BackupDamaged from error

    def _connected(self, keys: Mapping[str, Key]) -> Sql:
        with sqlite_faults.typed(self.path):
            is_new = not is_file(self.path) or not self.path.stat().st_size
            key = self._database.access.key if is_new else key_of(self.path, keys)
            access = Access(path=self.path, vfs=self._database.access.vfs, key=key, log=False)
            database_files.private_file(self.path)
            sql = access.connect()
            try:
                if is_new:
                    sql.pragma("auto_vacuum", "incremental")
                attached_schema.make(sql, self.path)
                require_ours(sql, self.path, attached_schema.MIGRATIONS)
            except apsw.SQLError as error:  # tables of somebody else's under our names
                sql.close()
                raise StoreCorrupt(phrase("The database {path} is damaged.", path=self.path)) from error
            except BaseException:
                sql.close()
                raise
            return sql

    def _there(self, sources: Iterable[Path], keys: Mapping[str, Key], named: Collection[str]) -> set[str]:
        """Those among some hashes that lie in any of these databases."""
        found: set[str] = set()
        for source in sources:
            sql = self._opened_to_read(source, keys) if is_file(source) else None
            if sql is not None:
                try:
                    with sqlite_faults.typed(source):
                        found |= {each for (each,) in sql.each(_ALL) if each in named}
                except StoreError as error:
                    _log.warning("a backup of attached files cannot be read: %s", type(error).__name__)
                finally:
                    sql.close()
        return found

    def _read(self, source: Path, keys: Mapping[str, Key], sha256: str) -> tuple[Media, bytes] | None:
        """A file of a backup, whose bytes have its hash; None where it is not there, or cannot be read."""
        sql = self._opened_to_read(source, keys)
        if sql is None:
            return None
        try:
            with sqlite_faults.typed(source):
                row = next(iter(self._rows(sql, sha256)), None)
        except StoreError as error:
            _log.warning("a backup of attached files cannot be read: %s", type(error).__name__)
            return None
        finally:
            sql.close()
        if row is None or not _is_it(row[-1], sha256):
            return None
        return Media(MediaKind.OTHER, row_mapping.text_of(row[0])), row[-1]

    @staticmethod
    def _rows(sql: Sql, sha256: str) -> list[tuple[Any, ...]]:
        """A file's row: without the index where that is what is damaged."""
        try:
            return attached_schema.found(sql, _READ, (sha256, MOST_BYTES))[0]
        except apsw.CorruptError:
            return sql.rows(_READ.replace("WHERE sha256", "WHERE +sha256"), (sha256, MOST_BYTES))

    def _opened_to_read(self, source: Path, keys: Mapping[str, Key]) -> Sql | None:
        """A backup of files, where its schema is ours: of any other nothing is asked."""
        try:
            with sqlite_faults.typed(source):
                still = source != self.path and not database_files.has_log(source)
                access = Access(path=source, key=key_of(source, keys), still=still, log=False)
                # Our own may have been left by a killed run amid a change, which is undone by whoever may write
                sql = access.connect() if source == self.path else access.connect_to_read()
                try:
                    require_ours(sql, source, attached_schema.MIGRATIONS)
                except BaseException:
                    sql.close()
                    raise
                return sql
        except (StoreError, apsw.SQLError) as error:
            _log.warning("a backup of attached files is passed over: %s", type(error).__name__)
            return None

    def _is_ending(self) -> bool:
        return self._database.is_ending()


def _is_of_files(error: StoreError) -> bool:
    """Whether it lies in the files' own database or its disk: conversations are kept and restored all the same."""
    return type(error) is StoreError or isinstance(error, (StoreCorrupt, StoreNewer))


def _named_by_others(folder: Path, keys: Mapping[str, Key], stop: restore.Stop) -> set[str] | None:
    """The hashes of all files that backups and what was set aside name; None where one of them cannot be read."""
    found: set[str] = set()
    aside = [path for each in restore.set_aside(folder) for path in each.folder.glob("*.db")]
    for path in (*(each for each in exchange.databases(folder) if each.parent != folder), *aside):
        try:
            found |= restore.files_of(path, keys, stop)
        except StoreError as error:
            _log.info("no file is cleared from the backup: %s", type(error).__name__)
            return None
    return found


def _is_it(data: object, sha256: str) -> bool:
    """Whether a cell holds the bytes of a hash: a flipped bit may make a text or nothing of it."""
    return isinstance(data, bytes) and fingerprint(data) == sha256
