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
        (
            "A ->[K2Cr2O7/H+] B",
            r"\mathrm{A}\;\xrightarrow{\mathrm{K}_{2}\mathrm{Cr}_{2}\mathrm{O}_{7}/\mathrm{H}^{+}}\;\mathrm{B}",
        ),
        ("A ->[Ni, 150 °C] B", r"\mathrm{A}\;\xrightarrow{\mathrm{Ni},\;\text{150 °C}}\;\mathrm{B}"),
        ("A ->[{heat}] B", r"\mathrm{A}\;\xrightarrow{\mathrm{heat}}\;\mathrm{B}"),
        (r"A ->[\ce{H2O}] B", r"\mathrm{A}\;\xrightarrow{\mathrm{H}_{2}\mathrm{O}}\;\mathrm{B}"),
        ("Fe^{2+}/Fe^{3+}", r"\mathrm{Fe}^{2+}/\mathrm{Fe}^{3+}"),
        ("H2SO4_{(aq)}", r"\mathrm{H}_{2}\mathrm{SO}_{4}{}_{\mathrm{(aq)}}"),
        ("S_N2", r"\mathrm{S}_{N}2"),
        ("HCl(aq)", r"\mathrm{HCl}\mathrm{(aq)}"),
    ],
)
def test_elements_stand_upright_with_numbers_below_and_charges_above(source: str, words: str) -> None:
    assert spelled(source) == words


@pytest.mark.parametrize("source", ["A ->[$x$] B", "x$y", r"\alpha", "A & B"])
def test_what_is_not_known_here_is_left_as_source(source: str) -> None:
    assert spelled(source) is None
