"""Choice of a model's API format: the user's, otherwise the learned one, the catalog's, or Chat Completions."""

from __future__ import annotations

import asyncio

from desktop.catalog.learnt_models import LearntWires
from desktop.domain.conversation_types import Connection, Kind, Wire
from desktop.errors import AddressNotFound, DeploymentNotFound, ProviderError, WireRejected

_NOT_THERE = frozenset({400, 403, 404, 405, 501})


def chosen_wire(connection: Connection, model: str) -> Wire:
    """Return the user's choice for a model, otherwise for its connection; `auto` if there is none.

    A connection to Anthropic has only one API format.
    """
    if connection.kind is Kind.ANTHROPIC:
        return Wire.MESSAGES
    chosen = connection.wires.get(model, Wire.AUTO)
    return connection.wire if chosen is Wire.AUTO else chosen


def first_wire(connection: Connection, model: str, known: Wire) -> Wire:
    """Return the API format for a model about which nothing was learned.

    The catalog is only used on Azure, because a gateway may serve a model of that name over Chat Completions.
    """
    chosen = chosen_wire(connection, model)
    if chosen is not Wire.AUTO:
        return chosen
    counts = connection.kind is Kind.AZURE_INFERENCE and known is not Wire.AUTO
    return known if counts else Wire.CHAT


class WireChoice:
    """Chooses the API formats of one connection's models; formats learned from the server are stored by its origin."""

    def __init__(self, connection: Connection, origin: str, learnt: LearntWires) -> None:
        self._connection = connection
        self.origin = origin
        self._learnt = learnt

    @property
    def connection(self) -> str:
        """Name of the connection."""
        return self._connection.name

    def of(self, model: str, known: Wire, *, searches: bool = False) -> Wire:
        """Return the API format for a model; `known` is the catalog's, or `auto`.

        For a request that `searches` the web, Responses is tried before Chat Completions, because OpenAI, Azure and xAI
        support web search only there.
        """
        if not self.is_free(model):
            return first_wire(self._connection, model, known)
        learnt = self._learnt.get(self.connection, self.origin, model)
        first = learnt or first_wire(self._connection, model, known)
        return Wire.RESPONSES if searches and learnt is None and first is Wire.CHAT else first

    def is_free(self, model: str) -> bool:
        """Whether the user chose no API format, so that another one may be tried."""
        return chosen_wire(self._connection, model) is Wire.AUTO

    def instead(self, model: str, wire: Wire, error: ProviderError) -> Wire | None:
        """Return another API format to try after a rejection; None if there is none, or the user chose one.

        If the rejection names a format, that one is used. A deployment may have the name of another model: if it is not
        found with that model's format, Chat Completions is tried.
        """
        if not self.is_free(model):
            return None
        if isinstance(error, WireRejected) and wire is Wire.CHAT:
            return Wire(error.instead)
        missing = isinstance(error, (AddressNotFound, DeploymentNotFound, WireRejected))
        return Wire.CHAT if missing and wire is not Wire.CHAT else None

    async def learn(self, model: str, wire: Wire) -> None:
        """Remember a model's API format."""
        await asyncio.to_thread(self._learnt.learn, self.connection, self.origin, model, wire)

    async def doubt(self, model: str, error: ProviderError) -> None:
        """Forget a model's API format if the model is not found there, since the format may have changed."""
        if error.status in _NOT_THERE and self.is_free(model):
            await asyncio.to_thread(self._learnt.forget, self._connection.name, model)
