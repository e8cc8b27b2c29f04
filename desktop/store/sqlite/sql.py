"""Typed wrapper around an SQLite connection."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Literal, cast

import apsw

from desktop.store.sqlite import sqlite_faults

Cell = str | int | float | bytes | None


class Sql:
    """One connection, used by one thread at a time. All methods may raise apsw.Error."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def run(self, statements: str, values: Sequence[Cell] = ()) -> None:
        """Execute statements without a result."""
        self.rows(statements, values)

    def run_great(self, statement: str, values: Sequence[Cell]) -> None:
        """Execute a statement with large values, without caching the statement."""
        try:
            self.connection.execute(statement, values, can_cache=False)  # pyright: ignore[reportUnknownMemberType]
        except apsw.IOError as error:
            raise sqlite_faults.named(error, self.connection) from error

    def compile(self, statement: str) -> None:
        """Check that a statement compiles, including triggers and constraints, without executing it."""
        try:
            explained = f"EXPLAIN {statement}"
            self.connection.execute(explained, can_cache=False)  # pyright: ignore[reportUnknownMemberType]
        except apsw.IOError as error:
            raise sqlite_faults.named(error, self.connection) from error

    def run_each(self, statement: str, values: Iterable[Sequence[Cell]]) -> None:
        """Execute a statement for each sequence of values."""
        # apsw's stubs use collections.abc.Buffer, which Python 3.11 lacks.
        try:
            self.connection.executemany(statement, values)  # pyright: ignore[reportUnknownMemberType]
        except apsw.IOError as error:
            raise sqlite_faults.named(error, self.connection) from error

    def rows(self, statement: str, values: Sequence[Cell] = ()) -> list[tuple[Any, ...]]:
        """Return all selected rows. Invalid UTF-8 is replaced."""
        try:
            return list(self._execute(statement, values))
        except apsw.IOError as error:
            raise sqlite_faults.named(error, self.connection) from error
        except UnicodeDecodeError as error:
            return list(self._mended(statement, values, error))

    def each(self, statement: str, values: Sequence[Cell] = ()) -> Iterable[tuple[Any, ...]]:
        """Yield the selected rows one by one, like `rows`."""
        done = 0
        try:
            for row in self._execute(statement, values):
                yield row
                done += 1
        except UnicodeDecodeError as error:
            yield from islice(self._mended(statement, values, error), done, None)

    def row(self, statement: str, values: Sequence[Cell] = ()) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def integer(self, statement: str, values: Sequence[Cell] = ()) -> int | None:
        """Return the first number of the first row, or None."""
        found = self.row(statement, values)
        return None if found is None else int(found[0])

    def insert(self, statement: str, values: Sequence[Cell]) -> int:
        """Insert one row and return its ROWID."""
        self.run(statement, values)
        return self.connection.last_insert_rowid()

    def pragma(self, name: str, value: str | int | None = None) -> str | int | None:
        """Read or set a pragma, and return SQLite's result."""
        call = cast("Callable[..., str | int | None]", self.connection.pragma)  # pyright: ignore[reportUnknownMemberType]
        try:
            return call(name) if value is None else call(name, value)
        except apsw.IOError as error:
            raise sqlite_faults.named(error, self.connection) from error

    @contextmanager
    def transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"] = "IMMEDIATE") -> Generator[None]:
        """Run the block in a transaction; use DEFERRED for reading one snapshot."""
        self.run(f"BEGIN {kind}")
        try:
            yield
            self.run("COMMIT")
        finally:
            # A full disk may already have rolled the transaction back.
            if self.connection.in_transaction:
                self.run("ROLLBACK")

    def close(self) -> None:
        """Close the connection. Safe to call more than once."""
        self.connection.close()

    def _mended(self, statement: str, values: Sequence[Cell], error: UnicodeDecodeError) -> Iterator[tuple[Any, ...]]:
        """Yield the rows with invalid UTF-8 replaced."""
        if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
            raise error
        cursor = self.connection.cursor()
        cursor.execute(statement, values)  # pyright: ignore[reportUnknownMemberType]
        columns = [f"c{number}" for number in range(len(cursor.get_description()))]
        cursor.close(True)  # noqa: FBT003 - what was not read of it is not wanted
        is_text = "typeof({0}) = 'text'"
        told = ", ".join(f"{is_text}, iif({is_text}, CAST({{0}} AS BLOB), {{0}})".format(each) for each in columns)
        mended = f"WITH q ({', '.join(columns)}) AS MATERIALIZED ({statement}) SELECT {told} FROM q"  # noqa: S608
        for row in self._execute(mended, values):
            yield tuple(
                cast("bytes", value).decode("utf-8", "replace") if told_text else value
                for told_text, value in zip(row[::2], row[1::2], strict=True)
            )

    def _execute(self, statements: str, values: Sequence[Cell]) -> Iterable[tuple[Any, ...]]:
        return self.connection.execute(statements, values)  # pyright: ignore[reportUnknownMemberType]
