"""Corrects trash times that were recorded with a wrong clock."""

from __future__ import annotations

from typing import Literal

from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_Table = Literal["conversations", "comparisons"]
_BEHIND = """
SELECT seq FROM (
    SELECT seq, trashed_at, iif(updated_at <= ?1, updated_at, 0) AS said,
        ifnull(max(iif(created_at <= ?1, created_at, 0)) OVER (ORDER BY seq), 0) AS begun
    FROM {table}
) WHERE trashed_at < ?2 AND trashed_at < max(said, begun)
"""
"""Query for rows trashed before their last message or before an earlier row, which is impossible."""


async def trashed_before(database: Database, table: _Table, before_ms: int, now_ms: int) -> tuple[str, ...]:
    """Return the ids of the rows trashed before a time. Impossible trash times are corrected first.

    Raises:
        StoreError: If the database fails.
    """

    def look(sql: Sql) -> tuple[tuple[str, ...], bool]:
        """Return the ids, and whether some trash times are impossible."""
        due = sql.rows(f"SELECT id FROM {table} WHERE trashed_at < ? ORDER BY seq", (before_ms,))  # noqa: S608
        behind = sql.row(f"{_BEHIND.format(table=table)} LIMIT 1", (now_ms, before_ms)) if due else None
        return tuple(id_ for (id_,) in due), behind is not None

    def put_right(sql: Sql) -> tuple[str, ...]:
        """Correct impossible trash times, and return the ids."""
        behind = _BEHIND.format(table=table)
        sql.run(f"UPDATE {table} SET trashed_at = ?1 WHERE seq IN ({behind})", (now_ms, before_ms))  # noqa: S608 - of constants
        return look(sql)[0]

    due, is_behind = await database.read(look)
    return await database.write(put_right) if is_behind and before_ms <= now_ms else due
