"""Servers over streamable HTTP: what is sent to them, and what they cannot make the host do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from desktop.errors import ToolServerFailed, ToolTimedOut
from desktop.tools.host.host_wire import ServerSpec
from tests.desktop.tools.host.conftest import Running, until
from tests.servers.mcp.http_server import HttpServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[HttpServer]:
    async with HttpServer() as running:
        yield running


async def call(running: Running, text: str = "hello", timeout_s: float = 10) -> str:
    output = await running.host.call("web", "echo", json.dumps({"text": text}), timeout_s=timeout_s)
    return output.text


@pytest.mark.parametrize("mode", ["json", "stream"])
async def test_tools_are_listed_and_called_with_the_users_headers(
    running: Running, server: HttpServer, mode: str
) -> None:
    server.mode = mode
    spec = ServerSpec(name="web", url=server.url, headers={"Authorization": "Bearer secret-token"})
    assert [tool.tool for tool in await running.host.open(spec)] == ["echo"]
    assert await call(running) == "hello"
    assert {headers.get("Authorization") for _, _, headers in server.seen} == {"Bearer secret-token"}
    assert {headers.get("Accept-Encoding") for _, _, headers in server.seen} == {"identity"}


async def test_closing_ends_the_session_at_the_server(running: Running, server: HttpServer) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    await running.host.close("web")
    assert "DELETE" in [method for method, _, _ in server.seen]


async def test_a_server_that_does_not_let_go_is_left(running: Running, server: HttpServer) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    server.mode = "hangs"
    async with asyncio.timeout(3):
        await running.host.close("web")


@pytest.mark.parametrize("same_origin", [True, False])
async def test_a_redirect_is_named_and_never_followed(running: Running, server: HttpServer, same_origin: bool) -> None:
    async with HttpServer() as other:
        server.mode = "redirects"
        server.target = "/elsewhere" if same_origin else other.url.replace("http://", "http://me:pw@") + "?key=1"
        target = server.url.replace("/mcp", "/elsewhere") if same_origin else other.url
        with pytest.raises(ToolServerFailed) as caught:
            await running.host.open(ServerSpec(name="web", url=server.url, headers={"X-Key": "k" * 20}))
        assert str(caught.value) == f"The tool server “web” redirects to {target}."
        assert other.seen == []


async def test_a_redirect_of_a_call_fails_it(running: Running, server: HttpServer) -> None:
    async with HttpServer() as other:
        await running.host.open(ServerSpec(name="web", url=server.url))
        server.mode, server.target = "moves", other.url
        with pytest.raises(ToolServerFailed, match="redirects to"):
            await call(running)
        assert other.seen == []


@pytest.mark.parametrize("mode", ["floods", "streamed flood"])
async def test_a_response_that_is_too_large_is_an_error(running: Running, server: HttpServer, mode: str) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    server.mode = mode
    with pytest.raises(ToolServerFailed, match="longer than 16 MB"):
        await call(running)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("html", "Unexpected content type: text/html"),
        ("compressed", "compressed although this was not offered"),
        ("fails", "HTTP 500 Internal Server Error"),
        ("breaks", "could not be reached"),
    ],
)
async def test_a_bad_response_fails_the_call_with_its_reason(
    running: Running, server: HttpServer, mode: str, said: str
) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    server.mode = mode
    with pytest.raises(ToolServerFailed) as caught:
        await call(running)
    assert said in str(caught.value)
    server.mode = "json"
    assert await call(running) == "hello"


@pytest.mark.parametrize("status", ["401", "403", "404", "500"])
async def test_a_status_that_is_an_error_is_named(running: Running, server: HttpServer, status: str) -> None:
    server.mode = status
    with pytest.raises(ToolServerFailed, match=f"HTTP {status}"):
        await running.host.open(ServerSpec(name="web", url=server.url))


async def test_a_server_that_does_not_reply_times_out_and_sees_the_connection_close(
    running: Running, server: HttpServer
) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    server.mode = "hangs"
    with pytest.raises(ToolTimedOut):
        await call(running, timeout_s=0.3)
    server.mode = "json"
    assert await call(running) == "hello"


async def test_a_session_that_the_server_forgot_is_opened_again(running: Running, server: HttpServer) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    server.mode = "404"
    with pytest.raises(ToolServerFailed, match="HTTP 404"):
        await call(running)
    await until(lambda: running.changes == ["web"])
    server.mode = "json"
    await running.host.open(ServerSpec(name="web", url=server.url))
    assert await call(running) == "hello"


async def test_an_address_that_nobody_listens_on_is_an_error(running: Running) -> None:
    with pytest.raises(ToolServerFailed, match="could not be reached: “All connection attempts failed”"):
        await running.host.open(ServerSpec(name="web", url="http://127.0.0.1:1/mcp"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/mcp",
        "http://127.0.0.1.example.org/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "",
        "http://[",
    ],
)
async def test_only_https_and_this_computer_are_accepted(running: Running, url: str) -> None:
    with pytest.raises(ToolServerFailed, match="is not secure"):
        await running.host.open(ServerSpec(name="web", url=url))


async def test_variables_in_addresses_and_headers_are_not_expanded(
    running: Running, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOLEN", "secret")
    spec = ServerSpec(name="web", url=f"{server.url}?a=${{STOLEN}}", headers={"X-A": "$STOLEN ${STOLEN} %STOLEN%"})
    await running.host.open(spec)
    assert {headers.get("X-A") for _, _, headers in server.seen} == {"$STOLEN ${STOLEN} %STOLEN%"}


async def test_only_the_given_proxy_is_used(
    running: Running, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    await running.host.open(ServerSpec(name="web", url=server.url))
    with pytest.raises(ToolServerFailed):
        await running.host.open(ServerSpec(name="web", url=server.url, proxy="http://127.0.0.1:1"))


async def test_eight_calls_run_at_once(running: Running, server: HttpServer) -> None:
    await running.host.open(ServerSpec(name="web", url=server.url))
    assert set(await asyncio.gather(*(call(running, "x" * 1000) for _ in range(8)))) == {"x" * 1000}
