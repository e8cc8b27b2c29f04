"""Backup of attachments: one database beside the daily backups. Files are only added, since bytes never change.

It contains the original files that messages refer to. Extracted text is extracted again when needed.
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
"""Disk space in bytes that must remain free after a backup of attachments."""

_log = logger("store")


class _BackupDamaged(Exception):
    """The backup of attachments was found to be damaged during use, and was moved aside."""


class FilesReturn(NamedTuple):
    """Numbers of missing attachments that a backup can restore, and that it cannot."""

    back: int
    missing: int


class FilesBackup:
    """Backup of the attachments of one open database.

    All methods may raise StoreError; interrupted work can be resumed.
    """

    def __init__(self, database: Database, opening: StoreOpener, encryption: Encryption, files: AttachedFiles) -> None:
        self._database = database
        self._opening = opening
        self._encryption = encryption
        self._files = files
        self.free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
        """How many bytes a folder's disk has left."""

    @property
    def path(self) -> Path:
        """Database with the attachments of all backups."""
        return self._opening.folder / BACKUPS / exchange.ATTACHED

    async def take(self, *, left_free: int = LEFT_FREE) -> int:
        """Add the referenced attachments that are not in the backup yet, and return their number.

        Raises:
            StoreFull: If less than `left_free` bytes would remain.
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
        """Delete attachments that no conversation or backup refers to, and return their number.

        If a backup cannot be read, nothing is deleted, since that backup may refer to any file.
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
        """Return how many attachments `bring` would restore for a backup.

        Args:
            read: The backup itself, or a readable copy if it is damaged.
        """
        keys = await self._encryption.keys()
        lacking = await self._lacking(read, keys)
        if not lacking:
            return FilesReturn(0, 0)
        there = await self._database.beside(lambda: self._there(self._sources(path), keys, lacking))
        return FilesReturn(len(there), len(lacking) - len(there))

    async def bring(self, path: Path, read: Path) -> set[str]:
        """Restore the attachments that a backup refers to, and return the hashes of all of them.

        Args:
            read: The backup itself, or a readable copy if it is damaged.
        """
        keys = await self._encryption.keys()
        named = await self._database.beside(lambda: restore.files_of(read, keys, self._is_ending))
        await self._bring(named, self._sources(path), keys)
        return named

    async def bring_again(self) -> None:
        """Restore referenced attachments that are missing since a damaged database was moved aside.

        Uses the backup and, as far as they are readable, the damaged databases.
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
        """Return those hashes that are missing in this database, or an empty set if that cannot be determined."""
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
        """Return the databases that may contain a backup's attachments."""
        beside = path.absolute().with_name(exchange.ATTACHED)
        is_other = is_file(beside) and beside != self._files.path
        return list(dict.fromkeys((self.path, *((beside,) if is_other else ()))))

    def _take(self, named: Collection[str], keys: Mapping[str, Key], left_free: int) -> int:
        """Copy the attachments on a thread, each in its own transaction."""
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
                obsolete = {each for (each,) in sql.rows(_THERE)} - {*named}
                for sha256 in obsolete:
                    with sql.transaction():
                        sql.run("DELETE FROM files WHERE sha256 = ?", (sha256,))
                    self._opening.options.step("cleared a file")
                if obsolete:
                    sql.run("PRAGMA incremental_vacuum")
        finally:
            sql.close()
        return len(obsolete)

    def _opened(self, keys: Mapping[str, Key]) -> Sql:
        """Open the backup. Create it if it is missing, and replace it if it is damaged."""
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
        """Move the backup aside if the block finds damage in it.

        Raises:
            _BackupDamaged: After the backup was moved aside.
        """
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
        """Return those hashes that at least one of these databases contains."""
        present: set[str] = set()
        for source in sources:
            sql = self._opened_to_read(source, keys) if is_file(source) else None
            if sql is not None:
                try:
                    with sqlite_faults.typed(source):
                        present |= {each for (each,) in sql.each(_ALL) if each in named}
                except StoreError as error:
                    _log.warning("a backup of attached files cannot be read: %s", type(error).__name__)
                finally:
                    sql.close()
        return present

    def _read(self, source: Path, keys: Mapping[str, Key], sha256: str) -> tuple[Media, bytes] | None:
        """Return an attachment from a backup if its bytes match the hash, otherwise None."""
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
        """Return an attachment's row, without the index if that is damaged."""
        try:
            return attached_schema.found(sql, _READ, (sha256, MOST_BYTES))[0]
        except apsw.CorruptError:
            return sql.rows(_READ.replace("WHERE sha256", "WHERE +sha256"), (sha256, MOST_BYTES))

    def _opened_to_read(self, source: Path, keys: Mapping[str, Key]) -> Sql | None:
        """Open a backup of attachments for reading, or return None if it cannot be read or has a foreign schema."""
        try:
            with sqlite_faults.typed(source):
                still = source != self.path and not database_files.has_log(source)
                access = Access(path=source, key=key_of(source, keys), still=still, log=False)
                # Our own backup may contain an unfinished transaction of a killed process, which a writer rolls back
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
    """Whether an error concerns only the attachments, so that conversations can still be restored."""
    return type(error) is StoreError or isinstance(error, (StoreCorrupt, StoreNewer))


def _named_by_others(folder: Path, keys: Mapping[str, Key], stop: restore.Stop) -> set[str] | None:
    """Return the hashes that backups and databases moved aside refer to, or None if one is unreadable."""
    hashes: set[str] = set()
    aside = [path for each in restore.set_aside(folder) for path in each.folder.glob("*.db")]
    for path in (*(each for each in exchange.databases(folder) if each.parent != folder), *aside):
        try:
            hashes |= restore.files_of(path, keys, stop)
        except StoreError as error:
            _log.info("no file is cleared from the backup: %s", type(error).__name__)
            return None
    return hashes


def _is_it(data: object, sha256: str) -> bool:
    """Whether a cell contains bytes with this hash."""
    return isinstance(data, bytes) and fingerprint(data) == sha256
