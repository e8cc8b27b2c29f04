"""Votes are kept, taken back and deleted, whatever is damaged beside them, and go with what they were given on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, Status
from desktop.errors import PolicyForbids, StoreReadOnly, VoteUnknown
from desktop.redaction.redactor import Mask
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.records import vote_rows
from desktop.store.retention import RetentionRule
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.text.phrases import english
from desktop.voting.contender import Contender, digest
from desktop.voting.tally import VoteFilter, counted_votes
from desktop.voting.vote import Vote, both_bad, order, tie
from tests.cpu_time import within
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.test_traces import traces
from tests.desktop.store.vaults import FileVault
from tests.desktop.voting.made import NOON, vote

SECRET = "Zanzibar"


def full(number: int = 0, **more: object) -> Vote:
    usual: dict[str, object] = {
        "comparison": "c1",
        "turn": "0",
        "prompt": "Which city?",
        "answers": ("m1", "m2", "m3"),
        "outcome": order((1, 0, 1)),
        "tags": ("code", "übersetzung"),
        "note": "a “note”",
        "judge": "you",
        "speed_visible": True,
        "names_model": True,
        "set_aside": "cut",
    }
    return vote("lab/a", "lab/b", "lab/c", number=number, **{**usual, **more})


def talk(text: str = SECRET) -> Conversation:
    question = made.prompt(text)
    return made.conversation(question, made.answer(question, "It is.", Status.COMPLETE))


async def filled(store: Store) -> tuple[Conversation, Conversation]:
    """Two conversations of a comparison c1, with a vote on their answers and one on nothing."""
    one, other = talk(), talk()
    for each in (one, other):
        await store.conversations.create(each)
    panes = tuple(PaneState(conversation=each.id, model=each.model) for each in (one, other))
    await store.comparisons.save(msgspec.structs.replace(new_comparison(panes), id="c1"))
    answers = (one.messages[1].id, other.messages[1].id)
    await store.votes.add(
        vote("lab/a", "lab/b", prompt=SECRET, answers=answers, comparison="c1"), vote("x", "y", number=1)
    )
    return one, other


async def ids(store: Store) -> list[str]:
    return [each.id for each in (await store.votes.list()).votes]


async def test_a_vote_comes_back_as_it_was_the_oldest_first_and_only_once(store: Store) -> None:
    late = full(1, at=NOON + timedelta(microseconds=7000))
    assert await store.votes.add(late, full(2)) == 2
    assert await store.votes.add(full(2, note="other"), full(3)) == 1
    assert await store.votes.list() == ((full(2), full(3), late), 0)
    assert await store.votes.get(late.id) == late
    assert await store.votes.known([late.id, "gone"]) == {late.id}
    assert await store.votes.given_in(["c1"]) == await store.votes.list()
    assert await store.votes.given_in(["c2"]) == ((), 0)
    with pytest.raises(VoteUnknown, match="gone"):
        await store.votes.get("gone")


async def test_one_that_is_taken_back_stays_marked_and_one_that_is_deleted_does_not(store: Store, folder: Path) -> None:
    await store.votes.add(full(1, note=SECRET), full(2))
    assert await store.votes.undo(full(1).id)
    undone = (await store.votes.get(full(1).id)).undone
    assert undone is not None
    assert undone > made.START
    assert await store.votes.undo(full(1).id)
    assert (await store.votes.get(full(1).id)).undone == undone
    assert not await store.votes.undo("gone")
    assert await store.votes.delete([full(1).id, "gone", full(1).id]) == 1
    assert await ids(store) == [full(2).id]
    assert traces(folder) == set()


async def test_what_no_text_can_hold_and_what_is_too_long_is_kept_as_far_as_it_goes(store: Store) -> None:
    long = "p" * (vote_rows.LONGEST_PROMPT + 1)
    await store.votes.add(full(1, note="\ud800", comparison="\udfff", prompt=long), full(2, prompt=long[1:]))
    one, other = (await store.votes.list()).votes
    assert (one.note, one.prompt, other.prompt) == ("\ufffd", digest(long), long[1:])


@pytest.mark.parametrize(
    "state",
    [
        "''",
        "'{'",
        "x'ff00'",
        "'{\"id\":1}'",
        "CAST(x'ff' AS TEXT)",
        "json_remove(state, '$.outcome')",
        "json_set(state, '$.outcome.ranks[0]', 9)",
        "replace(state, 'Z\"', '\"')",
        "'" + "[" * 200_000 + "'",
    ],
)
async def test_a_damaged_one_is_counted_and_keeps_no_other_from_anything(
    folder: Path, tmp_path: Path, state: str
) -> None:
    async with await Store.open(folder) as store:
        await store.votes.add(full(1), full(2))
    sql = connect(folder / FILE)
    try:
        sql.run(f"UPDATE votes SET state = CAST({state} AS TEXT) WHERE id = ?", (full(1).id,))
    finally:
        sql.close()
    async with await Store.open(folder) as store:
        assert await store.votes.list() == ((full(2),), 1)
        assert not await store.votes.undo(full(1).id)
        await store.backup(tmp_path / "backup.db")
        assert await store.votes.delete([full(2).id]) == 1
        await store.safety.add_missing(tmp_path / "backup.db")
        assert await store.votes.list() == ((full(2),), 1)
        await store.safety.restore(tmp_path / "backup.db")
        assert await store.votes.list() == ((full(2),), 1)
        assert await store.votes.delete([full(1).id]) == 1
        assert (await store.votes.list()).damaged == 0


async def test_an_id_that_is_no_text_any_more_is_another_one_by_which_it_can_be_deleted(
    store: Store, tmp_path: Path
) -> None:
    await store.votes.add(full(1))
    await store.backup(path := tmp_path / "backup.db")
    sql = connect(path)
    sql.run("UPDATE votes SET id = CAST(x'ff61' AS TEXT)")
    sql.close()
    await store.safety.restore(path)
    (found,) = (await store.votes.list()).votes
    assert found.id != full(1).id
    assert await store.votes.delete([found.id]) == 1


async def conversation_purged(store: Store, clock: made.Clock, talk: Conversation) -> None:
    await store.conversations.purge([talk.id])


async def purged_with_many(store: Store, clock: made.Clock, talk: Conversation) -> None:
    await store.conversations.create(great := made.conversation(*(made.prompt("so") for _ in range(500))))
    await store.conversations.purge([talk.id, great.id])


async def comparison_purged(store: Store, clock: made.Clock, talk: Conversation) -> None:
    await store.comparisons.purge(["c1"])


async def trash_emptied(store: Store, clock: made.Clock, talk: Conversation) -> None:
    await store.comparisons.trash("c1")
    await store.comparisons.purge_trashed(clock() + timedelta(days=9))


async def grown_old(store: Store, clock: made.Clock, talk: Conversation) -> None:
    clock.at += timedelta(days=9)
    assert await store.retention.tidy(RetentionRule(3)) == 2


@pytest.mark.parametrize("outlives", [False, True])
@pytest.mark.parametrize("goes", [conversation_purged, purged_with_many, comparison_purged, trash_emptied, grown_old])
async def test_votes_go_with_what_they_were_given_on_unless_the_user_keeps_them_without_the_prompt(
    folder: Path, goes: Callable[[Store, made.Clock, Conversation], Awaitable[None]], *, outlives: bool
) -> None:
    clock = made.Clock()
    async with await Store.open(folder, clock=clock) as store:
        one, _ = await filled(store)
        store.votes.outlive = lambda: outlives
        await goes(store, clock, one)
        left = (await store.votes.list()).votes
        assert [each.id for each in left] == [f"{number:032x}" for number in ((0, 1) if outlives else (1,))]
        assert not outlives or left[0].prompt == digest(SECRET)
        talks = (*await store.conversations.list(), *await store.conversations.list(trashed=True))
        await store.conversations.purge([each.id for each in talks])
        assert traces(folder) == set()


async def test_votes_on_other_answers_of_a_conversation_that_stays_stay(store: Store) -> None:
    one, _ = await filled(store)
    await store.conversations.create(third := talk())
    await store.conversations.purge([third.id])
    await store.conversations.trash([one.id])
    assert len(await ids(store)) == 2


async def test_nothing_is_kept_where_a_policy_forbids_it(store: Store) -> None:
    def forbid() -> None:
        raise PolicyForbids(english("no"))

    store.votes.require = forbid
    with pytest.raises(PolicyForbids):
        await store.votes.add(full())
    assert await store.votes.list() == ((), 0)


async def test_where_nothing_can_be_written_votes_are_read(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.votes.add(full(1))
    async with await Store.open(folder, options=Options(hinders=StoreReadOnly(english("no")))) as store:
        assert (await store.votes.list()).votes == (full(1),)
        with pytest.raises(StoreReadOnly):
            await store.votes.add(full(2))


async def test_ten_thousand_are_listed_in_no_time_and_the_index_gives_their_order(store: Store) -> None:
    await store.votes.add(*(full(number) for number in range(10_000)))
    await store.votes.list()
    for attempt in within(0.3):  # 0.07 where nothing else runs
        with attempt:
            assert len((await store.votes.list()).votes) == 10_000

    def plan(statement: str, *values: str) -> str:
        rows = connect(store.path).rows(f"EXPLAIN QUERY PLAN {statement}", values)
        return " ".join(str(row[3]) for row in rows)

    assert "TEMP B-TREE" not in plan(vote_rows._ALL)  # a great sort would write plain text to a file
    assert "SCAN votes" not in plan("DELETE FROM votes WHERE comparison = ?", "c")
    assert "SCAN votes" not in plan(f"DELETE FROM votes WHERE {vote_rows.ANSWERED}", "[1]")
    assert "SCAN vote_answers" not in plan(f"DELETE FROM votes WHERE {vote_rows.ANSWERED}", "[1]")


async def test_who_met_whom_is_counted_as_it_is_of_all_that_is_read(store: Store) -> None:
    given = (
        full(1, set_aside=None),
        full(2),
        vote("a", "a", number=3),
        vote("a  b", "lab/a", number=4, outcome=tie()),
        vote("lab/b", "lab/a", number=5, outcome=both_bad()),
        vote("lab/b", "lab/a", number=6, undone=NOON),
        vote("lab/b", "lab/a", number=7, blind=False),
        vote("lab/b", "lab/a", number=8, names_model=True),
    )
    await store.votes.add(*given)
    quick, whole = await store.votes.pairs(), counted_votes((await store.votes.list()).votes, VoteFilter())
    assert (quick.names, quick.pairs, quick.votes, quick.total) == (whole.names, whole.pairs, whole.votes, whole.total)


async def test_backups_bring_votes_back_and_add_those_that_are_missing(store: Store, tmp_path: Path) -> None:
    one, _ = await filled(store)
    await store.votes.add(full(7))
    await store.backup(path := tmp_path / "backup.db")
    await store.votes.undo(full(7).id)
    await store.votes.delete([f"{0:032x}"])
    await store.votes.add(full(8))
    assert (await store.safety.preview(path)).added.number == 0
    await store.safety.add_missing(path)
    assert sorted(await ids(store)) == [f"{number:032x}" for number in (0, 1, 7, 8)]
    assert (await store.votes.get(full(7).id)).undone is not None  # what is there stays as it is
    await store.conversations.purge([one.id])
    assert len(await ids(store)) == 3  # which answers were voted on came along
    await store.safety.restore(path)
    assert sorted(await ids(store)) == [f"{number:032x}" for number in (0, 1, 7)]


async def test_a_backup_that_lies_about_which_answers_were_voted_on_is_not_believed(
    store: Store, tmp_path: Path
) -> None:
    one, _ = await filled(store)
    await store.backup(path := tmp_path / "backup.db")
    sql = connect(path)
    sql.pragma("foreign_keys", "off")
    sql.run("DELETE FROM vote_answers")
    sql.run("INSERT INTO vote_answers VALUES (2, ?), (99, 'x')", (one.messages[1].id,))
    sql.close()
    await store.safety.restore(path)
    await store.conversations.purge([one.id])
    assert await ids(store) == [f"{1:032x}"]


async def test_what_can_be_read_of_a_damaged_database_is_taken_over(folder: Path) -> None:
    async with await Store.open(folder) as store:
        one, _ = await filled(store)
        await store.votes.add(*(full(number) for number in range(2, 40)))
    sql = connect(folder / FILE)
    root = int(sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'")[0][0])
    sql.close()
    with (folder / FILE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 7)
        file.write(b"\x01")
    (folder / "runs" / "dead.lock").touch(0o600)
    async with await Store.open(folder) as store:
        assert "new database; 0 row" in store.notices[0]
        assert len(await ids(store)) == 40
        await store.conversations.purge([one.id])
        assert f"{0:032x}" not in await ids(store)
    sql = connect(folder / FILE)
    assert (sql.pragma("integrity_check"), sql.rows("PRAGMA foreign_key_check")) == ("ok", [])
    sql.close()


async def test_several_processes_add_votes_at_once_each_once(folder: Path, children: Children) -> None:
    async with await Store.open(folder):
        pass
    started = [children.start("vote", folder, name) for name in ("one", "two")]
    told = [int(child.communicate()[0]) for child in started]
    assert sum(told) == 60
    async with await Store.open(folder) as store:
        assert len(set(await ids(store))) == 60


async def test_a_vote_that_was_told_survives_the_death_of_the_process(folder: Path, children: Children) -> None:
    child = children.start("vote_on", folder)
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.kill()
    rest = [line for line in child.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    async with await Store.open(folder) as store:
        assert len(await ids(store)) >= 5 + len(rest)
        answers = await store._database.read(lambda sql: sql.integer("SELECT count(*) FROM vote_answers"))
        assert answers == 2 * len(await ids(store))


async def test_an_encrypted_store_keeps_votes_unread(folder: Path, tmp_path: Path) -> None:
    async with await Store.open(folder, vault=FileVault(tmp_path / "vault")) as store:
        await store.votes.add(full(1, note=SECRET))
        await store.encryption.turn_on(await store.encryption.prepare())
        assert traces(folder) == set()
        await store.votes.add(full(2, note=SECRET))
        assert len(await ids(store)) == 2
    assert traces(folder) == set()
    with pytest.raises(apsw.NotADBError):
        connect(folder / FILE).rows("SELECT * FROM votes")


@pytest.mark.parametrize("cut", [1, 2])
async def test_server_model_names_hold_no_key_and_no_half_of_one(folder: Path, cut: int) -> None:
    key, mask = "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z", Mask()
    mask.add(key)
    size = len(key) // cut
    pieces = [key[start : start + size] for start in range(0, len(key), size)]
    contenders = [Contender(model=f"lab/{place}", server_model=each) for place, each in enumerate([*pieces, "gpt-x"])]
    given = vote(*(each.model for each in contenders), contenders=tuple(contenders))
    async with await Store.open(folder, mask=mask) as store:
        await store.votes.add(given)
        kept = (await store.votes.get(given.id)).contenders
    assert not any(each.server_model in pieces for each in kept)
    assert kept[-1] == contenders[-1]
