"""Providers on the fault server and one way to collect an answer."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TypeVar

from desktop.catalog.learnt_models import LearntWires
from desktop.domain.conversation_types import Connection, JsonValue, Kind, Parameters, Role
from desktop.domain.events import Finished, ReasoningDelta, RequestSent, StreamEvent, TextDelta
from desktop.errors import ProviderError
from desktop.net.options import Credential, NetworkOptions, Secret
from desktop.providers.http_provider import HttpProvider
from desktop.providers.provider import ChatMessage, ChatRequest, Provider
from tests.servers.faults import FaultServer
from tests.slowness import slowness

KEY = "sk-test-0123456789"
SECRET = Secret(KEY)
_CALM = 0.5 * slowness()
QUICK = NetworkOptions(connect_timeout_s=5, first_token_timeout_s=_CALM, idle_timeout_s=_CALM / 2)
T = TypeVar("T")
ROUTES = ("openai-v1", "/openai/v1", "/models", "/openai/deployments/any")


@dataclass
class Outcome:
    """What came of one request."""

    events: list[StreamEvent] = field(default_factory=list[StreamEvent])
    sent: list[RequestSent] = field(default_factory=list[RequestSent])
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def thought(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def reason(self) -> str | None:
        last = self.events[-1] if self.events else None
        return last.reason if isinstance(last, Finished) else None

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


def request(model: str, text: str = "hi", *, system: str = "", **parameters: JsonValue) -> ChatRequest:
    before = (ChatMessage(role=Role.SYSTEM, text=system),) if system else ()
    messages = (*before, ChatMessage(role=Role.USER, text=text))
    return ChatRequest(model=model, messages=messages, parameters=Parameters(values=parameters))


async def ask(
    provider: Provider, model: str, text: str = "hi", *, system: str = "", **parameters: JsonValue
) -> Outcome:
    """What comes of a request for one prompt."""
    return await collect(provider, request(model, text, system=system, **parameters))


async def collect(provider: Provider, asked: ChatRequest) -> Outcome:
    """All events of an answer, and the error that ended it."""
    outcome = Outcome()
    try:
        async with aclosing(provider.stream(asked)) as events:
            async for event in events:
                if isinstance(event, RequestSent):
                    outcome.sent.append(event)
                else:
                    outcome.events.append(event)
    except ProviderError as error:
        outcome.error = error
    return outcome


def make(
    server: FaultServer, route: str = "openai-v1", credential: Credential = SECRET, options: NetworkOptions = QUICK
) -> Provider:
    """A provider on one of the server's routes that retries without waiting."""
    if route == "openai-v1":
        return make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url), credential, options)
    return make_of(Connection(name="c", kind=Kind.AZURE_INFERENCE, url=server.origin + route), credential, options)


def make_of(connection: Connection, credential: Credential = SECRET, options: NetworkOptions = QUICK) -> Provider:
    """A provider of a connection that retries without waiting, and has learnt nothing."""
    if options is QUICK:
        options = replace(QUICK, wires=LearntWires())
    return HttpProvider(connection, credential, options, sleep=at_once)


async def at_once(seconds: float) -> None:
    """A sleep that takes no time."""
