"""Response schemas in the window: set for all panes, shown by a chip, sent, and panels opened by their commands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QMenu

from desktop.domain.message_parts import ToolCallPart
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.shots.structured import clocks, invoices
from tests.ui.driver import Driver, driven
from ui.base.commands import Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.fields_panel import FieldsPanel
from ui.compare.tool_calls_panel import ToolCallsPanel
from ui.workspace.schema_dialog import SchemaDialog

SCHEMA = '{"type": "object", "properties": {"a": {"type": "integer"}}}'


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        yield made


async def test_a_schema_is_set_shown_sent_and_removed(driver: Driver, provider: ScriptedProvider) -> None:
    window = driver.window
    window._handlers()[Command.RESPONSE_SCHEMA]()  # pyright: ignore[reportPrivateUsage]
    (dialog,) = window.findChildren(SchemaDialog)
    dialog.text.setPlainText(SCHEMA)
    dialog.apply.click()
    await driver.until(lambda: window.pane.conversation.tools.schema)
    header = window.pane.header
    assert header.schema.isVisible()
    assert header.schema.text() == "Schema"
    window.activateWindow()
    await driver.until(window.isActiveWindow)
    window.workspace.focus_composer()
    await driver.answered("What is the capital of Australia?")
    output = provider.requests[-1].output
    assert output is not None
    assert output.schema == json.loads(SCHEMA)
    menu = header.menu()
    action = next(each for each in menu.actions() if each.text() == "Remove response schema")
    action.trigger()
    assert not header.schema.isVisible()
    assert window.pane.conversation.tools.schema == ""
    menu.close()


async def test_the_schema_of_a_comparison_is_that_of_all_panes(driver: Driver) -> None:
    window = driver.window
    window.workspace.show_comparison(*invoices())
    window.schemas.remove()
    assert [pane.conversation.tools.schema for pane in window.workspace.line] == ["", "", ""]
    assert not any(pane.header.schema.isVisible() for pane in window.workspace.line)


async def test_the_chip_opens_a_menu(driver: Driver) -> None:
    window = driver.window
    window.workspace.show_comparison(*invoices())
    header = window.pane.header
    header.schema.click()
    (menu,) = (each for each in header.schema.findChildren(QMenu) if each.isVisible())
    assert [each.text() for each in menu.actions()] == ["Edit response schema…", "Remove response schema"]
    menu.close()


async def test_the_panels_open_by_their_commands(driver: Driver) -> None:
    window = driver.window
    window.workspace.show_comparison(*invoices())
    window.comparing.toggle_fields()
    panel = window.drawer.panel
    assert isinstance(panel, FieldsPanel)
    assert panel.state.startswith("3 models agree on 3 of 7 fields.")
    assert window.title.fields.isVisible()
    await driver.until(lambda: "violates" in panel.notes)
    window.comparing.toggle_calls()
    assert isinstance(window.drawer.panel, ToolCallsPanel)
    assert window.title.calls.isChecked()
    window.comparing.toggle_calls()
    assert window.drawer.panel is None


async def test_a_call_that_is_chosen_is_shown_in_its_pane(driver: Driver) -> None:
    window = driver.window
    window.workspace.show_comparison(*clocks())
    window.comparing.toggle_calls()
    panel = window.drawer.panel
    assert isinstance(panel, ToolCallsPanel)
    panel.choose(1, 2)
    row = window.workspace.line[2].transcript.rows[-1]
    calls = [part for part in row.message.parts if isinstance(part, ToolCallPart)]
    assert [card.unfolded for card in row.cards] == [False, True]
    assert len(calls) == 2
