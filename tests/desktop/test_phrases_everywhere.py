"""What the window may show of desktop is a phrase: a sentence that was put together by hand stays English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import errors

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = ("terminal",)
"""Rooms that speak English alone."""

ERRORS = {*errors.__all__}
SAID = {"message", "hint", "reason"}


def is_put_together(node: ast.expr | None) -> bool:
    """Whether an expression is a text of its own: a literal with words, an f-string, or a sum of such."""
    match node:
        case ast.Constant(value=str() as text):
            return " " in text
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.Constant) and any(map(str.isalpha, str(part.value))) for part in parts)
        case ast.BinOp(left=left, right=right):
            return is_put_together(left) or is_put_together(right)
        case ast.IfExp(body=body, orelse=other):
            return is_put_together(body) or is_put_together(other)
        case _:
            return False


def sentences(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that give an error, a notice or a problem its sentence or its hint."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ERRORS and node.args:
                yield node.args[0]
            if name == "_notice" and len(node.args) > 1:
                yield node.args[1]
            if name in ERRORS | {"Notice", "Problem", "RetryWait"}:
                yield from (each.value for each in node.keywords if each.arg in SAID)
        elif isinstance(node, ast.Assign):
            yield from (node.value for each in node.targets if getattr(each, "attr", getattr(each, "id", "")) in SAID)


def files() -> list[Path]:
    """The modules whose sentences the window may show."""
    found = sorted((ROOT / "desktop").rglob("*.py"))
    return [path for path in found if not {*path.relative_to(ROOT / "desktop").parts} & {*ENGLISH}]


def test_every_sentence_of_an_error_or_a_notice_is_a_phrase() -> None:
    looked_at, wrong = 0, list[str]()
    for path in files():
        for node in sentences(ast.parse(path.read_text("utf-8"))):
            looked_at += 1
            if is_put_together(node):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}")
    assert looked_at > 200
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        'raise StoreError("It is broken.")',
        'raise StoreError(f"{path} is broken")',
        'error.hint = f"Use {this}."',
        'Notice(code="x", message="It was cut." + more)',
        'self._notice("x", f"{model} declined.", events)',
        'StoreError(phrase("It."), hint="Try again." if often else "")',
    ],
)
def test_a_text_that_is_put_together_is_found(source: str) -> None:
    assert any(is_put_together(node) for node in sentences(ast.parse(source)))
