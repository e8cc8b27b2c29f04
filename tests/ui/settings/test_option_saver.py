"""Changed options are kept one write after the other, and what is refused is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.schema import IDLE_TIMEOUT, LOG_LEVEL, THEME
from tests.desktop.session.fakes import LOOPBACK
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.settings.option_saver import OptionSaver


@pytest.fixture
def saving(services: Services, tasks: Tasks) -> OptionSaver:
    services.settings_file.update(lambda settings: settings.with_connection(LOOPBACK))
    return OptionSaver(services, tasks)


async def test_a_change_is_in_the_file_and_in_force(saving: OptionSaver, services: Services, tasks: Tasks) -> None:
    saved: list[str] = []
    saving.saved.connect(saved.append)
    saving.put(THEME, "dark")
    assert await tasks.settle(10)
    assert saved == ["appearance.theme"]
    assert services.settings.get(THEME) == "dark"
    assert services.settings_file.load().settings.get(THEME) == "dark"
    assert services.settings.connections == (LOOPBACK,)


async def test_of_many_changes_of_one_option_the_last_one_stays(
    saving: OptionSaver, services: Services, tasks: Tasks
) -> None:
    for seconds in range(1, 20):
        saving.put(IDLE_TIMEOUT, float(seconds))
    saving.put(LOG_LEVEL, "DEBUG")
    assert await tasks.settle(10)
    kept = services.settings_file.load().settings
    assert (kept.get(IDLE_TIMEOUT), kept.get(LOG_LEVEL)) == (19.0, "DEBUG")


async def test_a_file_that_cannot_be_written_is_said_and_the_next_change_is_tried(
    saving: OptionSaver, services: Services, tasks: Tasks
) -> None:
    failed: list[str] = []

    def note(key: str, error: ParagoneError) -> None:
        failed.append(f"{key}: {error.message}")

    saving.failed.connect(note)
    file = services.settings_file
    there = file.path
    file.path = Path("/dev/null/settings.toml")
    saving.put(THEME, "dark")
    await until(lambda: failed)
    assert failed[0].startswith("appearance.theme: The settings file")
    assert services.settings.get(THEME) == THEME.default
    file.path = there
    saving.put(THEME, "light")
    assert await tasks.settle(10)
    assert services.settings.get(THEME) == "light"
