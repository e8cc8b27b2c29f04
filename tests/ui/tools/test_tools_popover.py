"""Choosing tools beside the prompt field."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.domain.conversation_types import Kind, ToolChoice
from desktop.services import Services
from desktop.settings.policy import Fixed, Policy
from desktop.settings.values import Settings
from tests.desktop.session.fakes import LOOPBACK, REF, ScriptedProvider, said
from tests.ui.driver import Driver
from ui.tools.tools_popover import WEB_SEARCH, ToolsPopover


@pytest.fixture
async def popover(driver: Driver) -> ToolsPopover:
    """The popover, opened by its key."""
    driver.window.workspace.start_new(REF)
    return await opened(driver)


async def opened(driver: Driver) -> ToolsPopover:
    driver.window.workspace.tools.open()
    await driver.until(driver.window.workspace.tools.popover.isVisible)
    return driver.window.workspace.tools.popover


async def test_no_tools_are_in_use_at_first_and_nothing_is_started(driver: Driver, services: Services) -> None:
    assert driver.button("Tools").text() == "Tools"
    assert services._tools is None
    driver.press("Ctrl+T")
    await driver.until(driver.window.workspace.tools.popover.isVisible)
    assert services.tools.host.pid == 0
    assert "Not started yet" in driver.said(driver.window.workspace.tools.popover)


async def test_what_is_chosen_is_named_on_the_button_and_keeps_the_schema(
    driver: Driver, popover: ToolsPopover
) -> None:
    driver.window.pane.set_tools(ToolChoice(schema='{"type": "object"}'))
    popover.boxes["echo"].click()
    popover.boxes["paragone"].click()
    choice = driver.window.pane.conversation.tools
    assert choice == ToolChoice(servers=("echo", "paragone"), schema='{"type": "object"}')
    assert driver.window.pane.composer.line.tools.text() == "Tools: echo, Paragone"
    popover.boxes["echo"].click()
    assert driver.window.pane.conversation.tools.servers == ("paragone",)


async def test_in_a_comparison_it_holds_for_all_panes_that_are_on(driver: Driver) -> None:
    driver.window.workspace.start_new(REF)
    driver.window.workspace.places.add_pane()
    driver.window.workspace.places.add_pane()
    driver.window.workspace.common._toggle(2)
    popover = await opened(driver)
    popover.boxes["echo"].click()
    used = [pane.conversation.tools.servers for pane in driver.window.workspace.line]
    assert used == [("echo",), ("echo",), ()]


async def test_web_search_on_azure_is_asked_about_once(driver: Driver, services: Services) -> None:
    azure = replace(LOOPBACK, kind=Kind.OPENAI_V1, url="https://contoso.openai.azure.com/openai/v1")
    services.use(Settings(connections=(azure,)))
    driver.window.workspace.start_new(REF)
    popover = await opened(driver)
    popover.boxes[WEB_SEARCH].click()
    assert not driver.window.pane.conversation.tools.web_search
    assert "Grounding with Bing" in driver.said(popover.question)
    driver.push("Allow web search")
    await driver.until(lambda: driver.window.pane.conversation.tools.web_search)
    assert (await services.tools.load()).web_consents == (azure.url,)
    popover.boxes[WEB_SEARCH].click()
    popover.boxes[WEB_SEARCH].click()
    assert driver.window.pane.conversation.tools.web_search


@pytest.mark.parametrize(("policy", "name"), [("Tools", "echo"), ("WebSearch", WEB_SEARCH)])
async def test_a_policy_disables_what_it_forbids_and_says_so(
    driver: Driver, services: Services, policy: str, name: str
) -> None:
    fixed = Fixed(name=policy, value=False, locked=True, source="test")
    services.use(Settings(connections=(LOOPBACK,), policy=Policy(entries={policy: fixed})))
    driver.window.workspace.start_new(REF)
    popover = await opened(driver)
    assert not popover.boxes[name].isEnabled()
    assert "Your organization does not allow" in driver.said(popover)


async def test_a_policy_on_web_search_holds_for_conversations_that_already_use_it(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    driver.window.workspace.start_new(REF)
    driver.window.pane.set_tools(ToolChoice(web_search=True))
    fixed = Fixed(name="WebSearch", value=False, locked=True, source="test")
    services.use(Settings(connections=(LOOPBACK,), policy=Policy(entries={"WebSearch": fixed})))
    provider.scripts[:] = [said("No.")]
    await driver.answered("Search")
    assert [request.web_search for request in provider.requests] == [False]
