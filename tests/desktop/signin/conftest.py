"""An authority on loopback, a browser that follows its form, and sign-ins kept in a keyring in memory."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop.credentials.keys import Keys
from desktop.domain import Auth, Connection, Kind
from desktop.providers.base import NetworkOptions
from desktop.settings.schema import ENTRA_AUTHORITY
from desktop.settings.values import Settings
from desktop.signin.entra import Entra
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.servers.authority import StandIn, as_form, browse
from tests.servers.tls import make_certificates

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

    def new(self, keys: Keys | None = None, settings: Settings | None = None) -> Entra:
        settings = (settings or Settings()).set(ENTRA_AUTHORITY, self.authority.authority)
        keys = keys or Keys(service="test", environ={}, find=lambda: self.keyring)
        made = Entra(keys, settings, NetworkOptions(ca_file=str(self.ca_file)))
        self.runs.append(made)
        return made

    async def browser(self, address: str) -> bool:
        """Show a page: fetch it, and send its form to where it goes."""
        target, fields = browse(await self.fetch(address))
        self.sent_back = await post(target, fields)
        return True

    sent_back: str = ""

    async def fetch(self, address: str) -> str:
        host, _, path = address.removeprefix("https://").partition("/")
        context = ssl.create_default_context(cafile=self.ca_file)
        name, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port), ssl=context, server_hostname=name)
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        text = (await reader.read()).decode()
        writer.close()
        return text


async def post(address: str, fields: dict[str, str]) -> str:
    """Send a form to this computer; the page that comes back."""
    host, _, path = address.removeprefix("http://").partition("/")
    body = as_form(fields)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.partition(":")[2]))
    writer.write(f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    text = (await reader.read()).decode()
    writer.close()
    return text


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World, None]:
    ca_file, context = make_certificates(tmp_path)
    async with StandIn(context) as authority:
        made = World(authority, ca_file)
        yield made
        for run in made.runs:
            await run.aclose()
