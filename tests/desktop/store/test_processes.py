from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Status
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.fork_server import Run

KILLS = int(os.environ.get("PARAGONE_TEST_KILLS", "20"))


async def test_several_runs_may_begin_at_once_on_an_empty_folder(folder: Path, children: Children) -> None:
    started = [children.start("create", folder) for _ in range(4)]
    assert [child.communicate()[0] for child in started] == ["done\n"] * 4
    async with await Store.open(folder) as store:
        assert len(await store.conversations.list()) == 4
        assert store.notices == ()


async def test_only_answers_of_dead_runs_are_recovered(folder: Path, children: Children) -> None:
    living, dying = children.start("hold", folder), children.start("journal", folder)
    held, lost = _line(living), _line(dying)
    _line(dying)
    dying.kill()
    dying.wait()
    async with await Store.open(folder) as store:
        assert store.recovered == 1
        assert (await store.conversations.get(held)).messages[1].status is Status.STREAMING
        recovered = (await store.conversations.get(lost)).messages[1]
        assert (recovered.status, recovered.text[:2]) == (Status.INTERRUPTED, "0 ")
        assert [found.id for found in await store.conversations.interrupted()] == [lost]
        assert {hit.message_id for hit in await store.search("0")} == {recovered.id}
        living.communicate()
        assert [path.stem for path in (folder / "runs").iterdir()] == [store.run_id]
    async with await Store.open(folder) as store:
        assert store.recovered == 1
        assert (await store.conversations.get(held)).messages[1].text == "still here"


@pytest.mark.slow
@pytest.mark.timeout(4 * (20 + 2 * KILLS))
async def test_what_was_journaled_survives_being_killed_at_any_moment(folder: Path, children: Children) -> None:
    """Check 25; PARAGONE_TEST_KILLS says how often."""
    chance = random.Random(7)
    for _ in range(KILLS):
        child = children.start("journal", folder)
        talk = _line(child)
        for _ in range(chance.randrange(200)):
            _line(child)
        child.kill()
        told = [int(line) for line in child.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
        async with await Store.open(folder) as store:
            assert (store.recovered, store.notices) == (1, ())
            kept = [int(word) for word in (await store.conversations.get(talk)).messages[1].text.split()]
        assert kept == list(range(len(kept)))
        assert not told or kept[-1] >= told[-1]


@pytest.mark.slow
@pytest.mark.timeout(4 * (20 + 2 * KILLS))
async def test_killed_while_it_backs_up_every_backup_is_whole_and_nothing_is_left(
    folder: Path, children: Children
) -> None:
    """PARAGONE_TEST_KILLS says how often."""
    chance = random.Random(11)
    for _ in range(KILLS):
        child = children.start("back_up", folder)
        _line(child)
        await asyncio.sleep(chance.random() * 0.08)  # within what a backup or two take
        child.kill()
        child.communicate()
        async with await Store.open(folder) as store:
            assert store.notices == ()
            found = await store.safety.backups()
            assert found
            assert all(each.conversations for each in found)
        assert [path.name for path in (folder / "backups").iterdir() if path.suffix != ".db"] == []


@pytest.mark.slow
async def test_killed_at_any_statement_of_a_migration_the_database_opens(tmp_path: Path, children: Children) -> None:
    """Check 32."""
    statement, ended = 0, False
    for statement in range(1, 200, 3):
        folder = tmp_path / str(statement)
        older = statement % 2 == 0
        if older:
            async with await Store.open(folder) as store:
                await store.conversations.create(made.said("kept"))
        child = children.start("die_migrating", folder, str(statement))
        ended = child.communicate()[0] == "migrated\n"
        async with await Store.open(folder, options=made.LATER) as store:
            assert store.notices == ()
            assert [found.title for found in await store.conversations.list()] == ["Sky later"] * older
            await store.conversations.create(made.said("new"))
        if ended and not older:
            break
    assert statement > 20
    assert ended


def _line(child: Run) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line, "the child ended"
    return line.strip()
