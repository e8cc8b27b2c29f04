"""Backups that cannot be written anew: none keeps the conversations from being encrypted, or from being read."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.store.opening.store_opener import FILE
from desktop.store.sqlite import database_files
from desktop.store.sqlite.sql import Sql, apsw
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.conftest import Children
from tests.desktop.store.test_traces import traces
from tests.desktop.store.vaults import FileVault, MemoryVault

BACKUP = "conversations-20251224.db"
MOST_STEPS = 40


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    """A data folder with a secret in the database and in a sound backup."""
    folder = tmp_path / "source"
    async with await Store.open(folder, clock=made.Clock()) as store:
        await store.conversations.create(made.said("Zanzibar", title="old"))
        await store.backup_daily()
    return folder


def cut(path: Path) -> None:
    shutil.copy(path.parent.parent / FILE, path)
    os.truncate(path, path.stat().st_size // 2)


def header_alone(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(84))


def broken_schema(path: Path) -> None:
    shutil.copy(path.parent.parent / FILE, path)
    sql = Sql(apsw.Connection(str(path)))
    sql.run("CREATE TABLE other (x)")
    sql.pragma("writable_schema", "on")
    sql.run("UPDATE sqlite_schema SET sql = 'create table other (x,' WHERE name = 'other'")
    sql.close()


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("damage", [cut, header_alone, broken_schema])
async def test_a_damaged_plain_backup_is_overwritten_and_named_and_all_else_is_encrypted(
    source: Path, damage: Callable[[Path], None]
) -> None:
    damaged = source / "backups" / BACKUP
    damage(damaged)
    async with await Store.open(source, vault=MemoryVault()) as store:
        with damaged.open("rb") as opened:
            (said,) = await store.encryption.turn_on(await store.encryption.prepare())
            assert not opened.read().strip(b"\0")
        assert str(damaged) in said
        assert not damaged.exists()
        assert [each.conversations for each in await store.safety.backups()] == [1]
        assert traces(source) == set()
    assert not (source / "exchange").exists()


@pytest.mark.skipif(os.name != "posix", reason="there are none of these")
@pytest.mark.parametrize("other", [Path.mkdir, dangling, os.mkfifo])
async def test_what_is_no_file_is_left_alone_and_named(source: Path, other: Callable[[Path], None]) -> None:
    odd = source / "backups" / BACKUP
    other(odd)
    async with await Store.open(source, vault=MemoryVault()) as store:
        assert [each.conversations for each in await store.safety.backups()] == [1]
        (said,) = await store.encryption.turn_on(await store.encryption.prepare())
        assert str(odd) in said
        assert store.encryption.on
    assert os.path.lexists(odd)


async def test_a_damaged_encrypted_backup_stays_with_its_key(source: Path) -> None:
    vault, (backup,) = MemoryVault(), (source / "backups").iterdir()
    async with await Store.open(source, vault=vault) as store:
        assert await store.encryption.turn_on(await store.encryption.prepare()) == ()
        with backup.open("r+b") as file:
            file.seek(20_000)
            file.write(b"flipped")
        kept = backup.read_bytes()
        (said,) = await store.encryption.turn_off()
        assert not store.encryption.on
    assert str(backup) in said
    assert backup.read_bytes() == kept
    assert len(vault.items) == 1


async def test_a_damaged_backup_is_there_or_gone_with_the_plain_text_at_each_step(
    source: Path, tmp_path: Path, children: Children
) -> None:
    cut(source / "backups" / BACKUP)
    ended: list[bool] = []
    for step in range(1, MOST_STEPS):
        folder, vault = tmp_path / f"on-{step}", tmp_path / f"vault-{step}"
        shutil.copytree(source, folder)
        done = children.start("encrypt", folder, vault, str(step)).communicate()[0].endswith("done\n")
        async with await Store.open(folder, vault=FileVault(vault)) as store:
            assert (store.notices, len(await store.conversations.list())) == ((), 1)
            on = store.encryption.on
        assert (folder / "backups" / BACKUP).exists() is not on
        assert on is (traces(folder) == set())
        ended.append(on)
        if done:
            break
    assert ended == sorted(ended)
    assert len(ended) > 8
    assert ended[-1]


@pytest.mark.skipif(os.name != "posix", reason="files have no such rights there")
def test_what_was_made_read_only_is_overwritten_too(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    kept.write_text("Zanzibar")
    kept.chmod(0o400)
    with kept.open("rb") as opened:
        database_files.wipe(kept)
        assert opened.read() == bytes(8)
    assert not kept.exists()
