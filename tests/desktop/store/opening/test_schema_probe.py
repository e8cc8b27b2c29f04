from __future__ import annotations

import re

import pytest

from desktop.errors import StoreCorrupt
from desktop.store.opening import schema_probe
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store


class AskedSql(Sql):
    """Remembers what it compiles."""

    def __init__(self, sql: Sql) -> None:
        super().__init__(sql.connection)
        self.asked: list[str] = []

    def compile(self, statement: str) -> None:
        self.asked.append(statement)
        super().compile(statement)


async def compiled(store: Store) -> list[str]:
    """What is compiled to see whether a store's schema is whole."""

    def job(sql: Sql) -> list[str]:
        asked = AskedSql(sql)
        schema_probe.probe(asked)
        return asked.asked

    return await store.conversations._database.write(job)


async def change(store: Store, statement: str) -> None:
    await store.conversations._database.write(lambda sql: sql.run(statement))


async def test_of_the_schema_as_migrations_make_it_only_the_indexes_are_compiled(store: Store) -> None:
    digest = await store.conversations._database.read(schema_probe.digest)
    assert digest == schema_probe._DIGEST, "put the new one there, with the migration that changed it"
    asked = await compiled(store)
    assert [match[0] for each in asked if (match := re.search(r"\w+_index", each))] == [
        "conversations_index",
        "messages_index",
    ]
    assert len(asked) == 2


async def test_where_anything_is_called_otherwise_every_statement_is_compiled(store: Store) -> None:
    await change(store, "CREATE TABLE unknown (column)")
    assert len(await compiled(store)) > 40
    await change(store, "DROP TABLE unknown")
    await change(store, "ALTER TABLE votes RENAME COLUMN state TO stave")
    with pytest.raises(StoreCorrupt, match="stave|state"):
        await compiled(store)
