"""Services with real providers, over a folder of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.net.options import NetworkOptions
from desktop.providers.registry import Registry, default_factories
from desktop.services import Services
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths, resources
from tests.desktop.credentials.fakes import none_found

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    keys = Keys(service="test", environ={"LAB_KEY": KEY}, find=none_found)
    made = Services(
        version="1.2.3",
        paths=paths,
        environ={},
        settings_file=SettingsFile(paths.settings_file),
        catalog=Catalog.load(resources() / "catalog.toml"),
        keys=keys,
        gateway=Gateway(
            settings=CurrentSettings(Settings()),
            keys=keys,
            factory=Registry(default_factories()),
            options=NetworkOptions(connect_timeout_s=2, first_token_timeout_s=5, idle_timeout_s=2, max_retries=0),
        ),
    )
    yield made
    await made.aclose()
