"""The pages that are not made of options: models on offer, and keys."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Connection, Kind
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, SilentKeyring, none_found
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui import finding
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.keys_page import KeysPage
from ui.settings.model_control import ModelControl, model_problem

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
    assert "Keyring in use: memory." in text
    assert "In memory, only for https://kept.example" in text
    assert "In the environment variable THE_KEY" in text
    assert KEY not in text
    assert finding.unreachable(page) == []


async def test_without_a_keyring_keys_are_for_this_run_only(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    with_keyring(services, None)
    await services.keys.keep(KEPT, KEY)
    page = await keys_page(services, tasks, qtbot)
    assert "Until Paragone quits" in finding.said(page)
    assert page.keyring_name == ""


async def test_a_key_is_removed_and_said(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    keyring = MemoryKeyring()
    with_keyring(services, keyring)
    await services.keys.keep(KEPT, KEY)
    page = await keys_page(services, tasks, qtbot)
    changed: list[bool] = []
    page.changed.connect(lambda: changed.append(True))
    finding.button(page, "Remove the key for kept").click()
    assert await tasks.settle(10)
    assert (keyring.items, changed) == ({}, [True])
    assert "was removed" in page.said.text()


async def test_a_key_that_cannot_be_removed_is_said(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    with_keyring(services, LockedKeyring())
    page = await keys_page(services, tasks, qtbot)
    finding.button(page, "Remove the key for kept").click()
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
    assert "kept is not responding" in models.offered


async def test_a_model_of_no_connection_is_wrong(services: Services) -> None:
    assert model_problem(services, "lab/anything") == ""
    assert "no connection" in model_problem(services, "nowhere/grok")
    assert "connection/model" in model_problem(services, "grok")
