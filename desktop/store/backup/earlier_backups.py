"""Backups in a data folder whose database a newer version wrote. They are listed and restored without opening it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from desktop.domain.conversation_types import new_id, now
from desktop.errors import CredentialError, StoreError
from desktop.store.backup import restore
from desktop.store.backup.safety import make_whole
from desktop.store.encryption.encryption import NoVault, Vault, supply
from desktop.store.opening import exchange, keyfiles
from desktop.store.opening.store_opener import KeyWanted, Options, StoreOpener
from desktop.store.sqlite import database_files, sqlite_faults


class EarlierBackups:
    """Backups of one data folder. The database itself is not read, only replaced.

    All methods may raise StoreError and CredentialError; failures change nothing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        vault: Vault | None = None,
        options: Options | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._opening = StoreOpener(folder, new_id(), clock, options or Options())
        self._vault = vault or NoVault()

    async def list(self) -> tuple[restore.Backup, ...]:
        """Return the backups that this version can read, newest first."""
        await self._find_keys()
        opening = self._opening

        def job() -> tuple[restore.Backup, ...]:
            with sqlite_faults.typed(opening.path):
                found = restore.listed(opening.folder, opening.keys)
            return tuple(each for each in found if each.conversations is not None)

        return await asyncio.to_thread(job)

    async def preview(self, path: Path) -> restore.Preview:
        """Return the conversations of a backup.

        Raises:
            StoreNewer: If the schema of the backup is newer, too.
            StoreCorrupt: If it is damaged.
        """
        await self._find_keys()
        rows = await asyncio.to_thread(restore.rows_of, path, self._opening.keys)
        return restore.preview({}, rows)

    async def restore(self, path: Path) -> Path:
        """Replace the newer database with a backup, and return the folder to which the newer one was moved.

        Raises:
            StoreNewer: If the schema of the backup is newer, too.
            StoreCorrupt: If it is damaged.
            StoreBusy: If another process has the database open.
        """
        await self._find_keys()
        opening = self._opening

        def job() -> Path:
            exchange.settle(opening.folder, opening.options.step)
            make_whole(opening)
            restore.draft(opening.folder, path, opening.access, opening.keys, opening.options.migrations)
            previous = database_files.free_name(opening.folder, database_files.REPLACED, opening.clock())
            exchange.commit(opening.folder, keep=previous.name, step=opening.options.step)
            return previous

        def alone() -> Path:
            with sqlite_faults.typed(opening.path):
                return opening.exclusively(job)

        return await asyncio.to_thread(alone)

    async def _find_keys(self) -> None:
        """Fetch the key of the database, under which a backup is restored, and those of older backups."""
        opening = self._opening
        while True:
            try:
                await asyncio.to_thread(opening.find_key)
                break
            except KeyWanted as wanted:
                await supply(opening, wanted, self._vault)
        for key_id in keyfiles.known(opening.folder) - opening.keys.keys():
            with contextlib.suppress(CredentialError):  # a backup under this key is not listed
                await supply(opening, KeyWanted(key_id, sure=False), self._vault)


async def newest_earlier(folder: Path, vault: Vault) -> Path | None:
    """Return the newest backup that this version can read, or None. Problems count as none: the caller has its own."""
    try:
        found = await EarlierBackups(folder, vault=vault).list()
    except (StoreError, CredentialError):
        return None
    return found[0].path if found else None
