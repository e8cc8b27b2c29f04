"""File that contains only graders: a list, or a table with `graders`, as in suites."""

from __future__ import annotations

from pathlib import Path

from desktop.errors import SuiteInvalid
from desktop.evals.graders.grader_check import GraderCheck
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_file import _root
from desktop.evals.suites.suite_node import SuiteNode
from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.evals.suites.suite_source import text_of_file
from desktop.text.phrases import phrase


def read_graders(path: Path) -> tuple[GraderSpec, ...]:
    """Return the graders in a file.

    Raises:
        SuiteInvalid: If there are problems; the error lists them all.
    """
    problems = SuiteProblems()
    text = text_of_file(path, problems)
    root = None if text is None else _root(path, text, problems)
    graders: tuple[GraderSpec, ...] = ()
    if root is not None:
        with SchemaInspector() as schemas:
            graders = GraderCheck(problems, schemas=schemas).graders(_listed(root))
    problems.require_none()
    if not graders:
        raise SuiteInvalid(Place(path.name).tell(phrase("The file contains no graders.")))
    return graders


def _listed(root: SuiteNode) -> tuple[SuiteNode, ...]:
    """Return the grader nodes of a list or a whole suite."""
    if isinstance(root.value, dict):
        found = root.value.get("graders")
        return () if found is None else _listed(found)
    return root.value if isinstance(root.value, tuple) else (root,)
