"""No prose and no code between dollars or brackets is lost, in the window's blocks as in pages of HTML."""

from __future__ import annotations

import re

import pytest

from desktop.markdown.formulas import is_formula
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered

PROSE = [
    "Joe's Pizza ($$) – great. Anna's ($$)",
    "AS $$ BEGIN RETURN 1; END; $$",
    "$$VAR and $$(shell)",
    "$(date)$(pwd)",
    "$('#a').val()+$('#b')",
    "'$$$'",
    "costs $5 and $10",
    "$HOME/$USER",
    "Cafe A ($$), B ($$)",
    "($$) – ok ($$)",
    "($) A ($) B",
    "$$ or $$",
    "'$'+x+'$'",
    "trap 'rm /tmp/x.$$' 0; y=$$",
    "rm /tmp/x.$$;rm /tmp/y.$$ /tmp/$$/a/$$",
    "^a$|^b$",
    "USD: $1 = R$ 5,20",
    "Preço: $20 (R$ 100), $50/R$ 250",
    "1 BTC = $60,000 = R$ 300.000",
    "It cost $5, i.e. NT$ 150; $10k-$ 15k",
    "$AAPL beat $TSLA by $3.50/share. R$ 50 a R$ 100.",
    "Amount [$]: 5, Cost [$]: 6",
    "AS $tag$ body $tag$",
    "单价$5，又涨到$，再说",
    r"Use \begin{align} to open and \end{align} to close.",
    r"\begin{cases} and \end{cases}",
    "replace by $1-$2; also s/^(.+)$/x/.",
    "Use $1; then s/^x$/y/ instead",
    "sed 's/$/,/' | sed '$s/,$//'",
    "vim: :1,$s/a$/b/",
    "cron: $MAILTO; 5$",
    "pure f x = f <$> x; (,) <$> a",
    "match ^$x$ there",
    "Dear $first_name$ $last_name$,",
    "Dear $NAME$ of $CITY$, on $DATE$ at $TIME$: $TITLE$",
    "سعره 5$ و$10 فقط، أو ب$5 أو ل$10",
    "ב$5 עד ל$10",
    r"\begin{align}...\end{align} numbers lines",
    "if [[ $x =~ ^[0-9]+$ ]]; then",
    "if ($x =~ /^a$/) and $y",
    "$x =~ s/ +$//",
    "awk '$1 ~ /^[0-9]+$/'",
    "C:$x$_POST and US$5$ a$b$c",
    "Copies cost $.10-$.25 per page, EPS rose to $.50 from -$.10.",
    "P/L went from $100→$-50, a range of $-500–$-200, ~$.10-~$.20 and -$.05, -$.10",
    "In Vim use :.,$d, :$, and so on",
    "for my $i (0..$#list) { print }; rm $USER-$@",
    "target_compile_definitions(x $<$<NOT:$<CONFIG:Debug>>:NDEBUG>)",
    "$$ · Italian · $$",
    "The program: $END$ of $ENV$, $SET$, $3%$ and $5.5%$ of $PATH$",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_between_dollars_loses_nothing(text: str) -> None:
    said = "\n".join(map(plain_text, blocks(text)))
    assert said == text
    page = re.sub("<[^>]+>", "", rendered(text)).strip()
    assert (
        page.replace("&#x27;", "'")
        .replace("&quot;", '"')
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        == text
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"IFS=$'\n'; x=$'\t'", r"IFS=$'\n'; x=$'\t'"),
        (r"\d+$, \w+$", r"\d+$, \w+$"),
        ("**A** ($$) **B** ($$)", "A ($$) B ($$)"),
        (r"\[A-Z\]+ or \[^a-z_\]", "[A-Z]+ or [^a-z_]"),
        (r"Name\(TM\), name\(R\), so \(TM\)", "Name(TM), name(R), so (TM)"),
        (r"one \(e.g.\) and f\(x\), a\[i+1\]", "one (e.g.) and f(x), a[i+1]"),
        (
            r"overflow \(CVE-2016-9534\), \(\#1514\), \(fixes \#1399\)",
            "overflow (CVE-2016-9534), (#1514), (fixes #1399)",
        ),
        (r"in \(t2.c\) and \(src/lib/openjp2/t1.c\)", "in (t2.c) and (src/lib/openjp2/t1.c)"),
        (r"in \(Q1 2023\) with \(RTX 4090\) on \(iOS 17\)", "in (Q1 2023) with (RTX 4090) on (iOS 17)"),
        (r"50 km/h \(31 mph\), \(77 °F\), \(-20%\), \(>=18\)", "50 km/h (31 mph), (77 °F), (-20%), (>=18)"),
        (r"by \(@ann\), \(a@b.co\), phone \(555\) 123\-4567", "by (@ann), (a@b.co), phone (555) 123-4567"),
        (r"in \(2023\) the \(CEO\) of \(ACME\) said \[Note\] so", "in (2023) the (CEO) of (ACME) said [Note] so"),
        (r"\[link\]\(url\) and \[link\]\(a_b\)", "[link](url) and [link](a_b)"),
    ],
)
def test_marks_of_programs_and_escaped_brackets_stay(text: str, shown: str) -> None:
    assert plain_text(blocks(text)[0]) == shown
    assert not [each for token in blocks(text)[0].tokens for each in token.children or () if "math" in each.type]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("其中$x$表示第$n$个，$n$人", ["x", "n", "n"]),
        ("값$x$는", ["x"]),
        ("$ABCD$, $ABMN$, $OABC$, $EFGH$, $MNOP$ and $ABEF$", ["ABCD", "ABMN", "OABC", "EFGH", "MNOP", "ABEF"]),
        ("و$x^2$ ب$n$، של$x$ ה$y$ $z$में", ["x^2", "n", "x", "y", "z"]),
        ("$2x$ 3 times, $2$ 3-cycles", ["2x", "2"]),
        ("$速度 = 距离/时间$", ["速度 = 距离/时间"]),
        ("an interval $]0, 1[$", ["]0, 1["]),
        (r"$x = 2 \text{(since } x > 0)$", [r"x = 2 \text{(since } x > 0)"]),
        (r"so $0!=1$, \(5!=5\times4\), $n!=n\cdot(n-1)!$", ["0!=1", r"5!=5\times4", r"n!=n\cdot(n-1)!"]),
        (
            r"$x(t) = \cos(t); \quad y$, $(x_1, y_1); (x_2, y_2)$",
            [r"x(t) = \cos(t); \quad y", "(x_1, y_1); (x_2, y_2)"],
        ),
        (
            r"so \begin{align*} x &= 2 && \text{given} \end{align*}",
            [r"\begin{align*} x &= 2 && \text{given} \end{align*}"],
        ),
        ("$v_avg$, $max_iter$, $E_kin$ and $log_10 x$", ["v_avg", "max_iter", "E_kin", "log_10 x"]),
        ("解$x=5，y=3$得", ["x=5，y=3"]),
        ("CO$_2$, 10$^{-3}$, 25$^\\circ$C, 5$\\mu$m", ["_2", "^{-3}", "^\\circ", "\\mu"]),
        ("the $n$th of $(n+1)$th, 3$\\times$4", ["n", "(n+1)", "\\times"]),
        ("$\\sim$5 and $\\geq$3, $\\pm$1 $\\mu$m", ["\\sim", "\\geq", "\\pm", "\\mu"]),
        (r"so \(x-y\), \(2 \sin x\), \(10\%\), \(x \le 3\), \(a/b\)", ["x-y", r"2 \sin x", r"10\%", r"x \le 3", "a/b"]),
        (r"\(2023\) by \(n\)", ["2023", "n"]),
        (r"\(ABC\), \(PQRS\) and \(OAB\)", ["ABC", "PQRS", "OAB"]),
        (r"\(ACE\) has \(x+y\)", ["ACE", "x+y"]),
        ("$ABC$, $AMB$, $XYZ$ and $AEF$", ["ABC", "AMB", "XYZ", "AEF"]),
        (r"of \(90°\) or \(\theta = 90°\)", ["90°", r"\theta = 90°"]),
        (r"$\mathbf{x}, \mathbf{y}$, $\mathbf{a}'$", [r"\mathbf{x}, \mathbf{y}", r"\mathbf{a}'"]),
        (
            r"$v = \text{distance} / \text{time}$ $\mathbb{Z}/n$",
            [r"v = \text{distance} / \text{time}", r"\mathbb{Z}/n"],
        ),
        (
            r"x \begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array} y",
            [r"\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}"],
        ),
    ],
)
def test_formulas_stand_right_beside_letters_of_scripts_without_blanks(text: str, formulas: list[str]) -> None:
    (block,) = blocks(text)
    assert [each.content for token in block.tokens for each in token.children or () if "math" in each.type] == formulas


@pytest.mark.parametrize(
    "text", [r"grep '\(foo\|bar\)' x", r"find . \( -name a \)", r"s/\(a\)\(b\)/x/", r"PS1='\[\e[32m\]\u'"]
)
def test_groups_of_expressions_and_shells_are_no_formulas(text: str) -> None:
    (block,) = blocks(text)
    assert not [each for token in block.tokens for each in token.children or () if "math" in each.type]


def test_escaped_brackets_around_a_number_stay() -> None:
    assert plain_text(blocks(r"as shown \[1\] and \[2, 3\]")[0]) == "as shown [1] and [2, 3]"
    assert "[1]" in rendered(r"as shown \[1\]")


@pytest.mark.parametrize(
    "words",
    [
        *("First-Name", "City/State", "y/N", "Y/n", "Mon-Fri", "Ctrl+C", "key=value", "v1.2-beta", "Order-ID", "en-US"),
        *("C-major", "Am7/G", "Pre-Chorus", "self-reported", "Verse 1", "Menu > File", "Όνομα", "id=3"),
        *(
            "A-Z",
            "my_var",
            "1-2",
            "Name - Title",
            "Settings → Privacy",
            "e-mail",
            "Name + Address",
            "<name>",
            "B2B/SaaS",
        ),
    ],
)
def test_words_between_escaped_brackets_keep_these(words: str) -> None:
    assert plain_text(blocks(f"Dear \\[{words}\\], hello")[0]) == f"Dear [{words}], hello"
    assert plain_text(blocks(f"\\[{words}\\]")[0]) == f"[{words}]"


@pytest.mark.parametrize(
    "formula",
    [
        *("a+b", "x = y", "F = ma", "PV = nRT", "AB + BC = AC", "2+2=4", "x - y", "2x + 3y", "x^2", "a_1 = b"),
        *("n!=120", "x>0", "3×4"),
        *("dy/dx", "f(x)/g(x)", "Profit = Revenue - Cost", "\\alpha + 1", "α + β", "x1+y1", "F=ma", "|x|=1", "f'(x)=0"),
        *("2(x+1)", "(a+b)*(c-d)", "x \\to y", "A ⇒ B", "k_{max}", "(a+b)/c", "A=\\{1\\}", "x+\\dots"),
    ],
)
def test_mathematics_between_escaped_brackets_is_drawn(formula: str) -> None:
    for text in (f"so \\[{formula}\\] holds", f"\\[{formula}\\]"):
        tokens = [each for token in blocks(text)[0].tokens for each in (token, *(token.children or ()))]
        assert [each.content for each in tokens if "math_" in each.type] == [formula]


@pytest.mark.parametrize("words", ["read-only", "opt-in", "e-mail", "non-binding"])
def test_words_with_hyphens_between_escaped_parentheses_keep_these(words: str) -> None:
    assert plain_text(blocks(f"is \\({words}\\) now")[0]) == f"is ({words}) now"


@pytest.mark.parametrize("text", ["+", "=", r"\ce{N2 + 3H2 <=> 2NH3}", r"\ce{[Fe(CN)6]^{3-} => x}"])
def test_a_single_operation_and_what_happens_in_chemistry_are_formulas(text: str) -> None:
    assert is_formula(text)
