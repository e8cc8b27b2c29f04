"""Validation of a suite's graders: types, values, bounds and options."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import UsageError
from desktop.evals.graders.grader_kinds import (
    LONGEST_EXPRESSION,
    MOST_LENGTH,
    GraderName,
    OptionKind,
    OptionSpec,
    Takes,
    names,
    parse_name,
)
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_fields import SuiteFields, text_of, unknown
from desktop.evals.suites.suite_node import SuiteNode
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.evals.suites.templates import names_in
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import phrase

COMMON = ("type", "value", "not", "weight", "threshold", "metric")
"""Fields that every grader has."""

MOST_WEIGHT = 1_000.0
MOST_GRADERS = 100
"""Maximum number of graders in a list."""
MOST_SETS = 1_000
"""Maximum number of character sets compiled for validation, which takes about two seconds."""
_TOLERANCE = late_pattern(r"\s{0,9}(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})\s{0,9}%?\s{0,9}")


class ExpressionCheck:
    """Validates each distinct regular expression once, within a time limit.

    The limit applies to character sets, which take the longest to compile.
    """

    def __init__(self) -> None:
        self._sets = 0
        self._slips: dict[str, str] = {}

    def slip(self, text: str) -> str:
        """Return why a regular expression is invalid, or an empty string."""
        if text not in self._slips:
            self._sets += text.count("[")
            self._slips[text] = slip_of_expression(text) if self._sets <= MOST_SETS else ""
        return self._slips[text]


class GraderCheck:
    """Validates graders. `judge` is the default judge model. If `schemas` is None, JSON Schemas are not validated."""

    def __init__(
        self,
        problems: SuiteProblems,
        judge: str = "",
        *,
        expressions: ExpressionCheck | None = None,
        schemas: SchemaInspector | None = None,
    ) -> None:
        self._problems = problems
        self._judge = judge
        self._expressions = expressions or ExpressionCheck()
        self._schemas = schemas

    def graders(self, nodes: Iterable[SuiteNode]) -> tuple[GraderSpec, ...]:
        """Return the valid graders of a list."""
        found = [*nodes]
        if len(found) > MOST_GRADERS:
            limit_place = found[MOST_GRADERS].place
            self._problems.add(limit_place, phrase("A list can have at most {most} graders.", most=MOST_GRADERS))
        made = (self.grader(each) for each in found[:MOST_GRADERS])
        return tuple(spec for spec in made if spec is not None)

    def grader(self, node: SuiteNode) -> GraderSpec | None:
        """Return a grader, or None if it is invalid.

        Plain text is the type of a grader without a value, such as `is-json`.
        """
        if isinstance(node.value, str):
            node = SuiteNode({"type": node}, node.place)
        name = _name_of(node, self._problems)
        if name is None:
            return None
        fields = SuiteFields(node, (*COMMON, *name.kind.options), self._problems)
        given = {key: option for key, option in name.kind.options.items() if key in fields}
        options = {key: _option(fields, key, option, self._problems) for key, option in given.items()}
        if self._judge and "model" in name.kind.options:
            options.setdefault("model", self._judge)
        weight = fields.number("weight", 0.0, MOST_WEIGHT)
        spec = GraderSpec(
            type=name.kind.name,
            value=self._value(fields, name),
            negated=name.negated is not fields.flag("not"),
            folded=name.folded,
            weight=1.0 if weight is None else weight,
            threshold=fields.number("threshold", *(name.kind.threshold or (0.0, 1.0))),
            metric=fields.text("metric"),
            options=options,
        )
        _check_whole(spec, fields, name, self._problems)
        return spec

    def _value(self, fields: SuiteFields, name: GraderName) -> JsonValue:
        """Return the expected value."""
        node = fields.node("value")
        takes = name.kind.takes
        if takes is Takes.NOTHING:
            if node is not None:
                self._problems.add(node.place, phrase("“{type}” does not take a value.", type=name.kind.name))
            return None
        if node is None:
            if takes is not Takes.REFERENCE:
                self._problems.add(fields.place, phrase("“{type}” needs a value.", type=name.kind.name))
            return None
        match takes:
            case Takes.TEXTS:
                return _texts(fields, node, self._problems)
            case Takes.NUMBER:
                return _number(fields, node)
            case Takes.SCHEMA:
                return self._schema(fields, node)
            case Takes.EXPRESSION:
                return self._expression(fields, node)
            case Takes.FIELDS | Takes.CALL:
                return self._table(fields, node, takes)
            case _:
                return fields.text("value")

    def _table(self, fields: SuiteFields, node: SuiteNode, takes: Takes) -> JsonValue:
        """Return expectations for fields or for a call: a table, or one as JSON text."""
        from desktop.evals.graders.field_grader import slip_of_fields
        from desktop.evals.graders.tool_call_grader import slip_of_call

        value = fields.json("value")
        slip = slip_of_fields(value) if takes is Takes.FIELDS else slip_of_call(value)
        if slip is not None:
            self._problems.add(node.place, slip)
        return value

    def _expression(self, fields: SuiteFields, node: SuiteNode) -> str:
        """Return a regular expression that compiles. An expression with variables is checked when it is used."""
        text = fields.text("value")
        if len(text) > LONGEST_EXPRESSION:
            problem = phrase("The expression has more than {most} characters.", most=f"{LONGEST_EXPRESSION:,}")
            self._problems.add(node.place, problem)
        elif not names_in(text) and (reason := self._expressions.slip(text)):
            self._problems.add(node.place, phrase("Invalid regular expression: {reason}.", reason=reason))
        return text

    def _schema(self, fields: SuiteFields, node: SuiteNode) -> JsonValue:
        """Return a JSON Schema: a table, a boolean, or either as JSON text."""
        from desktop.evals.graders.schema_check import parsed_schema

        value = fields.json("value")
        if isinstance(value, str):
            value = parsed_schema(value)
        if not isinstance(value, dict | bool):
            fields.tell(node, "value", phrase("a JSON Schema"))
        elif self._schemas is not None:
            slip = self._schemas.slip(value)
            if slip is None:
                limit = phrase(
                    "This schema was not checked: checking all schemas in a suite is limited to 2 seconds "
                    "and 1 MB in total."
                )
                self._problems.add(node.place, limit)
            elif slip:
                self._problems.add(node.place, phrase("Invalid JSON Schema: {reason}.", reason=slip))
        return value


def _name_of(node: SuiteNode, problems: SuiteProblems) -> GraderName | None:
    if not isinstance(node.value, dict):
        problems.add(node.place, phrase("A grader must be a table with a type, not {kind}.", kind=node.kind))
        return None
    type_node = node.value.get("type")
    if type_node is None or not type_node.is_scalar or type_node.value is None:
        problems.add(node.place, phrase("A grader needs one of these types: {names}.", names=", ".join(names())))
        return None
    name = parse_name(type_node.text)
    if name is None:
        problems.add(type_node.place, unknown(type_node.text, names()))
    return name


def _texts(fields: SuiteFields, node: SuiteNode, problems: SuiteProblems) -> list[JsonValue]:
    if node.value == ():
        problems.add(node.place, phrase("The list is empty."))
    return [*fields.texts_of(node, "value")]


def _number(fields: SuiteFields, node: SuiteNode) -> JsonValue:
    """Return a number, or text with a variable."""
    from desktop.evals.graders.number_text import number_in

    if not node.is_scalar or (not names_in(node.text) and number_in(node.text) is None):
        fields.tell(node, "value", phrase("a number"))
    return text_of(node)


def slip_of_expression(text: str) -> str:
    """Return why a regular expression is invalid, or an empty string."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        return shown(str(error))
    return ""


def _option(fields: SuiteFields, name: str, spec: OptionSpec, problems: SuiteProblems) -> JsonValue:
    """Return the value of an option, reporting an invalid value."""
    node = fields.node(name)
    assert node is not None
    match spec.kind:
        case OptionKind.COUNT:
            return fields.whole(name, 0, MOST_LENGTH)
        case OptionKind.CHOICE:
            if node.text not in spec.choices:
                fields.tell(node, name, phrase("one of {names}", names=", ".join(spec.choices)))
        case OptionKind.TOLERANCE:
            if not node.is_scalar or not _TOLERANCE.fullmatch(node.text):
                fields.tell(node, name, phrase("a number or a percentage such as 5%"))
        case OptionKind.TABLE:
            if not isinstance(node.value, dict):
                fields.tell(node, name, phrase("a table"))
            return fields.json(name)
        case OptionKind.MODEL:
            try:
                ModelRef.parse(fields.text(name))
            except UsageError as error:
                problems.add(node.place, error.message)
        case OptionKind.TEXT:
            pass
    return fields.text(name)


def _check_whole(spec: GraderSpec, fields: SuiteFields, name: GraderName, problems: SuiteProblems) -> None:
    """Check that the fields of a grader are compatible."""
    kind = name.kind
    if kind.needs_threshold and "threshold" not in fields:
        problems.add(fields.place, phrase("“{type}” needs a threshold.", type=kind.name))
    if spec.threshold is not None and kind.threshold is None:
        problems.add(fields.place, phrase("“{type}” does not take a threshold.", type=kind.name))
    if kind.name == "length":
        least, most = spec.options.get("min"), spec.options.get("max")
        if least is None and most is None:
            problems.add(fields.place, phrase("“length” needs min or max."))
        elif isinstance(least, int) and isinstance(most, int) and least > most:
            problems.add(fields.place, phrase("min is larger than max."))
    if kind.name == "judge" and not spec.value and not {"rubric", "reference"} & spec.options.keys():
        problems.add(fields.place, phrase("“judge” needs a rubric or a reference."))
    if spec.negated and kind.name == "judge-pair":
        problems.add(fields.place, phrase("“{type}” cannot be negated.", type=kind.name))
