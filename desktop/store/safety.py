"""Backups of the open database, restored with a preview, and the data folder moved to another place."""

from __future__ import annotations

from pathlib import Path

import apsw

from desktop.errors import StoreError
from desktop.log import logger
from desktop.store import backups, exchange, faults, files, moving, restoring
from desktop.store.database import Database
from desktop.store.encryption import Encryption
from desktop.store.opening import BACKUPS, Opening

DAILY_BACKUPS = 7
_log = logger("store")


class Safety:
    """Of one open database. Every method raises StoreError's tree; what fails leaves all as it was."""

    def __init__(self, database: Database, opening: Opening, encryption: Encryption) -> None:
        self._database = database
        self._opening = opening
        self._encryption = encryption

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
        if path.exists() or self._database.read_only:
            return None
        await self._database.backup(path)
        with faults.typed(path):
            backups.prune(folder, DAILY_BACKUPS)
        return path

    async def backups(self) -> tuple[restoring.Backup, ...]:
        """The backups that lie in the data folder, newest first."""
        keys = await self._encryption.keys()
        return tuple(await self._database.beside(lambda: restoring.listed(self.folder, keys)))

    async def set_aside(self) -> tuple[restoring.Aside, ...]:
        """The folders that databases were set aside in, newest first."""
        return tuple(await self._database.beside(lambda: restoring.set_aside(self.folder)))

    async def preview(self, path: Path) -> restoring.Preview:
        """What `restore` would change. Raises StoreNewer, StoreLocked, StoreCorrupt."""
        keys = await self._encryption.keys()
        return await self._database.read(lambda sql: restoring.preview(sql, path, keys))

    async def restore(self, path: Path) -> Path:
        """Put a backup in the place of the database, which is set aside whole; the folder it is in from now on.

        What others ask for meanwhile waits. Raises StoreNewer, StoreLocked, StoreCorrupt, StoreFull, StoreBusy.
        """
        opening = self._opening
        keys = await self._encryption.keys()

        def job() -> Path:
            """While nobody else has the files open; where the replaced database is now."""
            _make_whole(opening)
            restoring.draft(opening.folder, path, opening.access, keys, opening.options.migrations)
            kept = files.free_name(opening.folder, files.REPLACED, opening.clock())
            exchange.commit(opening.folder, keep=kept.name, step=opening.options.step)
            return kept

        return await self._database.offline(lambda: opening.exclusively(job), opening.reopen)

    async def add_missing(self, path: Path) -> int:
        """Bring back the conversations of a backup that are not there, and return how many; the others stay.

        Raises StoreNewer, StoreLocked, StoreCorrupt, StoreFull, StoreReadOnly; then none is brought back.
        """
        return await restoring.add_missing(self._database, path, await self._encryption.keys())

    async def move(self, target: Path, pointer: Path) -> None:
        """Copy the data folder to `target`, go on there, and say so in the file `pointer`; the old one stays.

        Raises UsageError where the place will not do, StoreBusy, StoreFull, StoreReadOnly.
        """
        opening = self._opening
        moving.check(opening.folder, target)

        def job() -> None:
            """While nobody else has the files open: the pointer turns only once the copy is whole."""
            moving.copy(opening.access, target, opening.options.step)
            moving.point(pointer, target)
            opening.options.step("switched")
            moving.arrived(target)

        def switch() -> None:
            """Move, and let all that is opened from now on be in the new place."""
            opening.exclusively(job)
            opening.follow(target)

        await self._database.offline(switch, opening.reopen)


def _make_whole(opening: Opening) -> None:
    """Copy the log into the file, so that what is set aside is one file; a damaged one keeps its log beside it."""
    try:
        opening.access.connect().close()
    except (apsw.Error, StoreError):
        _log.warning("the database is set aside with its log")
