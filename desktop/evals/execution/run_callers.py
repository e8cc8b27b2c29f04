"""Models that a run calls, both contenders and judges, with their parameters. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from desktop.catalog.sampling_parameters import described, names_in, unlisted
from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import ParametersUnconfirmed, UsageError
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.evals.suites.suite_problems import shown
from desktop.settings.policy import Policy
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
