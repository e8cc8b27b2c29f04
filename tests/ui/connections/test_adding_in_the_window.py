"""A connection added in the window: offered once its list is there, said, and taken by the chat that is empty."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.conversation_types import Kind, ModelRef
from desktop.services import Services
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES
from tests.ui import finding
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections import check_view
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.connection_text import about


def listed(*names: str) -> dict[str, Sequence[dict[str, str]]]:
    """A list of models as servers give it."""
    return {"data": [{"id": name} for name in names]}


def asked(driver: Driver, url: str, named: str = "", kind: str = "OpenAI-compatible") -> AddConnectionDialog:
    """The dialog, with an address that is being checked."""
    driver.window.add_connection()
    (dialog,) = driver.window.findChildren(AddConnectionDialog)
    finding.button(dialog, f"Connection type: {kind}").click()
    dialog.endpoint.address.setText(url)
    dialog.endpoint.models.setText(named)
    last(dialog).click()
    return dialog


def last(dialog: AddConnectionDialog) -> QPushButton:
    """The button that checks or adds."""
    return next(each for each in dialog.findChildren(QPushButton) if each.isDefault())


async def test_the_empty_chat_takes_a_model_that_was_added_and_a_notice_says_so(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed("gpt-4o", "grok-3")) as server, driven(services, tasks, themes) as driver:
        driver.write("Typed before")
        dialog = asked(driver, server.url)
        await driver.until(lambda: last(dialog).text() == "Add 2 models" and "TTFT" in finding.said(dialog))
        last(dialog).click()
        await driver.until(lambda: driver.notices)
        (kept,) = services.settings.connections
        assert driver.window.pane.conversation.model == ModelRef(connection=kept.name, name="gpt-4o")
        assert driver.notices == [f"2 models from “{kept.name}” were added. This chat now uses gpt-4o."]
        assert driver.editor.toPlainText() == "Typed before"
        known = services.gateway.known_of(kept.name)
        assert "2 models" in about(kept, len(known))


async def test_a_chat_with_another_server_is_offered_the_model_that_was_added(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed("gpt-4o")) as server, driven(services, tasks, themes) as driver:
        for _ in range(2):
            dialog = asked(driver, server.url)
            await driver.until(lambda dialog=dialog: "TTFT" in finding.said(dialog))
            await driver.until(last(dialog).isEnabled)
            last(dialog).click()
            await driver.until(lambda: not driver.window.findChildren(AddConnectionDialog))
        first, second = services.settings.connections
        assert driver.window.pane.conversation.model.connection == first.name
        driver.come_back()
        driver.push("Use gpt-4o")
        assert driver.window.pane.conversation.model.connection == second.name
        driver.press("Ctrl+N")
        assert driver.window.pane.conversation.model.connection == second.name


async def test_the_check_of_a_resource_tries_each_wire_that_its_deployments_need(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    names = ("gpt-4o", "grok-3", ONLY_RESPONSES, CLAUDE)
    async with FaultServer(deployments=names) as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, f"{server.origin}/openai/v1", kind="Azure AI Foundry")
        await driver.until(lambda: ONLY_RESPONSES in finding.said(dialog.check.steps))
        said = finding.said(dialog.check.steps)
        for tried in ("gpt-4o", f"{ONLY_RESPONSES} using the Responses API", f"{CLAUDE} using the Messages API"):
            assert f"TTFT for {tried}" in said
        assert "grok-3" not in said  # one a wire is enough
        assert last(dialog).text() == "Add 4 models"


async def test_a_server_of_anthropics_format_lists_answers_and_is_kept(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer() as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, f"{server.origin}/v1/messages", "plain", kind="Anthropic")
        await driver.until(lambda: "TTFT for plain" in finding.said(dialog))
        await driver.until(last(dialog).isEnabled)
        last(dialog).click()
        await driver.until(lambda: services.settings.connections)
        (kept,) = services.settings.connections
        assert (kept.kind, kept.url) == (Kind.ANTHROPIC, server.origin)
        await driver.until(lambda: driver.window.pane.conversation.model.connection == kept.name)
        assert {each.path for each in server.requests} == {"/", "/v1/models", "/v1/messages"}  # reached, listed, asked


async def test_the_keyboard_is_in_the_message_field_once_a_connection_is_added_from_the_welcome(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed("gpt-4o")) as server, driven(services, tasks, themes) as driver:
        finding.button(driver.window, "Add connection").setFocus()
        dialog = asked(driver, server.url)
        await driver.until(lambda: last(dialog).text() == "Add 1 model" and "TTFT" in finding.said(dialog))
        last(dialog).click()
        await driver.until(lambda: driver.notices)
        assert driver.window.focusWidget() is driver.editor


async def test_a_busy_model_whose_name_was_typed_keeps_nobody_from_adding_it(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed()) as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, server.url, "429-long, gpt-4o")
        await driver.until(lambda: "Trying again in 4" in dialog.check.said)
        assert "Trying 429-long…" in dialog.check.said
        assert last(dialog).text() == "Add 2 models"
        last(dialog).click()
        await driver.until(lambda: services.settings.connections)
        (kept,) = services.settings.connections
        assert kept.models == ("429-long", "gpt-4o")
        await driver.until(lambda: "connections.check" not in tasks.names)


async def test_a_busy_model_is_named_counted_down_and_keeps_nobody_from_adding(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed("429-long", "gpt-4o")) as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, server.url)
        await driver.until(lambda: "Trying again in 4" in dialog.check.said)
        assert "Trying 429-long…" in dialog.check.said
        assert last(dialog).text() == "Add 2 models"
        assert last(dialog).isEnabled()
        last(dialog).click()
        await driver.until(lambda: services.settings.connections)
        await driver.until(lambda: "connections.check" not in tasks.names)
        assert len(server.requests) < 5
        await driver.until(lambda: driver.notices)
        # It is there, but the chat goes to one that is not busy, and so does a comparison as far as there is one.
        assert driver.window.pane.conversation.model.name == "gpt-4o"
        driver.window.desk.new_comparison()
        assert driver.window.workspace.line[1].conversation.model.name != "429-long"


async def test_the_empty_chat_goes_to_a_model_that_passed_its_check_before_one_that_did_not(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with FaultServer(models=listed("400", "gpt-4o")) as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, server.url, "400, gpt-4o")
        await driver.until(lambda: "connections.check" not in tasks.names)
        assert "No response from 400" in finding.said(dialog)
        last(dialog).click()
        await driver.until(lambda: driver.notices)
        assert driver.window.pane.conversation.model.name == "gpt-4o"


async def test_each_step_of_a_check_is_heard(
    services: Services, tasks: Tasks, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def hear(widget: QWidget, said: str) -> None:  # what Qt tells the system
        del widget
        heard.append(said)

    monkeypatch.setattr(check_view, "announce", hear)
    async with FaultServer(models=listed("gpt-4o")) as server, driven(services, tasks, themes) as driver:
        dialog = asked(driver, server.url)
        await driver.until(lambda: last(dialog).text() == "Add 1 model" and last(dialog).isEnabled())
        await driver.until(lambda: "TTFT" in finding.said(dialog))
    assert [each.partition(". ")[0] for each in heard if ", Done" in each] == [
        "Reachable on this computer, without TLS, Done",
        "Models listed, Done",
        "TTFT for gpt-4o, Done",
    ]
