"""Commands within the test's own process: services over a folder, a scripted model, and streams that can be read."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.net.options import NetworkOptions
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths
from desktop.terminal.arguments import parser
from desktop.terminal.console import Console
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.program import _command
from main import PAPER_SWITCH, TOOLS_SWITCH, child_command
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.desktop.session.fakes import LOOPBACK, Factory, ScriptedProvider


class Screen(StringIO):
    """A terminal's side of a stream."""

    def isatty(self) -> bool:
        return True


@dataclass
class Desk:
    """Somebody at a terminal, or a pipe. `run` is a command line without the program's name."""

    services: ConsoleServices
    provider: ScriptedProvider
    keyring: MemoryKeyring

    async def run(self, *words: str) -> int:
        return await _command(self.services, parser("1.2.3").parse_args(words))

    def look(self, *, fancy: bool = False) -> None:
        """Read from here on what goes to standard output and error; `fancy` makes both a terminal's."""
        stream = Screen if fancy else StringIO
        self.services.console = Console(stream(), stream(), environ={})

    @property
    def out(self) -> str:
        assert isinstance(self.services.console.out, StringIO)
        return self.services.console.out.getvalue()

    @property
    def err(self) -> str:
        assert isinstance(self.services.console.err, StringIO)
        return self.services.console.err.getvalue()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    provider, keyring, settings = ScriptedProvider(), MemoryKeyring(), Settings(connections=(LOOPBACK,))
    keys = Keys(service="test", environ={}, find=lambda: keyring)
    file = SettingsFile(paths.settings_file)
    file.update(lambda _: settings)
    services = ConsoleServices(
        version="1.2.3",
        paths=paths,
        environ={},
        settings_file=file,
        catalog=Catalog(),
        keys=keys,
        gateway=Gateway(
            settings=CurrentSettings(settings), keys=keys, factory=Factory(provider), options=NetworkOptions()
        ),
        console=Console(StringIO(), StringIO(), environ={}),
        paper_command=tuple(child_command(PAPER_SWITCH)),
        tools_command=tuple(child_command(TOOLS_SWITCH)),
    )
    yield Desk(services, provider, keyring)
    await services.aclose()


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let these lines, and then the end, come from standard input."""
    monkeypatch.setattr(sys, "stdin", StringIO("".join(f"{line}\n" for line in lines)))
