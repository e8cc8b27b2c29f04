"""Suites through the whole program: exit statuses, and answers checked by a child of it."""

from __future__ import annotations

import asyncio

from desktop.evals.graders.check_child import CheckTask
from desktop.evals.graders.check_desk import CheckDesk
from tests.e2e.program import Program


def test_a_file_that_is_no_suite_ends_with_2_and_every_problem(paragone: Program) -> None:
    path = paragone.folder / "suite.yaml"
    path.write_text("schema: paragone-suite/1\nprompts: [x]\nnmae: x\nrepeats: no\n", "utf-8")
    ended = paragone("suites", "check", "suite.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "suite.yaml, line 3, column 1: “nmae” is not a known field. Did you mean “name”?",
        "suite.yaml, line 4, column 10: “repeats” must be a whole number from 1 to 1,000, not “no”.",
    ]


def test_an_import_that_refuses_something_ends_with_1(paragone: Program) -> None:
    (paragone.folder / "mine.yaml").write_text("prompts: [Hello, exec:x]\n", "utf-8")
    assert paragone("suites", "import", "mine.yaml").status == 1
    assert paragone("suites", "check", "mine-2.yaml").status == 0


async def test_the_program_is_its_own_child_that_checks_answers() -> None:
    desk = CheckDesk()
    async with asyncio.timeout(60):
        reply = await desk.check(CheckTask(kind="regex", text="abc", expected="b"))
    await desk.aclose()
    assert (reply.fits, reply.what) == (True, "b")
