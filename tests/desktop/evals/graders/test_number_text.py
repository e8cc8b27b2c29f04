"""Numbers are read as people of many countries write them."""

from __future__ import annotations

import pytest

from desktop.evals.graders.number_text import number_in, numbers_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,234.5", [1234.5]),
        ("1.234,5", [1234.5]),
        ("1,234", [1234.0]),
        ("0,125", [0.125]),
        ("3,5", [3.5]),
        ("1.234", [1.234]),
        ("1,234,567", [1234567.0]),
        ("1.234.567", [1234567.0]),
        ("1.234.567,89", [1234567.89]),
        ("1\u202f234,5 \u20ac", [1234.5]),
        ("1'234.50", [1234.5]),
        ("The answer is 42.", [42.0]),
        ("x=-5, y=+7, z=\u22127", [-5.0, 7.0, -7.0]),
        ("10-20", [10.0, 20.0]),
        ("GPT-4 and H2O", [4.0]),
        ("1,2,3", [1.0, 2.0, 3.0]),
        ("2026.12.31", [2026.0, 12.0, 31.0]),
        ("1e5 1.5E-3 2ex", [1e5, 0.0015, 2.0]),
        ("\u0663\u066b\u0665", [3.5]),
        ("$1,000.00 (5%)", [1000.0, 5.0]),
        (".5 -.5", [0.5, -0.5]),
        ("1e999", []),
        ("9" * 400, []),
        ("none", []),
    ],
)
def test_numbers_of_a_text(text: str, numbers: list[float]) -> None:
    assert [*numbers_in(text)] == numbers


def test_the_last_the_first_or_the_only_one() -> None:
    assert [number_in("1 and 2", position) for position in ("last", "first", "only")] == [2.0, 1.0, None]
    assert number_in(f"7 {'x ' * 9_000}") == 7.0
    assert [number_in("none", position) for position in ("last", "first", "only")] == [None, None, None]


def test_in_a_text_of_many_pieces_every_number_is_found_whole() -> None:
    blanks = "x" * 65_530 + " "
    text = "".join(f"{blanks}{number},5\n" for number in range(9)) + "[" * 200_000 + "7"
    assert [*numbers_in(text)] == [*(number + 0.5 for number in range(9)), 7.0]
