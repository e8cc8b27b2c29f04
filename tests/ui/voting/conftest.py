"""A window in which a blind round of some models of one connection has begun."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.voting.vote_bar import VoteBar

NAMES = ("zebra-one", "yak-two", "wombat-three")

Begin = Callable[[int], Awaitable[None]]


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window over an empty store."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        yield made


@pytest.fixture
def begin(driver: Driver) -> Begin:
    """Show a comparison of so many models, and begin a blind round of them by its keys."""

    async def begun(count: int) -> None:
        states = tuple(
            PaneState(conversation="", model=ModelRef(connection="lab", name=name)) for name in NAMES[:count]
        )
        driver.window.workspace.show_comparison(new_comparison(states), {})
        driver.press("Ctrl+Shift+B")
        await driver.until(lambda: driver.sees("Prompt for this round"))
        for bar in driver.window.findChildren(VoteBar):
            bar.early_ms = 0  # tests vote at once

    return begun
