"""The page of connections: what it says of each, and that removing one asks first and loses no conversation."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.desktop.session.fakes import LOOPBACK
from tests.desktop.settings.test_policy import policy
from tests.desktop.store.made import said as conversation
from tests.servers.faults import FaultServer
from tests.ui import finding
from tests.ui.ink import RIGHT, inked, read_from
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.connections_page import ConnectionsPage, _without
from ui.connections.edit_dialog import EditConnectionDialog

KEY = "test-key-0123456789"
LAB = Connection(name="lab", kind=Kind.OPENAI_V1, url="http://127.0.0.1:9/v1", auth=Auth.KEY)


@pytest.fixture
async def page(services: Services, tasks: Tasks, themes: Themes) -> ConnectionsPage:
    services.use(services.settings_file.update(lambda settings: settings.with_connection(LAB)))
    await services.keys.keep(LAB, KEY)
    made = ConnectionsPage(services, tasks, themes)
    made.show()
    return made


async def press(page: ConnectionsPage, tasks: Tasks, name: str) -> None:
    finding.button(page, name).click()
    assert await tasks.settle(20)


async def test_each_connection_says_what_it_is(page: ConnectionsPage, services: Services) -> None:
    assert page.entries["lab"].about == "OpenAI-compatible · 127.0.0.1:9 · key"
    assert page.entries["embedded"].about.startswith("Embedded model · part of Paragone")
    assert not finding.button(page, "Remove embedded").isVisible()
    assert finding.unreachable(page) == []


async def test_a_test_shows_the_steps_and_the_models_are_known_from_then_on(
    page: ConnectionsPage, services: Services, tasks: Tasks
) -> None:
    async with FaultServer(key=KEY) as server:
        there = Connection(name="there", kind=Kind.OPENAI_V1, url=server.url)
        services.use(services.settings_file.update(lambda settings: settings.with_connection(there)))
        await services.keys.keep(there, KEY)
        page.refresh()
        await press(page, tasks, "Test there")
    assert "TTFT for" in finding.said(page.entries["there"])
    assert page.entries["there"].about.endswith("4 models")
    assert page.entries["there"].test.isEnabled()


async def test_a_test_that_fails_says_why(page: ConnectionsPage, tasks: Tasks) -> None:
    await press(page, tasks, "Test lab")
    assert "Not reachable" in finding.said(page.entries["lab"])


async def test_the_test_of_a_busy_model_counts_down_and_can_be_stopped(
    page: ConnectionsPage, services: Services, tasks: Tasks
) -> None:
    async with FaultServer(models={"data": [{"id": "429-long"}]}) as server:
        busy = Connection(name="busy", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
        services.use(services.settings_file.update(lambda settings: settings.with_connection(busy)))
        page.refresh()
        finding.button(page, "Test busy").click()
        await until(lambda: "Trying again in 4" in page.entries["busy"].check.said)
        finding.button(page, "Stop testing busy").click()
        assert await tasks.settle(5)
    assert page.entries["busy"].check.said == "Stopped."
    assert finding.button(page, "Test busy").isEnabled()


async def test_a_connection_that_goes_during_its_test_takes_the_test_with_it(
    page: ConnectionsPage, services: Services, tasks: Tasks
) -> None:
    finding.button(page, "Test lab").click()
    services.use(services.settings.without_connection("lab"))
    page.refresh()
    assert await tasks.settle(10)
    assert "lab" not in page.entries


async def test_removing_asks_first(page: ConnectionsPage, services: Services, tasks: Tasks) -> None:
    finding.button(page, "Remove lab").click()
    assert "Its conversations are kept" in finding.said(page)
    finding.button(page, "Keep lab").click()
    assert finding.button(page, "Remove lab").isVisible()
    assert services.settings.connections == (LAB,)


async def test_a_removed_connection_takes_its_key_along_and_leaves_its_conversations(
    page: ConnectionsPage, services: Services, tasks: Tasks, keyring: MemoryKeyring
) -> None:
    store = await services.store()
    await store.conversations.create(conversation("Hello", "Kept"))
    services.use(services.settings_file.update(lambda settings: settings.set(DEFAULT_MODEL, "lab/grok-3")))
    changes: list[bool] = []
    page.changed.connect(lambda: changes.append(True))
    finding.button(page, "Remove lab").click()
    await press(page, tasks, "Remove lab and its key")
    assert services.settings.connections == ()
    assert services.settings.get(DEFAULT_MODEL) == DEFAULT_MODEL.default
    assert keyring.items == {}
    assert [each.title for each in await store.conversations.list()] == ["Kept"]
    assert changes == [True]
    assert "lab" not in page.entries
    assert "Its conversations are kept" in page.said


async def test_a_key_that_cannot_be_removed_is_said(
    page: ConnectionsPage, tasks: Tasks, keyring: MemoryKeyring
) -> None:
    keyring.fail_after = 0
    finding.button(page, "Remove lab").click()
    await press(page, tasks, "Remove lab and its key")
    assert "may still be in the keyring" in page.said


async def test_adding_and_editing_open_their_dialogs(page: ConnectionsPage, tasks: Tasks) -> None:
    finding.button(page, "Add connection").click()
    finding.button(page, "Edit lab").click()
    dialogs = [*page.findChildren(AddConnectionDialog), *page.findChildren(EditConnectionDialog)]
    assert [dialog.windowTitle() for dialog in dialogs] == ["Add connection", "Edit lab"]
    for dialog in dialogs:
        dialog.close()
    assert await tasks.settle(10)


async def test_what_the_organisation_gives_cannot_be_removed_and_nothing_be_added(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    given = [{"name": "corp", "kind": "openai-v1", "url": "https://corp.example/v1"}]
    made_policy = policy(Connections=given, UserConnections=False, OwnModelFiles=False)
    services.use(Settings(services.settings.values, services.settings.connections, made_policy))
    page = ConnectionsPage(services, tasks, themes)
    qtbot.addWidget(page)
    page.show()
    assert [*page.entries] == ["embedded", "corp"]
    assert page.entries["corp"].remove.isHidden()
    assert not page.entries["corp"].edit.isHidden()
    assert not page.add.isEnabled()
    assert "organization does not allow other connections" in page.said


def test_a_default_model_that_is_locked_does_not_hold_a_connection_fast() -> None:
    settings = Settings(connections=(LOOPBACK,), policy=policy(DefaultModel="lab/x"))
    assert _without(settings, "lab").connections == ()


async def test_read_from_the_right_a_connections_name_stands_above_what_is_said_of_it(page: ConnectionsPage) -> None:
    with read_from(RIGHT):
        name = next(each for each in page.entries["lab"].findChildren(QLabel) if each.text() == "lab")
        assert inked(name.grab().toImage()).right() > name.width() - 5


async def test_a_connection_of_a_broken_address_is_shown_and_can_be_removed(
    page: ConnectionsPage, services: Services, tasks: Tasks
) -> None:
    with services.settings_file.path.open("a") as file:
        file.write('\n[connections.hand]\nkind = "openai-v1"\nurl = "https://[::1"\n')
    services.use(services.settings_file.load().settings)
    page.refresh()
    assert "https://[::1" in page.entries["hand"].about
    await press(page, tasks, "Test hand")
    assert "port is not a number" in finding.said(page.entries["hand"])
    finding.button(page, "Remove hand").click()
    await press(page, tasks, "Remove hand and its key")
    assert "hand" not in page.entries
    assert "hand was removed" in page.said
