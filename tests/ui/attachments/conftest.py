"""A window with a chat in it, to whose prompt files are given."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.services import Services
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window with a short chat in it."""
    async with driven(services, tasks, themes, chat("Sky", 1)) as made:
        yield made
