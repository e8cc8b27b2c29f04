"""The self-test tells what fails, also in an installed program, which has no assert statements."""

from __future__ import annotations

import argparse
import ast
from pathlib import Path

import pytest

import main
from desktop.errors import EngineMissing
from desktop.settings.policy import Fixed, Policy, PolicyValue
from desktop.settings.values import Settings
from desktop.terminal import selftest_command, selftest_outcome
from desktop.text.phrases import english

ROOT = Path(__file__).resolve().parents[3]
SERVER = main.child_command(main.TRIAL_SERVER_SWITCH)
_PURE = {"isinstance", "len", "callable", "iscoroutine"}


async def test_a_check_that_sees_something_else_fails_and_what_is_missing_does_not(tmp_path: Path) -> None:
    async def wrong() -> str:
        selftest_outcome.require([], "nothing was there")
        return "not reached"

    async def missing() -> str:
        raise EngineMissing(english("No engine."))

    said: list[str] = []
    services = main.assemble(argparse.Namespace(data_dir=tmp_path / "data"))
    more: dict[str, selftest_outcome.Check] = {
        "wrong": wrong,
        "missing": missing,
        "embedded model": missing,
        "keyring": missing,
    }
    assert await selftest_command.run(services, more, said.append, SERVER) == 1
    await services.aclose()
    lines = {line.partition(":")[0].split(maxsplit=1)[1]: line for line in said}
    assert lines["wrong"].startswith("FAILED   wrong: nothing was there")
    assert lines["missing"].startswith("missing")
    assert lines["database"].startswith("ok")


@pytest.mark.parametrize(
    ("name", "value", "left_out"),
    [
        ("UserConnections", False, "stream over HTTP"),
        ("AllowedHosts", ("*.contoso.example",), "stream over HTTP"),
        ("SignIn", ("entra",), "stream over HTTP"),
        ("EmbeddedModel", False, "embedded model"),
        ("Attachments", False, "attachments"),
        ("Export", False, "export"),
        ("Tools", False, "tools"),
    ],
)
async def test_what_a_policy_forbids_is_left_out_and_said_and_no_failure(
    name: str, value: PolicyValue, left_out: str, tmp_path: Path
) -> None:
    async def missing() -> str:
        raise EngineMissing(english("No engine."))

    said: list[str] = []
    services = main.assemble(argparse.Namespace(data_dir=tmp_path / "data"))
    policy = Policy(entries={name: Fixed(name, value, True, "a test's policy")})
    services.use(Settings(connections=services.settings.connections, policy=policy))
    more: dict[str, selftest_outcome.Check] = {"keyring": missing}
    if left_out != "embedded model":
        more["embedded model"] = missing
    assert await selftest_command.run(services, more, said.append, main.child_command(main.TRIAL_SERVER_SWITCH)) == 0, (
        said
    )
    await services.aclose()
    lines = {line.partition(":")[0][9:]: line for line in said}
    assert lines[left_out].startswith("left out")
    assert name in lines[left_out]
    assert lines["database"].startswith("ok")


def test_no_assertion_does_work_since_an_installed_program_leaves_them_out() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "main.py", *(ROOT / "desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py"))
        if "assert" in (source := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assert) and any(map(_works, ast.walk(node.test)))
    ]
    assert found == []


def _works(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name not in _PURE
    return isinstance(node, (ast.Await, ast.NamedExpr))
