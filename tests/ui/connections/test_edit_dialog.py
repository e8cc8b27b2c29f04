"""Editing a connection: the key stays with the server it was given for, and nothing else is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from PySide6.QtTest import QTest

from desktop.credentials.accounts import account_of
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.services import Services
from desktop.system.private_files import private_lock
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.servers.faults import FaultServer
from tests.ui import finding
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.edit_dialog import EditConnectionDialog

KEY = "test-key-0123456789"
OLD = Connection(
    name="lab",
    kind=Kind.OPENAI_V1,
    url="https://old.example/v1",
    auth=Auth.KEY,
    models=("grok-3",),
    headers={"X-Team": "blue"},
)


@pytest.fixture
async def dialog(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[EditConnectionDialog]:
    services.use(services.settings_file.update(lambda settings: settings.with_connection(OLD)))
    await services.keys.keep(OLD, KEY)
    made = EditConnectionDialog(OLD, services, tasks, themes)
    made.show()
    assert await tasks.settle(10)
    yield made
    made.reject()


def move_to(dialog: EditConnectionDialog, url: str) -> None:
    dialog.endpoint.address.selectAll()
    QTest.keyClicks(dialog.endpoint.address, url)


async def press(dialog: EditConnectionDialog, name: str) -> None:
    finding.button(dialog, name).click()
    assert await dialog.tasks.settle(20)


async def test_what_is_there_is_shown_but_the_key(dialog: EditConnectionDialog) -> None:
    form = dialog.endpoint
    assert (form.address.text(), form.name.text(), form.models.text()) == (OLD.url, "lab", "grok-3")
    assert form.key.text() == ""
    assert "keep" in form.key.placeholderText()
    assert form.name.isReadOnly()
    assert finding.unreachable(dialog) == []


async def test_typed_models_are_saved_and_all_else_stays(
    dialog: EditConnectionDialog, services: Services, keyring: MemoryKeyring
) -> None:
    saved: list[str] = []
    dialog.saved.connect(saved.append)
    dialog.endpoint.models.setText("grok-3, gpt-4o")
    await press(dialog, "Save")
    (kept,) = services.settings.connections
    assert kept == msgspec.structs.replace(OLD, models=("grok-3", "gpt-4o"))
    assert (saved, [*keyring.items.values()]) == (["lab"], [KEY])
    assert not dialog.isVisible()


async def test_another_server_asks_for_its_key_and_says_why(
    dialog: EditConnectionDialog, services: Services, keyring: MemoryKeyring
) -> None:
    move_to(dialog, "https://new.example/v1")
    assert "was entered for https://old.example" in finding.said(dialog)
    await press(dialog, "Save")
    assert "Enter a key for this server" in dialog.endpoint.said
    assert services.settings.connections == (OLD,)
    dialog.endpoint.key.setText("another-key-0123456789")
    await press(dialog, "Save")
    (kept,) = services.settings.connections
    assert (kept.url, kept.headers) == ("https://new.example/v1", {"X-Team": "blue"})
    assert {account: key for (_, account), key in keyring.items.items()} == {account_of(kept): "another-key-0123456789"}
    assert dialog.endpoint.key.text() == ""


async def test_a_key_that_was_typed_for_one_server_does_not_go_to_the_next(
    dialog: EditConnectionDialog, services: Services, keyring: MemoryKeyring
) -> None:
    form = dialog.endpoint
    move_to(dialog, "https://new.example/v1")
    QTest.keyClicks(form.key, "key-of-the-new-one")
    move_to(dialog, "https://third.example/v1")
    await press(dialog, "Save")
    assert form.key.text() == ""
    assert "entered for https://new.example was removed" in finding.said(dialog)
    assert services.settings.connections == (OLD,)
    QTest.keyClicks(form.key, "key-of-the-third-one")
    assert "removed" not in finding.said(dialog)
    await press(dialog, "Save")
    assert [*keyring.items.values()] == ["key-of-the-third-one"]


async def test_another_path_of_the_same_server_keeps_the_key(
    dialog: EditConnectionDialog, services: Services, keyring: MemoryKeyring
) -> None:
    move_to(dialog, "https://old.example/other/v1")
    await press(dialog, "Save")
    assert services.settings.connections[0].url == "https://old.example/other/v1"
    assert [*keyring.items.values()] == [KEY]


async def test_a_check_uses_what_is_typed_and_saves_nothing(dialog: EditConnectionDialog, services: Services) -> None:
    async with FaultServer(key="another-key-0123456789") as server:
        move_to(dialog, server.url)
        dialog.endpoint.key.setText("another-key-0123456789")
        await press(dialog, "Check")
    assert dialog.check.models
    assert "TTFT for grok-3" in finding.said(dialog)
    assert services.settings.connections == (OLD,)


async def test_an_address_that_will_not_do_is_said_and_not_saved(
    dialog: EditConnectionDialog, services: Services
) -> None:
    move_to(dialog, "http://example.com/v1")
    await press(dialog, "Save")
    assert "https" in dialog.endpoint.said
    assert services.settings.connections == (OLD,)


async def test_the_key_of_a_variable_does_not_go_to_another_server(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    named = msgspec.structs.replace(OLD, key_env="OLD_KEY")
    services.use(services.settings_file.update(lambda settings: settings.with_connection(named)))
    dialog = EditConnectionDialog(named, services, tasks, themes)
    dialog.show()
    assert await tasks.settle(10)
    assert not dialog.endpoint.key.isEnabled()
    move_to(dialog, "https://new.example/v1")
    assert dialog.endpoint.key.isEnabled()
    assert "old.example" in finding.said(dialog)
    await press(dialog, "Save")
    assert services.settings.connection("lab") == named
    QTest.keyClicks(dialog.endpoint.key, KEY)
    await press(dialog, "Save")
    kept = services.settings.connection("lab")
    assert (kept.url, kept.key_env) == ("https://new.example/v1", "")
    assert await services.keys.get(kept) == KEY
    dialog.reject()


async def test_a_key_goes_when_its_connection_signs_in_otherwise_and_is_removed(
    services: Services, tasks: Tasks, themes: Themes, keyring: MemoryKeyring
) -> None:
    keyed = msgspec.structs.replace(OLD, kind=Kind.AZURE_INFERENCE, url="https://c.openai.azure.com/openai/v1")
    services.use(services.settings_file.update(lambda settings: settings.with_connection(keyed)))
    await services.keys.keep(keyed, KEY)
    dialog = EditConnectionDialog(keyed, services, tasks, themes)
    dialog.show()
    assert await tasks.settle(10)
    dialog.endpoint.signing.ways.choose(1)
    await press(dialog, "Save")
    changed = services.settings.connection("lab")
    assert changed.auth is Auth.ENTRA
    assert [*keyring.items.values()] == []
    dialog.reject()


async def test_a_key_that_is_typed_while_saving_waits_is_not_kept_for_the_server_that_was_saved(
    dialog: EditConnectionDialog, services: Services, keyring: MemoryKeyring
) -> None:
    dialog.endpoint.key.setText("key-of-the-old-server")
    with private_lock(services.settings_file.path.with_suffix(".lock"), timeout_s=5):
        finding.button(dialog, "Save").click()
        await asyncio.sleep(0.05)
        move_to(dialog, "https://new.example/v1")
        dialog.endpoint.key.setText("key-of-the-new-server")
        await asyncio.sleep(0.05)
    assert await dialog.tasks.settle(20)
    assert services.settings.connections == (OLD,)
    assert [*keyring.items.values()] == ["key-of-the-old-server"]
