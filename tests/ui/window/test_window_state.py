from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from desktop.services import Services
from desktop.system.private_files import write_private
from tests.desktop.store.made import said
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.window import window_state
from ui.window.instance import NAME_FILE, WindowLock, pipe_name
from ui.window.main_window import MainWindow
from ui.window.window_state import FILE, StateKeeper, WindowState, load, save


class SlowDisk:
    """Writes as the program does, each time after a third of a second, and knows which threads waited for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waited = list[threading.Thread]()
        monkeypatch.setattr(window_state, "write_private", self.write)

    def write(self, path: Path, data: str) -> None:
        self.waited.append(threading.current_thread())
        time.sleep(0.3)
        write_private(path, data)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    kept = WindowState(geometry="AAAA", sidebar_width=300, sidebar_shown=False, grouped_by="date")
    save(tmp_path, kept)
    assert load(tmp_path) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"a":' * 100_000,
        '{"grouped_by": 3}',
        '{"sidebar_width": "wide"}',
        "\xff",
        '{"geometry": "\xff"}',
    ],
)
def test_what_cannot_be_read_is_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "latin-1")
    assert load(tmp_path) == WindowState()


def test_a_width_that_makes_no_sense_is_put_right(tmp_path: Path) -> None:
    save(tmp_path, WindowState(sidebar_width=99_999))
    assert load(tmp_path).sidebar_width == 480


def test_a_folder_that_cannot_be_written_costs_only_the_place(tmp_path: Path) -> None:
    save(tmp_path / "not there", WindowState())


async def test_conversations_are_opened_while_the_disk_is_busy_and_the_last_one_is_known_soon_after(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await services.store()
    talks = [said(f"Question {number}") for number in range(12)]
    for talk in talks:
        await store.conversations.create(talk)
    window = MainWindow(services, tasks, themes)
    window.show()
    await window.settle_in()
    disk = SlowDisk(monkeypatch)
    for talk in talks:  # for longer than the window waits before it writes
        window.desk.open_conversation(talk.id)
        await until(lambda: window.pane.conversation_id == talk.id)  # noqa: B023 - waited for here
        await asyncio.sleep(0.1)
    assert disk.waited
    await until(lambda: load(services.paths.config).shown == talks[-1].id)  # nothing is flushed, as before a kill -9
    assert threading.main_thread() not in disk.waited
    window.close()
    window.deleteLater()
    await tasks.settle(2)


async def test_what_is_said_at_quit_is_not_undone_by_what_is_still_being_written(
    tmp_path: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    keeper = StateKeeper(tmp_path, tasks)
    for shown in ("a", "b", "c"):
        keeper.keep(WindowState(shown=shown))
    await until(lambda: bool(disk.waited))
    keeper.flush(WindowState(shown="last"))
    assert load(tmp_path).shown == "last"
    await tasks.settle(5)
    assert load(tmp_path).shown == "last"
    assert len(disk.waited) == 2


def test_without_a_loop_it_is_written_at_once(tmp_path: Path, tasks: Tasks) -> None:
    StateKeeper(tmp_path, tasks).keep(WindowState(shown="a"))
    assert load(tmp_path).shown == "a"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_in_the_place_of_what_the_window_remembers_is_not_waited_for(tmp_path: Path, tasks: Tasks) -> None:
    for name in (FILE, NAME_FILE, "drafts.json", "window.lock"):
        os.mkfifo(tmp_path / name)
    assert load(tmp_path) == WindowState()
    assert pipe_name(tmp_path, new=False) == ""
    assert Drafts(tmp_path / "drafts.json", tasks).get("") == Prompt()
    lock = WindowLock(tmp_path / "window.lock")
    lock.acquire()
    lock.release()
