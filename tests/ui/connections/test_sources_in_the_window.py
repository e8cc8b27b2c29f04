"""Pages that an answer cites, in the window: below the text as links, found and copied with it, once it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.services import Services
from tests.servers.faults import FaultServer
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window whose model cites."""
    async with FaultServer(deployments=("cited",)) as server:
        made = Connection(name="lab", kind=Kind.AZURE_INFERENCE, url=f"{server.origin}/openai/v1", auth=Auth.NONE)
        services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
        async with driven(services, tasks, themes) as window:
            window.push("Model")
            await window.until(lambda: any(row.startswith("cited, lab") for row in window.rows("Models")))
            window.find(QLineEdit, "Search models").setText("lab cited")
            window.press("Return")
            yield window


async def test_sources_stand_below_the_text_and_are_copied_with_it(driver: Driver) -> None:
    await driver.answered("When does water boil?")
    answer = driver.messages()[-1]
    assert "First page" in answer
    assert "Second [page]" in answer
    driver.transcript().setFocus()
    driver.press("Ctrl+Shift+C")
    copied = QGuiApplication.clipboard().text()
    assert copied.endswith("2. [Second \\[page\\]](<https://example.org/b>)")
    assert "**Sources**" in copied
