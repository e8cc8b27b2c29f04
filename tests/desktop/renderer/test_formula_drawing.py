"""Formulas as models write them are drawn whole, or refused: nothing is left out, misread or carried to the next."""

from __future__ import annotations

import struct
import time

import pytest

from desktop.renderer import mathjax, render_child
from desktop.renderer.formula_drawing import LONGEST, drawn
from desktop.renderer.mathjax import NotDrawn
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, Refusal, parse_reply


def made(source: str, *, display: bool = True) -> FormulaReply:
    return drawn(FormulaRequest(source=source, size=16, display=display))


def alike(one: str, other: str) -> bool:
    return made(one) == made(other)


def points(reply: FormulaReply) -> list[tuple[float, float]]:
    numbers = [n for each in reply.outlines for n in struct.unpack(f"<{len(each.points) // 4}f", each.points)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.mark.parametrize(
    "source",
    [
        *("x^2", r"\frac{a}{b}", r"\int_0^\infty e^{-x^2}\,dx", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        *(r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\mathbb{R} \to \mathcal{L}", r"a < b", r"\text{if } x > 0"),
        *(
            r"\left\{\frac{\frac{a}{b}}{c}\right\}",
            r"\bigl\{ x \bigr\}",
            r"\begin{cases}x & y\\ z & \text{a, b}\end{cases}",
        ),
        *(r"\begin{aligned}a&=b\\[4pt]&=c\end{aligned}", r"\text{50\% \& a<b}", r"\boxed{42}", r"E=mc^2\tag{1}"),
        *(r"\ce{2H2 + O2 ->[\Delta] 2H2O}", r"\begin{array}{c|c}a&b\\\hline c&d\end{array}", r"\newcommand{\x}{y}\x"),
        *(
            r"\left|\begin{matrix}a\\b\\c\\d\end{matrix}\right|",
            r"\cancel{x}",
            r"\overbrace{a+b}^{n}",
            r"\rule{1em}{1em}",
        ),
        *(r"\abs{x} + \dv{f}{x}", r"\argmax_x f", r"\bm{x}", r"\oiint_S", r"\text{über } \pi", r"\text{\alpha}"),
        *(r"\left⌈x\right⌉", r"\href{https://x.org}{y}", r"\mathrm{1}", r"\textcolor{#00ff00}{c}", r"x \lt y"),
    ],
)
@pytest.mark.parametrize("display", [True, False])
def test_a_formula_is_drawn_within_its_box(source: str, *, display: bool) -> None:
    reply = made(source, display=display)
    assert reply.outlines
    for x, y in points(reply):
        assert reply.left - 1 <= x <= reply.left + reply.width + 1
        assert reply.top - 1 <= y <= reply.top + reply.height + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"a &= b \\ &= c", r"\begin{aligned}a &= b \\ &= c\end{aligned}"),
        (r"a = b \\ c = d", r"\begin{aligned}a = b \\ c = d\end{aligned}"),
        (r"\frac{a}{b} \times 100%", r"\frac{a}{b} \times 100\%"),
        (r"\text{between $5 and $10 a unit}", r"\text{between \$5 and \$10 a unit}"),
        (r"\text{from $a to $b}", r"\text{from \$a to \$b}"),
        ("x = 1 % a comment\n+ 2", "x = 1 + 2"),
        (r"\mathds{1}", r"\mathbb{1}"),
        (r"\left⌊x\right⌋", r"\left\lfloor x\right\rfloor"),
    ],
)
def test_what_models_write_is_drawn_as_it_is_meant(one: str, other: str) -> None:
    assert alike(one, other)


def test_formulas_within_text_are_drawn_as_formulas() -> None:
    assert alike(r"\text{for $x_{1} > 0$}", r"\text{for }x_{1} > 0")


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "x" * (LONGEST + 1), r"\frac{a}", "x^", r"\begin{foo}a", "}", r"\unknown x", r"\left x y\right)"),
        *(r"\newcommand{\a}{\a\a}\a", r"\begin{matrix}a\end{pmatrix}", r"a % b", r"\left( x", r"{a \\ b}"),
        *(r"\includegraphics{/etc/passwd}", r"\require{physics}", r"\phantom{x}", "x\0y", "{" * 5_000),
    ],
)
def test_what_cannot_be_drawn_whole_is_refused_with_its_reason(source: str) -> None:
    reply = parse_reply(render_child.reply_to(FormulaRequest(source=source, size=16)))
    assert reply == Refusal(error="NotDrawn")


def test_division_is_a_sign_though_physics_is_known() -> None:
    assert made(r"\dv{y}{x}").outlines
    assert alike(r"6 \div 2", r"6 \mathbin{÷} 2")


def test_macros_of_a_formula_end_with_it() -> None:
    made(r"\newcommand{\mine}{x} \renewcommand{\frac}[2]{y} \mine")
    with pytest.raises(NotDrawn, match="mine"):
        made(r"\mine")
    assert made(r"\frac{a}{b}").height > made("y").height


def test_accented_letters_are_of_the_formula_s_font() -> None:
    plain, accented = made(r"\text{aAi}"), made(r"\text{äÄï}")
    assert not accented.texts
    assert accented.width == pytest.approx(plain.width, abs=0.1)
    assert -accented.top > -plain.top + 2, "marks stand above their letters"


def test_characters_that_the_font_lacks_are_words_of_text_in_their_place() -> None:
    (run,) = made(r"\text{если } x").texts
    assert (run.text, run.family, run.colour) == ("если", "serif", "")
    (kanji,) = made(r"y + \color{red}\textbf{汉字}").texts
    assert (kanji.text, kanji.bold, kanji.colour) == ("汉字", True, "red")
    assert kanji.x > made("y").width


def test_what_stands_on_a_background_can_be_read_on_it_whatever_the_page_is() -> None:
    def inks(source: str) -> list[tuple[str, bool]]:
        return [(each.colour, each.exact) for each in made(source).outlines]

    assert inks(r"\colorbox{yellow}{x}") == [("yellow", True), ("#000000", True)]
    assert inks(r"\colorbox{#000080}{x}") == [("#000080", True), ("#ffffff", True)]
    assert inks(r"a \textcolor{red}{b} \rule{1em}{1em}") == [("", False), ("red", False), ("black", False)]


def test_a_box_is_a_line_and_its_sign_is_filled() -> None:
    assert {outline.line > 0 for outline in made(r"\boxed{x}").outlines} == {True, False}


@pytest.mark.parametrize("fences", [(r"\left(", r"\right)"), (r"\left|", r"\right|^2"), (r"\left\|", r"\right\|")])
@pytest.mark.parametrize("rows", [3, 8])
def test_fences_are_as_high_as_what_they_hold(fences: tuple[str, str], rows: int) -> None:
    inner = rf"\begin{{matrix}}{'a' + chr(92) * 2}{(chr(92) * 2).join('b' * rows)}\end{{matrix}}"
    drawing, within = made(f"{fences[0]} {inner} {fences[1]}"), made(inner)
    assert within.height <= drawing.height < 1.3 * within.height + 8


def test_the_number_of_an_equation_stands_behind_it() -> None:
    plain, numbered = made("a=b"), made(r"\tag{1} a=b")
    assert numbered.width > plain.width + 16
    assert max(x for x, _ in points(numbered)) > plain.width + 16


def test_what_is_below_an_operator_stands_beside_it_within_a_line() -> None:
    inline, display = (made(r"\operatorname*{abc}_{x}", display=display) for display in (False, True))
    assert inline.width > display.width
    assert inline.height < display.height


@pytest.mark.parametrize(
    "source",
    [
        r"\def\a{\a\a}\a",
        r"\newcommand{\b}[1]{#1#1#1#1#1#1#1#1}\b{\b{\b{\b{\b{\b{\b{x}}}}}}}",
        r"\sqrt{" * 660 + "x" + "}" * 660,
        r"\rule{1em}{1em}" * 260,
    ],
)
def test_a_hostile_formula_ends_soon_and_the_next_one_is_drawn(source: str) -> None:
    mathjax.load()
    begun = time.process_time()
    reply = parse_reply(render_child.reply_to(FormulaRequest(source=source, size=16)))
    assert isinstance(reply, Refusal | FormulaReply)
    assert time.process_time() - begun < 3 * mathjax._SECONDS
    assert made("x").outlines
