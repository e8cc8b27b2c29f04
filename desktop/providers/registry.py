"""From a connection's kind to its provider; the adapters and their libraries are imported when one is made."""

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
"""Makes a provider of one kind; raises ProviderError for an address that cannot be used."""


class Registry:
    """Knows how to make a provider of each kind it was given."""

    def __init__(self, factories: Mapping[Kind, Factory]) -> None:
        self._factories = dict(factories)

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        """A new provider; makes no call. Whoever asks for it closes it.

        Raises UsageError for a kind that is not known here, AddressInvalid and AddressInsecure for the address.
        """
        factory = self._factories.get(connection.kind)
        if factory is None:
            raise UsageError(
                phrase(
                    "“{name}” is a connection of the kind {kind}, which is not available.",
                    name=connection.name,
                    kind=connection.kind,
                ),
                hint=phrase("Available: {join}.", join=", ".join(sorted(self._factories))),
            )
        return factory(connection, credential, options)

    def warm(self, kind: Kind) -> None:
        """Import what providers of a kind need, so that no request waits for it and no figure counts it.

        Takes 100 to 300 ms the first time: call it on a thread.
        """
        for name in _LIBRARIES.get(kind, ()):
            importlib.import_module(name)


def default_factories() -> dict[Kind, Factory]:
    """The kinds that speak over the network; the embedded one is added by whoever has an engine."""
    return {Kind.AZURE_INFERENCE: _azure_inference, Kind.OPENAI_V1: _openai_v1, Kind.ANTHROPIC: _anthropic}


def _azure_inference(connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
    from desktop.providers.azure_inference import AzureInferenceProvider

    return AzureInferenceProvider(connection, credential, options)


def _openai_v1(connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
    from desktop.providers.openai_v1 import OpenAIV1Provider

    return OpenAIV1Provider(connection, credential, options)


def _anthropic(connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
    from desktop.providers.anthropic import AnthropicProvider

    return AnthropicProvider(connection, credential, options)
