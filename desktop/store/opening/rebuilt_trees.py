"""Recovers tables from the pages (B-trees) of a damaged database, without its schema."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import apsw

from desktop.errors import StoreCorrupt
from desktop.store.migrations import MIGRATIONS
from desktop.store.opening import database_schema
from desktop.store.opening.salvaged_rows import KEYED
from desktop.store.records.row_numbers import NUMBERED
from desktop.store.sqlite import backups, database_files, database_header
from desktop.store.sqlite.database import Access
from desktop.store.sqlite.sql import Sql
from desktop.store.sqlite.table_pages import EMPTY, PAGE, TablePage, branch, page_of
from desktop.text.phrases import phrase

_SCHEMA = "sqlite_schema"
_FANOUT = 200
"""Number of children per rebuilt interior page; more would fit."""

_RECEIPT = b'{"at"'
"""Start of a receipt, which distinguishes the table of receipts from that of suites."""

_COUNTING = {
    "conversation_tags": ("conversation_tags_key",),
    "message_files": ("message_files_sha256",),
    "messages": ("sqlite_autoindex_messages_2",),
}
"""Indexes from which row counts are derived."""

_SHA256 = 141
"""Serial type of 64 characters, which distinguishes file references from responses in votes."""


class _Column(NamedTuple):
    """Types of values that a column accepts."""

    kind: str
    nullable: bool

    def takes(self, serial: int) -> bool:
        """Whether the column accepts a serial type, https://www.sqlite.org/fileformat2.html#record_format."""
        if serial == 0:
            return self.nullable
        if serial >= 12:
            return self.kind == ("TEXT" if serial % 2 else "BLOB")
        return self.kind == "REAL" or (self.kind == "INTEGER" and serial != 7)


_TOLD = {_SCHEMA: [_Column("TEXT", nullable=False)] * 3 + [_Column("INTEGER", nullable=True), _Column("TEXT", True)]}  # noqa: FBT003


@dataclass(slots=True)
class _Found:
    """Result of scanning all pages."""

    pages: dict[int, TablePage] = field(default_factory=dict[int, TablePage])
    below: set[int] = field(default_factory=set[int])
    """Numbers of the pages to which another page refers."""

    def tops(self) -> list[int]:
        """Return the pages without a parent: roots, and children of unreadable pages."""
        return [number for number in self.pages if number not in self.below]

    def leaves(self, top: int, seen: set[int]) -> Iterator[int]:
        """Yield the leaf pages below a page. Each is yielded only once, because damaged pages may form cycles."""
        due = [top]
        while due:
            number = due.pop()
            if number in seen or (page := self.pages.get(number)) is None:
                continue
            seen.add(number)
            if page.is_leaf:
                yield number
            due += page.children


def hung_anew(access: Access, folder: Path, opened: ExitStack, stop: Callable[[], bool]) -> Sql:
    """Return a temporary copy of an unencrypted database with all tables that were found in its pages."""
    copy = backups.draft_of(folder / backups.name("rebuilt"))
    opened.callback(lambda: [copy.with_name(copy.name + side).unlink(missing_ok=True) for side in database_files.SIDES])
    _copied(access.path, copy, stop)
    with copy.open("r+b") as file:
        tables, trees = _rebuilt(file, stop)
    sql = replace(access, path=copy, log=False).connect()
    opened.callback(sql.close)
    sql.connection.set_progress_handler(stop, backups.STEPS)
    _lay(sql, tables, trees)
    return sql


def _copied(path: Path, copy: Path, stop: Callable[[], bool]) -> None:
    """Copy a database with its log, replacing an unreadable first page."""
    for side in database_files.SIDES[:2]:
        if path.with_name(path.name + side).exists():
            target = copy.with_name(copy.name + side)
            database_files.private_file(target)
            shutil.copyfile(path.with_name(path.name + side), target)
    if not database_files.has_log(copy) or not database_header.is_log(copy):
        return
    with copy.open("r+b") as file:
        if page_of(file.read(PAGE), 100) is None:
            _write_head(file, len(MIGRATIONS), logged=True)
    sql = Access(path=copy, log=False).connect()  # takes the log into the file
    try:
        sql.connection.set_progress_handler(stop, backups.STEPS)
    finally:
        sql.close()


def _write_head(file: BinaryIO, version: int, *, logged: bool = False) -> None:
    """Write a first page with an empty schema."""
    sql = Sql(apsw.Connection(":memory:"))
    try:
        sql.pragma("page_size", PAGE)
        sql.pragma("user_version", version)
        head = bytearray(sql.connection.serialize("main"))
    finally:
        sql.close()
    head[18:20] = b"\2\2" if logged else b"\1\1"
    head[28:32] = (file.seek(0, 2) // PAGE).to_bytes(4, "big")
    file.seek(0)
    file.write(head)


def _rebuilt(file: BinaryIO, stop: Callable[[], bool]) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Rebuild B-trees from the pages. Return the roots of tables by name, and the roots in the old schema."""
    scan = _looked_through(file, stop)
    columns = {**_columns(), **_TOLD}
    kinds = {top: _kind(file, scan, top, columns) for top in scan.tops()}
    head = _read(file, 1)
    first = page_of(head, 100)
    old_roots = list(_told(head, first)) if first is not None else []
    seen: set[int] = set()
    for top in [top for top, kind in kinds.items() if kind == _SCHEMA]:
        for leaf in scan.leaves(top, seen):
            old_roots += _told(_read(file, leaf), scan.pages[leaf])
    ours = database_schema.names(MIGRATIONS)
    roots = {root: name for name, root in old_roots if name in ours}  # another name is a damaged one
    tables: dict[str, list[int]] = {}
    rows: dict[str, list[tuple[int, int, int]]] = {name: [] for name in NUMBERED}
    for top, kind in kinds.items():
        name = roots.get(top, kind)
        if name in KEYED:
            tables.setdefault(name, []).append(top)
        elif name in rows:
            spans = ((scan.pages[each].span, each) for each in scan.leaves(top, seen))
            rows[name] += [(*span, each) for span, each in spans if span is not None]
    for root, name in roots.items():
        if name in KEYED and root not in scan.pages:  # it is there and cannot be read: that is told of it
            tables[name] = [root, *tables.get(name, [])]
    if not rows["messages"] and not rows["conversations"]:
        raise StoreCorrupt(phrase("{path} is damaged.", path=file.name))
    for name, leaves in rows.items():
        tables[name] = [_hang(file, [(number, last) for _, last, number in sorted(leaves)])]
    _write_head(file, int.from_bytes(head[60:64], "big") if first is not None else len(MIGRATIONS))
    return tables, {name: root for name, root in old_roots if root in scan.pages}


def _looked_through(file: BinaryIO, stop: Callable[[], bool]) -> _Found:
    result = _Found()
    file.seek(PAGE)
    number = 1
    while len(data := file.read(PAGE)) == PAGE:
        number += 1
        if number % backups.STEPS == 0 and stop():
            raise apsw.InterruptError
        if (page := page_of(data)) is not None:
            result.pages[number] = page
            result.below.update(page.children)
    return result


def _read(file: BinaryIO, number: int) -> bytes:
    file.seek((number - 1) * PAGE)
    return file.read(PAGE)


def _append(file: BinaryIO, page: bytes) -> int:
    """Append a page and return its number."""
    at = -(-file.seek(0, 2) // PAGE)
    file.seek(at * PAGE)
    file.write(page)
    return at + 1


def _hang(file: BinaryIO, level: list[tuple[int, int]]) -> int:
    """Build a B-tree from pages and their highest ROWIDs, in this order, and return its root."""
    if not level:
        return _append(file, EMPTY)
    while len(level) > 1:
        parts = -(-len(level) // _FANOUT)
        cuts = [len(level) * each // parts for each in range(parts + 1)]
        level = [(_append(file, branch(level[start:end])), level[end - 1][1]) for start, end in pairwise(cuts)]
    return level[0][0]


def _columns() -> Mapping[str, list[_Column]]:
    """Return the columns of each table that can be recovered."""
    sql = Sql(apsw.Connection(":memory:"))
    try:
        for made in database_schema.statements(MIGRATIONS, (*NUMBERED, *KEYED)).values():
            sql.run(made)
        return {
            table: [
                _Column("" if is_key and table in NUMBERED else kind, not is_needed)
                for kind, is_needed, is_key in sql.rows(
                    'SELECT type, "notnull", pk FROM pragma_table_info(?)', (table,)
                )
            ]
            for table in (*NUMBERED, *KEYED)
        }
    finally:
        sql.close()


def _kind(file: BinaryIO, found: _Found, top: int, columns: Mapping[str, Sequence[_Column]]) -> str:
    """Return the table to which the rows below a page seem to belong, or an empty string."""
    for leaf in found.leaves(top, set()):
        page = found.pages[leaf]
        data = _read(file, leaf)
        for record in page.records(data):
            fit = [
                name for name, own in columns.items() if (name in KEYED) is page.is_keyed and _fits(record.serials, own)
            ]
            if fit == ["run_suites"] and record.body.startswith(_RECEIPT):
                return ""
            if fit == ["message_files"] and record.serials[1] != _SHA256:
                return ""
            return fit[0] if len(fit) == 1 else ""
    return ""


def _fits(serials: Sequence[int], columns: Sequence[_Column]) -> bool:
    """Whether a row may belong to a table; rows from older versions lack the last columns."""
    later = columns[len(serials) :]
    return (
        0 < len(serials) <= len(columns)
        and all(column.takes(serial) for serial, column in zip(serials, columns, strict=False))
        and all(column.nullable for column in later)
    )


def _told(data: bytes, page: TablePage) -> Iterator[tuple[str, int]]:
    """Yield names and roots from a page of the old schema."""
    for record in page.records(data):
        if len(record.serials) == 5 and all(_TOLD[_SCHEMA][at].takes(record.serials[at]) for at in range(5)):
            ends = [0]
            for serial in record.serials[:3]:
                ends.append(ends[-1] + (serial - 13) // 2)
            size = (0, 1, 2, 3, 4, 6, 8)[record.serials[3]] if record.serials[3] < 7 else 0
            name = record.body[ends[1] : ends[2]].decode("utf-8", "replace")
            yield name, int.from_bytes(record.body[ends[3] : ends[3] + size], "big")


def _lay(sql: Sql, tables: Mapping[str, Sequence[int]], told: Mapping[str, int]) -> None:
    """Create the schema entries of the tables that were found."""
    table_sql = database_schema.statements(MIGRATIONS, tables)
    indexes = database_schema.statements(MIGRATIONS, told, "index")
    sql.connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    sql.connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
    put = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)"
    with sql.transaction():
        for table, roots in tables.items():
            for at, root in enumerate(roots):
                name = f"{table}_part{at}" if at else table
                sql.run(put, ("table", name, name, root, table_sql[table].replace(table, name, 1)))
            for index in (f"sqlite_autoindex_{table}_1", *_COUNTING.get(table, ())):
                if index in indexes and (table in NUMBERED or indexes[index]):
                    sql.run(put, ("index", index, table, told[index], indexes[index] or None))
    sql.run("PRAGMA writable_schema = RESET")
    sql.pragma("query_only", "on")
