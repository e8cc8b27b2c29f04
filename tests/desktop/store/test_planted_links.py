"""What somebody planted in a folder that was open to others makes Paragone touch nothing outside, and is not used."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.errors import UsageError
from desktop.store.opening import exchange
from desktop.store.sqlite import backups, database_files
from desktop.store.store import Store
from desktop.system import log
from tests.desktop.store import made
from tests.desktop.store.vaults import MemoryVault


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """A file of the user's that is no business of Paragone's."""
    path = tmp_path / "diary.txt"
    path.write_text("my own words")
    return path


@pytest.mark.parametrize("whole", [False, True], ids=["a file", "the folder"])
async def test_a_planted_exchange_overwrites_no_file_elsewhere(folder: Path, diary: Path, *, whole: bool) -> None:
    async with await Store.open(folder):
        pass
    if whole:
        (folder / "exchange").symlink_to(diary.parent)
    else:
        (folder / "exchange").mkdir()
        (folder / "exchange" / "x").symlink_to(diary)
    async with await Store.open(folder):
        pass
    assert diary.read_text() == "my own words"
    assert not (folder / "exchange").exists()


def test_wiping_a_link_takes_the_link_alone(tmp_path: Path, diary: Path) -> None:
    link = tmp_path / "prompts.history"
    link.symlink_to(diary)
    database_files.wipe(link)
    assert diary.read_text() == "my own words"
    assert not link.is_symlink()


def test_a_planted_log_is_written_nowhere_else(tmp_path: Path, diary: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "paragone.log").symlink_to(diary)
    handler = log.set_up(tmp_path / "logs")
    try:
        log.logger("test").warning("something")
    finally:
        assert handler is not None
        log.close()
    assert diary.read_text() == "my own words"
    assert "something" in (tmp_path / "logs" / "paragone.log").read_text()


@pytest.mark.parametrize("mark", ["", "{folder}\n", "elsewhere\n"])
async def test_a_move_takes_no_folder_with_files_of_others_in_it(folder: Path, tmp_path: Path, mark: str) -> None:
    target = tmp_path / "docs"
    (target / "thesis").mkdir(parents=True)
    (target / "thesis" / "final.txt").write_text("final")
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("here"))
        (target / ".moving").write_text(mark.format(folder=folder.resolve()))
        with pytest.raises(UsageError, match="not an empty folder"):
            await store.safety.move(target, tmp_path / "pointer")
    assert (target / "thesis" / "final.txt").read_text() == "final"


@pytest.mark.skipif(os.name != "posix", reason="files have no such owners there")
async def test_an_exchange_that_another_user_planted_is_thrown_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("kept"))
        await store.backup(folder / "exchange" / "conversations.db")
        await store.conversations.create(made.said("since"))
    (folder / "exchange" / "ready").write_text("")

    def is_others(path: Path, _uid: int) -> bool:
        return path.name == "exchange"

    monkeypatch.setattr(exchange, "is_others", is_others)
    async with await Store.open(folder) as store:
        assert len(await store.conversations.list()) == 2
    assert not (folder / "exchange").exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
async def test_folders_that_another_user_made_are_not_used_and_what_is_ours_in_them_is_kept(folder: Path) -> None:
    vault = MemoryVault()
    async with await Store.open(folder, vault=vault) as store:
        await store.conversations.create(made.said("kept"))
        await store.backup_daily()
        await store.encryption.turn_on(await store.encryption.prepare())
    for name in ("backups", "keys", "runs"):
        (folder / name / "planted").write_text("theirs")
        os.chown(folder / name / "planted", 12_345, 12_345)
        os.chown(folder / name, 12_345, 12_345)
    async with await Store.open(folder, vault=vault) as store:
        assert ["belonged to another user" in notice for notice in store.notices] == [True] * 3
        assert [each.conversations for each in await store.safety.backups()] == [1]
        assert store.encryption.on
    for name in ("backups", "keys", "runs"):
        assert (folder / name).stat().st_uid == os.getuid()
        assert not (folder / name / "planted").exists()
        assert [each.read_text() for each in folder.glob(f"foreign-{name}-*/*")] == ["theirs"]
    async with await Store.open(folder, vault=vault) as store:
        assert store.notices == ()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
async def test_a_folder_that_was_being_taken_back_when_the_program_was_killed_is_there_again(folder: Path) -> None:
    async with await Store.open(folder) as store:
        await store.conversations.create(made.said("kept"))
        await store.backup_daily()
    (folder / "backups").rename(folder / ".backups.own")
    async with await Store.open(folder) as store:
        assert [each.conversations for each in await store.safety.backups()] == [1]


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root gives files away")
async def test_backups_that_another_user_put_there_are_not_offered(folder: Path) -> None:
    async with await Store.open(folder) as store:
        own = await store.backup_daily()
        assert own is not None
        theirs = own.with_name("conversations-20991127.foreign-1.db")
        theirs.write_bytes(own.read_bytes())
        os.chown(theirs, 65534, 65534)
        assert backups.newest(own.parent) == own
        assert [each.path for each in await store.safety.backups()] == [own]
        assert exchange.entries(own.parent) == [own]
