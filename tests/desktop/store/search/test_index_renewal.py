"""Words that an earlier version made for the search are made anew in slices."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import apsw
import pytest

from desktop.domain.conversation_types import Conversation, Status
from desktop.errors import StoreError
from desktop.store import purge
from desktop.store.migrations import WITH_INDEX_RENEWAL
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.search import seeker
from desktop.store.search.index_renewal import RenewalState
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.vaults import MemoryVault

KILLS = int(os.environ.get("PARAGONE_TEST_KILLS", "5"))


def older(folder: Path, *conversations: Conversation) -> None:
    """A store of the version before, with words for the search as that made them: with their strokes."""
    sql = Sql(apsw.Connection(str(made.database(folder, WITH_INDEX_RENEWAL - 1, *conversations))))
    with sql.transaction():
        for seq, parts in sql.rows("SELECT seq, parts FROM messages"):
            sql.run("UPDATE messages SET words = ? WHERE seq = ?", (parts.lower(), seq))
        for seq, title in sql.rows("SELECT seq, title FROM conversations"):
            sql.run("UPDATE conversations SET words = ? WHERE seq = ?", (title.lower(), seq))
    sql.close()


def sound(folder: Path) -> bool:
    """Whether the index says of each row what the row says."""
    sql = Sql(apsw.Connection(str(folder / FILE)))
    try:
        for table in ("messages", "conversations"):
            sql.run(f"INSERT INTO {table}_index ({table}_index, rank) VALUES ('integrity-check', 1)")
            assert sql.integer(f"SELECT v FROM {table}_index_config WHERE k = 'secure-delete'") == 1
    finally:
        sql.close()
    return True


async def count(store: Store, words: str) -> int:
    return len(await store.search(words, 1_000))


async def test_what_an_older_version_kept_is_found_as_before_and_then_as_this_one_finds(folder: Path) -> None:
    older(folder, made.said("Jedziemy do Łodzi", title="Œuvre"), made.said("nothing of that"))
    async with await Store.open(folder) as store:
        assert (await count(store, "łodzi"), await count(store, "lodzi"), await count(store, "oeuvre")) == (1, 0, 0)
        told: list[RenewalState] = []
        await store.index_renewal.run(told.append)
        assert (await count(store, "łodzi"), await count(store, "lodzi"), await count(store, "oeuvre")) == (1, 1, 1)
        assert (told[0].left, told[-1].left, told[-1].percent) == (4, 0, 100)
    assert sound(folder)
    async with await Store.open(folder) as store:
        assert await store.index_renewal.state() == RenewalState(0, 4)


async def test_a_new_store_has_nothing_to_make_anew(store: Store) -> None:
    await store.conversations.create(made.said("Łódź"))
    assert (await store.index_renewal.state()).left == 0
    await store.index_renewal.run()
    assert await count(store, "lodz") == 1


async def test_the_newest_come_first_and_others_write_and_search_meanwhile(folder: Path) -> None:
    older(folder, *(made.said(f"Łódź {number} " + "słowo " * 400) for number in range(250)))
    seen: list[tuple[int, int]] = []
    async with await Store.open(folder) as store:
        renewal = asyncio.create_task(store.index_renewal.run())
        while not renewal.done():
            seen.append((await count(store, "lodz 249"), await count(store, "lodz 0")))
            await store.conversations.create(made.said("written meanwhile"))
        await renewal
        assert (await count(store, "lodz"), await count(store, "meanwhile")) == (250, len(seen))
    assert (1, 0) in seen
    assert (0, 1) not in seen
    assert sound(folder)


@pytest.mark.slow
async def test_killed_at_any_moment_the_next_run_goes_on_where_it_was(folder: Path, children: Children) -> None:
    older(folder, *(made.said(f"Łódź {number} " + "słowo " * 300) for number in range(400)))
    chance = random.Random(3)
    left = [800]
    for _ in range(KILLS):
        child = children.start("renew", folder)
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(chance.randrange(1, 4))]
        child.kill()
        child.communicate()
        left += [int(line) for line in lines[-1:] if line.strip().isdigit()]
    assert left == sorted(left, reverse=True)
    assert left[-1] < left[0]
    async with await Store.open(folder) as store:
        assert store.notices == ()
        await store.index_renewal.run()
        assert await count(store, "lodz") == 400
    assert sound(folder)


@pytest.mark.parametrize("slices", [0, 1, 3])
async def test_a_store_that_is_closed_ends_it_quietly(folder: Path, slices: int) -> None:
    older(folder, *(made.said(f"Łódź {number} " + "słowo " * 900) for number in range(100)))
    store = await Store.open(folder)
    told: list[RenewalState] = []
    reached = asyncio.Event()

    def progress(state: RenewalState) -> None:
        told.append(state)
        if len(told) > slices:
            reached.set()

    renewal = asyncio.create_task(store.index_renewal.run(progress))
    reaching = asyncio.create_task(reached.wait())
    await asyncio.wait({renewal, reaching}, return_when=asyncio.FIRST_COMPLETED)  # a quick machine needs fewer slices
    reaching.cancel()
    await store.aclose()
    await renewal
    async with await Store.open(folder) as store:
        await store.index_renewal.run()
        assert await count(store, "lodz") == 100
    assert sound(folder)


async def test_turning_encryption_on_and_deleting_meanwhile_leave_it_to_its_end(folder: Path) -> None:
    older(folder, *(made.said(f"Łódź {number} " + "słowo " * 300) for number in range(150)))
    async with await Store.open(folder, vault=(vault := MemoryVault())) as store:
        renewal = asyncio.create_task(store.index_renewal.run())
        ids = [each.id for each in await store.conversations.list()]
        await store.conversations.purge(ids[:3])
        await store.encryption.turn_on(await store.encryption.prepare())
        await store.conversations.purge(ids[3:6])
        await renewal
        assert (await count(store, "lodz"), (await store.index_renewal.state()).left) == (144, 0)
    async with await Store.open(folder, vault=vault) as store:
        assert await count(store, "lodz") == 144
        assert not await store.index_renewal._database.read(purge.is_merge_due)  # pyright: ignore[reportPrivateUsage]


async def test_an_answer_that_streams_gets_its_words_at_its_end(folder: Path) -> None:
    older(folder, made.said("Łódź"))
    async with await Store.open(folder) as store:
        question = made.prompt("Łódź?")
        streaming = made.answer(question, status=Status.STREAMING)
        await store.conversations.begin(made.conversation(), question, streaming)
        await store.index_renewal.run()
        assert await count(store, "lodz") == 2
        await store.conversations.finish(made.finished(streaming, "Łódź jest miastem"))
        assert await count(store, "lodz miastem") == 1


async def test_where_nothing_can_be_written_all_is_found_as_before(folder: Path) -> None:
    older(folder, made.said("Jedziemy do Łodzi, أحمد"))
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        await store.index_renewal.run()
        assert (await count(store, "łodzi"), await count(store, "أحمد")) == (1, 1)
        assert (await store.index_renewal.state()).left == 0


@pytest.mark.parametrize("sought", ["C++", '"->"', "C++ pointer"])
async def test_signs_are_found_before_the_index_knows_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sought: str
) -> None:
    monkeypatch.setattr(seeker, "LOOKED_AT", 1)
    older(folder, made.said("C++ has a pointer: p->q"), made.said("C has a pointer"), made.said("newer"))
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert await count(store, sought) == 1
    async with await Store.open(folder) as store:
        assert await count(store, sought) == 1
        await store.index_renewal.run()
        assert await count(store, sought) == 1


async def test_a_row_that_is_gone_makes_all_anew(folder: Path) -> None:
    older(folder, made.said("Łódź"))
    async with await Store.open(folder) as store:
        await store.index_renewal.run()
    sql = Sql(apsw.Connection(str(folder / FILE)))
    sql.run("DELETE FROM index_renewal")
    sql.close()
    async with await Store.open(folder) as store:
        assert (await store.index_renewal.state()).left == 2
        await store.index_renewal.run()
        assert ((await store.index_renewal.state()).left, await count(store, "lodz")) == (0, 1)


@pytest.mark.parametrize("table", ["messages", "conversations"])
async def test_a_row_whose_number_nothing_can_follow_locks_no_store(folder: Path, table: str) -> None:
    older(folder, made.said("Łódź"), made.said("nothing of that"))
    sql = Sql(apsw.Connection(str(folder / FILE)))
    sql.run(f"UPDATE {table} SET seq = ? WHERE seq = (SELECT max(seq) FROM {table})", ((1 << 63) - 1,))
    sql.close()
    async with await Store.open(folder) as store:
        await store.index_renewal.run()
        assert (await store.index_renewal.state()).left == 0
        assert await count(store, "lodz") == 1
