"""Formulas in words."""

from __future__ import annotations

import pytest

from ui.transcript.text.formula_speech import DEEPEST, LONGEST, spoken_formula


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("E=mc^2", "E = m c squared"),
        (r"\frac{a+b}{\sqrt{2}}", "a + b over square root of 2"),
        (r"x_i^3 - \alpha", "x sub i cubed minus α"),
        (r"\sum_{k=1}^{n} k \leq \infty", "sum sub k = 1 to the power of n k ≤ ∞"),
        (r"\text{all of them} \cdot \mathbf{v}", "all of them × v"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "1 , 2 ; 3 , 4"),
        (r"\unknown{x}", "unknown x"),
    ],
)
def test_a_formula_is_put_into_words(source: str, said: str) -> None:
    assert spoken_formula(source) == said


@pytest.mark.parametrize("source", ["", "^", "}", "{", "}}x{{", r"\frac", r"\text{a{b}", "a_", r"\\", "\\"])
def test_a_broken_formula_is_read_without_its_braces(source: str) -> None:
    assert "{" not in spoken_formula(source)


@pytest.mark.parametrize("source", ["x" * (LONGEST + 1), "{" * (DEEPEST + 1) + "x"])
def test_what_is_too_long_or_too_deep_is_returned_as_it_is(source: str) -> None:
    assert spoken_formula(source) == source
