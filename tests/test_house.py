"""The rules of the house: each name once and a noun, no circle of imports, files that can be read at once."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.syntax_trees import statements

ROOT = Path(__file__).resolve().parents[1]

VAGUE = {
    "body", "common", "helpers", "misc", "models", "parts", "reading", "rows", "steps", "utils", "words", "writing",
}  # fmt: skip
"""Names that say nothing of what lies in a file."""

SAME_FILES: dict[str, str] = {}
"""File names that occur twice, each with the reason."""

SAME_CLASSES: dict[str, str] = {}
"""Names of classes that occur twice, each with the reason."""

GERUNDS: dict[str, str] = {
    "desktop.voting.ranking": "a ranking is a thing, and there is no other word for it",
    "desktop.evals.graders.grading": "a grading is one: what is graded, by whom, and who is asked",
}
"""Modules that are named after something that is done, each with the reason."""

LONGEST = 600
"""Lines of a file."""

METHODS = 40
"""Of a class; most have far fewer."""


@cache
def modules() -> dict[str, ast.Module]:
    """Each module of the program by its dotted name."""
    paths = [path for room in ("desktop", "ui") for path in sorted((ROOT / room).rglob("*.py"))]
    return {dotted(path): ast.parse(path.read_text("utf-8")) for path in paths}


def dotted(path: Path) -> str:
    """The name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def doubles(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names that occur twice or more, with their places."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for name, place in named:
        places[name].append(place)
    return {name: at for name, at in places.items() if len(at) > 1}


def imports(tree: ast.Module) -> set[str]:
    """What a module imports anywhere: late, and for the type checker alone, too."""
    found: set[str] = set()
    for node in statements(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_whole_program_is_looked_at() -> None:
    assert len(modules()) > 400


def test_every_file_is_called_otherwise() -> None:
    packages = {name.rpartition(".")[0] for name in modules()}
    files = [(name.rpartition(".")[2], name) for name in modules() if name not in packages]
    assert {name: at for name, at in doubles(files).items() if name not in SAME_FILES} == {}


def test_every_class_is_called_otherwise() -> None:
    classes = [
        (node.name, name)
        for name, tree in modules().items()
        for node in statements(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert len(classes) > 400
    assert {name: at for name, at in doubles(classes).items() if name not in SAME_CLASSES} == {}


def test_modules_are_nouns_that_say_what_they_are() -> None:
    last = {name: name.rpartition(".")[2] for name in modules()}
    gerunds = {name for name, stem in last.items() if stem.endswith("ing") and "_" not in stem}
    packages = {name.rpartition(".")[0] for name in modules()}
    assert gerunds - packages - {*GERUNDS} == set()
    assert {name for name, stem in last.items() if stem in VAGUE} == set()


def test_no_modules_import_each_other_round_a_circle() -> None:
    graph = {name: (imports(tree) & modules().keys()) - {name} for name, tree in modules().items()}
    assert sum(map(len, graph.values())) > 1500
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    silent = [name for name, tree in modules().items() if not (ast.get_docstring(tree) or "").partition("\n\n")[0]]
    assert silent == []


def test_files_and_classes_can_be_read_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ("desktop", "ui")
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert long == {}
    great = {
        f"{name}.{node.name}": count
        for name, tree in modules().items()
        for node in statements(tree)
        if isinstance(node, ast.ClassDef)
        if (count := sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body)) > METHODS
    }
    assert great == {}
