"""Lists the models of a server: one route in OpenAI's and Anthropic's format, several routes on Azure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from desktop.domain.conversation_types import Kind
from desktop.errors import AnswerTooLarge, ConnectFailed, NotAStream, ProviderError, Stalled
from desktop.net.addresses import Address, Profile
from desktop.net.options import NetworkOptions
from desktop.providers.answer_stream import read_bounded, refusal, refuse_compressed
from desktop.providers.provider import ModelInfo
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.error_bodies import is_page, page_title
from desktop.providers.wire.model_lists import read_deployments, read_info, read_models
from desktop.providers.wire.transport import Reply, Transport
from desktop.text.phrases import phrase

_HEADERS = {"Accept": "application/json"}
_MOST_BYTES = 16 << 20
_BODY_S = 30.0


_ANTHROPIC_PAGE = 1_000
"""Models per request: the maximum that Anthropic allows; the default is 20."""

# The only version of the deployment list that accepts a key instead of a management plane token
_DEPLOYMENTS, _DEPLOYMENTS_VERSION = "/openai/deployments", "2023-03-15-preview"


class ModelListing:
    """Lists the models that one connection's server serves."""

    def __init__(self, kind: Kind, transport: Transport, address: Address, options: NetworkOptions) -> None:
        self._kind = kind
        self._transport = transport
        self._address = address
        self._options = options

    async def models(self) -> Sequence[ModelInfo]:
        """Return the models sorted by name. Raises ProviderError."""
        match self._kind:
            case Kind.AZURE_INFERENCE:
                return await self._of_azure()
            case Kind.ANTHROPIC:
                return read_models(await self._fetch(self._address.sibling("v1/models", limit=str(_ANTHROPIC_PAGE))))
            case _:
                return read_models(await self._fetch(self._address.sibling("models")))

    async def _of_azure(self) -> Sequence[ModelInfo]:
        """Return the deployments visible to the key, else the models of `/info`, else base models as suggestions.

        A deployment in the address is always included; no list is needed if it accepts the key.
        """
        try:
            listed = await self._listed()
        except ConnectFailed:
            raise
        except ProviderError as error:
            if not self._address.deployment or (error.status in {401, 403} and not await self._accepts_key()):
                raise
            listed = []
        models = {model.name: model for model in listed}
        if self._address.deployment:
            models.setdefault(self._address.deployment, ModelInfo(name=self._address.deployment))
        return [models[name] for name in sorted(models)]

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
            # Other servers than Azure list their models next to the chat route
            neighbor = None if self._address.deployment else await self._try(self._address.sibling("models"))
            if neighbor is None:
                raise
            return read_models(neighbor)

    async def _accepts_key(self) -> bool:
        """Return whether the chat route accepts the key, by sending an empty object, which no model responds to."""
        address = self._address.chat(self._address.deployment)
        async with _reply(self._transport, "POST", address, self._options, b"{}") as reply:
            return reply.status not in {401, 403}

    async def _fetch(self, address: str) -> object:
        return await _fetch_json(self._transport, address, self._options)

    async def _try(self, address: str) -> object | None:
        """Fetch from an address that may not exist; return None if the server rejects the request."""
        try:
            return await self._fetch(address)
        except ConnectFailed:
            raise
        except ProviderError:
            return None


async def _fetch_json(transport: Transport, address: str, options: NetworkOptions) -> object:
    """Return the decoded JSON at an address. Raises ProviderError, or NotAStream for a web page or other text."""
    async with AsyncExitStack() as stack:
        reply = await stack.enter_async_context(_reply(transport, "GET", address, options))
        target = transport.target()  # with the key that was sent, so that it is masked
        if reply.status != 200:
            raise await refusal(reply, target)
        refuse_compressed(reply, target)
        body = await read_bounded(reply, _MOST_BYTES + 1, _BODY_S)
    if len(body) > _MOST_BYTES:
        raise AnswerTooLarge(
            phrase(
                "{host} sent a list larger than {MOST_BYTES} bytes.", host=target.host, MOST_BYTES=f"{_MOST_BYTES:,}"
            )
        )
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    if is_page(text):
        title = page_title(text, target.secrets)
        named = f" (“{title}”)" if title else ""
        raise NotAStream(
            phrase("{host} sent a web page{named} instead of a list of models.", host=target.host, named=named),
            status=200,
        )
    return decode(text, target)


@asynccontextmanager
async def _reply(
    transport: Transport, method: str, address: str, options: NetworkOptions, body: bytes | None = None
) -> AsyncGenerator[Reply]:
    seconds = options.connect_timeout_s + options.idle_timeout_s
    headers = _HEADERS if body is None else {**_HEADERS, "Content-Type": "application/json"}
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(seconds):
                reply = await stack.enter_async_context(transport.request(method, address, headers, body))
        except TimeoutError:
            host = transport.target().host
            raise Stalled(
                phrase("{host} sent no response within {seconds} seconds.", host=host, seconds=f"{seconds:g}")
            ) from None
        yield reply
