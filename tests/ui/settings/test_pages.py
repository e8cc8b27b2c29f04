"""The pages that are not made of options: models on offer, keys, and where everything lies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.credentials.keys import Keys
from desktop.domain import Connection, Kind
from desktop.providers.base import ModelInfo
from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, SilentKeyring, none_found
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui import finding
from ui.settings.keys import KeysPage
from ui.settings.models import ModelControl, model_problem
from ui.settings.storage import StoragePage, measure, size_text
from ui.tasks import Tasks
from ui.theme import Themes

KEY = "test-key-0123456789"
KEPT = Connection(name="kept", kind=Kind.OPENAI_V1, url="https://kept.example/v1")
NAMED = Connection(name="named", kind=Kind.OPENAI_V1, url="https://named.example/v1", key_env="THE_KEY")


def with_keyring(services: Services, keyring: MemoryKeyring | None) -> None:
    services.keys = Keys(
        service="test", environ={}, timeout_s=0.2, find=none_found if keyring is None else lambda: keyring
    )
    for connection in (KEPT, NAMED):
        services.use(services.settings_file.update(lambda settings, each=connection: settings.with_connection(each)))


async def keys_page(services: Services, tasks: Tasks, qtbot: QtBot) -> KeysPage:
    page = KeysPage(services, tasks)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    assert await tasks.settle(10)
    return page


async def test_the_keyring_and_the_place_of_each_key_are_named(
    services: Services, tasks: Tasks, qtbot: QtBot, themes: Themes
) -> None:
    with_keyring(services, MemoryKeyring())
    await services.keys.keep(KEPT, KEY)
    page = await keys_page(services, tasks, qtbot)
    text = finding.said(page)
    assert "In use: memory." in text
    assert "In memory, for https://kept.example alone" in text
    assert "In the variable THE_KEY" in text
    assert KEY not in text
    assert finding.unreachable(page) == []


async def test_without_a_keyring_keys_are_for_this_run_only(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    with_keyring(services, None)
    await services.keys.keep(KEPT, KEY)
    page = await keys_page(services, tasks, qtbot)
    assert "For this run only" in finding.said(page)
    assert page.keyring_name == ""


async def test_a_key_is_removed_and_said(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    keyring = MemoryKeyring()
    with_keyring(services, keyring)
    await services.keys.keep(KEPT, KEY)
    page = await keys_page(services, tasks, qtbot)
    changed: list[bool] = []
    page.changed.connect(lambda: changed.append(True))
    finding.button(page, "Remove the key of kept").click()
    assert await tasks.settle(10)
    assert (keyring.items, changed) == ({}, [True])
    assert "is removed" in page.said.text()


async def test_a_key_that_cannot_be_removed_is_said(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    with_keyring(services, LockedKeyring())
    page = await keys_page(services, tasks, qtbot)
    finding.button(page, "Remove the key of kept").click()
    assert await tasks.settle(10)
    assert "is locked" in page.said.text()


async def test_looking_asks_a_locked_or_silent_keyring_for_nothing(
    services: Services, tasks: Tasks, qtbot: QtBot
) -> None:
    for keyring in (LockedKeyring(), SilentKeyring()):
        with_keyring(services, keyring)
        page = await keys_page(services, tasks, qtbot)
        assert page.keyring_name == "memory"


@pytest.fixture
async def models(services: Services, tasks: Tasks, provider: ScriptedProvider, qtbot: QtBot) -> ModelControl:
    provider.infos = (ModelInfo(name="grok-3"), ModelInfo(name="base", suggested=True))
    made = ModelControl(DEFAULT_MODEL, services, tasks)
    qtbot.addWidget(made)
    made.show_value("embedded/smollm2")
    made.show()
    assert await tasks.settle(10)
    return made


async def test_what_the_connections_serve_is_on_offer(models: ModelControl) -> None:
    assert "lab/grok-3" in models.offered
    assert "lab/base" not in models.offered
    assert len(models.offered) == len({*models.offered})


async def test_a_connection_that_cannot_be_asked_is_said_in_the_list(services: Services, models: ModelControl) -> None:
    with_keyring(services, None)
    models.hide()
    models.show()
    assert await models._tasks.settle(10)
    assert "kept does not answer" in models.offered


async def test_a_model_of_no_connection_is_wrong(services: Services) -> None:
    assert model_problem(services, "lab/anything") == ""
    assert "no connection" in model_problem(services, "nowhere/grok")
    assert "connection/model" in model_problem(services, "grok")


async def test_folders_are_measured_and_opened(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    paths = services.paths
    backups = paths.data / "backups"
    backups.mkdir()
    (backups / "conversations-20261124.db").write_bytes(bytes(5_000_000))
    opened: list[Path] = []
    page = StoragePage(paths, tasks, opener=opened.append)
    qtbot.addWidget(page)
    page.refresh()
    assert await tasks.settle(10)
    text = finding.said(page)
    assert str(paths.logs) in text
    assert "5 MB" in text
    assert page.backups.text() == "1 backup, last now"
    assert "free on this disk" in page.free.text()
    for button in page.findChildren(QPushButton):
        button.click()
    assert opened == [paths.data, paths.config, paths.cache, paths.logs, backups]


async def test_a_folder_that_is_not_there_opens_the_one_above(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    opened: list[Path] = []
    page = StoragePage(services.paths, tasks, opener=opened.append)
    qtbot.addWidget(page)
    finding.button(page, "Open the folder of backups").click()
    assert opened == [services.paths.data]
    page.refresh()
    assert await tasks.settle(10)
    assert page.backups.text() == "none yet"


def test_a_look_at_nothing_finds_nothing(tmp_path: Path) -> None:
    found = measure((tmp_path / "a",), tmp_path / "nowhere")
    assert (found.used, found.free, found.backups, found.newest) == ({tmp_path / "a": 0}, None, 0, None)


def test_sizes_are_spoken_of_in_few_digits() -> None:
    assert [size_text(size) for size in (0, 10, 4_200_000, 1_400_000_000)] == ["empty", "1 kB", "4 MB", "1.4 GB"]


def test_the_newest_backup_counts(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.db").touch()
    found = measure((), tmp_path)
    assert found.backups == 2
    assert found.newest is not None
    assert abs((datetime.now(UTC) - found.newest).total_seconds()) < 60
