"""A workspace over scripted answers and a store of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.ui.pane.conftest import shared
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.workspace.workspace import Workspace


@pytest.fixture
async def workspace(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Workspace]:
    """A workspace with one empty pane."""
    made = Workspace(services, tasks, themes, shared(services, tasks))
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    yield made
    made.stop_all()
    await tasks.settle(2)
