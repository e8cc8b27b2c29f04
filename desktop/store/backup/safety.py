"""Backups, restoring with a preview, and moving the data folder, for the open database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import apsw
from msgspec import structs

from desktop.errors import StoreCorrupt, StoreError
from desktop.store.backup import restore
from desktop.store.backup.files_backup import FilesBackup
from desktop.store.encryption.encryption import Encryption
from desktop.store.encryption.recode import key_of
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.migrations import MIGRATIONS, migrate
from desktop.store.opening import data_move, exchange, salvage
from desktop.store.opening.store_opener import BACKUPS, StoreOpener
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Access, Database
from desktop.store.sqlite.database_header import DatabaseShape
from desktop.system.log import logger
from desktop.system.paths import is_file, resolved
from desktop.system.private_files import private_folder
from desktop.text.phrases import phrase


class ReadableBackup(NamedTuple):
    """Path of a readable backup or of a temporary copy of it, and the number of unreadable rows."""

    path: Path
    lost: int = 0
    is_copy: bool = False

    def discard(self) -> None:
        """Delete the temporary copy, if there is one.

        Raises:
            OSError: If it cannot be deleted.
        """
        if self.is_copy:
            self.path.unlink(missing_ok=True)


def open_backup(
    path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop = backups.never
) -> ReadableBackup:
    """Return a backup, or a temporary copy of the readable rows of a damaged one."""
    try:
        restore.require_sound(path, keys, stop)
    except StoreCorrupt as error:
        found = _copied(path, access, keys, stop) if _is_one(path, keys) else None
        if found is None:
            raise error from None
        return found
    return ReadableBackup(path)


def _is_one(path: Path, keys: Mapping[str, Key]) -> bool:
    """Whether the file is a readable database."""
    if not is_file(path):
        return False
    return database_header.shape(path) is DatabaseShape.DATABASE or key_of(path, keys) is not None


def _copied(path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop) -> ReadableBackup | None:
    """Return a copy of the readable rows under the current key, or None if they contain no conversation."""
    folder = access.path.parent / backups.FOLDER
    copy = backups.draft_of(folder / backups.name("salvaged"))
    with sqlite_faults.typed(access.path):
        private_folder(folder)
        copy.unlink(missing_ok=True)
        database_files.private_file(copy)
        salvaged = salvage.Salvaged(0, 0)
        try:
            sql = Access(path=copy, key=access.key, log=False).connect()
            try:
                migrate(sql, MIGRATIONS)
                with sqlite_faults.typed(path):
                    salvaged = salvage.salvage_file(replace(access, key=key_of(path, keys)), path, sql, stop)
            finally:
                sql.close()
        finally:
            if not salvaged.conversations:
                copy.unlink(missing_ok=True)
    return ReadableBackup(copy, salvaged.lost, is_copy=True) if salvaged.conversations else None


DAILY_BACKUPS = 7
_log = logger("store")


class Safety:
    """Backup and restore operations of one open database. All methods may raise StoreError; failures change nothing.

    `require` raises PolicyForbids if backups from elsewhere are not allowed.
    """

    def __init__(
        self,
        database: Database,
        opening: StoreOpener,
        encryption: Encryption,
        files: AttachedFiles,
        *,
        require: Callable[[], None],
    ) -> None:
        self._files = files
        self.files_backup = FilesBackup(database, opening, encryption, files)
        self._database = database
        self._opening = opening
        self._encryption = encryption
        self._require = require

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self._opening.folder

    async def backup(self, path: Path) -> None:
        """Copy the database to a file while it is in use. The copy is verified and appears atomically.

        Raises:
            StoreFull: If the disk is full.
            StoreReadOnly: If the folder is read-only.
            StoreCorrupt: If the database is damaged.
        """
        await self._database.backup(path)

    async def backup_daily(self) -> Path | None:
        """Create today's backup (UTC) unless it exists, and return its path if it was created.

        The newest seven backups are kept. Does nothing in a read-only folder.

        Raises:
            StoreFull: If the disk is full.
            StoreCorrupt: If the database is damaged.
        """
        folder = self.folder / BACKUPS
        path = folder / backups.name(f"{self._opening.clock():%Y%m%d}")
        if self._database.read_only:
            return None
        await self.files_backup.bring_again()
        if path.exists():
            return None
        await self._database.backup(path)
        with sqlite_faults.typed(path):
            broken = [each.name for each in self.folder.glob(f"{database_files.BROKEN}-*")]
            days = {name.removeprefix(f"{database_files.BROKEN}-")[:8] for name in broken}
            backups.prune(path, DAILY_BACKUPS, days)
        await self.files_backup.take()
        await self.files_backup.sweep()
        return path

    async def backups(self) -> tuple[restore.Backup, ...]:
        """Return the backups in the data folder, newest first."""
        keys = await self._encryption.keys()
        return tuple(await self._database.beside(lambda: restore.listed(self.folder, keys, self._database.is_ending)))

    async def set_aside(self) -> tuple[restore.Aside, ...]:
        """Return the databases that were moved aside, newest first."""
        return tuple(await self._database.beside(lambda: restore.set_aside(self.folder)))

    def require_other(self, path: Path) -> None:
        """Reject the database in use as a backup, because closing it again would release this process's locks.

        Raises:
            StoreError: If the path is the database in use.
        """
        try:
            is_own = self._opening.path.samefile(path)
        except OSError:  # it is not there, which is told by whoever opens it
            return
        if is_own:
            raise StoreError(
                phrase("{path} is the database currently in use.", path=path), hint=phrase("Choose another file.")
            )

    async def preview(self, path: Path) -> restore.Preview:
        """Return the effect of `restore`.

        Raises:
            StoreNewer: If the schema of the backup is newer.
            StoreLocked: If its key is missing.
            StoreCorrupt: If it is damaged beyond recovery.
        """
        async with self._readable(path) as backup:
            keys = await self._encryption.keys()
            backed_up = await self._database.beside(
                lambda: restore.rows_of(backup.path, keys, self._database.is_ending)
            )
            found = await self.files_backup.returning(path, backup.path)
            change = restore.preview(await self._database.read(restore.rows), backed_up)
        return structs.replace(
            change, files=found.back, files_gone=found.missing, unreadable=backup.lost if backup.is_copy else None
        )

    @asynccontextmanager
    async def _readable(self, path: Path) -> AsyncGenerator[ReadableBackup]:
        """Yield the backup, or a temporary copy of its readable rows."""
        self.require_other(path)
        if not resolved(path).is_relative_to(resolved(self.folder)):  # neither a backup of ours nor what was set aside
            self._require()
        access, keys = self._opening.access, await self._encryption.keys()
        backup = await self._database.beside(lambda: open_backup(path, access, keys, self._database.is_ending))
        try:
            yield backup
        finally:
            backup.discard()

    async def restore(self, path: Path) -> Path:
        """Replace the database with a backup, and return the folder with the replaced one.

        The backup's attachments are restored first; those of the replaced database are not deleted.
        """
        async with self._readable(path) as backup:
            return await self._restored(path, backup.path)

    async def _restored(self, path: Path, read: Path) -> Path:
        """Replace the database with a readable backup.

        Args:
            path: The backup.
            read: The backup itself, or a readable copy of it.
        """
        opening = self._opening
        keys = await self._encryption.keys()

        def job() -> Path:
            """Replace the files while no other process has them open; return the folder with the replaced database."""
            make_whole(opening)
            restore.draft(
                opening.folder, read, opening.access, keys, opening.options.migrations, self._database.is_ending
            )
            previous = database_files.free_name(opening.folder, database_files.REPLACED, opening.clock())
            exchange.commit(opening.folder, keep=previous.name, step=opening.options.step)
            return previous

        await self.files_backup.take(left_free=0)
        named = await self.files_backup.bring(path, read)
        previous = await self._database.offline(lambda: opening.exclusively(job), opening.reopen)
        await self._files.sent(named)
        return previous

    async def add_missing(self, path: Path) -> int:
        """Add the missing conversations of a backup and return their number.

        Raises:
            StoreNewer: If the schema of the backup is newer.
            StoreError: If the backup cannot be read or the store cannot be written.
        """
        async with self._readable(path) as backup:
            named = await self.files_backup.bring(path, backup.path)
            count = await restore.add_missing(self._database, backup.path, await self._encryption.keys())
        await self._files.sent(await self._referred(named))
        return count

    async def _referred(self, hashes: Collection[str]) -> list[str]:
        """Return those hashes to which messages refer."""
        query = "SELECT 1 FROM message_files WHERE sha256 = ? LIMIT 1"
        return await self._database.read(lambda sql: [each for each in hashes if sql.rows(query, (each,))])

    async def move(self, target: Path, pointer: Path) -> None:
        """Copy the data folder to `target`, use the copy, and record it in `pointer`; the old folder remains.

        Raises:
            UsageError: If the target is unsuitable.
            StoreError: If copying fails.
        """
        opening = self._opening
        data_move.check(opening.folder, target)

        def job() -> None:
            """Copy while no other process has the files open, then change the pointer."""
            data_move.copy(opening.access, target, opening.options.step)
            data_move.point(pointer, target)
            opening.options.step("switched")
            try:
                data_move.arrived(target)
            except OSError as error:  # the next start takes it away
                _log.warning("the mark of the move stays: %s", type(error).__name__)

        def switch() -> None:
            """Move the data folder, and use the new one from now on."""
            opening.exclusively(job)
            opening.follow(target)

        await self._files.while_closed(lambda: self._database.offline(switch, opening.reopen))


def make_whole(opening: StoreOpener) -> None:
    """Merge the write-ahead log into the database; if that fails because of damage, the log file remains."""
    try:
        opening.access.connect().close()
    except (apsw.Error, StoreError):
        _log.warning("the database is set aside with its log")
