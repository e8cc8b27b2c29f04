"""Rewrites the database, its attachments and its backups under another key, or unencrypted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import apsw

from desktop.errors import StoreCorrupt, StoreError
from desktop.store.opening import exchange, keyfiles
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import Key, uri
from desktop.store.sqlite.database import Access
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import Phrase, phrase


def recode(
    path: Path, key: Key | None, keys: Mapping[str, Key], step: exchange.Step, *, beside: Path | None = None
) -> tuple[Phrase, ...]:
    """Rewrite the database at `path` and its backups under `key`; `keys` are those of the existing files.

    Returns notices about backups that could not be rewritten.
    """
    folder = path.parent
    notices: list[Phrase] = []
    exchange.settle(folder)
    backups.sweep(folder / backups.FOLDER, database_files.wipe)  # of a killed run, and plain text
    with ExitStack() as undo:
        undo.callback(exchange.settle, folder)
        _write_anew(path, key, keys, folder)
        step(f"copied {path.name}")
        if beside is not None and is_file(beside):
            _files_anew(beside, key, keys, folder)
            step(f"copied {beside.name}")
        files = folder / backups.FOLDER / exchange.ATTACHED
        if is_file(files):
            _settle(files, keys)
            if (problem := _backup_anew(files, key, keys, folder)) is not None:
                notices.append(problem)
            step("copied the backup of files")
        for backup in exchange.entries(folder / backups.FOLDER):
            if (problem := _backup_anew(backup, key, keys, folder)) is not None:
                notices.append(problem)
            step(f"copied {backup.name}")
        undo.pop_all()
    exchange.commit(folder, step=step)
    return tuple(notices)


def key_of(path: Path, keys: Mapping[str, Key]) -> Key | None:
    """Return the key of a database, or None if it is unencrypted or unknown.

    Raises:
        OSError: If the file cannot be read.
    """
    if database_header.shape(path) is database_header.DatabaseShape.DATABASE:
        return None
    return keys.get(database_header.key_id(path) or "")


def rewrite(
    source: Path, old: Key | None, target: Path, new: Key | None, stop: Callable[[], bool] = backups.never
) -> None:
    """Copy a database into a new file under another key, verify the copy and sync it to disk."""
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


def _write_anew(source: Path, key: Key | None, keys: Mapping[str, Key], folder: Path) -> None:
    target = exchange.place(folder) / source.relative_to(folder)
    private_folder(target.parent)
    rewrite(source, key_of(source, keys), target, key)


def _files_anew(files: Path, key: Key | None, keys: Mapping[str, Key], folder: Path) -> None:
    """Rewrite the attachments.

    Raises:
        StoreCorrupt: If only the attachments are damaged.
    """
    with sqlite_faults.typed(files):
        try:
            _write_anew(files, key, keys, folder)
        except (apsw.Error, StoreError):  # a page that leads nowhere is told as a disk that is full
            sql = Access(path=files, key=key_of(files, keys), still=not database_files.has_log(files)).connect_to_read()
            try:
                backups.check(sql, "quick_check")
            finally:
                sql.close()
            raise


def _settle(path: Path, keys: Mapping[str, Key]) -> None:
    """Roll back an unfinished transaction of a killed process."""
    if path.with_name(f"{path.name}-journal").exists():
        with suppress(apsw.Error, StoreError, OSError):
            Access(path=path, key=key_of(path, keys), log=False).connect().close()


def _backup_anew(backup: Path, key: Key | None, keys: Mapping[str, Key], folder: Path) -> Phrase | None:
    """Rewrite a backup, or return a notice with the reason why that is impossible.

    Raises:
        StoreError: If rewriting failed but may succeed later.
    """
    if not is_file(backup):  # a folder, a pipe, a link to nothing
        return phrase("{path} is not a backup.", path=backup)
    try:
        key_id = database_header.key_id(backup)
    except PermissionError:
        return phrase("The backup {path} could not be read and was left unchanged.", path=backup)
    if key_id == (key.id if key is not None else None):
        return None
    is_plain = database_header.shape(backup) is database_header.DatabaseShape.DATABASE
    if not is_plain and key_of(backup, keys) is None:
        if key_id is None or key_id in keyfiles.known(folder):  # nothing is in it, or the keyring does not answer
            return None
        return phrase("The backup {path} could not be read and was left unchanged.", path=backup)
    try:
        with sqlite_faults.typed(backup):
            _write_anew(backup, key, keys, folder)
    except (StoreCorrupt, apsw.SQLError):
        draft = exchange.place(folder) / backup.relative_to(folder)
        draft.unlink(missing_ok=True)
        if not is_plain:
            return phrase("The backup {path} is damaged and remains encrypted with its old key.", path=backup)
        exchange.remove(folder, backup)
        return phrase(
            "The backup {path} is damaged and was overwritten so that no unencrypted text remains.", path=backup
        )
    return None
