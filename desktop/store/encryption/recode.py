"""Writes the database and its backups anew under another key, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from desktop.private_files import private_folder
from desktop.store.opening import exchange
from desktop.store.sqlite import backups, database_files, database_header
from desktop.store.sqlite.cipher import Key, uri
from desktop.store.sqlite.database import Access


def recode(path: Path, key: Key | None, keys: Mapping[str, Key], step: exchange.Step) -> None:
    """Write the database at `path` and the backups beside it under `key`; `keys` open those that are encrypted.

    Nobody may have them open. Backups whose key is not among `keys` stay as they are. What was replaced is
    overwritten. Raises StoreError's tree, apsw.Error, OSError: then nothing is changed.
    """
    folder = path.parent
    exchange.settle(folder)
    backups.sweep(folder / backups.FOLDER, database_files.wipe)  # of a killed run, and plain text
    with ExitStack() as undo:
        undo.callback(exchange.settle, folder)
        for source in _sources(path, key, keys):
            target = exchange.place(folder) / source.relative_to(folder)
            private_folder(target.parent)
            rewrite(source, key_of(source, keys), target, key)
            step(f"copied {source.name}")
        undo.pop_all()
    exchange.commit(folder, step=step)


def key_of(path: Path, keys: Mapping[str, Key]) -> Key | None:
    """The key of a database among `keys`; None where it is plain or its key is not among them. Raises OSError."""
    if database_header.shape(path) is database_header.DatabaseShape.DATABASE:
        return None
    return keys.get(database_header.key_id(path) or "")


def rewrite(
    source: Path, old: Key | None, target: Path, new: Key | None, stop: Callable[[], bool] = backups.never
) -> None:
    """Copy a database under another key into a file that is checked and on the disk on return.

    Raises StoreCorrupt where the copy fails its check, apsw.InterruptError once `stop` says so, apsw.Error, OSError.
    """
    target.unlink(missing_ok=True)
    database_files.private_file(target)
    sql = Access(path=source, key=old, still=not database_files.has_log(source)).connect_to_read()
    try:
        sql.connection.set_progress_handler(stop, backups.STEPS)
        sql.pragma("query_only", "off")
        sql.run("VACUUM INTO ?", (uri(target, new),))
    finally:
        sql.close()
    made = Access(path=target, key=new, still=True).connect_to_read()
    try:
        made.connection.set_progress_handler(stop, backups.STEPS)
        backups.check(made, "integrity_check")
    finally:
        made.close()
    database_files.sync_file(target)


def _sources(path: Path, key: Key | None, keys: Mapping[str, Key]) -> list[Path]:
    wanted = key.id if key is not None else None
    kept = exchange.databases(path.parent / backups.FOLDER)
    differing = [each for each in kept if database_header.key_id(each) != wanted]
    openable = [
        each
        for each in differing
        if database_header.shape(each) is database_header.DatabaseShape.DATABASE or key_of(each, keys) is not None
    ]
    return [path, *openable]
