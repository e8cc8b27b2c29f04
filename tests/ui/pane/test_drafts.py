"""Drafts where no text may lie plain on the disk."""

from __future__ import annotations

from pathlib import Path

from desktop.paths import Paths
from ui.pane.drafts import Drafts
from ui.tasks import Tasks


async def test_kept_in_memory_nothing_is_written_and_what_was_is_gone(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    drafts = Drafts(path, tasks)
    drafts.set("one", "Zanzibar")
    drafts.flush()
    assert b"Zanzibar" in path.read_bytes()
    drafts.keep_in_memory()
    drafts.set("two", "Quokka")
    drafts.flush()
    assert not path.exists()
    assert [drafts.get(key) for key in ("one", "two")] == ["Zanzibar", "Quokka"]


async def test_moved_data_have_the_drafts_that_are_typed_from_then_on(tasks: Tasks, tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "moved", {})
    paths.make()
    drafts = Drafts(tmp_path / "drafts.json", tasks)
    drafts.set("one", "Zanzibar")
    await drafts.follow(paths)
    drafts.set("two", "Quokka")
    drafts.flush()
    again = Drafts(paths.drafts_file, tasks)
    assert [again.get(key) for key in ("one", "two")] == ["Zanzibar", "Quokka"]
    drafts.keep_in_memory()
    assert not paths.drafts_file.exists()


async def test_what_is_being_written_then_does_not_stay(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    drafts = Drafts(path, tasks)
    drafts.set("one", "Zanzibar")
    drafts._save()
    drafts.keep_in_memory()
    assert await tasks.settle(10)
    assert not path.exists()
