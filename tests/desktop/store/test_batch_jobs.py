"""Jobs of a Batch API are kept with their runs step by step, and survive what befalls a database."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop.domain.conversation_types import Wire
from desktop.domain.suite_cells import CellKey
from desktop.errors import RunUnknown, StoreError
from desktop.redaction.redactor import Mask
from desktop.store.migrations import WITH_BATCH_JOBS
from desktop.store.opening.store_opener import FILE, Options
from desktop.store.records import suite_run_rows
from desktop.store.records.batch_job_rows import BatchJob, BatchStep
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.store import made
from tests.desktop.store.suite_run_values import cell, kept, suite_run

CELLS = [CellKey(0, 0, 0), CellKey(1, 0, 0)]


def job(number: int = 0) -> BatchJob:
    return BatchJob(
        number=number, name=f"f{number}", connection="lab", model="a", wire=Wire.CHAT, endpoint="/chat/completions"
    )


async def test_jobs_come_back_in_their_order_with_their_steps_and_cells(store: Store) -> None:
    run = await kept(store, cell())
    jobs = store.batch_jobs
    assert await jobs.next_number(run.id) == 0
    await jobs.plan(run.id, [(job(0), CELLS), (job(1), CELLS[:1])])
    begun = msgspec.structs.replace(job(1), step=BatchStep.BEGUN, batch_id="batch_1")
    await jobs.keep(run.id, begun)
    assert await jobs.list(run.id) == [job(0), begun]
    assert await jobs.cells(run.id, 0) == CELLS
    assert await jobs.next_number(run.id) == 2
    with pytest.raises(RunUnknown):
        await jobs.list("nobody")


async def test_they_go_with_their_run(store: Store) -> None:
    run = await kept(store, cell())
    await store.batch_jobs.plan(run.id, [(job(), CELLS)])
    await store.suite_runs.delete(run.id)
    await kept(store, cell(), run=run)
    assert await store.batch_jobs.list(run.id) == []


async def test_a_damaged_one_is_passed_over(folder: Path) -> None:
    async with await Store.open(folder) as store:
        run = await kept(store, cell())
        await store.batch_jobs.plan(run.id, [(job(0), CELLS), (job(1), CELLS)])
    sql = connect(folder / FILE)
    sql.run("UPDATE batch_jobs SET state = '{' WHERE number = 0")
    sql.run("UPDATE batch_jobs SET cells = '{' WHERE number = 1")
    sql.close()
    async with await Store.open(folder) as store:
        assert await store.batch_jobs.list(run.id) == [job(1)]
        assert await store.batch_jobs.cells(run.id, 1) == []


async def test_a_backup_that_is_added_brings_them_along(folder: Path, tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "other") as other:
        run = await kept(other, cell())
        await other.batch_jobs.plan(run.id, [(job(), CELLS)])
        await other.backup(tmp_path / "b.db")
    async with await Store.open(folder) as store:
        await store.safety.add_missing(tmp_path / "b.db")
        assert await store.batch_jobs.list(run.id) == [job()]
        assert await store.batch_jobs.cells(run.id, 0) == CELLS


async def test_that_a_run_is_a_batch_is_kept(store: Store) -> None:
    run = msgspec.structs.replace(suite_run(), is_batch=True)
    await store.suite_runs.create(run)
    assert (await store.suite_runs.get(run.id)).is_batch


async def test_keys_that_a_server_gave_back_are_not_kept(folder: Path) -> None:
    mask = Mask()
    mask.add("sk-Zanzibar-0123456789")
    async with await Store.open(folder, mask=mask) as store:
        run = await kept(store, cell())
        await store.batch_jobs.plan(run.id, [(job(), CELLS)])
        said = "sk-Zanzibar-0123456789 is wrong"
        await store.batch_jobs.keep(run.id, msgspec.structs.replace(job(), problem=said, status=said.lower()))
        (found,) = await store.batch_jobs.list(run.id)
        assert "0123456789" not in found.problem + found.status


async def test_a_database_of_an_older_version_that_cannot_be_written_has_none(folder: Path) -> None:
    made.database(folder, WITH_BATCH_JOBS - 1, made.said("so"))
    sql = connect(folder / FILE)
    suite_run_rows.create(sql, suite_run())
    sql.close()
    async with await Store.open(folder, options=Options(hinders=StoreError(english("not now")))) as store:
        assert await store.batch_jobs.list(suite_run().id) == []
