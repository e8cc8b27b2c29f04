"""What the window and every command work with, put together once by main."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain import Conversation, ModelRef
from desktop.paths import Paths
from desktop.presets.presets import Presets
from desktop.session.gateway import Gateway
from desktop.session.session import Session
from desktop.settings.files import SettingsFile
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import Settings

if TYPE_CHECKING:
    from desktop.store.store import Store


@dataclass(kw_only=True)
class Services:
    """The services of one run. `notices` are sentences about what was found amiss at start.

    The store is opened when it is first needed. Whoever makes the services closes them.
    """

    version: str
    paths: Paths
    environ: Mapping[str, str]
    settings_file: SettingsFile
    settings: Settings
    catalog: Catalog
    keys: Keys
    gateway: Gateway
    presets: Presets = field(default_factory=Presets)
    notices: tuple[str, ...] = ()
    _store: Store | None = field(default=None, init=False)

    async def store(self) -> Store:
        """The open store. Raises StoreError."""
        if self._store is None:
            # Late: SQLite and the file lock take 40 ms to import, and the window paints before it needs them.
            from desktop.store.store import Store

            self._store = await Store.open(self.paths.data)
        return self._store

    async def session(self, conversation: Conversation) -> Session:
        """A conversation in use, kept in the store. Raises StoreError."""
        journal = (await self.store()).conversations
        return Session(conversation, gateway=self.gateway, catalog=self.catalog, journal=journal)

    def model(self, text: str | None) -> ModelRef:
        """The model that was asked for, or the settings' default. Raises UsageError."""
        return ModelRef.parse(text or self.settings.get(DEFAULT_MODEL))

    def use(self, settings: Settings) -> None:
        """Take changed settings into use: connections that changed get new providers when they are next asked."""
        self.settings = settings
        self.gateway.settings = settings

    async def aclose(self) -> None:
        """Close what is open: providers first, the store last."""
        await self.gateway.aclose()
        if self._store is not None:
            store, self._store = self._store, None
            await store.aclose()
