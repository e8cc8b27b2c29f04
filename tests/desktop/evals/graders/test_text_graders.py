"""Texts are looked for as suites say, and each grade has its reason."""

from __future__ import annotations

import pytest

from tests.desktop.evals.graders.made import grade, spec


@pytest.mark.parametrize(
    ("kind", "value", "text", "passed"),
    [
        ("equals", "Yes", " Yes\n", True),
        ("equals", "Yes", "yes", False),
        ("iequals", "STRASSE", "straße", True),
        ("equals", "{{name}}", "Ada", True),
        ("equals", 5, "5", True),
        ("contains", "é", "cafe\u0301", True),
        ("contains", "Ada", "ada", False),
        ("icontains", "Ada", "ada", True),
        ("not-icontains", "Ada", "ada", False),
        ("contains-any", ["a", "{{name}}"], "I am Ada", True),
        ("contains-any", ["x", "y"], "z", False),
        ("icontains-all", ["I", "ADA"], "I am Ada", True),
        ("contains-all", ["I", "you"], "I am Ada", False),
        ("starts-with", "I am", "\n I am Ada", True),
        ("istarts-with", "AM", "I am", False),
    ],
)
async def test_texts_are_looked_for(kind: str, value: object, text: str, passed: bool) -> None:
    found = await grade(spec(kind, value), text)
    assert (found.grader, found.passed, found.score) == (kind, passed, float(passed))
    assert found.reason.endswith(".")


async def test_not_turns_a_grade_round_and_twice_is_none() -> None:
    assert (await grade(spec("contains", "a", **{"not": True}), "b")).passed is True
    assert (await grade(spec("not-contains", "a", **{"not": True}), "b")).passed is False


async def test_a_reason_says_what_was_expected_and_what_came() -> None:
    found = await grade(spec("contains", "Werktage"), "We answer\nsoon. " + "x" * 10_000)
    assert found.reason.startswith("The response does not contain “Werktage”: “We answer soon. xxx")
    assert len(found.reason) < 300
    assert (await grade(spec("not-contains", "soon"), "We answer soon.")).reason == "The response contains “soon”."
    assert (await grade(spec("equals", "a"), "")).reason == "Expected “a”, got nothing."


async def test_reasons_are_bounded_however_much_is_expected() -> None:
    found = await grade(spec("contains-all", ["y" * 500] * 50), "x")
    assert len(found.reason) == 300


async def test_weight_and_metric_go_with_a_grade() -> None:
    found = await grade(spec("contains", "a", weight=0.5, metric="tone"), "a")
    assert (found.weight, found.metric) == (0.5, "tone")
