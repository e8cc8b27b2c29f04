"""A scripted provider, a factory that hands it out, and a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import (
    Auth,
    Connection,
    Conversation,
    Kind,
    Message,
    ModelRef,
)
from desktop.domain.events import Finished, StreamEvent, TextDelta
from desktop.domain.message_parts import PartKind
from desktop.errors import ParagoneError
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.provider import ChatRequest, ModelInfo, Provider
from desktop.receipts.receipt import Receipt
from desktop.session.gateway import Gateway
from desktop.session.session import Session, new_conversation
from desktop.settings.current import CurrentSettings
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import none_found

LOOPBACK = Connection(name="lab", kind=Kind.OPENAI_V1, url="http://127.0.0.1:1/v1", auth=Auth.NONE)
REF = ModelRef(connection="lab", name="scripted")

Script = Sequence[StreamEvent | ParagoneError | Exception | asyncio.Event | float | None]


def said(*texts: str, reason: str = "stop") -> list[StreamEvent]:
    """The events of a short answer."""
    return [*(TextDelta(text=text) for text in texts), Finished(reason=reason)]


@dataclass
class ScriptedProvider:
    """Yields one script after the other: raises errors, waits at None for ever, at numbers for seconds, for Events."""

    scripts: list[Script] = field(default_factory=list[Script])
    infos: Sequence[ModelInfo] = ()
    requests: list[ChatRequest] = field(default_factory=list[ChatRequest])
    cancelled: int = 0
    closed: bool = False
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        for event in self.scripts[min(len(self.requests), len(self.scripts)) - 1]:
            if event is None:
                self.waiting.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    self.cancelled += 1
                    raise
            elif isinstance(event, (int, float)):
                await asyncio.sleep(event)
            elif isinstance(event, asyncio.Event):
                await event.wait()
            elif isinstance(event, Exception):
                raise event
            else:
                yield event

    async def models(self) -> Sequence[ModelInfo]:
        return self.infos

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Factory:
    """Hands out one provider for every connection and remembers with what credential."""

    provider: Provider
    credentials: list[Credential] = field(default_factory=list[Credential])
    warmed: list[Kind] = field(default_factory=list[Kind])

    def create(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        self.credentials.append(credential)
        return self.provider

    def warm(self, kind: Kind) -> None:
        self.warmed.append(kind)


@dataclass
class MemoryJournal:
    """Keeps what it is given; `refuse` are errors for the next calls of each kind."""

    begun: list[tuple[Conversation, Message | None, Message]] = field(
        default_factory=list[tuple[Conversation, Message | None, Message]]
    )
    appended: list[tuple[PartKind, str]] = field(default_factory=list[tuple[PartKind, str]])
    finished: list[Message] = field(default_factory=list[Message])
    receipts: list[Receipt | None] = field(default_factory=list["Receipt | None"])
    refuse_begin: list[ParagoneError] = field(default_factory=list[ParagoneError])
    refuse_append: list[ParagoneError] = field(default_factory=list[ParagoneError])
    refuse_finish: list[ParagoneError] = field(default_factory=list[ParagoneError])

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        if self.refuse_begin:
            raise self.refuse_begin.pop(0)
        self.begun.append((conversation, prompt, answer))

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        if self.refuse_append:
            raise self.refuse_append.pop(0)
        self.appended += deltas

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        if self.refuse_finish:
            raise self.refuse_finish.pop(0)
        self.finished.append(message)
        self.receipts.append(receipt)


def gateway(provider: Provider, settings: Settings | None = None) -> Gateway:
    """A gateway to one provider, with a connection `lab` that needs no key."""
    return Gateway(
        settings=CurrentSettings(settings or Settings(connections=(LOOPBACK,))),
        keys=Keys(service="test", environ={}, find=none_found),
        factory=Factory(provider),
        options=NetworkOptions(),
    )


def session(provider: Provider, journal: MemoryJournal, catalog: Catalog | None = None, system: str = "") -> Session:
    """A new conversation with the scripted model."""
    return Session(
        new_conversation(REF, system=system), gateway=gateway(provider), catalog=catalog or Catalog(), journal=journal
    )
