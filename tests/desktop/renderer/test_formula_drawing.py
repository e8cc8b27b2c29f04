"""Formulas are drawn right or refused: what the library would spell, leave out or show as a box is not drawn."""

from __future__ import annotations

import struct

import pytest

from desktop.renderer import formula_drawing, render_child
from desktop.renderer.formula_drawing import LONGEST, drawn
from desktop.renderer.latex_text import NotDrawn
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, Refusal, decode_reply


def made(source: str, *, display: bool = True) -> FormulaReply:
    return drawn(FormulaRequest(source=source, size=16, display=display))


def alike(one: str, other: str) -> bool:
    return made(one).outlines == made(other).outlines


@pytest.mark.parametrize(
    "source",
    [
        *("x^2", r"\frac{a}{b}", r"\int_0^\infty e^{-x^2}\,dx", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        *(r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\mathbb{R} \to \mathcal{L}", r"a < b", r"\text{if } x > 0"),
        *(r"\left\{\frac{a}{b}\right\}", r"\bigl\{ x \bigr\}", r"\begin{cases}x & y\\ z & \text{a, b}\end{cases}"),
        *(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1}", r"\begin{bmatrix}a\\b\end{bmatrix} ^T_{i} x"),
        *(r"\begin{aligned}a&=b\\&=c\end{aligned}", r"\text{50\% \& a<b}", r"\boxed{42}", r"E=mc^2\tag{1}"),
    ],
)
def test_a_formula_is_drawn_within_its_box(source: str) -> None:
    reply = made(source)
    assert reply.outlines
    for outline in reply.outlines:
        numbers = struct.unpack(f"<{len(outline.points) // 4}f", outline.points)
        assert min(numbers[0::2]) >= reply.left - 1
        assert max(numbers[0::2]) <= reply.left + reply.width + 1
        assert min(numbers[1::2]) >= reply.top - 1
        assert max(numbers[1::2]) <= reply.top + reply.height + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\begin{cases}1 & x\\0 & \end{cases}", r"\begin{cases}1 & x\\7 & \end{cases}"),
        (r"\begin{bmatrix}1 & 2\\3 & \end{bmatrix}", r"\begin{bmatrix}1 & 2\\4 & \end{bmatrix}"),
        (r"\begin{aligned}a&=b\\&=c&\end{aligned}", r"\begin{aligned}a&=b\\&=d&\end{aligned}"),
        (r"\begin{gathered}a&b\\c&\label{x}\end{gathered}", r"\begin{gathered}a&b\\d&\label{x}\end{gathered}"),
    ],
)
def test_a_last_row_with_an_empty_last_cell_is_drawn(one: str, other: str) -> None:
    assert not alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            r"\begin{align*}^{14}C &\to N \\ ^{226}R &\to S\end{align*}",
            r"\begin{align*}{}^{14}C &\to N \\ {}^{226}R &\to S\end{align*}",
        ),
        (r"\begin{cases} ^{12}C & s \\ _6C & r\end{cases}", r"\begin{cases}{}^{12}C & s \\ {}_6C & r\end{cases}"),
        (r"\begin{array}{l} ^{238}U \\ ^{235}U\end{array}", r"\begin{array}{l}{}^{238}U \\ {}^{235}U\end{array}"),
        (
            r"\begin{pmatrix} a & ^{2}b \\ ^{3}c & d\end{pmatrix}",
            r"\begin{pmatrix} a & {}^{2}b \\ {}^{3}c & d\end{pmatrix}",
        ),
        (r"\begin{matrix}a \\ 'b\end{matrix}", r"\begin{matrix}a \\ {}'b\end{matrix}"),
    ],
)
def test_an_index_that_begins_a_cell_stands_before_its_sign(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\||\psi\rangle\|^2", r"{\Vert}{|}{\psi}{\rangle}{\Vert}^2"),
        (r"\|\ket{\psi}\|", r"{\Vert}{|}{\psi}{\rangle}{\Vert}"),
        (r"\||A|\|_F", r"{\Vert}{|}A{|}{\Vert}_F"),
        (r"|\ket{a}\bra{b}|", r"{|}{|}a{\rangle}{\langle}b{|}{|}"),
    ],
)
def test_bars_beside_bars_are_drawn_one_by_one(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sum_\substack{i<n \\ j<m} x_i = 1", r"\sum_{\substack{i<n \\ j<m}} x_i = 1"),
        (r"x \substack{a\\b} y", r"x {\substack{a\\b}} y"),
        (
            r"\begin{matrix}\color{red}{b} x&c\\\color{blue} d&e\end{matrix}",
            r"\begin{matrix}\textcolor{red}{b} x&c\\{\color{blue} d}&e\end{matrix}",
        ),
        (r"{\bf x} + {\bf 1}", r"\mathbf{x} + \mathbf{1}"),
        (r"\Tr A + \Cov(X, Y)", r"\operatorname{Tr} A + \operatorname{Cov}(X, Y)"),
        (r"\braket{a|b} + \braket{a}{b}", r"\langle {a|b} \rangle + \langle {a}|{b} \rangle"),
        (r"\abs{x} + \norm{x}", r"\left|{x}\right| + \left\|{x}\right\|"),
        (r"a\hspace{1em}b\hspace*{-2pt}c", r"a\quad bc"),
    ],
)
def test_commands_that_the_library_takes_otherwise_are_drawn_as_they_are_meant(one: str, other: str) -> None:
    assert alike(one, other)


def test_an_escaped_dollar_within_text_is_drawn() -> None:
    assert not alike(r"\text{\$5}", r"\text{5}")


def test_formulas_within_text_are_drawn_as_formulas() -> None:
    assert alike(r"\text{for $x_{1} > 0$ and \$5}", r"{\text{for }{x_{1} > 0}\text{ and \$5}}")
    assert alike(r"\textbf{$x$}", "{x}")
    for torn in (r"\text{if $x}$", r"\text{$a$ {b}}"):
        with pytest.raises(NotDrawn):
            made(torn)


@pytest.mark.parametrize(
    "said", ["between $5 and $10 a unit", "$5/$6", "from $a to $b", "if $x", "$ x $", "cost ($/kg) and price ($/unit)"]
)
def test_amounts_within_text_keep_their_dollars(said: str) -> None:
    assert alike(rf"\text{{{said}}}", rf"\text{{{said.replace('$', chr(92) + '$')}}}")


def test_fences_that_grow_anyway_are_drawn_and_those_of_a_size_are_not() -> None:
    assert alike(r"\abs*{x} + \norm* {y} + \ket*{z}", r"\abs{x} + \norm{y} + \ket{z}")
    for sized in (r"\norm[2]{x}", r"\abs[\big]{y}", r"\braket[1]{a}"):
        with pytest.raises(NotDrawn):
            made(sized)


def test_equations_in_three_columns_are_drawn() -> None:
    rows = r"a &=& b + c \\ &=& \frac{d}{e}"
    assert alike(rf"\begin{{eqnarray}}{rows}\end{{eqnarray}}", rf"\begin{{array}}{{rcl}}{rows}\end{{array}}")


def test_a_formula_of_which_the_library_leaves_a_row_out_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_written(source: str, _symbols: object, *, display: bool) -> str:
        del display
        return source

    monkeypatch.setattr(formula_drawing, "drawable", as_written)
    assert made(r"\begin{matrix}a & b\\c & d\\\end{matrix}").outlines
    with pytest.raises(NotDrawn):
        made(r"\begin{matrix}a & b\\c & \end{matrix}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\begin{aligned}a&=b\\[4pt]&=c\end{aligned}", r"\begin{aligned}a&=b\\&=c\end{aligned}"),
        (r"\begin{cases}x\\[-0.5em]y\\*z\end{cases}", r"\begin{cases}x\\y\\z\end{cases}"),
        (r"\begin{pmatrix}a\\[ 1ex ]b\end{pmatrix}", r"\begin{pmatrix}a\\b\end{pmatrix}"),
        ("x=5，y=3", r"x=5,\ y=3"),
        ("f（x）", "f(x)"),
        (r"\mathbb{RP}^2", r"\mathbb{R}\mathbb{P}^2"),
        (r"\mathbb{N, Z}", r"\mathbb{N}, \mathbb{Z}"),
        (r"\mathbf{Ax}", r"\mathbf{A}\mathbf{x}"),
        (r"\begin{dcases}a&b\\c&d\end{dcases}", r"\begin{cases}a&b\\c&d\end{cases}"),
        (r"\begin{rcases}a\\b\end{rcases}", r"\left.\begin{matrix}a\\b\end{matrix}\right\}"),
        (r"a &= b \\ &= c", r"\begin{aligned}a &= b \\ &= c\end{aligned}"),
        (
            r"\begin{pmatrix}a \over b & c\\d & e \over f\end{pmatrix}",
            r"\begin{pmatrix}{a \over b} & c\\d & {e \over f}\end{pmatrix}",
        ),
        (r"\ce{H2O}", r"{\mathrm{H}_2\mathrm{O}}"),
        (r"\ce{2H2 + O2 -> 2H2O}", r"{2\,\mathrm{H}_2\;+\;\mathrm{O}_2\;\rightarrow\;2\,\mathrm{H}_2\mathrm{O}}"),
        (r"\ce{A ->[\Delta] B}", r"{\mathrm{A}\;\xrightarrow{\Delta}\;\mathrm{B}}"),
        (
            r"\ce{A ->[\text{heat}][H2O] B}",
            r"{\mathrm{A}\;\xrightarrow[\mathrm{H}_2\mathrm{O}]{\text{heat}}\;\mathrm{B}}",
        ),
        (
            r"\ce{A <=>[k_1][k_{-1}] B}",
            r"{\mathrm{A}\;\overset{\mathrm{k}_1}{\underset{\mathrm{k}_{-1}}{\rightleftharpoons}}\;\mathrm{B}}",
        ),
        (r"\ce{CO2 \uparrow + H2O_{(l)}}", r"{\mathrm{CO}_2\;\uparrow\;+\;\mathrm{H}_2\mathrm{O}_{\mathrm{(l)}}}"),
        (r"\cfrac[l]{a}{b}", r"\cfrac{a}{b}"),
        (r"\stackrel[a]{b}{=}", r"\underset{a}{\overset{b}{=}}"),
        (r"\ce{[Fe(CN)6]^{3-}}", r"{[\mathrm{Fe}(\mathrm{CN})_6]^{3-}}"),
    ],
)
def test_distances_behind_lines_and_signs_of_full_width_are_what_they_stand_for(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "narrow"),
    [
        ("(-1)", "({-}1)"),
        ("f(-1) = -2", "f({-}1) = {-}2"),
        (r"\begin{pmatrix}1&-1\end{pmatrix}", r"\begin{pmatrix}1&{-}1\end{pmatrix}"),
        (r"a \cdot -b", r"a \cdot {-}b"),
    ],
)
def test_a_leading_minus_stands_at_its_number(one: str, narrow: str) -> None:
    assert alike(one, narrow)


def test_operations_have_room_around_them_but_in_scripts() -> None:
    def wide(source: str) -> float:
        return made(source).width

    for sign in (r"\cup", r"\subset", r"\wedge", r"\perp", r"\times"):
        assert wide(rf"a {sign} b") > wide(rf"a{{{sign}}}b") + 3
        assert wide(rf"x_{{a {sign} b}}") == pytest.approx(wide(rf"x_{{a{{{sign}}}b}}"), abs=0.5)
    assert alike("a-b", "a{}-b")


def test_what_stands_in_brackets_behind_a_line_and_is_no_distance_is_drawn() -> None:
    assert not alike(r"\begin{aligned}a\\[4]\end{aligned}", r"\begin{aligned}a\\\end{aligned}")


@pytest.mark.parametrize(
    ("source", "sign"),
    [
        *((r"\mathbb{1}", "𝟙"), (r"\mathbb 1", "𝟙"), (r"\mathds{1}", "𝟙"), (r"\mathbf{0}", "𝟎"), (r"\bm{12}", "𝟏𝟐")),
        *(
            (r"\boldsymbol{0}", "𝟎"),
            (r"\mathsf{7}", "𝟩"),
            (r"\mathtt{7}", "𝟽"),
            (r"\bold{3}", "𝟑"),
            (r"\mathbb{R}^{1}", r"ℝ^{1}"),
        ),
    ],
)
def test_digits_are_of_the_kind_asked_for(source: str, sign: str) -> None:
    assert alike(source, sign)


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "x" * (LONGEST + 1), r"\frac{a}", "x^", "{" * 400, "{" * 60 + "x" + "}" * 60, r"\begin{foo}a", "}"),
        *(r"\unknown x", r"\text{其他}", r"\text{שלום}", r"\text{a \LaTeX b}", r"\not\alpha"),
        *(r"\newcommand{\a}{\a\a}\a", r"\def\x{y}\x", r"\href{https://x.org}{y}", r"\unicode{x41}", r"\verb|x|"),
        *(r"\bigl x", r"\left x y\right)", r"\color{url(x)}{y}", r"a % b", r"\begin{matrix}a\end{pmatrix}", r"a $ b"),
        *(r"\rule{1em}{1em}", r"\includegraphics{/etc/passwd}", r"\left( x", r"x \right)"),
    ],
)
def test_what_would_be_drawn_wrong_is_refused(source: str) -> None:
    reply = decode_reply(render_child._reply(FormulaRequest(source=source, size=16)))
    assert isinstance(reply, Refusal)
    assert reply.error in (
        "NotDrawn",
        "AssertionError",
        "NoAvailableTokensError",
        "MissingSuperScriptOrSubscriptError",
    ), "a bug of ours"


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        (r"a \not= b", r"a \neq b"),
        (r"a \not\in b", r"a \notin b"),
        (r"\binom{n+1}{k_{1}}", r"\left({{n+1}\atop{k_{1}}}\right)"),
        (r"\operatorname*{abc}_{x}", r"\underset{x}{\operatorname{abc}}"),
        (r"\mathop{abc}\limits_{x}", r"\underset{x}{\operatorname{abc}}"),
        (r"\argmax_x", r"\underset{x}{\mathrm{arg\,max}}"),
        (r"\lVert x\rVert", r"\Vert x\Vert"),
        (r"x \lt y", "x < y"),
        (r"\arg\max_x", r"\argmax_x"),
        (r"\arg \min_{x} f", r"\argmin_{x}\, f"),
        (r"\arg(z)", r"\operatorname{arg}(z)"),
        (r"\mathsf{Set}", "𝖲𝖾𝗍"),
        (r"\mathtt{a1}", "𝚊𝟷"),
    ],
)
def test_what_the_library_has_other_words_for_is_drawn_as_it_is_meant(source: str, meant: str) -> None:
    assert alike(source, meant)


@pytest.mark.parametrize("fences", [(r"\left(", r"\right)"), (r"\lVert", r"\rVert_F"), (r"\left|", r"\right|^2")])
@pytest.mark.parametrize(
    "inner",
    [
        *(r"\sum_i x_i", r"\prod_{i}p_i", r"\sqrt{\sum_i x_i}", r"\bigcup_i A_i", r"\frac{1}{\sum_i x}", r"\max_i x"),
        *(r"\underset{x}{|}", r"\overset{a}{\rightarrow}"),
    ],
)
def test_fences_are_as_high_as_what_they_hold(fences: tuple[str, str], inner: str) -> None:
    drawing, within = made(f"{fences[0]} {inner} {fences[1]}"), made(inner)
    assert drawing.height < 1.5 * within.height + 16


def test_bars_that_nothing_makes_larger_stay_as_high_as_a_line() -> None:
    tall = r"\frac{\frac{a}{b}}{c}"
    assert made(rf"{tall}\lVert x\rVert").height == made(tall).height


def test_a_drawing_that_is_higher_than_what_it_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made(r"\left( x \right)")

    def low(mathml: object) -> float:
        del mathml
        return 0.5

    monkeypatch.setattr("desktop.renderer.formula_drawing.most_high", low)
    with pytest.raises(NotDrawn, match="higher"):
        made(r"\left( x \right)")


def test_what_is_below_an_operator_stands_beside_it_within_a_line() -> None:
    inline, display = (made(r"\operatorname*{abc}_{x}", display=display) for display in (False, True))
    assert inline.width > display.width
    assert inline.height < display.height


def test_norms_keep_their_four_bars() -> None:
    assert not alike("||x||", r"\|x\|")
    assert made("||x||").width > made("|x|").width


def test_colours_are_those_of_the_formula_and_no_other_words() -> None:
    colours = {outline.colour for outline in made(r"a \textcolor{red}{b} \textcolor{#00ff00}{c}").outlines}
    assert colours == {"", "red", "#00ff00"}


def test_a_box_is_a_line_and_its_sign_is_filled() -> None:
    assert {outline.line > 0 for outline in made(r"\boxed{x}").outlines} == {True, False}


def test_refusals_say_why() -> None:
    with pytest.raises(NotDrawn, match="no glyph for"):
        made(r"\text{中}")


def test_the_number_of_a_formula_stands_behind_it_wherever_it_is_written() -> None:
    assert alike(r"\tag{1} a=b", r"a=b \tag{1}")
    assert alike(r"\tag*{1} a=b", r"a=b \tag*{1}")
    assert not alike(r"\begin{aligned}a&=b\tag{1}\\c&=d\end{aligned}", r"\begin{aligned}a&=b\\c&=d\end{aligned}")
    with pytest.raises(NotDrawn):
        made(r"\tag{1}")
