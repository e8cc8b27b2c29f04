"""Expressions, schemas and distances are checked by a child that no answer and no suite can hold up."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest

from desktop.domain.suite_cells import Grade
from desktop.evals.graders.check_child import SWITCH
from desktop.evals.graders.check_desk import MOST_LATE, CheckDesk, own_command
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.text_share import is_quick, share_of
from desktop.evals.suites.suite import GraderSpec
from desktop.system.child_bounds import READY
from main import CHECK_SWITCH
from tests.desktop.evals.graders.made import answer, grade, spec


@pytest.fixture
async def desk() -> AsyncIterator[CheckDesk]:
    made = CheckDesk(patience_s=30)
    yield made
    await made.aclose()


async def graded(desk: CheckDesk, made: GraderSpec, text: str) -> Grade:
    return await grader_of(made, None, desk).grade(answer(text))


async def test_expressions_and_schemas_are_checked_in_one_child(desk: CheckDesk) -> None:
    async def passed(made: GraderSpec, text: str) -> bool | None:
        return (await graded(desk, made, text)).passed

    assert await passed(spec("regex", r"^\d{2}$"), "12")
    assert await passed(spec("regex", "ada"), "Ada") is False
    assert await passed(spec("iregex", "ada"), "Ada")
    assert await passed(spec("not-regex", "{{name}}"), "Ada") is False
    assert await passed(spec("regex", "\ud83d\ude00|b"), "b\n\u2028")
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"pattern": "^x"}}}
    assert await passed(spec("json-schema", schema), '{"a": "xy"}')
    assert await passed(spec("json-schema", schema), '{"a": "y"}') is False
    assert await passed(spec("json-schema", '{"type": "array"}'), "[1]")
    assert desk.started == 1


async def test_each_failed_grade_says_what_was_expected(desk: CheckDesk) -> None:
    assert (await graded(desk, spec("regex", "a+"), "b")).reason == "“a+” does not match the response: “b”."
    assert (await graded(desk, spec("not-regex", "a+"), "caab")).reason == "“a+” matches “aa”."
    found = await graded(desk, spec("json-schema", {"type": "object", "required": ["a"]}), "{}")
    assert found.reason == "The response does not conform to the schema: 'a' is a required property."


async def test_what_is_late_again_and_again_is_asked_no_more_and_other_checks_are() -> None:
    desk = CheckDesk(patience_s=0.3)
    try:
        for _ in range(MOST_LATE + 2):
            late = await graded(desk, spec("regex", "(a+)+$"), "a" * 60 + "!")
            assert (late.passed, late.reason) == (None, "The check timed out.")
        assert desk.started == MOST_LATE
        desk._patience_s = 30
        assert (await graded(desk, spec("regex", "a"), "a")).passed
    finally:
        await desk.aclose()


async def test_a_child_that_breaks_down_leaves_it_open() -> None:
    for code in (
        f"import os; os.write(1, {READY!r}); os.read(0, 4); os.write(1, b'\\0\\0\\0\\2[]')",
        "",
    ):
        desk = CheckDesk((sys.executable, "-c", code), patience_s=10)
        found = await graded(desk, spec("regex", "a"), "a")
        assert (found.passed, found.reason.startswith("The check failed: ")) == (None, True)
        await desk.aclose()


async def test_what_cannot_be_checked_is_left_open(desk: CheckDesk) -> None:
    bad = await graded(desk, GraderSpec(type="regex", value="("), "a")
    assert (bad.passed, bad.reason[:21]) == (None, "The check failed: mis")
    far = await graded(desk, spec("json-schema", {"$ref": "http://127.0.0.1:9/x"}), "{}")
    assert far.reason == "The check failed: its part http://127.0.0.1:9/x is not there."
    round_about = await graded(desk, spec("json-schema", {"$ref": "#"}), "{}")
    assert round_about.passed is None
    assert desk.started == 1


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        (' {"a": [1]}\n', True),
        ("5", True),
        ("```json\n{}\n```", False),
        ("{} {}", False),
        ("[" * 5000, False),
        ("NaN", False),
    ],
)
async def test_json_is_told_from_what_is_none(text: str, passed: bool) -> None:
    found = await grade(spec("is-json"), text)
    assert (
        found.passed,
        found.reason.startswith("The response is valid JSON." if passed else "The response is not valid JSON: "),
    ) == (passed, True)


async def test_the_share_that_is_the_same_is_the_score() -> None:
    found = await grade(spec("similarity", "hello wrld"), "hello world")
    assert (found.passed, round(found.score or 0, 3), found.reason) == (
        True,
        0.909,
        "The response is 91% similar to “hello wrld”.",
    )
    found = await grade(spec("similarity", "HELLO", threshold=0.95), "hello")
    assert (found.passed, found.score) == (False, 0.0)
    found = await grade(spec("not-isimilarity", "HELLO"), "hello")
    assert (found.passed, found.score) == (False, 0.0)


async def test_texts_that_take_long_to_compare_are_compared_in_the_child(desk: CheckDesk) -> None:
    text = "ab" * 6000
    assert not is_quick(text, text)
    found = await graded(desk, spec("similarity", text), text + "c")
    assert (found.passed, desk.started) == (True, 1)


@pytest.mark.parametrize(("a", "b", "share"), [("", "", 1.0), ("a", "", 0.0), ("kitten", "sitting", 1 - 3 / 7)])
def test_a_share_is_edits_by_the_longer_length(a: str, b: str, share: float) -> None:
    assert share_of(a, b) == pytest.approx(share)


def test_the_program_knows_the_word_that_starts_its_child() -> None:
    assert own_command()[-1] == SWITCH == CHECK_SWITCH
