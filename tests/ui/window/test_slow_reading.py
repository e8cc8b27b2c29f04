"""A file that takes long to be read, or holds up what reads it: it is said, and can be stopped."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.services import Services
from desktop.system.child_bounds import READY
from tests.ui.driver import Driver, driven
from tests.ui.waiting import until
from tests.ui.window.test_given_files import drop, tiles, written
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes

_HELD_UP = f"import sys, time; sys.stdout.buffer.write({READY!r}); sys.stdout.buffer.flush(); time.sleep(60)"


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window whose files are read by what never ends."""
    services.decode_command = (sys.executable, "-c", _HELD_UP)
    async with driven(services, tasks, themes, chat("Long", 1)) as made:
        yield made


async def test_a_file_that_holds_up_what_reads_it_is_stopped_by_a_press(driver: Driver, tmp_path: Path) -> None:
    drop(driver.editor.viewport(), written(tmp_path, "slow.pdf", b"%PDF-1.7 held up"))
    await until(lambda: "Reading slow.pdf…" in driver.notices)
    async with asyncio.timeout(5):
        driver.push("Stop reading")
        await until(lambda: driver.notices == [])
    assert tiles(driver) == []
    driver.write("sent without it")

    def is_sent() -> bool:
        """What is typed waits for no file any more once the reading has ended."""
        driver.press("Return")
        return not driver.editor.toPlainText()

    await until(is_sent)
