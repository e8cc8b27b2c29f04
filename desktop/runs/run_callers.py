"""The models that a run asks, contenders and judges, each with the parameters that are sent along; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from desktop.catalog.sampling_parameters import unlisted
from desktop.domain import JsonValue, ModelRef
from desktop.errors import UsageError
from desktop.runs.suite import GraderSpec, Suite


class RunCaller(NamedTuple):
    """A contender by its name, or the judge of some graders by its model's."""

    name: str
    model: ModelRef
    parameters: Mapping[str, JsonValue]
    is_judge: bool = False


def callers_of(suite: Suite) -> tuple[RunCaller, ...]:
    """All of a suite: contenders first, then judges, each with the same parameters once."""
    found = [RunCaller(each.name, each.model, each.parameters) for each in suite.contenders]
    for judge in filter(None, map(_judge, _graders(suite))):
        if judge not in found:
            found.append(judge)
    return tuple(found)


def unlisted_of(suite: Suite) -> dict[str, Mapping[str, JsonValue]]:
    """By the name of their caller, the parameters that may steer the provider."""
    found: dict[str, Mapping[str, JsonValue]] = {}
    for each in callers_of(suite):
        if values := unlisted(each.parameters):
            found[each.name] = {**found.get(each.name, {}), **values}
    return found


def _graders(suite: Suite) -> Iterator[GraderSpec]:
    """Each once: most cases share theirs."""
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
