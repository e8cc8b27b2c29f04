"""A workspace with the presets that ship and a file of the test's own for others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.presets.presets import Presets
from desktop.services import Services
from desktop.system.paths import resources
from tests.desktop.session.fakes import REF
from tests.ui.pane.conftest import shared
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.presets.presets_popover import PresetPopover
from ui.workspace.workspace import Workspace


@pytest.fixture
def presets(services: Services) -> Presets:
    """The presets of the services."""
    services.presets = Presets.load(resources() / "presets.toml", services.paths.presets_file)
    return services.presets


@pytest.fixture
async def workspace(
    presets: Presets, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> AsyncIterator[Workspace]:
    """A workspace with one empty chat."""
    made = Workspace(services, tasks, themes, shared(services, tasks))
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    made.start_new(REF)
    yield made
    made.stop_all()
    await tasks.settle(2)


@pytest.fixture
def popover(workspace: Workspace) -> PresetPopover:
    """The popover, open at the chat's composer."""
    workspace.activateWindow()
    workspace.line[0].composer.line.preset.click()
    return workspace.presetting.popover
