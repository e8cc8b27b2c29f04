"""A pane over scripted answers and a store of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.desktop.session.fakes import REF
from ui.pane.pane import Pane
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transcript.scheduler import Scheduler


@pytest.fixture
async def pane(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Pane]:
    """A pane with an empty conversation with the scripted model."""
    made = Pane(services, tasks, themes, Scheduler())
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    made.start_new(REF)
    yield made
    made.stop()
    await tasks.settle(2)
