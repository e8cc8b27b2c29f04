"""Cases from a CSV file with one column per variable. Special columns begin with two underscores."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from desktop.evals.execution.expected_cell import grader_table, parse_cell
from desktop.evals.graders.grader_check import GraderCheck
from desktop.evals.graders.grader_kinds import names
from desktop.evals.suites.case_line import CaseLine
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_fields import SuiteFields, unknown
from desktop.evals.suites.suite_node import SuiteNode, node_of
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.evals.suites.suite_source import MOST_CASES_BYTES, text_of_file
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import phrase

COLUMNS = ("__expected", "__tags", "__cluster", "__description", "__threshold")
"""Special columns. `__expected1`, `__expected2` and so on add graders to those of `__expected`."""

TAG_SEPARATOR = ";"
LONGEST_FIELD = 16 << 20
MOST_COLUMNS = 1_000

_EXPECTED = late_pattern(r"__expected[0-9]{0,4}")
_TYPES = frozenset(names())


class CasesReader:
    """Reads the case files next to a suite. Without a folder, no files are read."""

    def __init__(self, folder: Path | None, problems: SuiteProblems) -> None:
        self._folder = folder
        self._problems = problems

    def __call__(self, named: SuiteNode, name: str, check: GraderCheck) -> list[CaseLine]:
        """Read the cases of a file, reporting problems with their line numbers."""
        if self._folder is None or not _is_beside(self._folder, name):
            self._problems.add(named.place, phrase("“{name}” is not in the suite's folder.", name=shown(name)))
            return []
        path = self._folder / name
        text = text_of_file(path, self._problems, MOST_CASES_BYTES)
        return [] if text is None else [*_Table(text, path.name, self._problems, check).lines()]


def _is_beside(folder: Path, name: str) -> bool:
    """Whether a name refers to a file inside a folder, even after resolving links, because suites are untrusted."""
    if "://" in name or not name.strip() or "\0" in name:
        return False
    try:
        return (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def rows(text: str, file: str, problems: SuiteProblems) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table with their line numbers, and report unreadable rows."""
    first = text[: text.find("\n") + 1] or text
    delimiter = next((each for each in ",;\t" if each in first), ",")
    before = csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(Place(file, line), phrase("Invalid CSV file: {reason}.", reason=shown(str(error))))
    finally:
        csv.field_size_limit(before)


def lines_of_table(text: str, file: str) -> list[CaseLine]:
    """Return the cases of a table.

    Raises:
        SuiteInvalid: With all problems.
    """
    problems = SuiteProblems()
    found = [*_Table(text, file, problems, GraderCheck(problems, "")).lines()]
    problems.require_none()
    return found


class _Table:
    """Parser of one file."""

    def __init__(self, text: str, file: str, problems: SuiteProblems, check: GraderCheck) -> None:
        self._file = file
        self._problems = problems
        self._check = check
        self._rows = rows(text, file, problems)
        self._graders: dict[str, tuple[GraderSpec, ...]] = {}

    def lines(self) -> Iterator[CaseLine]:
        """Yield each row as a case line."""
        line, head = next(self._rows, (0, list[str]()))
        head = [name.strip() for name in head]
        if not line:
            self._problems.add(Place(self._file), phrase("The file is empty."))
            return
        if not self._is_head(head, line):
            return
        for at, row in self._rows:
            if len(row) != len(head):
                problem = phrase(
                    "The row has {cells} cells, but there are only {columns} columns.",
                    cells=len(row),
                    columns=len(head),
                )
                self._problems.add(Place(self._file, at), problem)
            else:
                yield self._line(at, [*zip(head, row, strict=True)])

    def _is_head(self, head: list[str], line: int) -> bool:
        head_place = Place(self._file, line)
        if len(head) > MOST_COLUMNS:
            self._problems.add(head_place, phrase("The file has more than {most} columns.", most=MOST_COLUMNS))
            return False
        for at, name in enumerate(head):
            if not name:
                self._problems.add(head_place, phrase("Column {number} has no name.", number=at + 1))
            elif name in head[:at]:
                self._problems.add(head_place, phrase("Two columns have the same name: “{name}”.", name=shown(name)))
            elif name.startswith("__") and name not in COLUMNS and not _EXPECTED.fullmatch(name):
                self._problems.add(head_place, unknown(name, COLUMNS))
        return True

    def _line(self, at: int, cells: list[tuple[str, str]]) -> CaseLine:
        special = {name: cell.strip() for name, cell in cells if name.startswith("__")}
        row_place = Place(self._file, at)
        graders = (
            self._grader(cell, row_place) for name, cell in special.items() if cell and _EXPECTED.fullmatch(name)
        )
        return CaseLine(
            place=row_place,
            vars={name: cell for name, cell in cells if not name.startswith("__")},
            graders=tuple(spec for made in graders for spec in made),
            tags=tuple(tag for each in special.get("__tags", "").split(TAG_SEPARATOR) if (tag := each.strip())),
            cluster=special.get("__cluster", ""),
            description=special.get("__description", ""),
            threshold=self._threshold(special.get("__threshold", ""), row_place),
        )

    def _grader(self, cell: str, place: Place) -> tuple[GraderSpec, ...]:
        """Return the grader of a cell, created once per distinct text."""
        if cell not in self._graders:
            node = _placed(node_of(grader_table(parse_cell(cell, _TYPES)), self._file), place)
            self._graders[cell] = self._check.graders((node,))
        return self._graders[cell]

    def _threshold(self, cell: str, place: Place) -> float | None:
        if not cell:
            return None
        try:
            node = SuiteNode(float(cell), place, cell)
        except ValueError:
            node = SuiteNode(cell, place, cell)
        fields = SuiteFields(SuiteNode({"__threshold": node}, place), COLUMNS, self._problems)
        return fields.number("__threshold", 0.0, 1.0)


def _placed(node: SuiteNode, place: Place) -> SuiteNode:
    """Return a copy of a node in which all parts have the same place."""
    match node.value:
        case dict() as fields:
            return SuiteNode({name: _placed(each, place) for name, each in fields.items()}, place)
        case tuple() as items:
            return SuiteNode(tuple(_placed(each, place) for each in items), place)
        case _:
            return SuiteNode(node.value, place, node.text)
