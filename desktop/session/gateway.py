"""Connections to living providers: one a connection, made when first needed, made anew when its key changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from desktop.credentials.keys import Keys
from desktop.domain import Auth, Connection, Kind, ModelRef
from desktop.errors import KeyUnset, UsageError
from desktop.phrases import Phrase, phrase
from desktop.providers.base import Credential, ModelInfo, NetworkOptions, Provider, Secret
from desktop.settings.values import Settings

if TYPE_CHECKING:
    from desktop.providers.reach import Reached


class Factory(Protocol):
    """Makes a provider of a connection; imports what it needs when it is called."""

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        """A new provider. Raises ProviderError for an address that cannot be used, EngineError without an engine."""
        ...

    def warm(self, kind: Kind) -> None:
        """Import what providers of a kind need; slow the first time, called on a thread."""
        ...


class Gateway:
    """The providers of one run of the program. Whoever makes it closes it."""

    def __init__(self, *, settings: Settings, keys: Keys, factory: Factory, options: NetworkOptions) -> None:
        self.settings = settings
        self._keys = keys
        self._factory = factory
        self._options = options
        self._providers: dict[str, tuple[Connection, str | None, Provider]] = {}
        self._known: dict[ModelRef, ModelInfo] = {}
        self._making = asyncio.Lock()

    async def provider(self, name: str) -> Provider:
        """The provider of a connection.

        Raises ConnectionUnknown, KeyUnset, CredentialError, ProviderError or EngineError.
        """
        connection = self.settings.connection(name)
        async with self._making:
            key = await self._key(connection)
            made = self._providers.get(name)
            if made is not None and made[:2] == (connection, key):
                return made[2]
            if made is not None:
                del self._providers[name]
                await made[2].aclose()
            await asyncio.to_thread(self._factory.warm, connection.kind)
            provider = self._factory.create(connection, Secret(key) if key else None, self._options)
            self._providers[name] = (connection, key, provider)
            return provider

    async def trial(self, connection: Connection, key: str) -> Provider:
        """A provider of a connection that is not kept yet, with a key just typed; whoever asks for it closes it.

        Raises ProviderError for an address that cannot be used, EngineError without an engine.
        """
        await asyncio.to_thread(self._factory.warm, connection.kind)
        return self._factory.create(connection, Secret(key) if key else None, self._options)

    async def reach(self, connection: Connection) -> Reached:
        """Find a connection's server, without its key. Raises ProviderError where it cannot be reached."""
        # Late: what it takes of HTTP costs 20 ms to import, and the window paints without it.
        from desktop.providers.reach import reach

        await asyncio.to_thread(self._factory.warm, connection.kind)
        return await reach(connection, self._options)

    async def models(self, name: str) -> Sequence[ModelInfo]:
        """What a connection serves, with the names that the user typed. Raises as `provider` does."""
        provider = await self.provider(name)
        listed = {info.name: info for info in await provider.models()}
        for typed in self.settings.connection(name).models:
            listed.setdefault(typed, ModelInfo(name=typed))
        for info in listed.values():
            self._known[ModelRef(connection=name, name=info.name)] = info
        return sorted(listed.values(), key=lambda info: info.name.casefold())

    def known(self, ref: ModelRef) -> ModelInfo:
        """What the connection said of a model when it was last asked; its name alone where it was not."""
        return self._known.get(ref) or ModelInfo(name=ref.name)

    def known_of(self, name: str) -> tuple[ModelRef, ...]:
        """The models that a connection named when it was last asked and those that were typed, sorted by name."""
        typed = (ModelRef(connection=name, name=model) for model in self.settings.connection(name).models)
        return tuple(sorted({*typed, *(ref for ref in self._known if ref.connection == name)}))

    async def aclose(self) -> None:
        """Close all providers."""
        providers, self._providers = self._providers, {}
        for _, _, provider in providers.values():
            await provider.aclose()

    async def _key(self, connection: Connection) -> str | None:
        if connection.auth is Auth.ENTRA:
            raise UsageError(
                phrase(
                    "“{connection}” signs in with Entra ID, which this version cannot do.", connection=connection.name
                ),
                hint=phrase("Use a key: `connections add` with --auth key."),
            )
        key = await self._keys.get(connection)
        if key is None and connection.auth is Auth.KEY:
            raise KeyUnset(_no_key(connection))
        return key


def _no_key(connection: Connection) -> Phrase:
    name = connection.name
    if not connection.key_env:
        return phrase("There is no key for the connection “{connection}”.", connection=name)
    return phrase(
        "The variable {variable} is not set for the connection “{connection}”.",
        variable=connection.key_env,
        connection=name,
    )
