"""A browser in a test's own loop: fetches a page of the stand-in for the authority, and sends its form back."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.servers.authority import as_form, browse


@dataclass
class Visitor:
    """Trusts `ca_file`. `shown` is the page that came last."""

    ca_file: Path
    shown: str = ""

    async def visit(self, address: str) -> bool:
        """Show a page, and send its form to where it goes."""
        target, fields = browse(await self._fetch(address))
        self.shown = await post(target, fields)
        return True

    async def _fetch(self, address: str) -> str:
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
