"""Over which wire a model is asked: as somebody chose, as it was learnt, as the catalog knows, else over chat."""

from __future__ import annotations

import asyncio

from desktop.catalog.learnt_models import LearntWires
from desktop.domain.conversation_types import Connection, Kind, Wire
from desktop.errors import AddressNotFound, DeploymentNotFound, ProviderError, WireRejected

_NOT_THERE = frozenset({400, 403, 404, 405, 501})


def chosen_wire(connection: Connection, model: str) -> Wire:
    """What somebody chose for a model, else for its connection; `auto` where nobody did.

    A connection of Anthropic's format has one wire.
    """
    if connection.kind is Kind.ANTHROPIC:
        return Wire.MESSAGES
    chosen = connection.wires.get(model, Wire.AUTO)
    return connection.wire if chosen is Wire.AUTO else chosen


def first_wire(connection: Connection, model: str, known: Wire) -> Wire:
    """Over which wire a model is asked of which nothing was learnt.

    What the catalog knows counts on Azure alone: a gateway may serve a model of that name over chat completions.
    """
    chosen = chosen_wire(connection, model)
    if chosen is not Wire.AUTO:
        return chosen
    counts = connection.kind is Kind.AZURE_INFERENCE and known is not Wire.AUTO
    return known if counts else Wire.CHAT


class WireChoice:
    """The wires of one connection's models; what its server taught is remembered by its origin."""

    def __init__(self, connection: Connection, origin: str, learnt: LearntWires) -> None:
        self._connection = connection
        self.origin = origin
        self._learnt = learnt

    @property
    def connection(self) -> str:
        """The connection's name."""
        return self._connection.name

    def of(self, model: str, known: Wire) -> Wire:
        """The wire to ask a model over, of which the catalog knows one, or `auto`."""
        learnt = self._learnt.get(self.connection, self.origin, model) if self.is_free(model) else None
        return learnt or first_wire(self._connection, model, known)

    def is_free(self, model: str) -> bool:
        """Whether nobody chose, so that another wire may be gone to."""
        return chosen_wire(self._connection, model) is Wire.AUTO

    def instead(self, model: str, wire: Wire, error: ProviderError) -> Wire | None:
        """Another wire to try where a model is refused over one; None where there is none, or somebody chose.

        The refusals that name one are followed. A deployment may be called like a model that it is not: where it is not
        there over the wire of its name, chat completions are tried.
        """
        if not self.is_free(model):
            return None
        if isinstance(error, WireRejected) and wire is Wire.CHAT:
            return Wire(error.instead)
        missing = isinstance(error, (AddressNotFound, DeploymentNotFound, WireRejected))
        return Wire.CHAT if missing and wire is not Wire.CHAT else None

    async def learn(self, model: str, wire: Wire) -> None:
        """Remember that a model answers over a wire."""
        await asyncio.to_thread(self._learnt.learn, self.connection, self.origin, model, wire)

    async def doubt(self, model: str, error: ProviderError) -> None:
        """Forget over which wire a model answers where it is refused there: that may have been so once."""
        if error.status in _NOT_THERE and self.is_free(model):
            await asyncio.to_thread(self._learnt.forget, self._connection.name, model)
