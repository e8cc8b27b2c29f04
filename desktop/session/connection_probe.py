"""Test of a connection before it is saved: connects, signs in and requests first tokens, until the first failure."""

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
"""Requested output tokens: enough for a reasoning model to start, and cheap for every model."""

_PIECES, _TOGETHER_S, _WAITED_S, _LONG_S = 6, 0.002, 0.3, 1.0
"""Buffering test: a response that starts after this wait (third value, in seconds) and whose first pieces (first value)
all arrive within the second value was buffered. The last value limits the test, in seconds."""

HELD_BACK = phrase(
    "The response arrived all at once, so something between the server and this computer is buffering it. "
    "Turn off buffering there (nginx: proxy_buffering off, or the header X-Accel-Buffering: no)."
)

_OF_THE_MODEL = (DeploymentNotFound, RequestRejected, RouteRetired)
"""Errors that concern one model only, so that the next model is still tried."""

_OF_THE_SERVER = (ConnectFailed, RateLimited)
"""Errors with one API format that apply to every format."""

OVER: Mapping[Wire, Callable[[str], Phrase]] = {
    Wire.CHAT: lambda model: phrase("TTFT for {model}", model=model),
    Wire.RESPONSES: lambda model: phrase("TTFT for {model} using the Responses API", model=model),
    Wire.MESSAGES: lambda model: phrase("TTFT for {model} using the Messages API", model=model),
}


class ProbeStep(Value, frozen=True, kw_only=True):
    """One step and its result.

    `problem` is None on success; `note` may still suggest an improvement. `models` are the listed models, `answered` is
    the model that sent a first token, `asked` is the requested model, and `wire` is the API format used.
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
    """Test of one connection.

    Args:
        named: Models to test. If empty, one listed model of each API format is tested, and a missing list is no
            failure.
        reach: Connects to the server before any request.
        with_key: Whether a key is sent.
        listing: Whether to list models. If false, the named models are the only ones; some of them may be `known`.
        trying: Called with each model tested.
        waiting: Called with each wait before a retry.
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
        """Yield the steps as they finish.

        The first failure ends the test, unless it concerns one model among several.
        """
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
        """Request first tokens from a model; return the step, and the error or None."""
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
        """Request a few tokens and disconnect after the first.

        Returns:
            Time of the first token, whether all tokens arrived at once, and the API format.

        Raises:
            ProviderError: If the request fails.
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
        """List the models, which also signs in. Return None if the server has no list and none is needed."""
        started = self.clock()
        try:
            self._listed = tuple(await self.provider.models())
        except ParagoneError as error:
            if lists_nothing(error):
                if self.named:
                    return None
                error.hint = phrase(
                    "This server does not list its models. If the address is correct, enter a model name."
                )
                return _failed(phrase("No model list"), error, self.clock() - started)
            text = phrase("Not signed in") if self.with_key else phrase("No model list")
            return _failed(text, error, self.clock() - started)
        text = phrase("Key accepted") if self.with_key else phrase("Models listed")
        return ProbeStep(text=text, took_ms=_ms(self.clock() - started), models=self._listed)


_NOT_THERE = frozenset({404, 405, 410, 501})


def lists_nothing(error: ParagoneError) -> bool:
    """Whether the error means that the server was reached but does not list models; it may still serve chat."""
    return isinstance(error, AddressNotFound) or (isinstance(error, ProviderError) and error.status in _NOT_THERE)


def offered(models: Sequence[ModelInfo]) -> tuple[str, ...]:
    """Return the names of the models that the server certainly serves, without suggestions."""
    return tuple(info.name for info in models if not info.suggested)


def one_a_wire(models: Sequence[ModelInfo], first: Callable[[ModelInfo], Wire]) -> list[ModelInfo]:
    """Return the first certainly served model of each API format."""
    models_by_wire: dict[Wire, ModelInfo] = {}
    for info in models:
        if not info.suggested:
            models_by_wire.setdefault(first(info), info)
    return list(models_by_wire.values())


def _failed(text: str, error: ParagoneError, took_s: float) -> ProbeStep:
    problem = Problem(code=error.code, message=error.message, hint=error.hint)
    return ProbeStep(text=text, took_ms=_ms(took_s), problem=problem)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
