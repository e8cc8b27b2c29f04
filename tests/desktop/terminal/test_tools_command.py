"""`tools` in one process: servers are stored with their secrets in the keyring, and nothing starts but by `test`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from desktop.domain.tool_types import ToolAuth
from desktop.errors import KeyringMissing, PolicyForbids, UsageError
from desktop.settings.policy import TOOL_SERVERS, Fixed, Policy
from desktop.settings.values import Settings
from desktop.tools.consent import Permission
from desktop.tools.server_file import ToolSettings
from tests.desktop.credentials.fakes import none_found
from tests.desktop.terminal.conftest import Desk, type_in
from tests.servers.mcp.http_server import HttpServer

SERVERS = Path(__file__).parents[2] / "servers" / "mcp"
PYTHON = ("--command", sys.executable, "--arg=-S", "--arg=-E", "--arg")
ECHO = (*PYTHON, str(SERVERS / "echo_server.py"))
WEB = ("--url", "https://example.com/mcp")


async def add(desk: Desk, *words: str, name: str = "echo") -> None:
    assert await desk.run("tools", "add", name, *words) == 0
    desk.look()


async def held(desk: Desk) -> ToolSettings:
    return await desk.services.tools.load()


async def listed(desk: Desk) -> list[dict[str, Any]]:
    desk.look()
    assert await desk.run("tools", "list", "--json") == 0
    return json.loads(desk.out)


async def test_a_server_is_added_and_listed_without_being_started(desk: Desk) -> None:
    await add(desk, *ECHO)
    command = [sys.executable, "-S", "-E", str(SERVERS / "echo_server.py")]
    assert await listed(desk) == [{"name": "echo", "command": command, "state": "never started", "tools": []}]
    assert desk.services.tools.host.pid == 0


async def test_a_test_lists_the_tools_with_claims_and_they_are_known_from_then_on(desk: Desk, tmp_path: Path) -> None:
    await add(desk, *PYTHON, str(SERVERS / "hostile_server.py"), "--arg", "odd", "--arg", str(tmp_path))
    assert await desk.run("tools", "test", "echo") == 0
    assert "The server claims: read-only." in desk.out
    assert "The server claims nothing about its effects." in desk.out
    (only,) = await listed(desk)
    assert only["state"] == "ready"
    assert {"name": "act", "description": "Acts."} in only["tools"]


async def test_a_server_that_does_not_start_is_an_error_with_a_hint(desk: Desk) -> None:
    await add(desk, "--command", "no-such-program")
    assert await desk.run("tools", "test", "echo", "--json") == 1
    assert json.loads(desk.out)["state"] == "failed"
    assert "no-such-program" in desk.err
    assert "Traceback" not in desk.err


@pytest.mark.parametrize(
    "words",
    [
        ("a/b", *ECHO),
        ("paragone", *ECHO),
        ("x", "--url", "http://example.com/mcp"),
        ("x", *WEB, "--arg", "y"),
        ("x", *ECHO, "--auth", "key"),
        ("x", *WEB, "--auth", "none", "--key-stdin"),
        ("x", "--command", "uvx mcp-server-time"),
        ("x", *ECHO, "--folder", "/no/such/folder"),
        ("x", *WEB, "--secret-header", "X: y"),
        ("x", *WEB, "--header", "Host=other"),
        ("x", *WEB, "--header", "X=a\nb"),
        ("x", *WEB, "--header", "X=a", "--header", "x=b", "--secret-header", "X"),
        ("x", *WEB, "--auth", "oauth", "--header", "Authorization=Bearer x"),
        ("x", *ECHO, "--header", "X=a"),
    ],
)
async def test_an_invalid_server_is_not_added(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run("tools", "add", *words)
    assert (await held(desk)).servers == ()


async def test_secrets_come_from_the_environment_or_a_pipe_and_are_in_the_keyring_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.services.environ = {"FIRST": "secret-of-environment"}
    type_in(monkeypatch, "secret-of-pipe")
    await add(desk, *ECHO, "--secret-env", "FIRST", "--secret-env", "SECOND", "--env", "PLAIN=1")
    server = (await held(desk)).server("echo")
    assert await desk.services.tools.secrets.values(server) == {
        "FIRST": "secret-of-environment",
        "SECOND": "secret-of-pipe",
    }
    assert "secret-of" not in desk.services.paths.tools_file.read_text()
    assert server.env == {"PLAIN": "1"}


async def test_a_key_makes_its_server_use_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "the-key")
    await add(desk, *WEB, "--key-stdin")
    server = (await held(desk)).server("echo")
    assert server.auth is ToolAuth.KEY
    assert await desk.services.tools.secrets.values(server) == {"key": "the-key"}


async def test_headers_are_in_the_file_and_secret_ones_in_the_keyring(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "secret-value")
    await add(desk, *WEB, "--header", "X-Region=eu", "--secret-header", "X-Key")
    server = (await held(desk)).server("echo")
    assert (server.headers, server.secret_headers) == ({"X-Region": "eu"}, ("X-Key",))
    assert await desk.services.tools.secrets.values(server) == {"X-Key": "secret-value"}
    assert (await desk.services.tools._spec(server)).headers == {"X-Region": "eu", "X-Key": "secret-value"}


class Visitor:
    """Opens the sign-in page, as a browser does whose user agrees."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def open(self, page: str) -> None:
        self.tasks.append(asyncio.create_task(self._visit(page)))

    async def _visit(self, page: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(page) as response:
            await response.read()


async def test_a_sign_in_opens_the_browser_and_is_deleted_by_signing_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor()
    desk.services.environ = {"DISPLAY": ":0"}
    monkeypatch.setattr("desktop.terminal.tools_command.launch", visitor.open)
    async with HttpServer("oauth") as server:
        await add(desk, "--url", server.url, "--auth", "oauth")
        assert [each["state"] for each in await listed(desk)] == ["sign-in required"]
        assert await desk.run("tools", "test", "echo") == 1
        assert "tools sign-in echo" in desk.err
        assert (server.seen, visitor.tasks) == ([], [])
        assert await desk.run("tools", "sign-in", "echo") == 0
        await asyncio.gather(*visitor.tasks)
        assert "Signed in at echo, which has 1 tool." in desk.out
        assert "of-the-user" not in desk.out + desk.err
        assert [each["state"] for each in await listed(desk)] == ["ready"]
        assert await desk.run("tools", "sign-out", "echo") == 0
        assert [each["state"] for each in await listed(desk)] == ["sign-in required"]
        assert not desk.keyring.items
        await desk.services.tools.aclose()


async def test_a_sign_in_that_cannot_be_stored_is_a_failure(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor()
    desk.services.environ = {"DISPLAY": ":0"}
    desk.services.keys._find = none_found
    monkeypatch.setattr("desktop.terminal.tools_command.launch", visitor.open)
    async with HttpServer("oauth") as server:
        await add(desk, "--url", server.url, "--auth", "oauth")
        assert await desk.run("tools", "sign-in", "echo") == 1
        await asyncio.gather(*visitor.tasks)
        assert "is now forgotten" in desk.err
        await desk.services.tools.aclose()


async def test_without_a_keyring_or_a_value_nothing_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch)
    with pytest.raises(UsageError, match="no value for TOKEN"):
        await desk.run("tools", "add", "echo", *ECHO, "--secret-env", "TOKEN")
    desk.services.keys._find = none_found
    desk.services.environ = {"TOKEN": "abc"}
    with pytest.raises(KeyringMissing):
        await desk.run("tools", "add", "echo", *ECHO, "--secret-env", "TOKEN")
    assert (await held(desk)).servers == ()


async def test_removing_a_server_removes_its_secrets_and_decisions(desk: Desk) -> None:
    desk.services.environ = {"TOKEN": "abc"}
    await add(desk, *ECHO, "--secret-env", "TOKEN")
    assert await desk.run("tools", "deny", "echo") == 0
    assert await desk.run("tools", "remove", "echo") == 0
    assert await held(desk) == ToolSettings()
    assert not desk.keyring.items


async def test_a_permission_needs_tools_that_were_seen_and_a_denial_does_not(desk: Desk) -> None:
    await add(desk, *ECHO)
    with pytest.raises(UsageError, match="not known yet"):
        await desk.run("tools", "allow", "echo")
    assert await desk.run("tools", "deny", "echo/echo") == 0
    assert await desk.run("tools", "test", "echo") == 0
    with pytest.raises(UsageError, match="no tool"):
        await desk.run("tools", "allow", "echo/nothing")
    assert await desk.run("tools", "allow", "echo") == 0
    settings = await held(desk)
    assert {(rule.tool, rule.verdict) for rule in settings.rules} == {("echo", Permission.DENY), ("", Permission.ALLOW)}
    assert settings.rules[-1].fingerprint == settings.seen["echo"].fingerprint
    assert await desk.run("tools", "forget", "echo/echo") == 0
    assert [rule.tool for rule in (await held(desk)).rules] == [""]
    assert await desk.run("tools", "forget", "echo") == 0
    assert (await held(desk)).rules == ()


async def test_a_server_that_a_policy_forbids_is_listed_as_forbidden_and_cannot_be_added(desk: Desk) -> None:
    await add(desk, *ECHO)
    entries = {TOOL_SERVERS.name: Fixed(TOOL_SERVERS.name, (), locked=True, source="test")}
    desk.services.use(Settings(policy=Policy(entries=entries)))
    assert [each["state"] for each in await listed(desk)] == ["forbidden"]
    with pytest.raises(PolicyForbids):
        await desk.run("tools", "add", "web", *WEB)


CONFIGURATION = {
    "mcpServers": {
        "git": {"command": "uvx", "args": ["mcp-server-git", "--repository", "/my repo"], "env": {"TOKEN": "abc-123"}},
        "web": {"url": "https://example.com/mcp", "headers": {"Authorization": "Bearer abc-123"}},
        "bad": {"url": "http://example.com"},
    }
}


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    (file := tmp_path / "mcp.json").write_text(json.dumps(CONFIGURATION))
    return str(file)


async def test_an_import_shows_everything_and_a_rehearsal_stores_nothing(desk: Desk, configuration: str) -> None:
    assert await desk.run("tools", "import", configuration, "--dry-run") == 1
    assert 'git: uvx mcp-server-git --repository "/my repo"' in desk.out
    assert "Stored in the keyring: TOKEN" in desk.out
    assert "abc-123" not in desk.out + desk.err
    assert (await held(desk)).servers == ()


async def test_an_import_stores_servers_once_and_secrets_in_the_keyring(desk: Desk, configuration: str) -> None:
    assert await desk.run("tools", "import", configuration, "--json") == 1
    assert [each["state"] for each in json.loads(desk.out)] == ["added", "added", "invalid"]
    settings = await held(desk)
    assert await desk.services.tools.secrets.values(settings.server("git")) == {"TOKEN": "abc-123"}
    assert await desk.services.tools.secrets.values(settings.server("web")) == {"Authorization": "Bearer abc-123"}
    assert "abc-123" not in desk.services.paths.tools_file.read_text()
    for words, state in (((), "exists"), (("--replace",), "replaced")):
        desk.look()
        await desk.run("tools", "import", configuration, "--json", *words)
        assert [each["state"] for each in json.loads(desk.out)] == [state, state, "invalid"]
    assert desk.services.tools.host.pid == 0


async def test_an_import_reads_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, '{"mcpServers": {"x": {"command": "uvx"}}}')
    assert await desk.run("tools", "import", "-") == 0
    assert [each.name for each in (await held(desk)).servers] == ["x"]
