"""The number of an answer is held against one, within a tolerance."""

from __future__ import annotations

import pytest

from tests.desktop.evals.graders.made import grade, spec


@pytest.mark.parametrize(
    ("value", "options", "text", "passed"),
    [
        (5, {}, "2 + 3 = 5", True),
        (0.3, {}, "0.30000000000000004", True),
        (5, {}, "5.1", False),
        (5, {"tolerance": 0.1}, "5.1", True),
        (200, {"tolerance": "5%"}, "about 210", True),
        (200, {"tolerance": "5%"}, "about 211", False),
        ("1.234,5", {}, "1,234.5", True),
        (1, {"position": "first"}, "1, then 2", True),
        (1, {"position": "only"}, "1, then 2", False),
        ("{{number}}", {}, "12", True),
        (-5, {}, "minus 5", False),
    ],
)
async def test_numbers_are_compared(value: object, options: dict[str, object], text: str, passed: bool) -> None:
    found = await grade(spec("numeric", value, **options), text)
    assert found.passed is passed


async def test_reasons_name_both_numbers() -> None:
    assert (await grade(spec("numeric", 5), "It is 6.")).reason == "The number is 6, not 5."
    assert (await grade(spec("numeric", 5), "None.")).reason == "Expected the number 5, got “None.”."


async def test_a_variable_that_is_no_number_leaves_it_open() -> None:
    found = await grade(spec("numeric", "{{name}}"), "5")
    assert (found.passed, found.reason) == (None, "The expected value is not a number: “Ada”.")
