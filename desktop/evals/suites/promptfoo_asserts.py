"""Converts promptfoo assertions to graders. Code, files and unsupported types are rejected individually."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import UsageError
from desktop.evals.execution.expected_cell import listed, parse_cell
from desktop.evals.graders.schema_check import parsed_schema
from desktop.evals.suites.suite_import import ImportNotes, Table
from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import Place, shown
from desktop.text.phrases import Phrase, phrase

SAME = frozenset(
    (
        *("equals", "contains", "icontains", "contains-any", "icontains-any", "contains-all", "icontains-all"),
        *("starts-with", "regex", "latency", "cost"),
    )
)
"""Types that have the same meaning in promptfoo and Paragone."""

JUDGED = {
    **dict.fromkeys(("llm-rubric", "grade", "model-graded-closedqa"), "rubric"),
    **dict.fromkeys(("factuality", "model-graded-factuality"), "reference"),
}
"""Types that are graded by a judge model, with the field that their value becomes."""

CODE = frozenset(("javascript", "python", "ruby", "webhook"))
OTHERS = frozenset(
    (
        *(
            "contains-json",
            "contains-html",
            "contains-sql",
            "contains-xml",
            "is-html",
            "is-sql",
            "is-xml",
            "is-refusal",
        ),
        *("is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call", "tool-call-f1"),
        *("classifier", "moderation", "guardrails", "levenshtein", "rouge-n", "bleu", "gleu", "meteor", "f-score"),
        *("perplexity", "perplexity-score", "answer-relevance", "context-faithfulness", "context-recall", "g-eval"),
        *("context-relevance", "conversation-relevance", "select-best", "max-score", "pi", "finish-reason", "human"),
        *("trace-span-count", "trace-span-duration", "trace-error-spans", "search-rubric", "assert-set"),
    )
)
"""Types that Paragone does not support."""

TYPES = SAME | JUDGED.keys() | CODE | OTHERS | {"is-json", "similar", "word-count"}

_REFERENCE = re.compile(
    r"(?:file|https?|exec|package|huggingface|python|javascript)://|(?:exec|python|fn|eval|javascript|ruby):"
)
_LONGEST_TYPE, _NEAR = 40, 0.8

_KNOWN = frozenset(("type", "value", "threshold", "weight", "metric", "provider", "transform", "assert"))


def is_reference(text: str) -> bool:
    """Whether a text refers to code or a file."""
    return _REFERENCE.match(text.strip()) is not None


def grader_tables(node: SuiteNode, notes: ImportNotes) -> list[Table]:
    """Convert an assertion to graders. A rejected assertion yields none, a set that must pass completely several."""
    fields = node.value
    if not isinstance(fields, dict) or (kind := fields.get("type")) is None or not kind.is_scalar:
        notes.refuse(node.place, phrase("An assertion without a type was not imported."))
        return []
    name = kind.text.strip()
    if "transform" in fields:
        notes.refuse_code(node.place, "transform")
        return []
    for extra in sorted(fields.keys() - _KNOWN):
        notes.left_out(node.key_place(extra), extra)
    if name == "assert-set":
        return _of_set(node, fields, notes)
    try:
        value = plain(fields["value"]) if "value" in fields else None
    except ValueError:
        notes.refuse(node.place, phrase("The assertion contains a number that is not valid JSON."))
        return []
    table = _negatable(name, value, node.place, notes)
    if table is None:
        return []
    for extra in ("threshold", "weight", "metric"):
        given = fields.get(extra)
        if given is not None and isinstance(given.value, str | int | float):
            table[extra] = given.value
    _add_model(table, fields.get("provider"), notes)
    return [made] if (made := notes.grader(table, node.place)) is not None else []


def cell_tables(cell: str, place: Place, notes: ImportNotes) -> list[Table]:
    """Convert a cell of a promptfoo table to graders."""
    cell = cell.strip()
    if is_reference(cell):
        notes.refuse_code(place, cell)
        return []
    expected = parse_cell(cell, TYPES)
    if not expected.type:
        table: Table | None = {"type": "equals", "value": cell}
        _doubt(cell, place, notes)
    else:
        name = f"not-{expected.type}" if expected.negated else expected.type
        table = _negatable(name, expected.value or None, place, notes)
    if table is None:
        return []
    if expected.threshold is not None:
        table["threshold"] = expected.threshold
    return [made] if (made := notes.grader(table, place)) is not None else []


def _doubt(cell: str, place: Place, notes: ImportNotes) -> None:
    """Add a note if plain expected text may have been meant as an assertion."""
    head = cell.partition(":")[0].removeprefix("not-")
    near = get_close_matches(head[:_LONGEST_TYPE], TYPES, 1, _NEAR) if ":" in cell else []
    if near:
        said = phrase(
            "“{name}” is not an assertion type, so the whole cell is used as the expected text. Did you mean “{near}”?",
            name=head,
            near=near[0],
        )
        notes.change(place, said)


def own_model(text: str) -> ModelRef | None:
    """Return the model that a text names as connection/model, or None."""
    if ":" in text.partition("/")[0]:
        return None
    try:
        return ModelRef.parse(text)
    except UsageError:
        return None


def _negatable(name: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    """Convert a type with or without `not-`, or return None if it is rejected."""
    base = name.removeprefix("not-")
    table = _table(base, value, place, notes)
    if table is not None and base != name:
        table["type"] = f"not-{table['type']}"
    return table


def _table(base: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    if isinstance(value, str) and is_reference(value):
        notes.refuse_code(place, value)
        return None
    if base in CODE:
        notes.refuse_code(place, base)
        return None
    if base in SAME:
        if isinstance(value, str) and base.removeprefix("i") in ("contains-any", "contains-all"):
            value = listed(value)
        return {"type": base} if value is None else {"type": base, "value": value}
    if (make := _MAKERS.get(base)) is not None:
        return make(base, value, place, notes)
    notes.refuse(place, phrase("There is no grader for “{name}”.", name=shown(base)))
    return None


def _json(base: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    """Convert `is-json` with an optional schema."""
    if value is None:
        return {"type": "is-json"}
    schema = parsed_schema(value) if isinstance(value, str) else value
    if not isinstance(schema, dict | bool):
        notes.refuse(place, phrase("The value of “{name}” is not a valid JSON Schema.", name=base))
        return None
    return {"type": "json-schema", "value": schema}


def _similar(base: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    if not isinstance(value, str):
        notes.refuse(place, _one_text(base))
        return None
    notes.change(
        place,
        phrase("In promptfoo, “similar” compares meanings; the similarity grader in Paragone compares characters."),
    )
    return {"type": "similarity", "value": value}


def _judged(base: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    if not isinstance(value, str) or not value.strip():
        notes.refuse(place, _one_text(base))
        return None
    return {"type": "judge", JUDGED[base]: value.strip()}


def _one_text(name: str) -> Phrase:
    return phrase("“{name}” is imported only with a single text value.", name=name)


def _words(base: str, value: JsonValue, place: Place, notes: ImportNotes) -> Table | None:
    """Convert a number or range of words."""
    if isinstance(value, dict) and value.keys() <= {"min", "max"}:
        return {"type": "length", "unit": "words", **value}
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int):
        notes.refuse(place, phrase("“{name}” is imported only with a number, or with min and max.", name=base))
        return None
    return {"type": "length", "unit": "words", "min": value, "max": value}


_MAKERS: dict[str, Callable[[str, JsonValue, Place, ImportNotes], Table | None]] = {
    "is-json": _json,
    "similar": _similar,
    "word-count": _words,
    **dict.fromkeys(JUDGED, _judged),
}


def _of_set(node: SuiteNode, fields: dict[str, SuiteNode], notes: ImportNotes) -> list[Table]:
    """Convert a set of assertions that must all pass to one grader each."""
    inner = fields.get("assert")
    if inner is None or not isinstance(inner.value, tuple) or {"threshold", "weight"} & fields.keys():
        notes.refuse(node.place, phrase("A set of assertions is imported only if all of them must pass."))
        return []
    notes.change(node.place, phrase("The assertions in a set are counted individually."))
    tables: list[Table] = []
    for each in inner.value:
        if isinstance(each.value, dict) and "assert" in each.value:
            notes.refuse(each.place, phrase("A nested assertion set was not imported."))
        else:
            tables += grader_tables(each, notes)
    return tables


def _add_model(table: Table, provider: SuiteNode | None, notes: ImportNotes) -> None:
    """Add the judge model, if it is a model of one of the user's connections."""
    if not str(table["type"]).endswith("judge") or provider is None or provider.value is None:
        return
    if model := judge_of(provider, notes):
        table["model"] = model


def judge_of(provider: SuiteNode, notes: ImportNotes) -> str:
    """Return the model that a provider names, or add a note and return an empty string if it cannot be used."""
    model = own_model(provider.text) if provider.is_scalar else None
    if model is None:
        notes.change(
            provider.place,
            phrase("“{name}” is not a model that Paragone can use as a judge.", name=shown(provider.text)),
        )
        return ""
    return str(model)
