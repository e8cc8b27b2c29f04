"""What comes of a file of another program: a suite, and a report with the places of what was changed or refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop.domain.conversation_types import JsonValue, Value
from desktop.errors import SuiteInvalid
from desktop.evals.graders.grader_check import ExpressionCheck, GraderCheck
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.suite import SCHEMA, Suite
from desktop.evals.suites.suite_check import templates_of
from desktop.evals.suites.suite_file import suite_of
from desktop.evals.suites.suite_node import node_of
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.evals.suites.templates import names_in, slip_in
from desktop.text.phrases import Phrase, phrase

Table = dict[str, JsonValue]

MOST_CASES = 100_000
"""Cases that a file is taken for, those that lists of variables make counted."""


class SuiteImport(Value, frozen=True, kw_only=True):
    """An import. `suite` is None where nothing was left of a file; `remarks` belong at the head of what is written.

    `changed` and `refused` are sentences with their places.
    """

    kind: str
    suite: Suite | None
    remarks: tuple[str, ...] = ()
    changed: tuple[Phrase, ...] = ()
    refused: tuple[Phrase, ...] = ()


class ImportNotes:
    """Takes what is to be said of a file, each thing once."""

    def __init__(self, schemas: SchemaInspector | None = None) -> None:
        self._schemas = schemas
        self._changed: dict[Phrase, None] = {}
        self._refused: dict[Phrase, None] = {}
        self._expressions = ExpressionCheck()

    @property
    def changed(self) -> tuple[Phrase, ...]:
        """What is another thing now, or was left out without harm."""
        return tuple(self._changed)

    @property
    def refused(self) -> tuple[Phrase, ...]:
        """What was not taken."""
        return tuple(self._refused)

    def change(self, place: Place, sentence: Phrase) -> None:
        """Say that something is another thing now."""
        self._changed[place.tell(sentence)] = None

    def refuse(self, place: Place, sentence: Phrase) -> None:
        """Say that something was not taken."""
        self._refused[place.tell(sentence)] = None

    def refuse_code(self, place: Place, text: str) -> None:
        """Say that something was not taken since it would run code, or read a file."""
        self.refuse(place, phrase("“{text}” was not imported: it is code or a file.", text=shown(text)))

    def left_out(self, place: Place, name: str) -> None:
        """Say that a field was left out that changes nothing about what is asked."""
        self.change(place, phrase("“{name}” was left out.", name=shown(name)))

    def grader(self, table: Table, place: Place) -> Table | None:
        """A grader of ours as it would stand in a suite; None where it is none, which is told."""
        problems = SuiteProblems()
        check = GraderCheck(problems, expressions=self._expressions, schemas=self._schemas)
        spec = check.grader(node_of(table, place.file))
        if spec is None or problems:
            for sentence in problems.bare:
                self.refuse(place, sentence)
            return None
        for text in templates_of(spec):
            if slip := slip_in(text):
                self.refuse(place, template_problem(slip))
                return None
        return table


def template_problem(text: str) -> Phrase:
    """That a template does more than ours do."""
    return phrase("“{text}” was not imported: templates contain only variables.", text=shown(text))


def literal(text: str, variables: dict[str, JsonValue], name: str) -> str:
    """A text as a template that says just that: where it looks like one itself, it goes into a variable."""
    if not names_in(text) and not slip_in(text):
        return text
    while name in variables:
        name = f"{name}_"
    variables[name] = text
    return f"{{{{{name}}}}}"


def add_empty(variables: dict[str, JsonValue], templates: Iterable[str]) -> tuple[str, ...]:
    """Give a case what templates name and it lacks, empty, as other programs take it; those names."""
    names = dict.fromkeys(name for template in templates for name in names_in(template) if name not in variables)
    variables.update(dict.fromkeys(names, ""))
    return tuple(names)


def suite_of_tables(fields: Table, lines: Sequence[Table], file: str, notes: ImportNotes) -> Suite | None:
    """The suite of what was taken; None where that is none, which is told."""
    if not lines:
        notes.refuse(Place(file), phrase("No case could be imported."))
        return None
    data: Table = {"schema": SCHEMA, **fields, "cases": [*lines]}
    try:
        return suite_of(data, file=file)
    except SuiteInvalid as error:
        for problem in error.problems:
            notes.refuse(Place(file), problem)
        return None
