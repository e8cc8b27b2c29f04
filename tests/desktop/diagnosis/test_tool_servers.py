"""Checks of tool servers, which start nothing."""

from __future__ import annotations

import sys

from desktop.diagnosis import tool_servers
from desktop.domain.tool_types import ToolAuth, ToolInfo, ToolServer
from desktop.services import Services
from desktop.settings.policy import TOOL_SERVERS, Fixed, Policy
from desktop.settings.values import Settings
from desktop.tools.consent import fingerprint
from desktop.tools.server_file import SeenTools, ToolSettings

SERVER = ToolServer(name="time", command=(sys.executable, "-m", "clock"))
TOOLS = (ToolInfo(server="time", tool="now"),)


def use(services: Services, server: ToolServer = SERVER, *, is_seen: bool = False) -> None:
    seen = {"time": SeenTools(fingerprint=fingerprint(server, TOOLS), tools=TOOLS)} if is_seen else {}
    services.tools.file.change(lambda _: ToolSettings(servers=(server,), seen=seen))


async def test_without_servers_there_is_no_check(services: Services) -> None:
    assert await tool_servers.checks(services) == []
    assert services._tools is None


async def test_the_tools_seen_last_are_counted(services: Services) -> None:
    use(services, is_seen=True)
    (check,) = await tool_servers.checks(services)
    assert (check.name, check.state) == ("tool server time", "ok")
    assert "1 tool was listed" in check.detail


async def test_a_server_that_failed_is_told_with_the_last_line_of_its_log(services: Services) -> None:
    use(services)
    folder = services.paths.logs / "tools"
    folder.mkdir(parents=True)
    (folder / "time.log").write_text("starting\n\x1b[31mno such module: clock\n\n")
    (check,) = await tool_servers.checks(services)
    assert check.state == "warning"
    assert "“no such module: clock”" in check.detail
    assert str(folder / "time.log") in check.detail


async def test_a_missing_program_and_a_policy_are_warnings(services: Services) -> None:
    use(services, ToolServer(name="time", command=("no-such-program",)))
    (check,) = await tool_servers.checks(services)
    assert (check.state, "no-such-program" in check.detail) == ("warning", True)
    entries = {TOOL_SERVERS.name: Fixed(TOOL_SERVERS.name, (), locked=True, source="test")}
    services.use(Settings(policy=Policy(entries=entries)))
    (check,) = await tool_servers.checks(services)
    assert "does not allow" in check.detail


async def test_a_server_at_which_nobody_is_signed_in_is_a_warning_with_the_command(services: Services) -> None:
    use(services, ToolServer(name="time", url="https://example.com/mcp", auth=ToolAuth.OAUTH))
    (check,) = await tool_servers.checks(services)
    assert (check.state, check.detail) == ("warning", "You are not signed in.")
    assert "tools sign-in time" in check.hint
