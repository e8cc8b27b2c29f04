"""Checks of one connection, from its host name to the first token, until the first failure, which is explained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing, suppress

import msgspec

from desktop.catalog.retirement import retirement
from desktop.diagnosis.check import Check, failed
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef, Problem, Wire, now
from desktop.embedded.bundled_model import is_left_out
from desktop.errors import EngineMissing, ParagoneError
from desktop.providers.provider import ModelInfo
from desktop.providers.wire_choice import first_wire
from desktop.services import Services
from desktop.session.connection_probe import Probe, lists_nothing, one_a_wire
from desktop.settings.schema import DEFAULT_MODEL
from desktop.system.paths import resources
from desktop.text.phrases import Phrase, counted, phrase

WITHIN_S = 60.0
"""Maximum seconds for all checks of one connection."""


async def checks(
    services: Services, connection: Connection, *, within_s: float = WITHIN_S, has_secrets: bool = False
) -> AsyncGenerator[Check, None]:
    """Yield each step of a connection, then a summary: OK, or the first failure and how to fix it.

    Args:
        has_secrets: Whether there are secrets that were not read and cannot be masked, so that certificates are not
            quoted.
    """
    name = phrase("connection {name}", name=connection.name)
    if connection.kind is Kind.EMBEDDED:
        steps = _embedded(services, connection)
    else:
        steps = _remote(services, connection, quoting=not has_secrets)
    started = time.monotonic()
    last: Check | None = None
    try:
        async with asyncio.timeout(within_s), aclosing(steps) as found:
            async for check in found:
                last = check
                if check.state == "failed":
                    yield msgspec.structs.replace(check, hint="")  # the hint is shown once, below
                    break
                yield check
    except EngineMissing as error:
        if connection.file or not is_left_out(resources() / "models"):
            yield failed(name, error)
        else:
            yield Check(name=name, state="ok", detail=phrase("not installed, which is an option of the package"))
        return
    except ParagoneError as error:
        yield failed(name, error)
        return
    except TimeoutError:
        yield Check(
            name=name,
            state="failed",
            detail=phrase(
                "No response from {place} within {seconds} seconds.",
                place=connection.url or phrase("the engine"),
                seconds=f"{within_s:g}",
            ),
            hint=phrase("Check the network, and make sure the server is running."),
        )
        return
    if last is not None and last.state == "failed":
        yield Check(name=name, state="failed", detail=last.detail, hint=last.hint)
        return
    took = f"{(time.monotonic() - started) * 1000:.0f}"
    place = connection.url or connection.file or phrase("the engine")
    yield Check(name=name, state="ok", detail=phrase("{place} responds ({ms} ms)", place=place, ms=took))


async def _embedded(services: Services, connection: Connection) -> AsyncGenerator[Check, None]:
    """Start the engine and generate one token, because loading alone would not reveal an unsupported processor."""
    models = await services.gateway.models(connection.name)
    provider = await services.gateway.provider(connection.name)
    named = [info.name for info in models[:1]]
    probe = Probe(provider=provider, named=named, listing=False, with_key=False)
    async with aclosing(_probed(probe, connection, named)) as steps:
        async for check in steps:
            yield check


async def _remote(services: Services, connection: Connection, *, quoting: bool) -> AsyncGenerator[Check, None]:
    from desktop.diagnosis.way import Way
    from desktop.net.addresses import repair

    services.settings.policy.require_connection(connection)
    way = Way(repair(connection.kind, connection.url), services.gateway.options_for(connection), quoting=quoting)
    async with aclosing(way.steps()) as steps:
        async for step in steps:
            name = _named(connection, step.name)
            if step.error is not None:
                yield failed(name, step.error)
                return
            detail = phrase("{detail} ({ms} ms)", detail=step.detail, ms=f"{step.took_ms:.0f}")
            if step.doubt:
                yield Check(name=name, state="warning", detail=detail, hint=step.doubt)
            else:
                yield Check(name=name, state="ok", detail=detail)
    try:
        reached = await services.gateway.reach(connection)
    except ParagoneError as error:
        yield failed(_named(connection, phrase("certificate")), error)
        return
    if reached.tls:
        detail = phrase("trusted ({ms} ms)", ms=f"{reached.took_ms:.0f}")
        yield Check(name=_named(connection, phrase("certificate")), state="ok", detail=detail)
    async with aclosing(_spoken(services, connection)) as checked:
        async for check in checked:
            yield check


async def _spoken(services: Services, connection: Connection) -> AsyncGenerator[Check, None]:
    """Sign in, list models, and request one token from a model."""
    started = time.monotonic()
    try:
        provider = await services.gateway.provider(connection.name)
        models = await _listed(services, connection)
    except ParagoneError as error:
        yield failed(_named(connection, phrase("models") if connection.auth is Auth.NONE else phrase("sign-in")), error)
        return
    took = f"{(time.monotonic() - started) * 1000:.0f}"
    listed = sum(not each.typed for each in models)
    if not listed:
        said = phrase("connected, but the server does not list its models ({ms} ms)", ms=took)
    elif connection.auth is Auth.NONE:
        said = counted("lists 1 model ({ms} ms)", "lists {n} models ({ms} ms)", listed, ms=took)
    else:
        said = counted("signed in, lists 1 model ({ms} ms)", "signed in, lists {n} models ({ms} ms)", listed, ms=took)
    yield Check(name=_named(connection, phrase("models")), state="ok", detail=said)
    for check in await _retirements(services, connection, models):
        yield check
    candidates = models_to_ask(services, connection, models)
    if not candidates:
        hint = phrase("Specify one of this connection's models to test.")
        yield Check(
            name=_named(connection, phrase("TTFT")), state="warning", detail=phrase("no model to test"), hint=hint
        )
        return
    named = [info.name for info, _ in candidates]
    probe = Probe(
        provider=provider, named=named, listing=False, connection=connection, catalog=services.catalog, known=models
    )
    sure = {info.name for info, chosen in candidates if chosen}
    async with aclosing(_probed(probe, connection, sure)) as steps:
        async for check in steps:
            yield check


async def _retirements(services: Services, connection: Connection, models: Sequence[ModelInfo]) -> list[Check]:
    """Warn of retired models, and of those that retire soon, if they are chosen or have conversations."""
    used = set(_chosen(services, connection))
    with suppress(ParagoneError):  # which the check of the conversations reports
        counts = await (await services.store()).conversations.counts()
        used |= {ref.name for ref, _ in counts if ref.connection == connection.name}
    checks: list[Check] = []
    today = now().date()
    for info in models:
        entry = services.catalog.entry(info.base, info.name).retiring(info.retires_on)
        if info.name not in used or not (said := retirement(entry, today)):
            continue
        successor = entry.successor or "MODEL"
        hint = phrase(
            "Compare a successor on your own conversations: paragone successor {new} --of {old}",
            new=ModelRef(connection=connection.name, name=successor),
            old=ModelRef(connection=connection.name, name=info.name),
        )
        checks.append(Check(name=_named(connection, info.name), state="warning", detail=said, hint=hint))
    return checks


async def _listed(services: Services, connection: Connection) -> Sequence[ModelInfo]:
    """Return the models of a connection, or none if its server does not list them. Raises like `Gateway.models`."""
    try:
        return await services.gateway.models(connection.name)
    except ParagoneError as error:
        if lists_nothing(error):
            return ()
        raise


async def _probed(probe: Probe, connection: Connection, sure: Collection[str]) -> AsyncGenerator[Check, None]:
    """Yield the check of the first token in each required API format.

    If a model that the user did not choose is rejected, this does not mean that the connection fails.
    """
    async with aclosing(probe.steps()) as steps:
        async for step in steps:
            name = _named(connection, _TOKEN.get(step.wire, phrase("TTFT")))
            if step.problem is None:
                detail = phrase("{model} responds ({ms} ms)", model=step.answered, ms=f"{step.took_ms:.0f}")
                yield Check(name=name, state="warning" if step.note else "ok", detail=detail, hint=step.note)
            else:
                state = "failed" if step.asked in sure or not is_of_the_model(step.problem) else "warning"
                yield Check(name=name, state=state, detail=step.problem.message, hint=step.problem.hint)


_TOKEN = {
    Wire.RESPONSES: phrase("TTFT over the Responses API"),
    Wire.MESSAGES: phrase("TTFT over the Messages API"),
}


def _named(connection: Connection, step: str) -> Phrase:
    return phrase("connection {name}: {step}", name=connection.name, step=step)


_OF_THE_MODEL = ("deployment_not_found", "request_rejected", "parameter_rejected", "context_length_exceeded")


def is_of_the_model(problem: Problem) -> bool:
    """Whether a problem concerns only the requested model."""
    return problem.code in _OF_THE_MODEL


def models_to_ask(
    services: Services, connection: Connection, models: Sequence[ModelInfo]
) -> list[tuple[ModelInfo, bool]]:
    """Return a model for each required API format, and whether the user chose it.

    The default model is preferred, then a model entered by the user, a known one, and the first one.
    """
    by_name = {info.name: info for info in models}
    chosen = [by_name.get(name) or ModelInfo(name=name) for name in _chosen(services, connection)]
    catalog = services.catalog
    known = [info for info in models if catalog.find(info.base or info.name) is not None]

    def first(info: ModelInfo) -> Wire:
        return first_wire(connection, info.name, catalog.entry(info.base, info.name).wire)

    sure = {info.name for info in chosen}
    return [(info, info.name in sure) for info in one_a_wire([*chosen, *known, *models], first)]


def _chosen(services: Services, connection: Connection) -> tuple[str, ...]:
    """Return the models that the user chose: the default model and those entered manually."""
    try:
        default = ModelRef.parse(services.settings.get(DEFAULT_MODEL))
    except ParagoneError:
        return connection.models
    return (default.name, *connection.models) if default.connection == connection.name else connection.models
