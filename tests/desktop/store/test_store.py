"""Verdicts of judges are kept with their runs, cost what they cost once, and survive what befalls a database."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop.domain.suite_cells import PairChoice, PairVerdict
from desktop.errors import RunUnknown, StoreError
from desktop.redaction.redactor import Mask
from desktop.store.migrations import WITH_JUDGE_VERDICTS
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.records import suite_run_rows
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.suite_run_values import cell, kept, suite_run

ONE, TWO = PairChoice.FIRST, PairChoice.SECOND


def verdict(case: int = 0, *choices: PairChoice | None, cost: float | None = 0.5) -> PairVerdict:
    first, second = choices or (ONE, TWO)
    return PairVerdict(
        judge="j", model="lab/wise", case=case, repeat=0, a=0, b=1, choices=(first, second),
        reasons=("It is right.", "So."), lengths=(3, 4), cost=cost,
    )  # fmt: skip


async def test_verdicts_come_back_in_the_order_of_cases_and_each_once(store: Store) -> None:
    run = await kept(store, cell())
    other = msgspec.structs.replace(verdict(), judge="k")
    for each in (verdict(1), verdict(0), other, verdict(1, TWO, ONE)):
        await store.judge_verdicts.keep(run.id, each)
    assert await store.judge_verdicts.list(run.id) == [verdict(0), other, verdict(1, TWO, ONE)]
    with pytest.raises(RunUnknown):
        await store.judge_verdicts.list("nobody")


async def test_what_they_cost_is_spent_by_the_run_and_in_all(store: Store) -> None:
    run = await kept(store, cell(), spent=0.25)
    before = (await store.suite_runs.progress(run.id)).revision
    await store.judge_verdicts.keep(run.id, verdict(0))
    await store.judge_verdicts.keep(run.id, verdict(1, cost=None))
    found = await store.suite_runs.progress(run.id)
    assert found.spent == 0.75
    assert found.revision > before
    assert await store.spent(made.START) == 0.75


async def test_those_that_came_to_nothing_can_be_asked_for_again(store: Store) -> None:
    run = await kept(store, cell())
    await store.judge_verdicts.keep(run.id, verdict(0))
    await store.judge_verdicts.keep(run.id, verdict(1, ONE, None))
    assert await store.judge_verdicts.forget_problems(run.id) == 1
    assert await store.judge_verdicts.list(run.id) == [verdict(0)]
    assert (await store.suite_runs.get(run.id)).spent == 1.25


async def test_they_go_with_their_run(store: Store) -> None:
    run = await kept(store, cell())
    await store.judge_verdicts.keep(run.id, verdict())
    await store.suite_runs.delete(run.id)
    await kept(store, cell(), run=run)
    assert await store.judge_verdicts.list(run.id) == []


async def test_a_damaged_one_is_passed_over(folder: Path) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell())
        await store.judge_verdicts.keep(run.id, verdict(0))
        await store.judge_verdicts.keep(run.id, verdict(1))
    sql = connect(folder / FILE)
    sql.run("UPDATE judge_verdicts SET state = '{' WHERE case_number = 0")
    sql.close()
    async with await Store.open(folder) as store:
        assert await store.judge_verdicts.list(run.id) == [verdict(1)]


async def test_a_backup_that_is_added_brings_them_along(folder: Path, tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "other") as other:
        run = await kept(other, cell())
        await other.judge_verdicts.keep(run.id, verdict())
        await other.backup(tmp_path / "b.db")
    async with await Store.open(folder) as store:
        await store.safety.add_missing(tmp_path / "b.db")
        assert await store.judge_verdicts.list(run.id) == [verdict()]
        assert await store.spent(made.START) == 0


async def test_what_can_be_read_of_a_damaged_database_is_taken_over(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("so"))
        run = await kept(store, cell())
        await store.judge_verdicts.keep(run.id, verdict())
        root = await store._database.read(
            lambda sql: sql.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'")
        )
    assert root is not None
    with (folder / FILE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 7)
        file.write(b"\x01")
    (folder / "runs" / "dead.lock").touch(0o600)
    async with await Store.open(folder) as store:
        assert store.aside is not None
        assert await store.judge_verdicts.list(run.id) == [verdict()]


async def test_keys_that_a_judge_gave_back_are_not_kept(folder: Path) -> None:
    mask = Mask()
    mask.add("sk-Zanzibar-0123456789")
    async with await Store.open(folder, mask=mask) as store:
        run = await kept(store, cell())
        said = msgspec.structs.replace(verdict(), reasons=("sk-Zanzibar-0123456789", "so"))
        await store.judge_verdicts.keep(run.id, said)
        (found,) = await store.judge_verdicts.list(run.id)
        assert "0123456789" not in found.reasons[0]


async def test_a_database_of_an_older_version_that_cannot_be_written_has_none(folder: Path) -> None:
    made.database(folder, WITH_JUDGE_VERDICTS - 1, made.said("so"))
    sql = connect(folder / FILE)
    suite_run_rows.create(sql, suite_run())
    sql.close()
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert await store.judge_verdicts.list(suite_run().id) == []
        assert await store.spent(made.START) == 0
