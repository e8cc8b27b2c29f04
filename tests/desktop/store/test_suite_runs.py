"""Runs of suites are kept cell by cell, belong to one program at a time, and survive what befalls a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from desktop.domain.suite_cells import CellFilter, CellKey, CellStatus, RunState
from desktop.errors import RunAmbiguous, RunBusy, RunUnknown, StoreError, UsageError
from desktop.receipts.receipt import EarlierTry, Receipt
from desktop.redaction.redactor import Mask
from desktop.store.migrations import WITH_RUNS
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.suite_run_values import cell, kept, suite_run
from tests.desktop.store.test_traces import traces
from tests.desktop.store.vaults import MemoryVault

PASSED, FAILED, UNGRADED, ERROR = CellStatus.PASSED, CellStatus.FAILED, CellStatus.UNGRADED, CellStatus.ERROR


async def test_a_run_comes_back_as_it_was_by_the_beginning_of_its_id_and_newest_first(store: Store) -> None:
    one, two = suite_run(0), suite_run(16, cap=2.0)
    await store.suite_runs.create(one)
    await store.suite_runs.create(two)
    assert await store.suite_runs.get(two.id) == two
    assert await store.suite_runs.get("0" * 30 + "1") == two
    assert await store.suite_runs.list() == [msgspec.structs.replace(each, suite={}) for each in (two, one)]
    with pytest.raises(RunAmbiguous):
        await store.suite_runs.get("0")
    for nobody in ("x", "", one.id + "0"):
        with pytest.raises(RunUnknown):
            await store.suite_runs.get(nobody)


async def test_a_cell_comes_back_whole_and_its_head_without_its_text(store: Store) -> None:
    asked = cell(1, 1), cell(0, 1, ERROR), cell(0, 0, FAILED)
    run = await kept(store, *asked)
    assert await store.suite_runs.records(run.id) == [asked[2], asked[1], asked[0]]
    assert await store.suite_runs.heads(run.id) == [asked[2].head, asked[1].head, asked[0].head]
    assert await store.suite_runs.heads(run.id, [1, 9]) == [asked[0].head]
    assert await store.suite_runs.records(run.id, [1]) == [asked[0]]
    found = await store.suite_runs.cell(run.id, CellKey(1, 1, 0))
    assert (found, found.head.first_line, found.head.latency_ms) == (asked[0], "Zanzibar is an island.", 12.5)
    assert asked[1].head.first_line == "Too many."
    assert (await store.suite_runs.heads(run.id))[0].cost == 0.25
    with pytest.raises(RunUnknown):
        await store.suite_runs.cell(run.id, CellKey(1, 0, 0))


async def test_what_is_asked_and_how_far_it_is_is_counted_with_each_cell(store: Store) -> None:
    run = await kept(store, cell(0, 0), cell(0, 1, ERROR), cell(1, 0, UNGRADED), run=suite_run(cap=9.0))
    found = await store.suite_runs.asked(run.id)
    assert (found.answered, found.errors) == ({(0, 0, 0), (1, 0, 0)}, {(0, 1, 0)})
    before = await store.suite_runs.progress(run.id)
    assert (before.cells, before.asked, before.passed, before.failed, before.ungraded, before.errors) == (
        4, 3, 1, 0, 1, 1,
    )  # fmt: skip
    assert (before.spent, before.cap, before.state) == (0.75, 9.0, RunState.WAITING)
    await store.suite_runs.keep(run.id, cell(0, 1, FAILED), 0.5)
    after = await store.suite_runs.progress(run.id)
    assert (after.asked, after.failed, after.errors, after.spent) == (3, 1, 0, 1.25)
    assert after.revision > before.revision


async def test_filters_let_cases_through_in_their_order(store: Store) -> None:
    cells = [
        *(cell(0, each) for each in (0, 1)),
        *(cell(1, each, status) for each, status in enumerate((PASSED, FAILED))),
        *(cell(2, each, ERROR) for each in (0, 1)),
    ]
    run = await kept(store, *cells, run=suite_run(cases=4))
    await store.suite_runs.review(run.id, CellKey(0, 0, 0), True)
    await store.suite_runs.review(run.id, CellKey(0, 1, 0), True)
    found = {each: await store.suite_runs.cases(run.id, each) for each in CellFilter}
    assert found == {
        CellFilter.ALL: [0, 1, 2, 3],
        CellFilter.FAILED: [1],
        CellFilter.DIFFERING: [1],
        CellFilter.ERRORS: [2],
        CellFilter.UNREVIEWED: [1],
    }
    assert await store.suite_runs.cases(run.id, CellFilter.ALL, [3, 1, 77]) == [1, 3]


async def test_a_persons_verdict_stands_above_the_graders_and_can_be_taken_back(store: Store) -> None:
    run = await kept(store, cell(0, 0), cell(0, 1, ERROR))
    key = CellKey(0, 0, 0)
    said = await store.suite_runs.review(run.id, key, False, "no island")
    assert (said.status, said.score, said.reviewed, said.note) == (FAILED, 0.0, False, "no island")
    assert await store.suite_runs.cell(run.id, key) == said
    assert (await store.suite_runs.heads(run.id))[0] == said.head
    assert (await store.suite_runs.graded(run.id, key)).status is PASSED
    assert (await store.suite_runs.progress(run.id)).failed == 1
    assert await store.suite_runs.review(run.id, key, None) == cell(0, 0)
    assert (await store.suite_runs.progress(run.id)).passed == 1
    with pytest.raises(UsageError):
        await store.suite_runs.review(run.id, CellKey(0, 1, 0), True)


async def test_errors_are_forgotten_and_what_they_cost_stays_spent(store: Store, folder: Path) -> None:
    run = await kept(store, cell(0, 0, UNGRADED), cell(0, 1, ERROR), spent=1.0)
    assert await store.suite_runs.forget_errors(run.id) == 1
    asked = await store.suite_runs.asked(run.id)
    assert (asked.answered, asked.errors) == ({(0, 0, 0)}, set())
    assert len(await store.suite_runs.heads(run.id)) == len(await store.suite_runs.records(run.id)) == 1
    assert (await store.spent(made.START), (await store.suite_runs.progress(run.id)).spent) == (2.0, 2.0)
    await store.suite_runs.keep(run.id, cell(0, 1), 1.0)
    assert (await store.spent(made.START), (await store.suite_runs.progress(run.id)).asked) == (3.0, 2)
    assert await store.spent(datetime(2030, 1, 1, tzinfo=UTC)) == 0.0
    assert [(each.name, each.usd) for each in await store.timings.costs(made.START)] == [("", 3.0)]


async def test_one_program_works_on_a_run_and_what_a_dead_one_left_is_stopped(folder: Path) -> None:
    async with await Store.open(folder) as store:
        async with await Store.open(folder) as other:
            run = await kept(other)
            assert (await other.suite_runs.take(run.id)).state is RunState.RUNNING
            for each in (store, other):
                assert (await each.suite_runs.progress(run.id)).state is RunState.RUNNING
                for refused in (each.suite_runs.take, each.suite_runs.delete):
                    with pytest.raises(RunBusy):
                        await refused(run.id)
            with pytest.raises(RunBusy):
                await store.suite_runs.forget_errors(run.id)
            await other.suite_runs.forget_errors(run.id)
        assert (await store.suite_runs.get(run.id)).state is RunState.STOPPED
        assert [each.state for each in await store.suite_runs.list()] == [RunState.STOPPED]
        await store.suite_runs.take(run.id[:30])
        await store.suite_runs.release(run.id, RunState.COMPLETE)
        assert (await store.suite_runs.progress(run.id)).state is RunState.COMPLETE
        await store.suite_runs.take(run.id)
        await store.suite_runs.release(run.id, RunState.CAPPED)
        await store.suite_runs.set_cap(run.id, 4.0)
        await store.suite_runs.allow_unknown_prices(run.id)
        found = await store.suite_runs.get(run.id)
        assert (found.state, found.cap, found.unknown_prices) == (RunState.CAPPED, 4.0, True)


async def test_a_deleted_run_leaves_no_trace(store: Store, folder: Path) -> None:
    run = await kept(store, cell())
    assert traces(folder)
    assert await store.suite_runs.delete(run.id[:31]) == run.id
    assert traces(folder) == set()
    assert await store.suite_runs.list() == []


async def test_a_receipt_is_kept_without_its_body_and_keys_that_servers_gave_back_are_not(folder: Path) -> None:
    mask = Mask()
    mask.add("sk-Zanzibar-0123456789")
    receipt = Receipt(
        at=made.START,
        wire="chat",
        url="https://lab.example/v1",
        body="Zanzibar",
        tries=(EarlierTry(reason="busy", wait_s=1.0),),
        fingerprint="fp",
    )
    async with await Store.open(folder, mask=mask) as store:
        run = msgspec.structs.replace(suite_run(), suite={"name": "x"})
        said = cell(text="so", reason="the key sk-Zanzibar-0123456789 is wrong")
        await kept(store, said, run=run)
        as_kept = await store.suite_runs.keep(run.id, said, 0.0, receipt)
        assert as_kept == await store.suite_runs.cell(run.id, said.key)
        assert "Zanzibar" not in as_kept.grades[0].reason
        assert await store.suite_runs.receipt(run.id, said.key) == msgspec.structs.replace(receipt, body="")
        await store.suite_runs.keep(run.id, said)
        assert (await store.suite_runs.receipt(run.id, said.key)) is not None
        assert await store.suite_runs.receipt(run.id, CellKey(1, 1, 0)) is None
        assert traces(folder) == set()


async def test_runs_come_back_with_a_backup_alone_or_beside_what_is_there(folder: Path, tmp_path: Path) -> None:
    backup, backup_beside = tmp_path / "b.db", tmp_path / "c.db"
    async with await Store.open(tmp_path / "other") as other:
        await kept(other, cell(0, 0), cell(1, 1, ERROR), run=suite_run(1))
        await other.backup(backup)
        await kept(other, cell(0, 0), run=suite_run(2))
        await other.suite_runs.take(suite_run(2).id)
        await other.backup(backup_beside)
    async with await Store.open(folder) as store:
        await kept(store, cell(0, 0), run=suite_run(0))
        await store.safety.restore(backup)
        assert [each.id for each in await store.suite_runs.list()] == [suite_run(1).id]
        assert await store.suite_runs.records(suite_run(1).id) == [cell(0, 0), cell(1, 1, ERROR)]
        await store.suite_runs.keep(suite_run(1).id, cell(1, 0), 0.0)
        spent = await store.spent(made.START)
        await store.safety.add_missing(backup_beside)
        assert [(each.name, each.state) for each in await store.suite_runs.list()] == [
            ("Run 2", RunState.STOPPED),
            ("Run 1", RunState.WAITING),
        ]
        assert await store.suite_runs.records(suite_run(2).id) == [cell(0, 0)]
        assert len(await store.suite_runs.heads(suite_run(1).id)) == 3
        assert (await store.suite_runs.progress(suite_run(2).id)).passed == 1
        assert await store.spent(made.START) == spent


async def test_what_can_be_read_of_a_damaged_database_is_taken_over_and_counted_anew(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("so"))
        await kept(store, cell(0, 0), cell(1, 1, ERROR))
        root = await store._database.read(
            lambda sql: sql.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'")
        )
    assert root is not None
    sql = connect(folder / FILE)
    sql.run("UPDATE suite_runs SET passed = 99")
    sql.close()
    with (folder / FILE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 7)
        file.write(b"\x01")
    (folder / "runs" / "dead.lock").touch(0o600)
    async with await Store.open(folder) as store:
        assert store.aside is not None
        assert await store.suite_runs.records(suite_run().id) == [cell(0, 0), cell(1, 1, ERROR)]
        found = await store.suite_runs.progress(suite_run().id)
        assert (found.passed, found.errors, found.spent) == (1, 1, 0.5)
        assert await store.suite_runs.get(suite_run().id) == msgspec.structs.replace(
            suite_run(), spent=0.5, updated_at=(await store.suite_runs.get(suite_run().id)).updated_at
        )


async def test_a_run_goes_on_while_the_database_is_encrypted_under_it(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        run = await kept(store, cell(0, 0))
        await store.suite_runs.take(run.id)
        await store.encryption.turn_on(await store.encryption.prepare())
        await store.suite_runs.keep(run.id, cell(0, 1, FAILED))
        assert (await store.suite_runs.progress(run.id)).state is RunState.RUNNING
        await store.suite_runs.release(run.id, RunState.STOPPED)
        assert traces(folder) == set()
    async with await Store.open(folder, vault=vault) as store:
        assert await store.suite_runs.records(run.id) == [cell(0, 0), cell(0, 1, FAILED)]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE run_cells SET head = '{' WHERE case_number = 0",
        "UPDATE run_cells SET case_number = 99 WHERE case_number = 0",
        "UPDATE run_cells SET case_number = -1 WHERE case_number = 0",
        "UPDATE run_cells SET contender = 1 << 60 WHERE case_number = 0",
    ],
)
async def test_a_damaged_cell_keeps_no_other_from_being_read(folder: Path, damage: str) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell(0, 0), cell(1, 1))
    sql = connect(folder / FILE)
    sql.run(damage)
    sql.close()
    async with await Store.open(folder) as store:
        assert await store.suite_runs.heads(run.id) == [cell(1, 1).head]
        assert {each.key for each in await store.suite_runs.records(run.id)} - {CellKey(0, 0, 0)} == {CellKey(1, 1, 0)}
        assert await store.suite_runs.cases(run.id, CellFilter.UNREVIEWED) in ([1], [0, 1])


async def test_a_cell_whose_text_is_damaged_says_what_its_head_does(folder: Path) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell(0, 0))
    sql = connect(folder / FILE)
    sql.run("UPDATE cell_answers SET state = 'nonsense'")
    sql.close()
    async with await Store.open(folder) as store:
        found = await store.suite_runs.cell(run.id, CellKey(0, 0, 0))
        assert (found.status, found.score, found.text) == (PASSED, 1.0, "")


@pytest.mark.parametrize("facts", ["{", '{"cases":1000000000000,"contenders":["a"],"repeats":1}', '{"cases":-1}'])
async def test_a_run_that_is_damaged_is_listed_without_cells_and_can_be_deleted(folder: Path, facts: str) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell())
    sql = connect(folder / FILE)
    sql.run("UPDATE suite_runs SET facts = ?, spent = 1e999", (facts,))
    sql.close()
    async with await Store.open(folder) as store:
        (found,) = await store.suite_runs.list()
        assert (found.cases, found.spent) == (0, 0.0)
        with pytest.raises(StoreError, match="damaged"):
            await store.suite_runs.get(run.id)
        assert await store.suite_runs.heads(run.id) == await store.suite_runs.cases(run.id) == []
        await store.suite_runs.delete(run.id)


async def test_a_store_of_a_version_before_runs_is_read_as_it_is(folder: Path) -> None:
    made.database(folder, WITH_RUNS - 1, made.said("so"))
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert (await store.suite_runs.list(), await store.spent(made.START - timedelta(days=1))) == ([], 0.0)
        with pytest.raises(RunUnknown):
            await store.suite_runs.get("0")
    async with await Store.open(folder) as store:
        await kept(store)
        assert len(await store.suite_runs.list()) == 1


async def test_what_is_read_only_shows_its_runs_as_nobody_works_on_them(folder: Path) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell())
        await store.suite_runs.take(run.id)
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert (await store.suite_runs.get(run.id)).state is RunState.STOPPED
        assert len(await store.suite_runs.heads(run.id)) == 1
        with pytest.raises(StoreError):
            await store.suite_runs.take(run.id)
        assert (await store.suite_runs.get(run.id)).state is RunState.STOPPED


@pytest.mark.parametrize("column", ["revision", "passed", "failed", "errors"])
async def test_a_count_that_nothing_can_follow_keeps_no_cell_from_being_kept(store: Store, column: str) -> None:
    run = await kept(store, cell())
    last = (1 << 63) - 1
    await store._database.write(lambda sql: sql.run(f"UPDATE suite_runs SET {column} = {last}"))
    for status in (CellStatus.PASSED, CellStatus.FAILED, CellStatus.ERROR):
        await store.suite_runs.keep(run.id, cell(1, 1, status), 0.5)
    await store.suite_runs.forget_errors(run.id)
    assert len(await store.suite_runs.records(run.id)) == 1
