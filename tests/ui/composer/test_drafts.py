"""Drafts where no text may lie plain on the disk."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from pathlib import Path

import pytest

from desktop.domain.message_parts import ImagePart
from desktop.system.paths import Paths
from desktop.system.private_files import write_private
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.composer import drafts as drafts_file
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt


def written(folder: Path) -> set[Path]:
    """The files of drafts in a folder."""
    return set(folder.glob("drafts.json*"))


async def test_kept_in_memory_nothing_is_written_and_what_was_is_gone(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Zanzibar"))
    drafts.flush()
    assert b"Zanzibar" in path.read_bytes()
    drafts.keep_in_memory()
    drafts.set("two", Prompt("Quokka"))
    drafts.flush()
    assert not path.exists()
    assert [drafts.get(key) for key in ("one", "two")] == [Prompt("Zanzibar"), Prompt("Quokka")]


async def test_moved_data_have_the_drafts_that_are_typed_from_then_on(tasks: Tasks, tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "moved", {})
    paths.make()
    drafts = Drafts(tmp_path / "drafts.json", tasks)
    drafts.set("one", Prompt("Zanzibar"))
    await drafts.follow(paths)
    drafts.set("two", Prompt("Quokka"))
    drafts.flush()
    again = Drafts(paths.drafts_file, tasks)
    assert [again.get(key) for key in ("one", "two")] == [Prompt("Zanzibar"), Prompt("Quokka")]
    drafts.keep_in_memory()
    assert not paths.drafts_file.exists()


async def test_what_is_being_written_then_does_not_stay(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Zanzibar"))
    drafts._save()
    drafts.keep_in_memory()
    assert await tasks.settle(10)
    assert not path.exists()


async def test_what_is_typed_last_is_kept_at_quit_though_an_earlier_text_is_still_being_written(
    tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, began, written = tmp_path / "drafts.json", threading.Event(), list[str]()

    def slowly(path: Path, text: str) -> None:
        """As on a busy disk."""
        if not began.is_set():
            began.set()
            time.sleep(0.4)
        written.append(text)
        write_private(path, text)

    monkeypatch.setattr(drafts_file, "write_private", slowly)
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Zan"))
    drafts._save()
    await asyncio.to_thread(began.wait, 5)
    drafts.set("one", Prompt("Zanzi"))
    drafts._save()
    drafts.set("one", Prompt("Zanzibar"))
    drafts.flush()
    assert await tasks.cancel_all(5)
    await asyncio.sleep(0.6)
    assert "Zanzibar" in path.read_text() == written[-1]


async def test_what_was_to_be_written_when_the_program_ends_is_written(tasks: Tasks, tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts.json", tasks)
    drafts.set("one", Prompt("Zanzibar"))
    drafts._save()
    drafts.flush()
    assert await tasks.cancel_all(5)
    assert Drafts(tmp_path / "drafts.json", tasks).get("one") == Prompt("Zanzibar")


async def test_files_of_a_draft_are_there_after_a_restart_and_texts_of_earlier_versions(
    tasks: Tasks, tmp_path: Path
) -> None:
    path = tmp_path / "drafts.json"
    with_files = Prompt("Look", (ImagePart(sha256="0" * 64, media_type="image/png", name="a.png", size=5),))
    drafts = Drafts(path, tasks)
    drafts.set("one", with_files)
    drafts.set("two", Prompt("Quokka"))
    drafts.flush()
    assert '"two":"Quokka"' in path.read_text()
    again = Drafts(path, tasks)
    assert (again.get("one"), again.get("two")) == (with_files, Prompt("Quokka"))


async def test_damaged_drafts_are_set_aside_and_wiped_with_the_others(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    path.write_bytes(b'{"one": "Zanzi\xffbar"}')
    drafts = Drafts(path, tasks)
    drafts.set("two", Prompt("Quokka"))
    drafts.flush()
    (aside,) = written(tmp_path) - {path}
    assert b"Zanzi" in aside.read_bytes()
    assert b"Quokka" in path.read_bytes()
    drafts.keep_in_memory()
    assert written(tmp_path) == set()


async def test_drafts_beyond_all_measure_are_set_aside_unread(tasks: Tasks, tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    path.touch()
    os.truncate(path, 1 << 40)
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Quokka"))
    drafts.flush()
    assert written(tmp_path) > {path}


async def test_drafts_that_a_disk_did_not_read_once_are_not_written_over(
    tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drafts.json"
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Zanzibar"))
    drafts.flush()

    def failing(_: Path, _most: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(drafts_file, "read_plain", failing)
        drafts = Drafts(path, tasks)
    drafts.set("two", Prompt("Quokka"))
    drafts.flush()
    assert Drafts(path, tasks).get("one") == Prompt("Zanzibar")


async def test_what_a_full_disk_refused_is_written_once_there_is_room_or_at_quit(
    tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, full = tmp_path / "drafts.json", [True]

    def write(path: Path, text: str) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_private(path, text)

    monkeypatch.setattr(drafts_file, "write_private", write)
    monkeypatch.setattr(drafts_file, "DELAY_MS", 10)
    monkeypatch.setattr(drafts_file, "AGAIN_MS", 10)
    drafts = Drafts(path, tasks)
    drafts.set("one", Prompt("Zanzibar"))
    await asyncio.sleep(0.05)
    full.clear()
    await until(path.exists)
    full.append(True)
    drafts.set("one", Prompt("Quokka"))
    drafts._save()
    assert await tasks.settle(10)
    full.clear()
    drafts.flush()
    assert "Quokka" in path.read_text()
