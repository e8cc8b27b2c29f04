"""The check of a connection before it is kept: sign-in and list, then a first token; timed, the first failure named."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from desktop.domain import Parameters, Problem, Role, Value
from desktop.errors import AddressNotFound, ParagoneError
from desktop.events import Finished, ReasoningDelta, TextDelta
from desktop.providers.base import ChatMessage, ChatRequest, ModelInfo, Provider

_TOKENS = 16
"""So few tokens are asked for: enough for a reasoning model to begin, cheap for all."""


class Step(Value, frozen=True, kw_only=True):
    """One step and how it went. `problem` is None where it went well; `models` is what the list step found."""

    text: str
    took_ms: float
    problem: Problem | None = None
    models: tuple[ModelInfo, ...] = ()


async def probe(
    provider: Provider, *, model: str = "", clock: Callable[[], float] = time.monotonic
) -> AsyncGenerator[Step, None]:
    """Check a connection step by step; a failed step is the last. Without `model` the first that is listed is asked.

    A server without a list is no failure where a model is named.
    """
    started = clock()
    models: tuple[ModelInfo, ...] = ()
    try:
        models = tuple(await provider.models())
    except AddressNotFound as error:
        if not model:
            yield _failed("The list of models", error, clock() - started)
            return
    except ParagoneError as error:
        yield _failed("Reached and signed in", error, clock() - started)
        return
    else:
        text = f"Reached and signed in, {_number(len(models))} listed"
        yield Step(text=text, took_ms=_ms(clock() - started), models=models)
    asked = model or next((info.name for info in models if not info.suggested), "")
    if not asked:
        return
    started = clock()
    try:
        await _first_token(provider, asked)
    except ParagoneError as error:
        yield _failed(f"First token from {asked}", error, clock() - started)
        return
    yield Step(text=f"First token from {asked}", took_ms=_ms(clock() - started))


async def _first_token(provider: Provider, model: str) -> None:
    """Ask for a few tokens and leave at the first. Raises ProviderError."""
    request = ChatRequest(
        model=model,
        messages=(ChatMessage(role=Role.USER, text="Say hello."),),
        parameters=Parameters(values={"max_tokens": _TOKENS}),
    )
    async with aclosing(provider.stream(request)) as events:
        async for event in events:
            if isinstance(event, (TextDelta, ReasoningDelta, Finished)):
                return


def offered(models: Sequence[ModelInfo]) -> tuple[str, ...]:
    """Names of models that are surely served; mere suggestions are left out."""
    return tuple(info.name for info in models if not info.suggested)


def _failed(text: str, error: ParagoneError, took_s: float) -> Step:
    problem = Problem(code=error.code, message=error.message, hint=error.hint)
    return Step(text=text, took_ms=_ms(took_s), problem=problem)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _number(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"
