"""`storage backups` and `storage restore` if a newer version of Paragone wrote the database."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.errors import StoreError, StoreNewer
from desktop.system.paths import resolved
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import agreed
from desktop.text.phrases import english

if TYPE_CHECKING:
    from desktop.store.backup.earlier_backups import EarlierBackups
    from desktop.store.backup.restore import Backup, Preview


def earlier_backups(services: ConsoleServices) -> EarlierBackups:
    """Return the backups of the data folder, whose database is not opened."""
    from desktop.store.backup.earlier_backups import EarlierBackups

    return EarlierBackups(services.paths.data, vault=services.vault)


async def list_backups(services: ConsoleServices, refused: StoreNewer) -> tuple[Backup, ...]:
    """Return the backups that this version can read, after a note why these are not all."""
    services.console.note(f"{refused.message} Only backups that this version can read are listed.")
    return await earlier_backups(services).list()


async def choose(services: ConsoleServices, arguments: argparse.Namespace) -> tuple[Path, Preview]:
    """Return the chosen backup, or the newest one that this version can read, and its conversations.

    Raises:
        StoreError: If there is none, or if it cannot be read.
    """
    if arguments.add:
        raise StoreError(
            english("A backup cannot be added to a database of a newer version."),
            hint=english("Restore the backup instead, without --add."),
        )
    backups = earlier_backups(services)
    path: Path | None = arguments.file
    if path is None:
        found = await backups.list()
        if not found:
            raise StoreError(
                english("This version cannot read any of the backups."),
                hint=english("Install the newer version, or use another --data-dir."),
            )
        path = found[0].path
    if not path.exists():
        raise StoreError(
            english(f"The file {path} does not exist."), hint=english("`storage backups` lists all backups.")
        )
    if not resolved(path).is_relative_to(resolved(services.paths.data)):
        services.settings.policy.require_way_in()
    return path, await backups.preview(path)


async def restore(services: ConsoleServices, path: Path, *, is_agreed: bool) -> Path | None:
    """Replace the newer database; return the folder to which it was moved, or None if the user declined."""
    question = "Replace the newer database, which this version cannot read, with this backup?"
    if not is_agreed and not await agreed(services.console, question):
        services.console.note("Nothing was changed.")
        return None
    return await earlier_backups(services).restore(path)
