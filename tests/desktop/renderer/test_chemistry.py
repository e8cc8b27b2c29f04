r"""Chemistry's formulas in LaTeX's words."""

from __future__ import annotations

import pytest

from desktop.renderer.chemistry import spelled


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("H2O", r"\mathrm{H}_{2}\mathrm{O}"),
        ("SO4^2-", r"\mathrm{SO}_{4}^{2-}"),
        ("Na+", r"\mathrm{Na}^{+}"),
        ("CuSO4.5H2O", r"\mathrm{CuSO}_{4}\cdot 5\,\mathrm{H}_{2}\mathrm{O}"),
        ("CH3-OH", r"\mathrm{CH}_{3}{-}\mathrm{OH}"),
        ("^{14}_{6}C", r"{}^{14}_{6}\mathrm{C}"),
        ("CO2 ^", r"\mathrm{CO}_{2}\;\uparrow "),
        ("HCl(aq)", r"\mathrm{HCl}\mathrm{(aq)}"),
    ],
)
def test_elements_stand_upright_with_numbers_below_and_charges_above(source: str, words: str) -> None:
    assert spelled(source) == words


@pytest.mark.parametrize("source", ["A ->[$x$] B", "x$y", r"\alpha", "A & B"])
def test_what_is_not_known_here_is_left_as_source(source: str) -> None:
    assert spelled(source) is None
