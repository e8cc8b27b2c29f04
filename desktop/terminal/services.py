"""What every command works with, put together once by main."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain import ModelRef
from desktop.paths import Paths
from desktop.session.gateway import Gateway
from desktop.settings.files import SettingsFile
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import Settings
from desktop.store.store import Store
from desktop.terminal.console import Console


@dataclass(slots=True)
class Services:
    """The services of one run. `notices` are sentences about what was found amiss at start.

    The store is opened by the first command that needs it.
    """

    version: str
    paths: Paths
    environ: Mapping[str, str]
    console: Console
    settings_file: SettingsFile
    settings: Settings
    catalog: Catalog
    keys: Keys
    gateway: Gateway
    notices: tuple[str, ...] = ()
    _store: Store | None = field(default=None, init=False)

    async def store(self) -> Store:
        """The open store; what was found amiss in it is told once. Raises StoreError."""
        if self._store is None:
            self._store = await Store.open(self.paths.data)
            for notice in self._store.notices:
                self.console.note(notice)
        return self._store

    def model(self, text: str | None) -> ModelRef:
        """The model that was asked for, or the settings' default.

        Raises UsageError.
        """
        return ModelRef.parse(text or self.settings.get(DEFAULT_MODEL))

    async def aclose(self) -> None:
        """Close what is open: providers first, the store last."""
        await self.gateway.aclose()
        if self._store is not None:
            store, self._store = self._store, None
            await store.aclose()
