"""Pictures of signing in with Entra ID, against a stand-in for the authority."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

from PySide6.QtWidgets import QAbstractButton

from desktop.net.options import NetworkOptions
from desktop.settings.schema import ENTRA_AUTHORITY
from desktop.system.external_programs import Launch
from tests.servers.authority import StandIn
from tests.servers.tls import make_certificates
from tests.shots.pictures import picture
from tests.shots.stage import Stage


@asynccontextmanager
async def _signing(stage: Stage) -> AsyncGenerator[StandIn]:
    """The dialog with Entra ID chosen, and an authority behind it."""
    with patch("ui.base.link_opener.launch", return_value=Launch(None)), tempfile.TemporaryDirectory() as folder:
        ca_file, context = make_certificates(Path(folder))
        async with StandIn(context) as authority:
            settings = stage.services.settings_file.update(
                lambda found: found.set(ENTRA_AUTHORITY, authority.authority)
            )
            stage.services.use(settings)
            stage.services.gateway.options = NetworkOptions(ca_file=str(ca_file))
            authority.pending = 1000
            await stage.press("Add connection")
            await stage.type("Address", f"{stage.server.origin}/openai/v1")
            await stage.press("Sign in with: Entra ID")
            yield authority


@picture("sign-in-browser", stored=False)
@picture("sign-in-browser-dark", stored=False, theme="dark")
async def browser(stage: Stage) -> None:
    async with _signing(stage):
        await stage.press("Check")
        await stage.find(QAbstractButton, "Use a code instead")
        await stage.settle(0.5)
        stage.keep()


@picture("sign-in-code", stored=False)
async def code(stage: Stage) -> None:
    async with _signing(stage):
        await stage.press("Check")
        await stage.press("Use a code instead")
        await stage.find(QAbstractButton, "Copy code")
        await stage.settle(0.3)
        stage.keep()
