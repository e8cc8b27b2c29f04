"""A pane over scripted answers and a store of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.desktop.session.fakes import REF
from ui.pane.drafts import Drafts
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transcript.frame_scheduler import FrameScheduler


def shared(services: Services, tasks: Tasks) -> PaneResources:
    """What panes share, over the test's own folder."""
    return PaneResources(FrameScheduler(), Drafts(services.paths.data / "drafts.json", tasks))


@pytest.fixture
async def pane(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Pane]:
    """A pane with an empty conversation with the scripted model."""
    made = Pane(services, tasks, themes, shared(services, tasks))
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    made.start_new(REF)
    yield made
    made.stop()
    await tasks.settle(2)
