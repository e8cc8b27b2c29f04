"""Result of importing a suite: the suite, and notes on what was changed or rejected and where."""

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
"""Maximum number of imported cases, including those expanded from lists."""


class SuiteImport(Value, frozen=True, kw_only=True):
    """Result of an import. `suite` is None if nothing was usable; `remarks` are comments for the top of the file.

    `changed` and `refused` are sentences that include the place in the file.
    """

    kind: str
    suite: Suite | None
    remarks: tuple[str, ...] = ()
    changed: tuple[Phrase, ...] = ()
    refused: tuple[Phrase, ...] = ()


class ImportNotes:
    """Collects notes on a file, without duplicates."""

    def __init__(self, schemas: SchemaInspector | None = None) -> None:
        self._schemas = schemas
        self._changed: dict[Phrase, None] = {}
        self._refused: dict[Phrase, None] = {}
        self._expressions = ExpressionCheck()

    @property
    def changed(self) -> tuple[Phrase, ...]:
        """Notes on changes and omissions that do not affect results."""
        return tuple(self._changed)

    @property
    def refused(self) -> tuple[Phrase, ...]:
        """Notes on parts that were not imported."""
        return tuple(self._refused)

    def change(self, place: Place, sentence: Phrase) -> None:
        """Note that something was changed."""
        self._changed[place.tell(sentence)] = None

    def refuse(self, place: Place, sentence: Phrase) -> None:
        """Note that something was not imported."""
        self._refused[place.tell(sentence)] = None

    def refuse_code(self, place: Place, text: str) -> None:
        """Note that code or a file reference was not imported."""
        self.refuse(place, phrase("“{text}” was not imported: it refers to code or a file.", text=shown(text)))

    def left_out(self, place: Place, name: str) -> None:
        """Note that an irrelevant field was omitted."""
        self.change(place, phrase("“{name}” was not imported.", name=shown(name)))

    def grader(self, table: Table, place: Place) -> Table | None:
        """Return a grader if it is valid; otherwise add a note and return None."""
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
    """Return a message about unsupported template syntax."""
    return phrase("“{text}” was not imported: templates can contain only variables.", text=shown(text))


def literal(text: str, variables: dict[str, JsonValue], name: str) -> str:
    """Return a template that yields a text literally, by means of a variable if necessary."""
    if not names_in(text) and not slip_in(text):
        return text
    while name in variables:
        name = f"{name}_"
    variables[name] = text
    return f"{{{{{name}}}}}"


def add_empty(variables: dict[str, JsonValue], templates: Iterable[str]) -> tuple[str, ...]:
    """Add missing variables with empty values, as other programs do, and return their names."""
    names = dict.fromkeys(name for template in templates for name in names_in(template) if name not in variables)
    variables.update(dict.fromkeys(names, ""))
    return tuple(names)


def suite_of_tables(fields: Table, lines: Sequence[Table], file: str, notes: ImportNotes) -> Suite | None:
    """Return the suite with imported case lines; if it is invalid, add a note and return None."""
    if not lines:
        notes.refuse(Place(file), phrase("No cases could be imported."))
        return None
    data: Table = {"schema": SCHEMA, **fields, "cases": [*lines]}
    try:
        return suite_of(data, file=file)
    except SuiteInvalid as error:
        for problem in error.problems:
            notes.refuse(Place(file), problem)
        return None
