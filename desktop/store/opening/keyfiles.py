"""Keys encrypted with recovery codes, each in a small encrypted database named after the key."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path

import apsw

from desktop.errors import RecoveryCodeWrong
from desktop.store.opening import recovery_codes
from desktop.store.sqlite import database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import ID_BYTES, Key
from desktop.store.sqlite.sql import Sql
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import phrase

_FOLDER, _SUFFIX, _UNUSED = "keys", ".recovery", ".unused"
SCRYPT_N, _SCRYPT_R, _SCRYPT_MEMORY = 1 << 15, 8, 64 << 20
"""Scrypt parameters: one attempt takes a tenth of a second and 32 MB. Existing files depend on them."""

_PAGE = 512


def place(folder: Path, key_id: str) -> Path:
    """Return the path of a key's file."""
    return folder / _FOLDER / f"{key_id}{_SUFFIX}"


def known(folder: Path) -> frozenset[str]:
    """Return the ids of all keys that have a file."""
    return frozenset(path.stem for path in (folder / _FOLDER).glob(f"*{_SUFFIX}"))


def mark_unused(folder: Path, key_id: str, *, unused: bool = True) -> None:
    """Mark a key as unused, or remove the mark.

    Raises:
        StoreError: If the mark cannot be changed.
    """
    mark = folder / _FOLDER / f".{key_id}{_UNUSED}"
    with sqlite_faults.typed(mark):
        if unused:
            private_folder(mark.parent)
            database_files.private_file(mark)
        else:
            mark.unlink(missing_ok=True)


def sweep(folder: Path, keep: str | None) -> frozenset[str]:
    """Delete drafts and unused keys of killed processes, except `keep`, and return the ids of the unused keys."""
    for draft in (folder / _FOLDER).glob(".*.draft"):
        draft.unlink()
    marks = {mark.name[1 : -len(_UNUSED)]: mark for mark in (folder / _FOLDER).glob(f".*{_UNUSED}")}
    if not marks:
        return frozenset()
    try:
        used: set[str | None] = {database_header.key_id(path) for path in folder.rglob("*.db") if is_file(path)}
    except PermissionError:
        return frozenset()  # any of them may be that file's
    for key_id in marks.keys() & used - {keep}:
        marks[key_id].unlink()
    unused = frozenset(marks.keys() - used - {keep})
    for key_id in unused:
        place(folder, key_id).unlink(missing_ok=True)
    return unused


def seal(folder: Path, key: Key, code: str) -> None:
    """Encrypt a key with a recovery code, replacing its file atomically, so that an older code becomes invalid.

    Raises:
        StoreError: If it cannot be stored.
    """
    target = place(folder, key.id)
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    with sqlite_faults.typed(target):
        private_folder(target.parent)
        draft.unlink(missing_ok=True)
        database_files.private_file(draft)
        try:
            sql = _opened(draft, key.id, code, apsw.SQLITE_OPEN_READWRITE)
            try:
                sql.pragma("page_size", _PAGE)
                sql.run("CREATE TABLE key (secret TEXT NOT NULL) STRICT")
                sql.run("INSERT INTO key VALUES (?)", (key.text,))
            finally:
                sql.close()
            draft.replace(target)
            database_files.sync_folder(target.parent)
        finally:
            draft.unlink(missing_ok=True)


def unseal(folder: Path, key_id: str, code: str) -> Key:
    """Return a key by its recovery code.

    Raises:
        RecoveryCodeWrong: If the code is wrong.
        StoreError: If the file is missing or damaged.
    """
    path = place(folder, key_id)
    code = recovery_codes.normal(code)
    with sqlite_faults.typed(path):
        sql = _opened(path, key_id, code, apsw.SQLITE_OPEN_READONLY)
        try:
            found = sql.row("SELECT secret FROM key")
        except apsw.NotADBError:
            raise RecoveryCodeWrong(phrase("This is not the recovery code for these conversations.")) from None
        finally:
            sql.close()
    key = Key.from_text(str(found[0])) if found else None
    if key is None or key.id != key_id:
        raise RecoveryCodeWrong(phrase("The key for this recovery code belongs to other conversations."))
    return key


def _opened(path: Path, key_id: str, code: str, flags: int) -> Sql:
    derived = hashlib.scrypt(
        code.encode(),
        salt=bytes.fromhex(key_id)[:ID_BYTES],
        n=SCRYPT_N,
        r=_SCRYPT_R,
        p=1,
        maxmem=_SCRYPT_MEMORY,
        dklen=32,
    )
    connection = apsw.Connection(str(path), flags=flags)
    with ExitStack() as undo:
        undo.callback(connection.close)
        Key(derived).apply(connection)
        undo.pop_all()
    return Sql(connection)
