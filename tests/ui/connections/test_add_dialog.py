"""The dialog that adds a connection: a real check against a loopback server, and nothing kept before it passed."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

import main
from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.domain import Auth
from desktop.services import Services
from tests.desktop.credentials.fakes import MemoryKeyring, none_found
from tests.servers.faults import FaultServer
from ui.connections.add_dialog import AddConnectionDialog
from ui.tasks import Tasks
from ui.theme import Themes

KEY = "test-key-0123456789"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncGenerator[Services]:
    made = main.assemble(argparse.Namespace(data_dir=tmp_path / "data"))
    yield made
    await made.aclose()


class Driver:
    """Fills the dialog in as a user does."""

    def __init__(self, services: Services, find: Callable[[], Backend]) -> None:
        services.gateway._keys = services.keys = Keys(service="test", environ={}, find=find)
        self.tasks = Tasks()
        self.dialog = AddConnectionDialog(services, self.tasks, Themes())
        self.added: list[str] = []
        self.dialog.added.connect(self.added.append)
        self.dialog.show()

    def field(self, name: str) -> QLineEdit:
        return next(each for each in self.dialog.findChildren(QLineEdit) if each.accessibleName() == name)

    def fill(self, url: str, key: str) -> None:
        self.button("Kind of connection: OpenAI-compatible").click()
        self.field("Address").setText(url)
        self.field("Key").setText(key)

    def button(self, name: str) -> QPushButton:
        return next(each for each in self.dialog.findChildren(QPushButton) if each.accessibleName() == name)

    async def go(self) -> None:
        """Press the last button and wait for what it began."""
        self.button("Check").click()
        assert await self.tasks.settle(20)

    @property
    def text(self) -> str:
        from PySide6.QtWidgets import QLabel

        return "\n".join(label.text() for label in self.dialog.findChildren(QLabel))


async def test_a_checked_connection_is_kept_with_its_key(qapp: QApplication, services: Services) -> None:
    keyring = MemoryKeyring()
    driver = Driver(services, lambda: keyring)
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url.removeprefix("http://") + "/chat/completions", KEY)
        await driver.go()
        assert driver.field("Address").text() == server.url
        assert "First token from" in driver.text
        assert driver.added == []
        assert services.settings.connections == ()
        await driver.go()
    (kept,) = services.settings.connections
    assert driver.added == [kept.name]
    assert (kept.url, kept.auth) == (server.url, Auth.KEY)
    assert [*keyring.items.values()] == [KEY]
    assert driver.field("Key").text() == ""
    assert not driver.dialog.isVisible()


async def test_a_refused_key_is_explained_and_nothing_is_kept(qapp: QApplication, services: Services) -> None:
    driver = Driver(services, MemoryKeyring)
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, "another-key-0123456789")
        await driver.go()
    assert "key" in driver.text
    assert driver.button("Check").text() == "Check"
    assert services.settings.connections == ()
    driver.dialog.close()


async def test_a_changed_field_asks_for_another_check(qapp: QApplication, services: Services) -> None:
    driver = Driver(services, MemoryKeyring)
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, KEY)
        await driver.go()
        assert driver.button("Check").text().startswith("Add")
        driver.field("Key").textEdited.emit("x")
        assert driver.button("Check").text() == "Check"
    driver.dialog.close()


async def test_without_a_keyring_it_is_said_before_the_dialog_goes(qapp: QApplication, services: Services) -> None:
    driver = Driver(services, none_found)
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, KEY)
        await driver.go()
        await driver.go()
    assert driver.dialog.isVisible()
    assert "this run only" in driver.text
    assert await services.keys.get(services.settings.connections[0]) == KEY
    driver.dialog.close()


async def test_an_unsafe_address_is_refused_in_words(qapp: QApplication, services: Services) -> None:
    driver = Driver(services, MemoryKeyring)
    driver.fill("http://example.com/v1", KEY)
    driver.button("Check").click()
    assert "https" in driver.text
    assert driver.tasks.names == ()
    driver.dialog.close()


async def test_a_second_connection_to_a_host_gets_a_number(qapp: QApplication, services: Services) -> None:
    async with FaultServer(key=KEY) as server:
        for _ in range(2):
            driver = Driver(services, MemoryKeyring)
            driver.fill(server.url, KEY)
            await driver.go()
            await driver.go()
    assert [each.name for each in services.settings.connections] == ["127.0.0.1", "127.0.0.1-2"]
