"""A pane over scripted answers and a store of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import Drafts
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources, looks_on_demand
from ui.transcript.frame_scheduler import FrameScheduler


def shared(services: Services, tasks: Tasks) -> PaneResources:
    """What panes share, over the test's own folder."""
    drafts = Drafts(services.paths.data / "drafts.json", tasks)
    return PaneResources(FrameScheduler(), drafts, looks_on_demand(services, tasks, drafts))


async def talk(services: Services, *pairs: tuple[str, str], model: ModelRef = REF) -> Conversation:
    """A conversation of the store, of prompts and their answers."""
    messages = [prompt(pairs[0][0])]
    messages.append(finished(answer(messages[0]), pairs[0][1]))
    for asked, answered in pairs[1:]:
        messages.append(prompt(asked, messages[-1]))
        messages.append(finished(answer(messages[-1]), answered))
    made = conversation(*messages, title=pairs[0][0], model=model)
    await (await services.store()).conversations.create(made)
    return made


def sent(provider: ScriptedProvider) -> list[str]:
    """The newest prompt of each request."""
    return [request.messages[-1].text for request in provider.requests]


def saves(driver: Driver) -> list[str]:
    """The ids of conversations that are written from now on, as they are."""
    told: list[str] = []
    driver.window.pane.conversation_saved.connect(told.append)
    return told


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


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with an empty conversation with the scripted model."""
    del qtbot
    async with driven(services, tasks, themes) as made:
        made.window.workspace.start_new(REF)
        yield made
