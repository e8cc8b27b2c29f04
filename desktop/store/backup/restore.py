"""Restores backups, completely or only their missing conversations, and previews the effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from msgspec import Struct

from desktop.domain.conversation_types import Conversation
from desktop.errors import StoreCorrupt, StoreError, StoreLocked
from desktop.store.encryption.recode import key_of, rewrite
from desktop.store.migrations import MIGRATIONS, WITH_FILES, Migration, migrate, version
from desktop.store.opening import exchange, keyfiles, row_soundness
from desktop.store.opening.database_schema import require_ours
from desktop.store.opening.schema_probe import probe
from desktop.store.records import insert, row_mapping, select, suite_run_rows, tags, vote_rows
from desktop.store.records.row_numbers import number_anew
from desktop.store.sqlite import backups, database_files, database_header, sqlite_faults
from desktop.store.sqlite.cipher import Key
from desktop.store.sqlite.database import Access, Database
from desktop.store.sqlite.sql import Sql
from desktop.system.paths import is_file
from desktop.system.private_files import private_folder
from desktop.text.phrases import bounded, phrase
from desktop.voting.vote import Vote

_COMPARISON = "id, title, created_at, updated_at, trashed_at, state"

_FILES = "SELECT DISTINCT sha256 FROM message_files LIMIT 1000000"
"""Query with a limit, because damaged pages that refer to themselves would yield endless rows."""

_FEW = 5
"""Number of titles listed as examples."""

_EARLIEST, _LATEST = 0, int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())

_COUNT_S = 5.0
"""Time limit in seconds for counting a backup's conversations."""

Stop = Callable[[], bool]
"""Returns whether to abort."""


class Backup(Struct, frozen=True):
    """A backup with its size in bytes; `conversations` is None if it is unreadable.

    `files` is the number of attachments that the backup refers to.
    """

    path: Path
    made_at: datetime
    size: int
    conversations: int | None
    files: int = 0


class Aside(Struct, frozen=True):
    """A folder to which a database was moved, because it was `damaged` or replaced.

    `plain` is whether the text of the database can be read without a key.
    """

    folder: Path
    at: datetime
    damaged: bool
    plain: bool


class Some(Struct, frozen=True):
    """A number of conversations, with the titles of the most recent ones."""

    number: int
    titles: tuple[str, ...]


class Preview(Struct, frozen=True):
    """Effect of restoring a backup: conversations that are added, changed and lost."""

    added: Some
    changed: Some
    lost: Some
    files: int = 0
    """Number of missing attachments that are restored."""
    files_gone: int = 0
    """Number of attachments that cannot be restored."""
    unreadable: int | None = None
    """Number of unreadable rows in a damaged backup; None for an intact one."""


_Row = tuple[str, str, int, int | None, int]
_ROWS = (
    "SELECT id, title, updated_at, trashed_at, (SELECT count(*) FROM messages WHERE conversation = c.seq)"
    " FROM conversations c"
)


def listed(folder: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> list[Backup]:
    """Return the backups in a data folder, newest first.

    Raises:
        OSError: If the folder cannot be read.
    """
    found = [path for path in exchange.databases(folder) if path.parent != folder]
    made = [Backup(path, _made_at(path), path.stat().st_size, *_count(path, keys, stop)) for path in found]
    return sorted(made, key=lambda each: each.made_at, reverse=True)


def set_aside(folder: Path) -> list[Aside]:
    """Return the databases that were moved aside, newest first.

    Raises:
        OSError: If the folder cannot be read.
    """
    known = keyfiles.known(folder)
    asides = [
        Aside(
            path_aside,
            _made_at(path_aside),
            damaged=path_aside.name.startswith(database_files.BROKEN),
            plain=any(_may_be_plain(path, known) for path in path_aside.glob("*.db") if is_file(path)),
        )
        for why in (database_files.BROKEN, database_files.REPLACED)
        for path_aside in folder.glob(f"{why}-*")
        if path_aside.is_dir()
    ]
    return sorted(asides, key=lambda each: each.at, reverse=True)


def rows(sql: Sql) -> dict[str, _Row]:
    """Return the data for a preview of a database by conversation id.

    Raises:
        apsw.Error: If the database cannot be read.
    """
    read = (
        (row_mapping.text_of(id_), row_mapping.text_of(title), row_mapping.number_of(updated), trashed, count)
        for id_, title, updated, trashed, count in sql.rows(_ROWS)
    )
    return {row[0]: row for row in read}


def rows_of(path: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> dict[str, _Row]:
    """Return the data for a preview of a backup by conversation id, without changing the backup.

    Raises:
        StoreError: If it cannot be read.
    """
    with sqlite_faults.typed(path):
        sql = _opened(path, keys, stop)
        try:
            backups.check(sql, "quick_check")  # else a page that leads to itself would have rows without end
            return rows(sql)
        finally:
            sql.close()


def preview(now: Mapping[str, _Row], backed_up: Mapping[str, _Row]) -> Preview:
    """Return the effect of restoring, by comparing the current conversations with those of a backup."""
    both = backed_up.keys() & now.keys()
    return Preview(
        added=_some(backed_up[id_] for id_ in backed_up.keys() - now.keys()),
        changed=_some(now[id_] for id_ in both if now[id_] != backed_up[id_]),
        lost=_some(now[id_] for id_ in now.keys() - backed_up.keys()),
    )


def draft(
    folder: Path,
    backup: Path,
    access: Access,
    keys: Mapping[str, Key],
    migrations: Sequence[Migration] = MIGRATIONS,
    stop: Stop = backups.never,
) -> None:
    """Create a database with the current schema and key from a backup, ready for `exchange.commit`.

    Raises:
        StoreError: If the backup cannot be used.
    """
    new = exchange.place(folder) / access.path.name
    exchange.settle(folder)
    with ExitStack() as undo:
        undo.callback(exchange.settle, folder)
        with sqlite_faults.typed(backup, access.path):
            schema_version = _version_of(backup, keys, stop, migrations)
            private_folder(new.parent)
            rewrite(backup, key_of(backup, keys), new, access.key, stop)
            sql = Access(path=new, key=access.key, log=False).connect()
            try:
                sql.connection.set_progress_handler(stop, backups.STEPS)
                sql.pragma("user_version", schema_version)
                require_ours(sql, backup, migrations)  # of what was copied: the file may have been another one by then
                migrate(sql, migrations)
                probe(sql)
                row_soundness.name_anew(sql)
                vote_rows.index_anew(sql)
                suite_run_rows.count_anew(sql)
                row_soundness.require_readable(sql, backup)
                number_anew(sql)
                row_soundness.index_anew(sql)
                row_soundness.forget_statistics(sql)
                sql.run("DELETE FROM files_released")  # what was deleted there was not deleted here
            finally:
                sql.close()
            database_files.sync_file(new)
        undo.pop_all()


class BackupContents(NamedTuple):
    """Contents of a backup that can be added: conversations with their state, comparisons, votes and runs."""

    conversations: list[tuple[Conversation, int | None, int | None, int | None, tuple[str, ...]]]
    """Conversations with tags and with the times they were pinned, archived and trashed, in milliseconds."""
    comparisons: list[tuple[str, str, int, int, int | None, str]]
    votes: list[Vote]
    """Readable votes."""
    runs: list[suite_run_rows.RunRows]


def read_backup(path: Path, keys: Mapping[str, Key], access: Access, stop: Stop = backups.never) -> BackupContents:
    """Return the contents of a backup with this schema or an older one, without changing the backup.

    Raises:
        StoreError: If it cannot be read.
    """
    folder = access.path.parent / backups.FOLDER
    copy = backups.draft_of(folder / backups.name("read"))
    with sqlite_faults.typed(path, access.path):
        schema_version = _version_of(path, keys, stop)
        private_folder(folder)
        try:
            rewrite(path, key_of(path, keys), copy, access.key, stop)
            sql = Access(path=copy, key=access.key, log=False).connect()
            try:
                sql.connection.set_progress_handler(stop, backups.STEPS)
                sql.pragma("user_version", schema_version)
                require_ours(sql, path, MIGRATIONS)
                row_soundness.forget_statistics(sql)
                migrate(sql, MIGRATIONS)
                row_soundness.name_anew(sql)
                return _held(sql)
            finally:
                sql.close()
        finally:
            copy.unlink(missing_ok=True)


def _held(sql: Sql) -> BackupContents:
    tagged: dict[int, list[str]] = {}
    for seq, tag in sql.rows("SELECT conversation, tag FROM conversation_tags ORDER BY key"):
        tagged.setdefault(seq, []).append(tag)
    found = sql.rows("SELECT seq, id, pinned_at, archived_at, trashed_at FROM conversations ORDER BY seq")
    conversations = [
        (select.conversation(sql, id_), pinned, archived, trashed, tuple(tagged.get(seq, ())))
        for seq, id_, pinned, archived, trashed in found
    ]
    comparisons = sql.rows(f"SELECT {_COMPARISON} FROM comparisons ORDER BY seq")  # noqa: S608
    votes = [each for each in vote_rows.read_all(sql) if each is not None]
    return BackupContents(conversations, comparisons, votes, suite_run_rows.read_whole(sql))


async def add_missing(into: Database, path: Path, keys: Mapping[str, Key]) -> int:
    """Add the missing contents of a backup in one transaction, and return the number of added conversations.

    Their pins, archive and trash states, and tags are restored too.
    """

    def job(sql: Sql) -> int:
        """Add everything in one transaction, and return the number of added conversations."""
        count = 0
        for conversation, pinned, archived, trashed, names in contents.conversations:
            if not insert.insert(sql, conversation):
                continue
            count += 1
            for put, at in (
                (insert.set_pinned, pinned),
                (insert.set_archived, archived),
                (insert.set_trashed, trashed),
            ):
                if at is not None:
                    put(sql, [conversation.id], at)
            tags.put_all(sql, {conversation.id: names})
        added = "INSERT OR IGNORE INTO comparisons ({}) VALUES (?, ?, ?, ?, ?, ?)"
        sql.run_each(added.format(_COMPARISON), contents.comparisons)
        for vote in contents.votes:
            vote_rows.add(sql, vote)
        if sum([suite_run_rows.add(sql, each) for each in contents.runs]):
            suite_run_rows.count_anew(sql)
        return count

    contents = await into.beside(lambda: read_backup(path, keys, into.access, into.is_ending))
    return await into.write(job)


def require_sound(path: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> None:
    """Check that a backup has our schema and intact pages.

    Raises:
        StoreError: If the check fails.
    """
    with sqlite_faults.typed(path):
        _version_of(path, keys, stop)


def _version_of(path: Path, keys: Mapping[str, Key], stop: Stop, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Return the schema version of a backup after checking its schema and pages.

    Raises:
        StoreError: If the schema is foreign or a page is damaged.
    """
    sql = _opened(path, keys, stop, migrations)
    try:
        backups.check(sql, "quick_check")
        return require_ours(sql, path, migrations)
    finally:
        sql.close()


def _opened(path: Path, keys: Mapping[str, Key], stop: Stop, migrations: Sequence[Migration] = MIGRATIONS) -> Sql:
    """Open a backup for reading. The schema is checked before anything else is read."""
    _readable(path, keys)
    has_log = database_files.has_log(path)  # what was set aside may have one
    sql = Access(path=path, key=key_of(path, keys), still=not has_log).connect_to_read()
    with ExitStack() as undo:
        undo.callback(sql.close)
        sql.connection.set_progress_handler(stop, backups.STEPS)
        if database_header.is_newer(found := version(sql), len(migrations)):  # an encrypted file tells only now
            database_header.refuse(path, found)
        require_ours(sql, path, migrations)
        undo.pop_all()
    return sql


def _readable(path: Path, keys: Mapping[str, Key]) -> None:
    """Check that a backup can be read.

    Raises:
        StoreNewer: If its schema is newer.
        StoreLocked: If its key is missing.
        StoreCorrupt: If it is not a database.
    """
    if path.exists() and not (path.is_file() and path.stat().st_size):  # a device, which may have no end
        raise StoreCorrupt(phrase("{path} is not a backup.", path=path))
    database_header.refuse_newer(path, len(MIGRATIONS))
    if database_header.shape(path) is database_header.DatabaseShape.DATABASE or key_of(path, keys) is not None:
        return
    key_id = (
        database_header.key_id(path) if database_header.shape(path) is database_header.DatabaseShape.OTHER else None
    )
    if key_id is not None and path.suffix == ".db":
        raise StoreLocked(phrase("{path} is encrypted with a key that is not available.", path=path), key_id=key_id)
    raise StoreCorrupt(phrase("{path} is not a backup.", path=path))


def _some(rows: Iterable[_Row]) -> Some:
    newest = sorted(rows, key=lambda row: row[2], reverse=True)
    return Some(len(newest), tuple(bounded(row[1]) for row in newest[:_FEW]))


def files_of(path: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> set[str]:
    """Return the hashes of all attachments that a backup refers to.

    Raises:
        StoreError: If the backup cannot be read.
    """
    with sqlite_faults.typed(path):
        sql = _opened(path, keys, stop)
        try:
            return {str(each) for (each,) in sql.each(_FILES)} if version(sql) >= WITH_FILES else set()
        finally:
            sql.close()


def _count(path: Path, keys: Mapping[str, Key], stop: Stop) -> tuple[int | None, int]:
    """Return a backup's number of conversations (None if unreadable) and its number of attachments."""
    until = monotonic() + _COUNT_S
    try:
        with sqlite_faults.typed(path):
            sql = _opened(path, keys, lambda: stop() or monotonic() > until)
            try:
                many = sql.integer("SELECT count(*) FROM conversations WHERE trashed_at IS NULL")
                files = sql.integer(f"SELECT count(*) FROM ({_FILES})") if version(sql) >= WITH_FILES else 0  # noqa: S608
                return many, files or 0
            finally:
                sql.close()
    except StoreError:
        return None, 0


def _made_at(path: Path) -> datetime:
    """Return a file's modification time, limited to the range of datetime."""
    return datetime.fromtimestamp(min(max(path.stat().st_mtime, _EARLIEST), _LATEST), UTC)


def _may_be_plain(path: Path, known: frozenset[str]) -> bool:
    try:
        return database_header.key_id(path) not in known
    except PermissionError:
        return True
