"""Blind rounds are kept until they are revealed, cost what they cost, and go as conversations do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import ModelRef, Problem, Status
from desktop.errors import RoundEnded
from desktop.redaction.redactor import Mask
from desktop.store.opening.store_opener import FILE
from desktop.store.retention import RetentionRule
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.voting.blind_round import BlindRound, new_round
from tests.desktop.store import made
from tests.desktop.store.test_traces import traces
from tests.desktop.voting.made import vote

LAB, LOCAL = ModelRef.parse("lab/grok-3"), made.MODEL


def asked(number: int = 0, *, text: str = "Zanzibar", days_ago: float = 0) -> BlindRound:
    held = new_round([PaneState(conversation="", model=each) for each in (LAB, LOCAL)], Random(number))
    for each in held.conversations:
        question = made.prompt(text)
        answer = made.answer(question, "It is.", Status.COMPLETE)
        held = held.with_conversation(msgspec.structs.replace(each, messages=(question, answer), current=answer.id))
    at = made.START + timedelta(seconds=number) - timedelta(days=days_ago)
    return msgspec.structs.replace(held, id=f"r{number}", created_at=at)


async def test_a_round_comes_back_as_it_was_the_newest_first_until_it_is_deleted(store: Store, folder: Path) -> None:
    one, two = asked(1, text="?"), asked(2)
    await store.rounds.save(two, 0.5)
    await store.rounds.save(one, 0.25, durable=False)
    assert await store.rounds.list() == (two, one)
    await store.rounds.save(fuller := asked(1, text="more"), 0.5)
    assert await store.rounds.list() == (two, fuller)
    await store.rounds.delete("r2")
    await store.rounds.delete("gone")
    assert await store.rounds.list() == (fuller,)
    assert traces(folder) == set()


async def test_nothing_lists_or_finds_what_is_in_it_nor_its_vote_before_the_reveal(store: Store) -> None:
    await store.rounds.save(asked(), 0)
    await store.votes.add(vote("lab/a", "lab/b", comparison="r0"), vote("a", "b", number=1))
    assert (await store.conversations.list(), await store.comparisons.list(), await store.search("Zanzibar")) == (
        (), (), (),
    )  # fmt: skip
    assert [each.id for each in (await store.votes.list()).votes] == [f"{1:032x}"]
    assert (await store.votes.given_in(["r0"])).votes == ()
    await store.rounds.delete("r0")
    assert len((await store.votes.list()).votes) == 2


@pytest.mark.parametrize("cost", [float("inf"), float("nan"), -3.0])
async def test_what_open_rounds_cost_counts_in_the_budget(store: Store, cost: float) -> None:
    await store.rounds.save(asked(1), 0.25)
    await store.rounds.save(asked(2), 1.0)
    await store.rounds.save(asked(2), 1.5)
    await store.rounds.save(asked(3, days_ago=2), 9.0)
    await store.rounds.save(asked(4), cost)
    assert await store.spent(made.START) == 1.75
    assert await store.spent(made.START + timedelta(seconds=2)) == 1.5


async def test_what_a_round_costs_is_spent_from_when_its_prompt_was_sent(store: Store) -> None:
    held = asked(1)
    sent = msgspec.structs.replace(held, asked_at=held.created_at + timedelta(days=1))
    await store.rounds.save(held, 0.0)
    await store.rounds.save(sent, 0.5)
    assert await store.spent(held.created_at + timedelta(hours=1)) == 0.5
    assert await store.rounds.list() == (sent,)


async def test_only_rounds_of_runs_that_ended_are_left(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.rounds.save(asked(1), 0)
        async with await Store.open(folder) as other:
            assert await other.rounds.left() == ()
            await other.rounds.save(asked(2), 0)
            assert await store.rounds.left() == ()
        assert [each.id for each in await store.rounds.left()] == ["r2"]
    async with await Store.open(folder) as store:
        assert [each.id for each in await store.rounds.left()] == ["r2", "r1"]


async def test_a_round_that_another_window_ended_is_ended_once_with_one_vote(folder: Path) -> None:
    async with await Store.open(folder) as store, await Store.open(folder) as other:
        held = asked(1)
        await store.rounds.save(held, 0)
        await other.revealed_rounds.keep(held, vote("lab/a", "lab/b", number=1))
        with pytest.raises(RoundEnded, match="another window"):
            await store.revealed_rounds.keep(held, vote("lab/a", "lab/b", number=2))
        await store.rounds.save(held, 0)
        assert await store.rounds.list() == ()
        assert [each.id for each in (await store.votes.list()).votes] == [f"{1:032x}"]
        (kept,) = await store.comparisons.list()
        assert await store.comparisons.begun_before(kept.id) == ()


async def test_what_becomes_of_one_that_was_left_is_as_old_as_its_prompt(folder: Path) -> None:
    async with await Store.open(folder) as store:
        held = msgspec.structs.replace(asked(1), asked_at=made.START - timedelta(days=40))
        await store.rounds.save(held, 0)
        await store.revealed_rounds.keep(held)
        assert {each.updated_at for each in await store.conversations.list()} == {held.asked_at}
        assert await store.retention.tidy(RetentionRule(days=30)) == 2
        assert not await store.comparisons.list()


async def test_one_that_a_backup_brings_back_beside_its_comparison_goes_and_its_vote_counts(folder: Path) -> None:
    async with await Store.open(folder) as store:
        held = asked(1)
        await store.rounds.save(held, 0)
        given = msgspec.structs.replace(vote("lab/a", "lab/b", number=1), comparison=held.id)
        (row,) = connect(folder / FILE).rows("SELECT * FROM rounds")
        await store.revealed_rounds.keep(held, given)
        connect(folder / FILE).run(f"INSERT INTO rounds VALUES ({', '.join('?' * len(row))})", row)
        assert [each.id for each in (await store.votes.list()).votes] == [given.id]
        with pytest.raises(RoundEnded):
            await store.revealed_rounds.keep(held)
        assert not connect(folder / FILE).rows("SELECT * FROM rounds")


async def test_a_damaged_one_keeps_no_other_from_being_read_nor_from_going(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.rounds.save(asked(1), 0)
        await store.rounds.save(asked(2), 0)
    sql = connect(folder / FILE)
    sql.run("UPDATE rounds SET state = '{' WHERE id = 'r1'")
    sql.close()
    async with await Store.open(folder) as store:
        assert [each.id for each in await store.rounds.list()] == ["r2"]
        await store.backup(path := folder / "backups" / "b.db")
        await store.safety.restore(path)
        assert [each.id for each in await store.rounds.list()] == ["r2"]
        assert await store.retention.tidy(RetentionRule(1)) == 0
        assert await store._database.read(lambda sql: sql.integer("SELECT count(*) FROM rounds")) == 0


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (RetentionRule(), ["r1", "r2"]),
        (RetentionRule(9), ["r1"]),
        (RetentionRule(None, {"lab": 9}), ["r1"]),
        (RetentionRule(99, {"lab": 9, "other": 0}), ["r1"]),
        (RetentionRule(None, {"other": 0}), ["r1", "r2"]),
        (RetentionRule(0), []),
    ],
)
async def test_they_are_kept_as_long_as_conversations_are_and_their_votes_go_with_them(
    store: Store, folder: Path, rule: RetentionRule, left: list[str]
) -> None:
    await store.rounds.save(asked(1, text="?"), 0)
    await store.rounds.save(asked(2, days_ago=10), 0)
    await store.votes.add(vote("lab/a", "lab/b", comparison="r2", prompt="Zanzibar"))
    await store.retention.tidy(rule, ending=True)
    assert sorted(each.id for each in await store.rounds.list()) == left
    assert bool(traces(folder)) is ("r2" in left)


async def test_keys_that_a_server_gave_back_are_not_kept(folder: Path) -> None:
    mask = Mask()
    mask.add("sk-Zanzibar-0123456789")
    async with await Store.open(folder, mask=mask) as store:
        held = asked(text="?")
        question, answer = held.conversations[0].messages
        said = Problem(code="x", message="the key sk-Zanzibar-0123456789 is wrong", hint="")
        failed = msgspec.structs.replace(answer, status=Status.FAILED, problem=said)
        talk = msgspec.structs.replace(held.conversations[0], messages=(question, failed))
        await store.rounds.save(held.with_conversation(talk), 0)
        assert len(await store.rounds.list()) == 1
        assert traces(folder) == set()


async def test_what_can_be_read_of_a_damaged_database_is_taken_over_with_its_costs(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("so"))
        await store.rounds.save(asked(1), 0.25)
    sql = connect(folder / FILE)
    root = int(sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'")[0][0])
    sql.close()
    with (folder / FILE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 7)
        file.write(b"\x01")
    (folder / "runs" / "dead.lock").touch(0o600)
    async with await Store.open(folder) as store:
        assert [each.id for each in await store.rounds.list()] == ["r1"]
        assert await store.spent(made.START) == 0.25
