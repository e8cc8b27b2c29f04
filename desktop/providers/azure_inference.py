"""Azure AI Foundry and whatever else speaks its three routes: v1, model inference and deployments."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING

from desktop.addresses import Profile, repair
from desktop.domain import Connection
from desktop.errors import ConnectFailed, ProviderError
from desktop.events import StreamEvent
from desktop.providers.answer_stream import AnswerStream, Sleep
from desktop.providers.azure_transport import AzureTransport
from desktop.providers.fetch import fetch_json, lets_in
from desktop.providers.provider import ChatRequest, Credential, ModelInfo, NetworkOptions
from desktop.providers.wire.model_lists import read_deployments, read_info, read_models
from desktop.providers.wire_choice import WireChoice

if TYPE_CHECKING:
    from desktop.providers.batch_api import BatchApi

# The only version of the deployment list that takes a key instead of a sign-in to the management plane
_DEPLOYMENTS, _DEPLOYMENTS_VERSION = "/openai/deployments", "2023-03-15-preview"


class AzureInferenceProvider:
    """An endpoint of Azure. The address's path picks the route; the model is a deployment's name."""

    def __init__(
        self,
        connection: Connection,
        credential: Credential,
        options: NetworkOptions,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        """Makes no call and imports no SDK. Raises AddressInvalid and AddressInsecure."""
        self._address = repair(connection.kind, connection.url)
        self._options = options
        self._kind = connection.kind
        self._transport = AzureTransport(connection, self._address, credential, options)
        self._answers = AnswerStream(
            self._transport,
            self._address,
            options,
            WireChoice(connection, self._address.origin, options.wires),
            sleep=sleep,
            rng=rng,
        )

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The answer's events; see Provider. Raises ProviderError."""
        return self._answers.stream(request)

    async def models(self) -> Sequence[ModelInfo]:
        """The deployments that the key may see; else what `/info` names, else base models, marked as suggested.

        A deployment that the address names is always among them, and where it lets in, no list is needed. Raises
        ProviderError where none of that answers.
        """
        try:
            listed = await self._listed()
        except ConnectFailed:
            raise
        except ProviderError as error:
            if not self._address.deployment or (error.status in {401, 403} and not await self._lets_in()):
                raise
            listed = []
        found = {model.name: model for model in listed}
        if self._address.deployment:
            found.setdefault(self._address.deployment, ModelInfo(name=self._address.deployment))
        return [found[name] for name in sorted(found)]

    def batches(self) -> BatchApi:
        """The server's Batch API, over the same transport."""
        from desktop.providers.batch_api import BatchApi
        from desktop.providers.batch_routes import BatchRoutes

        return BatchApi(BatchRoutes(self._transport, self._address, self._options), self._answers, self._kind)

    async def aclose(self) -> None:
        """Close every socket. May be called twice."""
        await self._transport.aclose()

    async def _listed(self) -> list[ModelInfo]:
        deployments = await self._try(self._address.at_origin(_DEPLOYMENTS, _DEPLOYMENTS_VERSION))
        if deployments is not None and (found := read_deployments(deployments)):
            return found
        if self._address.profile is Profile.INFERENCE:
            info = await self._try(self._address.sibling("info"))
            if info is not None and (found := read_info(info)):
                return found
        return await self._suggested()

    async def _suggested(self) -> list[ModelInfo]:
        if self._address.profile is Profile.V1:
            return read_models(await self._fetch(self._address.sibling("models")), suggested=True)
        try:
            return read_models(await self._fetch(self._address.at_origin("/openai/v1/models")), suggested=True)
        except ConnectFailed:
            raise
        except ProviderError:
            # Servers that are not Azure's have their list beside the route
            beside = None if self._address.deployment else await self._try(self._address.sibling("models"))
            if beside is None:
                raise
            return read_models(beside)

    async def _lets_in(self) -> bool:
        return await lets_in(self._transport, self._address.chat(self._address.deployment), self._options)

    async def _fetch(self, address: str) -> object:
        return await fetch_json(self._transport, address, self._options)

    async def _try(self, address: str) -> object | None:
        """What an address that need not exist gives; None where the server refuses it."""
        try:
            return await self._fetch(address)
        except ConnectFailed:
            raise
        except ProviderError:
            return None
