"""Links in Paragone's folders lead to no file outside that is changed."""

# ruff: noqa: ASYNC240 - these tests look at files, and nothing else runs in their loop

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import UsageError
from desktop.store.sqlite import database_files
from desktop.store.store import Store
from desktop.system import log
from tests.desktop.store import made


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
