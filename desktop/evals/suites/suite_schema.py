"""JSON Schema of suites, generated from the validation tables, for editors and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from desktop.evals.graders import grader_check
from desktop.evals.graders.grader_kinds import (
    LONGEST_EXPRESSION,
    MOST_COUNT,
    MOST_LENGTH,
    GraderKind,
    OptionKind,
    OptionSpec,
    Takes,
    names,
    parse_name,
)
from desktop.evals.suites import case_line, contender_check, suite_check
from desktop.evals.suites.suite import SCHEMA, ToolMode

Schema = dict[str, Any]

ID = "https://paragone.app/schema/paragone-suite-1.json"

_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
"""Schema of a text. Numbers and booleans are accepted and used as written."""


def schema_text() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(suite_schema(), indent=2, ensure_ascii=False) + "\n"


def suite_schema() -> Schema:
    """Return the schema as Python data."""
    fields: dict[str, Schema] = {
        "schema": {"const": SCHEMA},
        "name": _about("what the suite is called; the file's name without it", _TEXT),
        "description": _about("what it is for", _TEXT),
        "system": _about("the system prompt of all contenders; none is sent without it", _TEXT),
        "prompts": _about("what is asked; {{name}} stands for a variable of the case", _one_or_many(_ref("prompt"))),
        "contenders": _about("what is compared", _one_or_many(_ref("contender"), most=contender_check.MOST)),
        "cases": _about("variables and expectations", {"type": "array", "minItems": 1, "items": _ref("case")}),
        "cases_from": _about("CSV files with more cases, beside the suite", _texts()),
        "repeats": _about("how often each case is asked", _whole(1, suite_check.MOST_REPEATS)),
        "graders": _about("what each answer is held against", {"type": "array", "items": _ref("grader")}),
        "judge": _about("the model that judges where a grader names none", _model()),
        "limits": _ref("limits"),
        "tags": _about("tags that are planned to be compared", _texts()),
        "tools": _about("tool servers that all contenders can use; paragone for the built-in tools", _tools()),
        "web_search": _about("whether the models' providers may search the web", {"type": "boolean"}),
        "response_schema": _about("JSON Schema that responses must match", {"type": "object"}),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A suite of Paragone",
        **_table(fields, suite_check.FIELDS, required=["schema"]),
        "$defs": {
            "prompt": _prompt(),
            "contender": _contender(),
            "case": _case(),
            "limits": _limits(),
            "grader": _grader(),
        },
    }


def _about(text: str, schema: Schema) -> Schema:
    return {"description": text, **schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_or_many(item: Schema, *, most: int | None = None) -> Schema:
    many: Schema = {"type": "array", "items": item}
    return {"anyOf": [item, many if most is None else {**many, "maxItems": most}]}


def _texts() -> Schema:
    return _one_or_many(_TEXT)


def _tools() -> Schema:
    mode = _about("live: every response calls tools; recorded: once per case", {"enum": [None, *ToolMode]})
    return {"anyOf": [*_texts()["anyOf"], _table({"servers": _texts(), "mode": mode}, suite_check.TOOLS)]}


def _whole(least: int, most: int) -> Schema:
    return {"type": ["integer", "null"], "minimum": least, "maximum": most}


def _number(least: float, most: float) -> Schema:
    return {"type": ["number", "null"], "minimum": least, "maximum": most}


def _model() -> Schema:
    return {"type": ["string", "null"], "pattern": "^\\s*[^/]+/.+$"}


def _table(fields: Mapping[str, Schema], known: tuple[str, ...], required: list[str] | None = None) -> Schema:
    """Return the schema of a table in which every known field is described."""
    if missing := {*known} ^ fields.keys():
        raise KeyError(*missing)
    table: Schema = {"type": "object", "properties": dict(fields), "additionalProperties": False}
    return {**table, "required": required} if required else table


def _prompt() -> Schema:
    turns: Schema = {"type": "array", "minItems": 1, "items": _TEXT}
    with_turns = _table({"turns": {"anyOf": [_TEXT, turns]}}, suite_check.PROMPT, ["turns"])
    return _about("a text, the turns of a conversation, or a table with these", {"anyOf": [_TEXT, turns, with_turns]})


def _contender() -> Schema:
    table = _table(
        {
            "model": {**_model(), "type": "string"},
            "parameters": _about("parameters of the request", {"type": ["object", "null"]}),
            "system": _about("its own system prompt; an empty one sends none", _TEXT),
            "label": _about("what it is called in the results", _TEXT),
        },
        contender_check.FIELDS,
        ["model"],
    )
    return _about("a model as connection/model, or a table with it", {"anyOf": [{**_model(), "type": "string"}, table]})


def _case() -> Schema:
    return _table(
        {
            "vars": _about("variables", {"type": ["object", "null"], "additionalProperties": _TEXT}),
            "graders": _about("graders of this case, after the suite's", {"type": "array", "items": _ref("grader")}),
            "tags": _texts(),
            "cluster": _about("cases of one cluster are not independent of each other", _TEXT),
            "description": _TEXT,
            "threshold": _about(
                "it passes from this weighted score on; without one all graders must pass", _number(0, 1)
            ),
            "turns": _about("what is asked in the place of the suite's prompts", _texts()),
        },
        case_line.FIELDS,
    )


def _limits() -> Schema:
    return _table(
        {
            "cost_usd": _about("US dollars in all", _number(0, suite_check.MOST_USD)),
            "concurrency": _about("calls at once on each connection", _whole(1, suite_check.MOST_CONCURRENCY)),
            "per_minute": _about("calls a minute on each connection", _whole(1, suite_check.MOST_A_MINUTE)),
        },
        suite_check.LIMITS,
    )


def _grader() -> Schema:
    """Return the schema of graders, with one alternative per kind."""
    alone = [name for name in names() if _kind(name).takes is Takes.NOTHING and not _required(_kind(name))]
    simple: Schema = {"enum": [spelled for name in alone for spelled in (name, f"not-{name}")]}
    kinds = {_kind(name).name: _kind(name) for name in names()}
    return {"anyOf": [simple, *map(_of_kind, kinds.values())]}


def _kind(name: str) -> GraderKind:
    found = parse_name(name)
    assert found is not None
    return found.kind


def _required(kind: GraderKind) -> list[str]:
    needs_value = kind.takes not in (Takes.NOTHING, Takes.REFERENCE)
    return [*(["value"] if needs_value else []), *(["threshold"] if kind.needs_threshold else [])]


def _of_kind(kind: GraderKind) -> Schema:
    forms = [kind.name, *([f"i{kind.name}"] if kind.folds else [])]
    fields: dict[str, Schema] = {
        "type": {"enum": [spelled for form in forms for spelled in (form, f"not-{form}")]},
        "not": _about("turns the grade round", {"type": ["boolean", "null"]}),
        "weight": _about("how much it counts; 1 without it, 0 for nothing", _number(0, grader_check.MOST_WEIGHT)),
        "threshold": _number(*kind.threshold) if kind.threshold is not None else {"type": "null"},
        "metric": _about("the name of what it measures", _TEXT),
        "value": _VALUES[kind.takes],
        **{name: _option(spec) for name, spec in kind.options.items()},
    }
    return _about(kind.about, _table(fields, (*grader_check.COMMON, *kind.options), ["type", *_required(kind)]))


_EXPECTATION: Schema = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null", "array"]},
        {"type": "object", "required": ["equals"], "properties": {"equals": {}}, "additionalProperties": False},
        {
            "type": "object",
            "required": ["number"],
            "properties": {"number": {"type": ["number", "string"]}, "tolerance": {"type": ["number", "string"]}},
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["set"],
            "properties": {"set": {"type": "array"}},
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["similarity"],
            "properties": {"similarity": _TEXT, "threshold": _number(0, 1)},
            "additionalProperties": False,
        },
    ]
}
_COUNT: Schema = {
    "anyOf": [
        _whole(0, MOST_COUNT),
        {
            "type": "object",
            "minProperties": 1,
            "properties": {"min": _whole(0, MOST_COUNT), "max": _whole(0, MOST_COUNT)},
            "additionalProperties": False,
        },
    ]
}
_CALL: Schema = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": _TEXT,
        "server": _TEXT,
        "arguments": _about("arguments that the call must have; it may have others", {"type": "object"}),
        "count": _about("how often; at least once without it", _COUNT),
        "order": _about("the position of the call among all calls, from 1", _whole(1, MOST_COUNT)),
    },
    "additionalProperties": False,
}
_VALUES: dict[Takes, Schema] = {
    Takes.NOTHING: {"type": "null"},
    Takes.TEXT: _TEXT,
    Takes.REFERENCE: _TEXT,
    Takes.TEXTS: {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]},
    Takes.NUMBER: {"type": ["number", "string"]},
    Takes.EXPRESSION: {**_TEXT, "maxLength": LONGEST_EXPRESSION},
    Takes.SCHEMA: {"type": ["object", "boolean", "string"]},
    Takes.FIELDS: {"anyOf": [_TEXT, {"type": "object", "minProperties": 1, "additionalProperties": _EXPECTATION}]},
    Takes.CALL: {"anyOf": [_TEXT, _CALL]},
}


def _option(spec: OptionSpec) -> Schema:
    match spec.kind:
        case OptionKind.COUNT:
            return _about(spec.about, _whole(0, MOST_LENGTH))
        case OptionKind.CHOICE:
            return _about(spec.about, {"enum": [*spec.choices]})
        case OptionKind.TOLERANCE:
            return _about(spec.about, {"type": ["number", "string"]})
        case OptionKind.TABLE:
            return _about(spec.about, {"type": ["object", "null"]})
        case OptionKind.MODEL:
            return _about(spec.about, _model())
        case OptionKind.TEXT:
            return _about(spec.about, _TEXT)
