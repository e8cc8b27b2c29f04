"""Sign-in at tool servers in the window: from the settings and from the panel, never without a click."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ToolChoice
from desktop.domain.message_parts import ToolResultPart, ToolStatus
from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.services import Services
from desktop.tools.approvals import Choice
from desktop.tools.server_changes import keep_server
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.servers.mcp.http_server import HttpServer
from tests.ui.driver import Driver
from tests.ui.tools.conftest import calls
from tests.ui.waiting import until
from ui.base.link_opener import LinkTarget
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_saver import OptionSaver
from ui.tools.approval_card import ApprovalCard
from ui.tools.sign_in_card import SignInCard
from ui.tools.tools_page import ToolsPage


class Browser:
    """Opens pages as a browser does whose user agrees; with `agrees` off, the user does nothing."""

    def __init__(self) -> None:
        self.agrees = True
        self.pages: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    def open(self, target: LinkTarget) -> bool:
        self.pages.append(target.url)
        if self.agrees:
            self.tasks.append(asyncio.create_task(self._visit(target.url)))
        return True

    async def _visit(self, page: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(page) as response:
            await response.read()


@pytest.fixture
async def browser(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    made = Browser()
    monkeypatch.setattr("ui.tools.browser_sign_in.open_target", made.open)
    yield made
    await asyncio.gather(*made.tasks)


@pytest.fixture
async def server(services: Services) -> AsyncIterator[HttpServer]:
    """A server that requires a sign-in, as the user added it."""
    async with HttpServer("oauth") as made:
        await keep_server(services.tools, ToolServer(name="web", url=made.url, auth=ToolAuth.OAUTH), {})
        services._tools = None  # the window begins without tools
        yield made
        await services.tools.aclose()


@pytest.fixture
def provider() -> ScriptedProvider:
    """Answers without tools at first, then calls one."""
    return ScriptedProvider([said("I cannot look."), calls(), said("It says hello.")])  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def page(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, server: HttpServer
) -> AsyncIterator[ToolsPage]:
    del themes, server
    made = ToolsPage(services, tasks, OptionSaver(services, tasks), locked=lambda _: "")
    qtbot.addWidget(made)
    made.show()
    await until(lambda: "web" in made.entries)
    yield made
    await tasks.settle(2)


async def test_the_settings_sign_in_and_out(page: ToolsPage, server: HttpServer, browser: Browser) -> None:
    entry = page.entries["web"]
    assert entry.state.startswith("Sign-in required")
    assert (entry.test.isVisible(), entry.sign_out.isVisible(), browser.pages) == (False, False, [])
    entry.sign_in.click()
    await until(lambda: entry.outcome.startswith("Signed in. The server has 1 tool."))
    assert "only until Paragone quits" in entry.outcome  # these tests have no keyring
    assert entry.state.startswith("Signed in · 1 tool")
    assert entry.test.isVisible()
    assert not entry.sign_in.isVisible()
    entry.sign_out.click()
    await until(lambda: entry.outcome == "Signed out.")
    assert entry.state.startswith("Sign-in required")
    assert server.grants == ["authorization_code"]


async def test_a_sign_in_that_waits_names_the_host_and_can_be_canceled(page: ToolsPage, browser: Browser) -> None:
    browser.agrees = False
    entry = page.entries["web"]
    entry.sign_in.click()
    await until(lambda: bool(browser.pages))
    assert "127.0.0.1" in entry.outcome.replace("\u200b", "")
    assert entry.sign_in.text() == "Cancel"
    entry.sign_in.click()
    await until(lambda: entry.outcome == "The sign-in was canceled.")
    assert entry.sign_in.text() == "Sign in…"
    browser.agrees = True
    entry.sign_in.click()
    await until(lambda: entry.state.startswith("Signed in"))


async def test_a_declined_sign_in_says_why(page: ToolsPage, server: HttpServer, browser: Browser) -> None:
    server.denies = True
    entry = page.entries["web"]
    entry.sign_in.click()
    await until(lambda: "rejected: “access_denied”" in entry.outcome)
    assert entry.sign_in.text() == "Sign in…"
    assert len(browser.pages) == 1


async def offered(driver: Driver) -> SignInCard:
    await driver.until(lambda: driver.window.tool_calls.is_pending)
    (card,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(card, SignInCard)
    await driver.until(lambda: card.is_ready)
    return card


async def test_the_panel_offers_the_sign_in_and_the_next_prompt_uses_the_tool(
    driver: Driver, server: HttpServer, browser: Browser
) -> None:
    driver.window.workspace.start_new(REF)
    driver.window.pane.set_tools(ToolChoice(servers=("web",)))
    driver.ask("Say hello")
    card = await offered(driver)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert (browser.pages, server.seen) == ([], [])
    driver.press("Ctrl+J")
    assert driver.focused is card.sign_in
    driver.press("Return")
    await driver.until(lambda: not driver.window.tool_calls.is_pending)
    driver.ask("And now?")
    await driver.until(lambda: driver.window.tool_calls.is_pending)
    (asked,) = driver.window.tool_calls.panel().cards.values()
    assert isinstance(asked, ApprovalCard)
    await driver.until(lambda: asked.is_ready)
    server.tokens.clear()  # the sign-in ends in the middle
    server.renews = False
    driver.click(asked.buttons[Choice.ONCE])
    await driver.until(lambda: not driver.window.workspace.is_answering)
    (result,) = [each for each in driver.window.pane.conversation.path()[-1].parts if isinstance(each, ToolResultPart)]
    assert result.status is ToolStatus.ERROR
    assert "You are not signed in to the tool server “web”" in result.text
    card = await offered(driver)
    driver.click(card.decline)
    await driver.until(lambda: not driver.window.tool_calls.is_pending)
    assert len(browser.pages) == 1


async def test_a_sign_in_from_the_panel_that_fails_can_be_repeated(
    driver: Driver, services: Services, server: HttpServer, browser: Browser
) -> None:
    server.denies = True
    services.tools.approvals.offer_sign_in("web", "x")
    card = await offered(driver)
    driver.click(card.sign_in)
    assert not card.sign_in.isEnabled()
    await driver.until(lambda: bool(card.problem))
    assert "rejected" in card.problem
    server.denies = False
    driver.click(card.sign_in)
    await driver.until(lambda: not driver.window.tool_calls.is_pending)
    assert len(browser.pages) == 2
