"""Backups of the open database, restored with a preview, and the data folder moved to another place."""

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
    """Where a backup is read from, and how many of its rows cannot be."""

    path: Path
    lost: int = 0
    is_copy: bool = False

    def discard(self) -> None:
        """Take the copy away, where it is one. Raises OSError."""
        if self.is_copy:
            self.path.unlink(missing_ok=True)


def open_backup(
    path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop = backups.never
) -> ReadableBackup:
    """The backup, or where it is damaged a copy of what can be read of it, beside the database's own backups.

    Raises StoreError's tree: of a damaged one of which nothing can be read what is wrong with it.
    """
    try:
        restore.require_sound(path, keys, stop)
    except StoreCorrupt as error:
        found = _copied(path, access, keys, stop) if _is_one(path, keys) else None
        if found is None:
            raise error from None
        return found
    return ReadableBackup(path)


def _is_one(path: Path, keys: Mapping[str, Key]) -> bool:
    """Whether it is a database that can be read at all: a device may have no end."""
    if not is_file(path):
        return False
    return database_header.shape(path) is DatabaseShape.DATABASE or key_of(path, keys) is not None


def _copied(path: Path, access: Access, keys: Mapping[str, Key], stop: restore.Stop) -> ReadableBackup | None:
    """What can be read of it, under the present key; None where that is no conversation."""
    folder = access.path.parent / backups.FOLDER
    copy = backups.draft_of(folder / backups.name("salvaged"))
    with sqlite_faults.typed(access.path):
        private_folder(folder)
        copy.unlink(missing_ok=True)
        database_files.private_file(copy)
        found = salvage.Salvaged(0, 0)
        try:
            sql = Access(path=copy, key=access.key, log=False).connect()
            try:
                migrate(sql, MIGRATIONS)
                with sqlite_faults.typed(path):
                    found = salvage.salvage_file(replace(access, key=key_of(path, keys)), path, sql, stop)
            finally:
                sql.close()
        finally:
            if not found.conversations:
                copy.unlink(missing_ok=True)
    return ReadableBackup(copy, found.lost, is_copy=True) if found.conversations else None


DAILY_BACKUPS = 7
_log = logger("store")


class Safety:
    """Of one open database. Every method raises StoreError's tree; what fails leaves all as it was.

    `require` raises PolicyForbids where nothing may be brought in from a backup that was not made here.
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
        """Copy the database to a file, checked and whole or not at all, while it is used.

        Raises StoreFull, StoreReadOnly, StoreCorrupt.
        """
        await self._database.backup(path)

    async def backup_daily(self) -> Path | None:
        """Make today's backup (UTC) where there is none yet, keep the seven newest, and return its place if made.

        Raises StoreFull, StoreCorrupt; nothing is done in a folder that cannot be written.
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
        """The backups that lie in the data folder, newest first."""
        keys = await self._encryption.keys()
        return tuple(await self._database.beside(lambda: restore.listed(self.folder, keys, self._database.is_ending)))

    async def set_aside(self) -> tuple[restore.Aside, ...]:
        """The folders that databases were set aside in, newest first."""
        return tuple(await self._database.beside(lambda: restore.set_aside(self.folder)))

    def require_other(self, path: Path) -> None:
        """Raise StoreError for the database in use: to open and close it gives up this process's locks there.

        Other runs would then take its log away, and what is said afterwards with it.
        """
        try:
            is_own = self._opening.path.samefile(path)
        except OSError:  # it is not there, which is told by whoever opens it
            return
        if is_own:
            raise StoreError(phrase("{path} is the database in use.", path=path), hint=phrase("Choose another file."))

    async def preview(self, path: Path) -> restore.Preview:
        """What `restore` would change. Raises StoreNewer, StoreLocked, StoreCorrupt."""
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
        """A backup, or as long as it is needed a copy of what can be read of a damaged one."""
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
        """Put a backup in the place of the database, which is set aside whole; the folder it is in from now on.

        The files that its messages name come back first; those of the database are backed up before, so that going
        back brings them again. What others ask for meanwhile waits. Raises StoreNewer, StoreLocked, StoreCorrupt,
        StoreFull, StoreBusy.
        """
        async with self._readable(path) as backup:
            return await self._restored(path, backup.path)

    async def _restored(self, path: Path, read: Path) -> Path:
        """The same of a backup that can be read, itself or from a copy."""
        opening = self._opening
        keys = await self._encryption.keys()

        def job() -> Path:
            """While nobody else has the files open; where the replaced database is now."""
            _make_whole(opening)
            restore.draft(
                opening.folder, read, opening.access, keys, opening.options.migrations, self._database.is_ending
            )
            kept = database_files.free_name(opening.folder, database_files.REPLACED, opening.clock())
            exchange.commit(opening.folder, keep=kept.name, step=opening.options.step)
            return kept

        await self.files_backup.take(left_free=0)
        named = await self.files_backup.bring(path, read)
        kept = await self._database.offline(lambda: opening.exclusively(job), opening.reopen)
        await self._files.sent(named)
        return kept

    async def add_missing(self, path: Path) -> int:
        """Bring back the conversations of a backup that are not there, and return how many; the others stay.

        Raises StoreNewer, StoreLocked, StoreCorrupt, StoreFull, StoreReadOnly; then none is brought back.
        """
        async with self._readable(path) as backup:
            named = await self.files_backup.bring(path, backup.path)
            count = await restore.add_missing(self._database, backup.path, await self._encryption.keys())
        await self._files.sent(await self._referred(named))
        return count

    async def _referred(self, hashes: Collection[str]) -> list[str]:
        """Those among some files to which messages refer."""
        query = "SELECT 1 FROM message_files WHERE sha256 = ? LIMIT 1"
        return await self._database.read(lambda sql: [each for each in hashes if sql.rows(query, (each,))])

    async def move(self, target: Path, pointer: Path) -> None:
        """Copy the data folder to `target`, go on there, and say so in the file `pointer`; the old one stays.

        Raises UsageError where the place will not do, StoreBusy, StoreFull, StoreReadOnly.
        """
        opening = self._opening
        data_move.check(opening.folder, target)

        def job() -> None:
            """While nobody else has the files open: the pointer turns only once the copy is whole."""
            data_move.copy(opening.access, target, opening.options.step)
            data_move.point(pointer, target)
            opening.options.step("switched")
            try:
                data_move.arrived(target)
            except OSError as error:  # the next start takes it away
                _log.warning("the mark of the move stays: %s", type(error).__name__)

        def switch() -> None:
            """Move, and let all that is opened from now on be in the new place."""
            opening.exclusively(job)
            opening.follow(target)

        await self._files.while_closed(lambda: self._database.offline(switch, opening.reopen))


def _make_whole(opening: StoreOpener) -> None:
    """Copy the log into the file, so that what is set aside is one file; a damaged one keeps its log beside it."""
    try:
        opening.access.connect().close()
    except (apsw.Error, StoreError):
        _log.warning("the database is set aside with its log")
