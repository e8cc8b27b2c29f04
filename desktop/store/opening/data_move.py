"""Copies the data folder to another location, verifies the copy, and records its path."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from desktop.errors import StoreCorrupt, UsageError
from desktop.store.opening import exchange
from desktop.store.sqlite import backups, database_files, sqlite_faults
from desktop.store.sqlite.database import Access
from desktop.system.log import logger
from desktop.system.paths import is_utf8, make_private_folder, not_utf8, note_moved_data
from desktop.system.plain_files import open_plain, read_plain
from desktop.system.private_files import private_folder, take_rights, write_private
from desktop.text.phrases import phrase

_MARK = ".moving"
_log = logger("store")
_LEFT_BEHIND = {"runs", "exchange", "opening.lock", "window.lock", _MARK}


def check(folder: Path, target: Path) -> None:
    """Check that a target folder is empty, and that neither folder contains the other.

    Raises:
        UsageError: If the target is unsuitable.
    """
    old, new = folder.resolve(), target.resolve()
    if not is_utf8(new):
        raise UsageError(not_utf8(new), hint=phrase("Choose a new or empty folder."))
    if old == new or old.is_relative_to(new) or new.is_relative_to(old):
        raise UsageError(phrase("{target} is the current location, or one folder is inside the other.", target=target))
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not _is_broken_off(folder, target))):
        raise UsageError(
            phrase("{target} is not an empty folder.", target=target), hint=phrase("Choose a new or empty folder.")
        )


def copy(access: Access, target: Path, step: exchange.Step) -> None:
    """Copy a data folder. The database is copied through SQLite and verified; no process may have it open.

    An interrupted copy is started over.
    """
    folder = access.path.parent
    with sqlite_faults.typed(target):
        if target.is_dir() and _is_broken_off(folder, target):
            shutil.rmtree(target)
        make_private_folder(target)
        database_files.private_file(target / _MARK)
        (target / _MARK).write_text(f"{folder.resolve()}\n", "utf-8")
        step("marked")
        _copy_database(access, target)
        step("copied the database")
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            own = name.parts[0]  # what was set aside has the database's name too, but in a folder of its own
            if own not in _LEFT_BEHIND and not own.startswith(access.path.name) and path.is_file():
                _copy_file(path, target / name)
        database_files.sync_folder(target)
        step("copied the rest")


def _is_broken_off(folder: Path, target: Path) -> bool:
    """Whether a folder contains nothing but an interrupted copy of this data folder."""
    mark = target / _MARK
    if not mark.is_file() or mark.is_symlink():
        return False
    remaining = [path.relative_to(target) for path in target.rglob("*")]
    said = read_plain(mark).decode("utf-8", "replace").strip()
    if said != str(folder.resolve()) and (said or len(remaining) > 1):
        return False
    draft = re.compile(r"\.conversations\.db\.\d+\.draft(?:-wal|-shm|-journal)?")
    known = {f"conversations.db{side}" for side in database_files.SIDES} | {_MARK}
    return all(str(name) in known or (folder / name).exists() or draft.fullmatch(str(name)) for name in remaining)


def point(pointer: Path, target: Path) -> None:
    """Record the new data folder in the settings folder.

    Errors after that are ignored, because the new folder is already in use.

    Raises:
        StoreError: If it cannot be recorded.
    """
    with sqlite_faults.typed(pointer):
        write_private(pointer, f"{target.resolve()}\n")
    try:
        note_moved_data(pointer, target.resolve())
        database_files.sync_folder(pointer.parent)
    except OSError as error:
        _log.warning("power loss may undo that the data were moved: %s", type(error).__name__)


def arrived(folder: Path) -> None:
    """Remove the marker file that allows an interrupted copy to be started over.

    Raises:
        OSError: If it cannot be removed.
    """
    (folder / _MARK).unlink(missing_ok=True)


def _copy_database(access: Access, target: Path) -> None:
    sql = access.connect()
    try:
        backups.copy(sql, target / access.path.name, key=access.key)
    finally:
        sql.close()


def _copy_file(path: Path, copy_: Path) -> None:
    private_folder(copy_.parent)
    database_files.private_file(copy_)  # first: what is copied into it was private
    shutil.copyfile(path, copy_)
    shutil.copystat(path, copy_)
    take_rights(copy_)
    database_files.sync_file(copy_)
    with open_plain(path) as one, open_plain(copy_) as other:
        if hashlib.file_digest(one, "sha256").digest() != hashlib.file_digest(other, "sha256").digest():
            raise StoreCorrupt(phrase("{path} could not be copied completely.", path=path))
