"""Databases of earlier versions: what each step brings, with what was kept before."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from desktop.errors import StoreError
from desktop.store.migrations import MIGRATIONS, READABLE_FROM, WITH_FILES, WITH_VOTES, migrate
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.voting.made import vote


@pytest.fixture
def old(folder: Path) -> str:
    """A store of the third version with a conversation; its id."""
    talk = made.said("so:\n```\nneedle = 1\n```", title="Old talk")
    made.database(folder, 3, talk, made.said("needle without it"))
    return talk.id


async def test_an_older_store_gets_tags(old: str, folder: Path) -> None:
    async with await Store.open(folder) as store:
        assert {each.tags for each in await store.conversations.list()} == {()}
        await store.tags.add([old], "work")
        assert [each.id for each in await store.conversations.list() if each.tags] == [old]


async def test_what_was_kept_before_is_listed_and_found_by_date_and_code(old: str, folder: Path) -> None:
    async with await Store.open(folder) as store:
        assert [hit.conversation.id for hit in await store.search("needle has:code")] == [old]
        assert len(await store.search("needle from:2026-01 to:2026-01")) == 2
        await store.conversations.trash([old])
        assert [each.title for each in await store.conversations.list(trashed=True)] == ["Old talk"]


def test_the_oldest_version_that_is_read_as_it_is_has_all_tables() -> None:
    def tables(version: int) -> list[tuple[str, str]]:
        sql = Sql(apsw.Connection(":memory:"))
        migrate(sql, MIGRATIONS[:version])
        return sql.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name")  # type: ignore[return-value]

    only_written = {"files_released"}
    runs = {"suite_runs", "run_suites", "run_cells", "cell_answers", "judge_verdicts", "batch_jobs"}
    asked_by_version = {"message_files", "votes", "vote_answers", "rounds", "receipts", "index_renewal"} | runs
    since = only_written | asked_by_version
    assert tables(READABLE_FROM) == [each for each in tables(len(MIGRATIONS)) if each[0] not in since]
    assert tables(READABLE_FROM - 1) != tables(len(MIGRATIONS))


async def test_in_a_store_of_a_version_before_files_none_is_missing(folder: Path) -> None:
    """`doctor` and `storage status` ask, also where the disk is too full for it to be changed."""
    made.database(folder, WITH_FILES - 1, made.said("so"))
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert store.read_only
        assert await store.files.missing() == 0


async def test_a_store_of_a_version_before_votes_is_read_as_it_is_and_gets_them_when_it_is_written(
    folder: Path,
) -> None:
    path = made.database(folder, WITH_VOTES - 1, made.said("so"))
    before = path.read_bytes()
    hindered = Options(hinders=StoreError(english("not now")))
    async with await Store.open(folder, options=hindered) as store:
        assert store.read_only
        assert (await store.votes.list(), await store.rounds.list()) == (((), 0), ())
        assert await store.votes.given_in(["c"]) == ((), 0)
        assert (await store.votes.known(["1"]), await store.spent(made.START)) == (frozenset(), 0.0)
    assert path.read_bytes() == before
    async with await Store.open(folder) as store:
        assert await store.votes.add(vote("a", "b")) == 1
        assert len(await store.conversations.list()) == 1
