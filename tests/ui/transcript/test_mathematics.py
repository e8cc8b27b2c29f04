from __future__ import annotations

import threading

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer
from tests.ui.waiting import until
from ui.transcript import mathematics
from ui.transcript.mathematics import LONGEST, Formula, Mathematics

BLACK = "#000000"


def drawn(formula: Formula | None) -> int:
    """How many pixels of a picture are not empty."""
    assert formula is not None
    image = formula.image
    return sum(QColor(image.pixelColor(x, y)).alpha() > 0 for x in range(image.width()) for y in range(image.height()))


@pytest.mark.parametrize(
    "source",
    [
        *("x^2", r"\frac{a}{b}", r"\int_0^\infty e^{-x^2}\,dx", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        *(r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\mathbb{R} \to \mathcal{L}", r"a < b", r"\text{if } x > 0"),
    ],
)
def test_a_formula_is_drawn(qapp: QApplication, source: str) -> None:
    formula = Mathematics().formula(source, 16, BLACK)
    assert drawn(formula) > 20
    assert formula is not None
    assert formula.width > 4
    assert formula.ascent > 4


@pytest.mark.parametrize("source", ["", "\\frac{a}", "x^", "{" * 400, "\\begin{foo}a", "x" * (LONGEST + 1)])
def test_what_cannot_be_drawn_is_none(qapp: QApplication, source: str) -> None:
    assert Mathematics().formula(source, 16, BLACK) is None


def test_a_formula_is_drawn_once_for_its_size_and_colour(qapp: QApplication) -> None:
    mathematics = Mathematics()
    first = mathematics.formula("x", 16, BLACK)
    assert mathematics.formula("x", 16, BLACK) is first
    assert mathematics.formula("x", 16, "#FF0000") is not first
    larger = mathematics.formula("x", 32, BLACK)
    assert larger is not None
    assert first is not None
    assert larger.width > 1.5 * first.width


def test_it_is_as_sharp_as_the_screen(qapp: QApplication) -> None:
    formula = Mathematics(2.0).formula("x", 16, BLACK)
    assert formula is not None
    assert formula.image.width() >= 2 * formula.width - 1
    assert formula.image.devicePixelRatio() == 2.0


def test_depth_below_the_line_is_known(qapp: QApplication) -> None:
    flat, deep = (Mathematics().formula(source, 16, BLACK) for source in ("x", r"\frac{a}{b}"))
    assert flat is not None
    assert deep is not None
    assert flat.descent < deep.descent


async def test_formulas_are_drawn_once_what_draws_them_is_loaded_on_a_thread(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = list[bool]()
    load = mathematics.load

    def loaded() -> object:
        there.append(threading.current_thread() is threading.main_thread())
        return load()

    monkeypatch.setattr(mathematics, "is_loaded", lambda: bool(there))
    monkeypatch.setattr(mathematics, "load", loaded)
    view = show([answer("Let $x^2$ be.")])
    (segment,) = view.rows[0].parts.body[0].segments
    assert "x^2" in segment.text
    view._idle.wake()
    await until(lambda: "x^2" not in view.rows[0].parts.body[0].segments[0].text)
    assert there[0] is False
