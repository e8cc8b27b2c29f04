"""An authority on loopback, a browser that follows its form, and sign-ins kept in a keyring in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from desktop.credentials import long_secrets
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.net.options import NetworkOptions
from desktop.settings.schema import ENTRA_AUTHORITY
from desktop.settings.values import Settings
from desktop.signin.cache import ITEM
from desktop.signin.entra import Entra
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.servers.authority import StandIn
from tests.servers.tls import make_certificates
from tests.servers.visitor import Visitor

Run = TypeVar("Run", bound=Entra)

FOUNDRY = Connection(
    name="foundry",
    kind=Kind.AZURE_INFERENCE,
    url="https://contoso.services.ai.azure.com/openai/v1",
    auth=Auth.ENTRA,
)


@dataclass
class World:
    """What a test of signing in works with. `new` is another run of the program with the same keyring."""

    authority: StandIn
    ca_file: Path
    keyring: MemoryKeyring = field(default_factory=lambda: MemoryKeyring(limit=1280))
    runs: list[Entra] = field(default_factory=list[Entra])
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.ca_file)

    def keyring_item(self) -> str:
        """All of what the keyring holds of sign-ins."""
        return long_secrets.read(self.keyring, "test", ITEM) or ""

    def keep_item(self, text: str) -> None:
        """Have the keyring hold something else of them."""
        long_secrets.write(self.keyring, "test", ITEM, text)

    def new(self, keys: Keys | None = None, settings: Settings | None = None) -> Entra:
        return self.new_of(Entra, keys, settings)

    def new_of(self, kind: type[Run], keys: Keys | None = None, settings: Settings | None = None) -> Run:
        settings = (settings or Settings()).set(ENTRA_AUTHORITY, self.authority.authority)
        keys = keys or Keys(service="test", environ={}, find=lambda: self.keyring)
        made = kind(keys, lambda: settings, NetworkOptions(ca_file=str(self.ca_file)))
        self.runs.append(made)
        return made


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World, None]:
    ca_file, context = make_certificates(tmp_path)
    async with StandIn(context) as authority:
        made = World(authority, ca_file)
        yield made
        for run in made.runs:
            await run.aclose()
