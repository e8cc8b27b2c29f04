"""Sign-in at servers over HTTP: the browser and the keyring are Paragone's, the protocol is the SDK's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from desktop.errors import ToolServerFailed
from desktop.tools.host.host_wire import OAuthSpec, ServerSpec, SignedIn, SignIn
from tests.desktop.tools.host.conftest import Running, until
from tests.servers.mcp.http_server import HttpServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
RETURN = "http://127.0.0.1:7/return"


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[HttpServer]:
    async with HttpServer("oauth") as running:
        yield running


class Browser:
    """Opens sign-in pages as a user does who agrees, or who closes the window."""

    def __init__(self, *, agrees: bool = True) -> None:
        self.agrees = agrees
        self.pages: list[SignIn] = []

    async def __call__(self, page: SignIn) -> SignedIn:
        self.pages.append(page)
        if not self.agrees:
            return SignedIn(id=0)
        async with aiohttp.ClientSession() as session, session.get(page.url, allow_redirects=False) as response:
            given = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        return SignedIn(id=0, code=given["code"], state=given["state"])


def spec(server: HttpServer, saved: str = "") -> ServerSpec:
    return ServerSpec(name="web", url=server.url, oauth=OAuthSpec(redirect_uri=RETURN, saved=saved))


async def test_the_first_opening_signs_in_and_later_ones_use_the_saved_credentials(
    make_running: Callable[..., Running], server: HttpServer
) -> None:
    browser = Browser()
    running = make_running(browse=browser)
    assert [tool.tool for tool in await running.host.open(spec(server))] == ["echo"]
    assert [(page.server, page.redirect_uri) for page in browser.pages] == [("web", RETURN)]
    await running.host.open(spec(server, running.saved[-1]))
    await running.host.close("web")
    await running.host.open(spec(server, running.saved[-1]))
    assert (len(browser.pages), server.grants) == (1, ["authorization_code"])


async def test_a_token_that_has_expired_is_renewed_without_the_browser(
    make_running: Callable[..., Running], server: HttpServer
) -> None:
    browser = Browser()
    running = make_running(browse=browser)
    await running.host.open(spec(server))
    await running.host.close("web")
    server.tokens.clear()
    saved = msgspec.json.decode(running.saved[-1])
    await running.host.open(spec(server, msgspec.json.encode({**saved, "expires_at": 1.0}).decode()))
    assert (len(browser.pages), server.grants) == (1, ["authorization_code", "refresh_token"])


async def test_a_canceled_sign_in_is_an_error(make_running: Callable[..., Running], server: HttpServer) -> None:
    running = make_running(browse=Browser(agrees=False))
    with pytest.raises(ToolServerFailed, match="You are not signed in to the tool server “web”: “canceled”"):
        await running.host.open(spec(server))


async def test_without_a_browser_a_sign_in_is_an_error(running: Running, server: HttpServer) -> None:
    with pytest.raises(ToolServerFailed, match="You are not signed in"):
        await running.host.open(spec(server))


async def test_a_call_never_opens_the_browser_and_the_next_opening_does(
    make_running: Callable[..., Running], server: HttpServer
) -> None:
    browser = Browser()
    running = make_running(browse=browser)
    await running.host.open(spec(server))
    server.tokens.clear()
    with pytest.raises(ToolServerFailed, match="You are not signed in"):
        await running.host.call("web", "echo", "{}", timeout_s=10)
    assert len(browser.pages) == 1
    await until(lambda: running.changes == ["web"])
    await running.host.open(spec(server, running.saved[-1]))
    assert len(browser.pages) == 2


async def test_damaged_credentials_cost_a_sign_in(make_running: Callable[..., Running], server: HttpServer) -> None:
    browser = Browser()
    running = make_running(browse=browser)
    await running.host.open(spec(server, '{"tokens": "[", "client": 1}'))
    assert len(browser.pages) == 1
