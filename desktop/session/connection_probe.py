"""The check of a connection before it is kept: reached, signed in, first tokens; timed, the first failure named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Connection, Parameters, Problem, Role, Value, Wire
from desktop.domain.events import Finished, ReasoningDelta, RetryWait, Started, TextDelta
from desktop.errors import (
    AddressNotFound,
    ConnectFailed,
    DeploymentNotFound,
    ParagoneError,
    ProviderError,
    RateLimited,
    RequestRejected,
    RouteRetired,
)
from desktop.net.reach import Reached
from desktop.providers.provider import ChatMessage, ChatRequest, ModelInfo, Provider
from desktop.providers.wire_choice import first_wire
from desktop.text.phrases import Phrase, phrase

_TOKENS = 16
"""So few tokens are asked for: enough for a reasoning model to begin, cheap for all."""

_PIECES, _TOGETHER_S, _WAITED_S, _LONG_S = 6, 0.002, 0.3, 1.0
"""So many pieces of an answer that come within this time after a wait came as one; no longer is waited for them."""

HELD_BACK = phrase(
    "The response arrived in one piece: something between the server and this computer buffers it. Turn "
    "buffering off there (nginx: proxy_buffering off, or the header X-Accel-Buffering: no)."
)

_OF_THE_MODEL = (DeploymentNotFound, RequestRejected, RouteRetired)
"""What one model is refused for says nothing of the next."""

_OF_THE_SERVER = (ConnectFailed, RateLimited)
"""What is said over one wire and holds for all."""

OVER: Mapping[Wire, Callable[[str], Phrase]] = {
    Wire.CHAT: lambda model: phrase("TTFT of {model}", model=model),
    Wire.RESPONSES: lambda model: phrase("TTFT of {model} over the Responses API", model=model),
    Wire.MESSAGES: lambda model: phrase("TTFT of {model} over the Messages API", model=model),
}


class ProbeStep(Value, frozen=True, kw_only=True):
    """One step and how it went. `problem` is None where it went well; `note` may still say what could be better.

    `models` is what the list step found, `answered` the model that gave a first token, `asked` the one that was asked
    for it, and `wire` the one over which it answered, or should have.
    """

    text: str
    took_ms: float
    problem: Problem | None = None
    note: str = ""
    models: tuple[ModelInfo, ...] = ()
    answered: str = ""
    asked: str = ""
    wire: Wire = Wire.AUTO


@dataclass(kw_only=True)
class Probe:
    """A check of one connection.

    `named` are the models to ask; without any one is asked for each wire that those listed need, as the `connection`
    has it and the `catalog` knows. A server without a list is no failure where a model is named. `reach` finds the
    server before anything is asked of it; `with_key` says that a key is sent; without `listing` the models that are
    named are all there are, of which some may be `known`. `trying` is told each model that is asked, `waiting` each
    wait before it is asked again.
    """

    provider: Provider
    named: Sequence[str] = ()
    reach: Callable[[], Awaitable[Reached]] | None = None
    with_key: bool = True
    listing: bool = True
    known: Sequence[ModelInfo] = ()
    connection: Connection | None = None
    catalog: Catalog = field(default_factory=Catalog)
    trying: Callable[[str], None] = lambda _model: None
    waiting: Callable[[RetryWait], None] = lambda _wait: None
    clock: Callable[[], float] = time.monotonic
    _listed: tuple[ModelInfo, ...] = field(default=(), init=False)

    async def steps(self) -> AsyncGenerator[ProbeStep, None]:
        """The steps as they are done. A failed one is the last, but for a model that fails beside others."""
        if self.reach is not None:
            step = await self._reach(self.reach)
            yield step
            if step.problem is not None:
                return
        step = await self._list() if self.listing else None
        if step is not None:
            yield step
            if step.problem is not None:
                return
        barred: set[Wire] = set()
        for info in self._to_ask():
            if self._first(info) in barred:
                continue
            step, error = await self._try(info)
            yield step
            if isinstance(error, _OF_THE_SERVER):
                return
            if error is not None and not isinstance(error, _OF_THE_MODEL):
                barred.add(self._first(info))

    def _to_ask(self) -> Sequence[ModelInfo]:
        known = {info.name: info for info in (*self.known, *self._listed)}
        if self.named:
            return [known.get(name) or ModelInfo(name=name) for name in self.named]
        return one_a_wire(self._listed, self._first)

    def _known(self, info: ModelInfo) -> Wire:
        return self.catalog.entry(info.base, info.name).wire

    def _first(self, info: ModelInfo) -> Wire:
        return Wire.CHAT if self.connection is None else first_wire(self.connection, info.name, self._known(info))

    async def _try(self, info: ModelInfo) -> tuple[ProbeStep, ParagoneError | None]:
        """Ask a model for its first tokens: the step, and the error where it failed."""
        started, model = self.clock(), info.name
        self.trying(model)
        try:
            first, in_one_piece, wire = await self._first_tokens(info)
        except ParagoneError as error:
            step = _failed(phrase("No response from {model}", model=model), error, self.clock() - started)
            return msgspec.structs.replace(step, asked=model, wire=self._first(info)), error
        said = OVER[wire](model)
        note = HELD_BACK if in_one_piece else ""
        took_ms = _ms(first - started)
        return ProbeStep(text=said, took_ms=took_ms, answered=model, asked=model, wire=wire, note=note), None

    async def _first_tokens(self, info: ModelInfo) -> tuple[float, bool, Wire]:
        """Ask for a few tokens and leave soon after the first.

        When it came, whether it came with all the others, and over which wire. Raises ProviderError.
        """
        wire = self._first(info)
        request = ChatRequest(
            model=info.name,
            wire=self._known(info),
            messages=(ChatMessage(role=Role.USER, text="Count to nine."),),
            parameters=Parameters(values={"max_tokens": _TOKENS}),
        )
        started, times = self.clock(), list[float]()
        async with aclosing(self.provider.stream(request)) as events:
            async for event in events:
                if isinstance(event, Started):
                    wire = event.wire
                if isinstance(event, RetryWait):
                    self.waiting(event)
                if isinstance(event, (TextDelta, ReasoningDelta, Finished)):
                    times.append(self.clock())
                    break
            with suppress(TimeoutError, ParagoneError):  # it has answered
                async with asyncio.timeout(_LONG_S):
                    async for event in events:
                        if isinstance(event, (TextDelta, ReasoningDelta)):
                            times.append(self.clock())
                        if len(times) >= _PIECES:
                            break
        first = times[0] if times else self.clock()
        at_once = len(times) >= _PIECES and times[-1] - first < _TOGETHER_S and first - started > _WAITED_S
        return first, at_once, wire

    async def _reach(self, reach: Callable[[], Awaitable[Reached]]) -> ProbeStep:
        started = self.clock()
        try:
            reached = await reach()
        except ParagoneError as error:
            return _failed(phrase("Not reachable"), error, self.clock() - started)
        tls, plain = (
            phrase("Reachable over TLS, certificate trusted"),
            phrase("Reachable on this computer, without TLS"),
        )
        text = tls if reached.tls else plain
        return ProbeStep(text=text, took_ms=reached.took_ms)

    async def _list(self) -> ProbeStep | None:
        """The step that signs in and lists; None where there is no list and none is needed."""
        started = self.clock()
        try:
            self._listed = tuple(await self.provider.models())
        except ParagoneError as error:
            if lists_nothing(error):
                if self.named:
                    return None
                error.hint = phrase("This server does not list its models. If its address is right, add a model name.")
                return _failed(phrase("No model list"), error, self.clock() - started)
            text = phrase("Not signed in") if self.with_key else phrase("No model list")
            return _failed(text, error, self.clock() - started)
        text = phrase("Key accepted") if self.with_key else phrase("Models listed")
        return ProbeStep(text=text, took_ms=_ms(self.clock() - started), models=self._listed)


_NOT_THERE = frozenset({404, 405, 410, 501})


def lists_nothing(error: ParagoneError) -> bool:
    """Whether a server was reached that does not list its models; it may answer over the chat route all the same."""
    return isinstance(error, AddressNotFound) or (isinstance(error, ProviderError) and error.status in _NOT_THERE)


def offered(models: Sequence[ModelInfo]) -> tuple[str, ...]:
    """Names of models that are surely served; mere suggestions are left out."""
    return tuple(info.name for info in models if not info.suggested)


def one_a_wire(models: Sequence[ModelInfo], first: Callable[[ModelInfo], Wire]) -> list[ModelInfo]:
    """The first model of each wire that models need which are surely served."""
    found: dict[Wire, ModelInfo] = {}
    for info in models:
        if not info.suggested:
            found.setdefault(first(info), info)
    return list(found.values())


def _failed(text: str, error: ParagoneError, took_s: float) -> ProbeStep:
    problem = Problem(code=error.code, message=error.message, hint=error.hint)
    return ProbeStep(text=text, took_ms=_ms(took_s), problem=problem)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
