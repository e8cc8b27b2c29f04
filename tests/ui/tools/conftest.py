"""A window whose conversations can use a real tool server over stdio."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.events import Finished, ToolRequested
from desktop.domain.tool_types import ToolServer
from desktop.services import Services
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths
from desktop.tools.server_file import added
from main import TOOLS_SWITCH, child_command
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from tests.desktop.store.new_database import put_database
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes

ECHO = ToolServer(name="echo", command=(sys.executable, "-m", "tests.servers.mcp.echo_server"), folder=str(Path.cwd()))


def calls(arguments: str = '{"text": "Hello"}', name: str = "echo") -> list[object]:
    """The events of a response that calls a tool."""
    return [ToolRequested(id="c1", name=name, arguments=arguments), Finished(reason="tool_calls")]


@pytest.fixture
def provider() -> ScriptedProvider:
    """Calls a tool, then answers."""
    return ScriptedProvider([calls(), said("It says hello.")])  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def services(tmp_path: Path, provider: ScriptedProvider, shipped_catalog: Catalog) -> AsyncIterator[Services]:
    """Services with the tool host, and one server in its file."""
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    put_database(paths.data)
    made = Services(
        version="0",
        paths=paths,
        environ={},
        settings_file=SettingsFile(paths.settings_file),
        catalog=shipped_catalog,
        keys=Keys(service="test", environ={}, find=none_found),
        gateway=gateway(provider, Settings(connections=(LOOPBACK,))),
        tools_command=tuple(child_command(TOOLS_SWITCH)),
    )
    yield made
    await made.aclose()


@pytest.fixture
async def echo(services: Services) -> ToolServer:
    """The server, as the user added it."""
    await services.tools.change(lambda held: added(held, ECHO))
    services._tools = None  # the window begins without tools
    return ECHO


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, echo: ToolServer) -> AsyncIterator[Driver]:
    """A window with one pane, whose model is the scripted one."""
    del echo
    async with driven(services, tasks, themes) as made:
        yield made
