"""The check of a connection before it is kept: reached, signed in, first tokens; timed, the first failure named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from desktop.domain import Parameters, Problem, Role, Value
from desktop.errors import AddressNotFound, DeploymentNotFound, ParagoneError, RequestRejected, RouteRetired
from desktop.events import Finished, ReasoningDelta, RetryWait, TextDelta
from desktop.phrases import phrase
from desktop.providers.network.reach import Reached
from desktop.providers.provider import ChatMessage, ChatRequest, ModelInfo, Provider

_TOKENS = 16
"""So few tokens are asked for: enough for a reasoning model to begin, cheap for all."""

_PIECES, _TOGETHER_S, _WAITED_S, _LONG_S = 6, 0.002, 0.3, 1.0
"""So many pieces of an answer that come within this time after a wait came as one; no longer is waited for them."""

HELD_BACK = phrase(
    "The answer came in one piece: something on the way holds answers back until they are whole. Switch buffering off"
    " there (nginx: proxy_buffering off, or the header X-Accel-Buffering: no)."
)

_OF_THE_MODEL = (DeploymentNotFound, RequestRejected, RouteRetired)
"""What one model is refused for says nothing of the next."""


class ProbeStep(Value, frozen=True, kw_only=True):
    """One step and how it went. `problem` is None where it went well; `note` may still say what could be better.

    `models` is what the list step found, `answered` the model that gave a first token.
    """

    text: str
    took_ms: float
    problem: Problem | None = None
    note: str = ""
    models: tuple[ModelInfo, ...] = ()
    answered: str = ""


@dataclass(kw_only=True)
class Probe:
    """A check of one connection.

    `named` are the models to ask; without any the first that is listed is asked. A server without a list is no failure
    where a model is named. `reach` finds the server before anything is asked of it; `with_key` says that a key is sent;
    without `listing` the models that are named are all there are. `trying` is told each model that is asked, `waiting`
    each wait before it is asked again.
    """

    provider: Provider
    named: Sequence[str] = ()
    reach: Callable[[], Awaitable[Reached]] | None = None
    with_key: bool = True
    listing: bool = True
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
        for model in self.named or offered(self._listed)[:1]:
            started = self.clock()
            self.trying(model)
            try:
                first, in_one_piece = await self._first_tokens(model)
            except ParagoneError as error:
                yield _failed(phrase("No answer from {model}", model=model), error, self.clock() - started)
                if not isinstance(error, _OF_THE_MODEL):
                    return
            else:
                yield ProbeStep(
                    text=phrase("First token from {model}", model=model),
                    took_ms=_ms(first - started),
                    answered=model,
                    note=HELD_BACK if in_one_piece else "",
                )

    async def _first_tokens(self, model: str) -> tuple[float, bool]:
        """Ask for a few tokens and leave soon after the first: when it came, and whether it came with all the others.

        Raises ProviderError.
        """
        request = ChatRequest(
            model=model,
            messages=(ChatMessage(role=Role.USER, text="Count to nine."),),
            parameters=Parameters(values={"max_tokens": _TOKENS}),
        )
        started, times = self.clock(), list[float]()
        async with aclosing(self.provider.stream(request)) as events:
            async for event in events:
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
        return first, len(times) >= _PIECES and times[-1] - first < _TOGETHER_S and first - started > _WAITED_S

    async def _reach(self, reach: Callable[[], Awaitable[Reached]]) -> ProbeStep:
        started = self.clock()
        try:
            reached = await reach()
        except ParagoneError as error:
            return _failed(phrase("Not reached"), error, self.clock() - started)
        tls, plain = phrase("Reached over TLS, certificate trusted"), phrase("Reached on this computer, without TLS")
        text = tls if reached.tls else plain
        return ProbeStep(text=text, took_ms=reached.took_ms)

    async def _list(self) -> ProbeStep | None:
        """The step that signs in and lists; None where there is no list and none is needed."""
        started = self.clock()
        try:
            self._listed = tuple(await self.provider.models())
        except AddressNotFound as error:
            return None if self.named else _failed(phrase("No list of models"), error, self.clock() - started)
        except ParagoneError as error:
            text = phrase("Not signed in") if self.with_key else phrase("No list of models")
            return _failed(text, error, self.clock() - started)
        text = phrase("Key accepted") if self.with_key else phrase("Models listed")
        return ProbeStep(text=text, took_ms=_ms(self.clock() - started), models=self._listed)


def offered(models: Sequence[ModelInfo]) -> tuple[str, ...]:
    """Names of models that are surely served; mere suggestions are left out."""
    return tuple(info.name for info in models if not info.suggested)


def _failed(text: str, error: ParagoneError, took_s: float) -> ProbeStep:
    problem = Problem(code=error.code, message=error.message, hint=error.hint)
    return ProbeStep(text=text, took_ms=_ms(took_s), problem=problem)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
