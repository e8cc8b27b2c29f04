"""Backups put to use: what one would change, the whole database from it, or only what the database lacks."""

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
"""A page that leads to itself would have rows without end."""

_FEW = 5
"""How many titles stand for the others."""

_EARLIEST, _LATEST = 0, int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())

_COUNT_S = 5.0
"""How long a backup's conversations are counted."""

Stop = Callable[[], bool]
"""Whether to give up."""


class Backup(Struct, frozen=True):
    """A backup that lies there. `size` is in bytes; `conversations` None where it cannot be read.

    `files` are those that its messages name.
    """

    path: Path
    made_at: datetime
    size: int
    conversations: int | None
    files: int = 0


class Aside(Struct, frozen=True):
    """A folder that a database was set aside in: a `damaged` one, or one that a backup replaced.

    `plain` says that its text can, or could, be read without a key.
    """

    folder: Path
    at: datetime
    damaged: bool
    plain: bool


class Some(Struct, frozen=True):
    """How many conversations, and the titles of those spoken to last."""

    number: int
    titles: tuple[str, ...]


class Preview(Struct, frozen=True):
    """What restoring a backup would do: bring conversations back, change others, and lose those it lacks."""

    added: Some
    changed: Some
    lost: Some
    files: int = 0
    """How many attached files come back with it that are not here."""
    files_gone: int = 0
    """How many of those that it names are nowhere any more."""
    unreadable: int | None = None
    """How many rows of a damaged backup cannot be read, while the rest is restored; None of a sound one."""


_Row = tuple[str, str, int, int | None, int]
_ROWS = (
    "SELECT id, title, updated_at, trashed_at, (SELECT count(*) FROM messages WHERE conversation = c.seq)"
    " FROM conversations c"
)


def listed(folder: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> list[Backup]:
    """The backups in a data folder, newest first. Raises OSError."""
    found = [path for path in exchange.databases(folder) if path.parent != folder]
    made = [Backup(path, _made_at(path), path.stat().st_size, *_count(path, keys, stop)) for path in found]
    return sorted(made, key=lambda each: each.made_at, reverse=True)


def set_aside(folder: Path) -> list[Aside]:
    """What was set aside in a data folder, newest first. Raises OSError."""
    known = keyfiles.known(folder)
    found = [
        Aside(
            place,
            _made_at(place),
            damaged=place.name.startswith(database_files.BROKEN),
            plain=any(_may_be_plain(path, known) for path in place.glob("*.db") if is_file(path)),
        )
        for why in (database_files.BROKEN, database_files.REPLACED)
        for place in folder.glob(f"{why}-*")
        if place.is_dir()
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def rows(sql: Sql) -> dict[str, _Row]:
    """What a preview is made of, by the ids of conversations. Raises apsw.Error."""
    read = (
        (row_mapping.text_of(id_), row_mapping.text_of(title), row_mapping.number_of(updated), trashed, count)
        for id_, title, updated, trashed, count in sql.rows(_ROWS)
    )
    return {row[0]: row for row in read}


def rows_of(path: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> dict[str, _Row]:
    """The same of a backup, which is only read. Raises StoreError's tree."""
    with sqlite_faults.typed(path):
        sql = _opened(path, keys, stop)
        try:
            backups.check(sql, "quick_check")  # else a page that leads to itself would have rows without end
            return rows(sql)
        finally:
            sql.close()


def preview(now: Mapping[str, _Row], backed_up: Mapping[str, _Row]) -> Preview:
    """What restoring would change."""
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
    """Make a database of a backup, of this schema and under the present key, to be put in place by `exchange`.

    A backup may be anybody's: only what Paragone itself would have made of it, and can read, comes so far. Raises
    StoreError's tree; then nothing is left.
    """
    new = exchange.place(folder) / access.path.name
    exchange.settle(folder)
    with ExitStack() as undo:
        undo.callback(exchange.settle, folder)
        with sqlite_faults.typed(backup, access.path):
            found = _version_of(backup, keys, stop, migrations)
            private_folder(new.parent)
            rewrite(backup, key_of(backup, keys), new, access.key, stop)
            sql = Access(path=new, key=access.key, log=False).connect()
            try:
                sql.connection.set_progress_handler(stop, backups.STEPS)
                sql.pragma("user_version", found)
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
    """What of a backup is added: whole conversations with what was done with them, comparisons, votes and runs."""

    conversations: list[tuple[Conversation, int | None, int | None, int | None, tuple[str, ...]]]
    """Each with when it was pinned, archived and trashed (milliseconds), and its tags."""
    comparisons: list[tuple[str, str, int, int, int | None, str]]
    votes: list[Vote]
    """Those that can be read."""
    runs: list[suite_run_rows.RunRows]


def read_backup(path: Path, keys: Mapping[str, Key], access: Access, stop: Stop = backups.never) -> BackupContents:
    """Everything in a backup of this or an older schema, which is not changed. Raises StoreError's tree.

    It is read from a copy in the data folder, as private as the database there: the backup's own place may be
    anybody's, or one that cannot be written.
    """
    folder = access.path.parent / backups.FOLDER
    copy = backups.draft_of(folder / backups.name("read"))
    with sqlite_faults.typed(path, access.path):
        found = _version_of(path, keys, stop)
        private_folder(folder)
        try:
            rewrite(path, key_of(path, keys), copy, access.key, stop)
            sql = Access(path=copy, key=access.key, log=False).connect()
            try:
                sql.connection.set_progress_handler(stop, backups.STEPS)
                sql.pragma("user_version", found)
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
    """Keep what of a backup is not there, all or none, and return how many conversations they were.

    Pins, archive, trash and tags come with them; comparisons, votes and runs that are not there come too.
    """

    def job(sql: Sql) -> int:
        """On the writer's thread, in one transaction; the number of conversations that were not there."""
        count = 0
        for conversation, pinned, archived, trashed, names in held.conversations:
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
        sql.run_each(added.format(_COMPARISON), held.comparisons)
        for vote in held.votes:
            vote_rows.add(sql, vote)
        if sum([suite_run_rows.add(sql, each) for each in held.runs]):
            suite_run_rows.count_anew(sql)
        return count

    held = await into.beside(lambda: read_backup(path, keys, into.access, into.is_ending))
    return await into.write(job)


def require_sound(path: Path, keys: Mapping[str, Key], stop: Stop = backups.never) -> None:
    """Go on where a backup's schema is ours and its pages are sound. Raises StoreError's tree."""
    with sqlite_faults.typed(path):
        _version_of(path, keys, stop)


def _version_of(path: Path, keys: Mapping[str, Key], stop: Stop, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """The version of a backup whose schema is ours and whose pages are sound. Raises StoreError's tree, apsw.Error."""
    sql = _opened(path, keys, stop, migrations)
    try:
        backups.check(sql, "quick_check")
        return require_ours(sql, path, migrations)
    finally:
        sql.close()


def _opened(path: Path, keys: Mapping[str, Key], stop: Stop, migrations: Sequence[Migration] = MIGRATIONS) -> Sql:
    """A backup to be read, as far as its schema is ours: nothing else of it is looked at before."""
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
    """Raise StoreNewer, StoreLocked or StoreCorrupt where a backup cannot be read."""
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
    """The hashes of all files that the messages of a backup refer to. Raises StoreError's tree."""
    with sqlite_faults.typed(path):
        sql = _opened(path, keys, stop)
        try:
            return {str(each) for (each,) in sql.each(_FILES)} if version(sql) >= WITH_FILES else set()
        finally:
            sql.close()


def _count(path: Path, keys: Mapping[str, Key], stop: Stop) -> tuple[int | None, int]:
    """How many conversations a backup has, None where it cannot be read, and files that they name."""
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
    """When a file was written; on disks that have times outside the calendar, the nearest day within it."""
    return datetime.fromtimestamp(min(max(path.stat().st_mtime, _EARLIEST), _LATEST), UTC)


def _may_be_plain(path: Path, known: frozenset[str]) -> bool:
    try:
        return database_header.key_id(path) not in known
    except PermissionError:
        return True
