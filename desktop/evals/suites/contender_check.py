"""Validation of contenders: models, typed parameters and unique names."""

from __future__ import annotations

import json
from collections import Counter

import msgspec

from desktop.catalog.catalog_entry import PARAMETERS, parse_parameter
from desktop.domain.conversation_types import JsonValue, ModelRef, Parameters
from desktop.domain.shallow_parameters import shallow
from desktop.domain.suite_cells import LONGEST_NAME
from desktop.errors import UsageError
from desktop.evals.suites.suite import SuiteContender
from desktop.evals.suites.suite_fields import SuiteFields
from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.text.phrases import phrase

FIELDS = ("model", "parameters", "system", "label")
MOST = 100
"""Maximum number of contenders."""


def checked_contenders(node: SuiteNode | None, problems: SuiteProblems) -> tuple[SuiteContender, ...]:
    """Return the contenders; empty if the suite does not specify any."""
    if node is None:
        return ()
    items = node.value if isinstance(node.value, tuple) else (node,)
    if len(items) > MOST:
        problems.add(node.place, phrase("A suite has at most {most} contenders.", most=MOST))
        return ()
    checked = [(each, made) for each in items if (made := _contender(each, problems)) is not None]
    labels = Counter(contender.label for _, contender in checked if contender.label)
    for each, contender in checked:
        if labels[contender.label] > 1:
            problems.add(
                each.place, phrase("Two contenders have the same name: “{name}”.", name=shown(contender.label))
            )
    return told_apart(tuple(contender for _, contender in checked))


def told_apart(contenders: tuple[SuiteContender, ...]) -> tuple[SuiteContender, ...]:
    """Distinguish contenders of the same name by labels: their parameters, or a number."""
    contenders = _labelled(contenders, [_with_parameters(each) for each in contenders])
    seen: Counter[str] = Counter()
    numbered: list[str] = []
    for each in contenders:
        name = each.name[: LONGEST_NAME - len(f" #{MOST}")]
        seen[name] += 1
        numbered.append(f"{name} #{seen[name]}")
    return _labelled(contenders, numbered)


def _labelled(contenders: tuple[SuiteContender, ...], labels: list[str]) -> tuple[SuiteContender, ...]:
    """Apply labels to contenders that share a name."""
    names = Counter(each.name for each in contenders)
    return tuple(
        msgspec.structs.replace(each, label=label) if names[each.name] > 1 and label != each.name else each
        for each, label in zip(contenders, labels, strict=True)
    )


def _with_parameters(contender: SuiteContender) -> str:
    given = ", ".join(f"{name} {shown(json.dumps(value))}" for name, value in contender.parameters.items())
    return f"{contender.name} ({given})"[:LONGEST_NAME] if given else contender.name


def _contender(node: SuiteNode, problems: SuiteProblems) -> SuiteContender | None:
    if isinstance(node.value, str):
        node = SuiteNode({"model": node}, node.place)
    fields = SuiteFields(node, FIELDS, problems)
    model = fields.node("model")
    if model is None:
        if isinstance(node.value, dict):
            problems.add(node.place, phrase("A contender needs a model in the form connection/model."))
        return None
    try:
        ref = ModelRef.parse(fields.text("model"))
    except UsageError as error:
        problems.add(model.place, error.message)
        return None
    contender = SuiteContender(
        model=ref,
        parameters=_parameters(fields, problems),
        system=fields.text("system") if "system" in fields else None,
        label=fields.text("label"),
    )
    if len(contender.name) > LONGEST_NAME:
        problems.add(node.place, phrase("A contender's name can have at most {most} characters.", most=LONGEST_NAME))
    return contender


def _parameters(fields: SuiteFields, problems: SuiteProblems) -> dict[str, JsonValue]:
    node = fields.node("parameters")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        fields.tell(node, "parameters", phrase("a table"))
        return {}
    values: dict[str, JsonValue] = {}
    for name, each in node.value.items():
        try:
            values[name] = checked_parameter(name, plain(each))
        except UsageError as error:
            problems.add(each.place, error.message)
        except ValueError:
            fields.tell(each, name, phrase("a JSON value"))
    return values


def checked_parameter(name: str, value: JsonValue) -> JsonValue:
    """Return a parameter's value in the correct type, as `ask --param` accepts it.

    Raises:
        UsageError: If the value is invalid.
    """
    if not shallow(Parameters(values={name: value})).values:
        raise UsageError(phrase("“{name}” is nested too deeply to be sent.", name=shown(name)))
    return parse_parameter(f"{name}={json.dumps(value)}")[1] if name in PARAMETERS else value
