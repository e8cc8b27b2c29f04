"""Models that a run calls, both contenders and judges, their parameters, and what policy forbids. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from desktop.catalog.sampling_parameters import described, names_in, unlisted
from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import ConnectionUnknown, ParametersUnconfirmed, PolicyForbids, UsageError
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.evals.suites.suite_problems import shown
from desktop.settings.policy import BATCHES, RUNS, Policy
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase


class RunCaller(NamedTuple):
    """A contender, named after itself, or a judge, named after its model."""

    name: str
    model: ModelRef
    parameters: Mapping[str, JsonValue]
    is_judge: bool = False


def callers_of(suite: Suite) -> tuple[RunCaller, ...]:
    """Return the callers of a suite without duplicates: contenders first, then judges."""
    found = [RunCaller(each.name, each.model, each.parameters) for each in suite.contenders]
    for judge in filter(None, map(_judge, _graders(suite))):
        if judge not in found:
            found.append(judge)
    return tuple(found)


def unlisted_of(suite: Suite, *, judges_only: bool = False) -> tuple[RunCaller, ...]:
    """Return the callers with parameters that may affect routing. Other parameters are removed."""
    asked = (each for each in callers_of(suite) if each.is_judge or not judges_only)
    found = (each._replace(parameters=unlisted(each.parameters)) for each in asked)
    return tuple(each for each in found if each.parameters)


def unlisted_sentences(suite: Suite) -> tuple[Phrase, ...]:
    """Return a description of the parameters that may affect routing, or nothing if there are none."""
    found = unlisted_of(suite)
    if not found:
        return ()
    said = (
        phrase("{name}: {parameters}", name=shown(each.name), parameters=described(each.parameters)) for each in found
    )
    return (
        phrase("These parameters can change how the provider handles requests and are sent only if you allow them:"),
        *said,
    )


def parameters_json(suite: Suite) -> list[dict[str, JsonValue]]:
    """Return the parameters that may affect routing as JSON."""
    return [
        {"name": each.name, "judge": each.is_judge, "parameters": dict(each.parameters)} for each in unlisted_of(suite)
    ]


def require_parameters(suite: Suite, policy: Policy, *, allowed: bool, judges_only: bool = False) -> None:
    """Check that the parameters of a suite may be sent.

    Raises:
        PolicyForbids: If policy forbids a parameter.
        ParametersUnconfirmed: If parameters may affect routing and are not `allowed`.
    """
    found = unlisted_of(suite, judges_only=judges_only)
    names = names_in({name: None for each in found for name in each.parameters})
    policy.require_parameters(names)
    if names and not allowed:
        raise ParametersUnconfirmed(
            phrase(
                "This suite has parameters that can change how the provider handles requests: {names}. "
                "Nothing was sent.",
                names=names,
            )
        )


def judges_of(suite: Suite) -> tuple[ModelRef, ...]:
    """Return the judge models of a suite."""
    return tuple(dict.fromkeys(each.model for each in callers_of(suite) if each.is_judge))


def require_run(policy: Policy, judges: Iterable[ModelRef], *, is_batch: bool = False) -> None:
    """Check that runs, batches and the judge models are allowed.

    Raises:
        PolicyForbids: If one of them is not.
    """
    policy.require(RUNS)
    if is_batch:
        policy.require(BATCHES)
    for judge in judges:
        policy.require_judge(judge)


def forbidden(
    settings: Settings, contenders: Iterable[ModelRef], judges: Iterable[ModelRef], *, is_batch: bool = False
) -> tuple[PolicyForbids, ...]:
    """Return everything in a run that policy forbids, each once, so that it is known before the run starts.

    Connections that do not exist are left out.
    """
    policy = settings.policy

    def require_model(model: ModelRef) -> None:
        with suppress(ConnectionUnknown):
            policy.require_connection(settings.connection(model.connection))
        policy.require_model(model)

    judges = tuple(judges)
    checks = [
        partial(require_run, policy, (), is_batch=is_batch),
        *(partial(require_model, model) for model in (*contenders, *judges)),
        *(partial(policy.require_judge, judge) for judge in judges),
    ]
    found: dict[str, PolicyForbids] = {}
    for check in checks:
        try:
            check()
        except PolicyForbids as error:
            found.setdefault(str(error.message), error)
    return tuple(found.values())


def forbidden_in(suite: Suite, settings: Settings, *, is_batch: bool = False) -> tuple[PolicyForbids, ...]:
    """Return everything in a suite that policy forbids."""
    return forbidden(settings, [each.model for each in suite.contenders], judges_of(suite), is_batch=is_batch)


def _graders(suite: Suite) -> Iterator[GraderSpec]:
    """Yield each distinct grader once; most cases share theirs."""
    yield from {id(spec): spec for case in suite.cases for spec in case.graders}.values()


def _judge(spec: GraderSpec) -> RunCaller | None:
    model, parameters = spec.options.get("model"), spec.options.get("parameters")
    if not isinstance(model, str):
        return None
    try:
        ref = ModelRef.parse(model)
    except UsageError:
        return None
    return RunCaller(str(ref), ref, parameters if isinstance(parameters, dict) else {}, is_judge=True)
