"""Brings back from a backup what the database no longer holds."""

from __future__ import annotations

import shutil
from pathlib import Path

from desktop.domain import Conversation
from desktop.errors import StoreCorrupt
from desktop.store import database, faults, files, header, reading, writing
from desktop.store.database import Database
from desktop.store.migrations import MIGRATIONS, migrate


def read_backup(path: Path) -> list[tuple[Conversation, int | None]]:
    """Every conversation of a backup of this or an older schema, each with when it was trashed (milliseconds).

    The backup is not changed. Raises StoreError's tree.
    """
    draft = path.with_name(f".{path.name}.reading")
    with faults.typed(path):
        header.refuse_newer(path, len(MIGRATIONS))
        if header.shape(path) is not header.Shape.DATABASE:
            raise StoreCorrupt(f"{path} is not a backup.")
        try:
            files.private_file(draft)
            shutil.copyfile(path, draft)
            sql = database.connect(draft, log=False)
            try:
                migrate(sql, MIGRATIONS)
                found = sql.rows("SELECT id, trashed_at FROM conversations ORDER BY seq")
                return [(reading.conversation(sql, id_), trashed_at) for id_, trashed_at in found]
            finally:
                sql.close()
        finally:
            draft.unlink(missing_ok=True)


async def restore(into: Database, path: Path) -> int:
    """Keep the conversations of a backup that are not there, all or none, and return how many they were."""

    def job(sql: database.Sql) -> int:
        count = 0
        for conversation, trashed_at in held:
            if writing.insert(sql, conversation):
                count += 1
                if trashed_at is not None:
                    writing.set_trashed(sql, [conversation.id], trashed_at)
        return count

    held = await into.beside(lambda: read_backup(path))
    return await into.write(job)
