"""Creates the provider of a connection by its kind; adapters and their libraries are imported on first use."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import UsageError
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.provider import Provider
from desktop.text.phrases import phrase

_LIBRARIES = {
    Kind.AZURE_INFERENCE: ("azure.ai.inference.aio", "aiohttp"),
    Kind.OPENAI_V1: ("aiohttp",),
    Kind.ANTHROPIC: ("aiohttp",),
}

Factory = Callable[[Connection, Credential, NetworkOptions], Provider]
"""Creates a provider of one kind. Raises ProviderError for an invalid address."""


class Registry:
    """Creates providers with one factory per kind."""

    def __init__(self, factories: Mapping[Kind, Factory]) -> None:
        self._factories = dict(factories)

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        """Return a new provider, which the caller closes. Makes no request.

        Raises:
            UsageError: If there is no factory for the kind.
            AddressInvalid: If the address is invalid.
            AddressInsecure: If the address uses `http` for another machine.
        """
        factory = self._factories.get(connection.kind)
        if factory is None:
            raise UsageError(
                phrase(
                    "The type {kind} of the connection “{name}” is not available.",
                    name=connection.name,
                    kind=connection.kind,
                ),
                hint=phrase("Available types: {join}.", join=", ".join(sorted(self._factories))),
            )
        return factory(connection, credential, options)

    def warm(self, kind: Kind) -> None:
        """Import the libraries of a kind, so that no request waits for the import and no latency includes it.

        Takes 100 to 300 ms the first time, so call it on a thread.
        """
        for name in _LIBRARIES.get(kind, ()):
            importlib.import_module(name)


def default_factories() -> dict[Kind, Factory]:
    """Return the factories of all kinds of servers that are reached over the network."""
    return dict.fromkeys((Kind.AZURE_INFERENCE, Kind.OPENAI_V1, Kind.ANTHROPIC), _http_provider)


def _http_provider(connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
    from desktop.providers.http_provider import HttpProvider

    return HttpProvider(connection, credential, options)
