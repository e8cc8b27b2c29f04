from __future__ import annotations

import pytest

from desktop.markdown.blocks import Block, BlockKind
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered
from tests.cpu_time import assert_growth


def formulas(text: str) -> list[str]:
    tokens = [token for block in blocks(text) for token in block.tokens]
    inline = [child for token in tokens for child in token.children or ()]
    return [token.content for token in (*tokens, *inline) if token.type in ("math_block", "math_inline")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$x^2$ is 4", ["x^2"]),
        ("so \\(a + b\\), and", ["a + b"]),
        ("so \\[a+b\\] within", ["a+b"]),
        ("so $$a$$ within", ["a"]),
        ("the $n$-th, $A$, $ABC$, $ABCD$ and ($x$)", ["n", "A", "ABC", "ABCD", "x"]),
        ("$\\text{if } x \\text{ is even}$", ["\\text{if } x \\text{ is even}"]),
        ("$\\frac{dx}{dt}$, $dx dy$, $x mod n$, $sin x$", ["\\frac{dx}{dt}", "dx dy", "x mod n", "sin x"]),
        ("y $= \\text{if $x>0$}$ so", ["= \\text{if $x>0$}"]),
        ("- a $$z = \\text{for $a_{n}$ odd}$$ b", ["z = \\text{for $a_{n}$ odd}"]),
        ("so \\(y = \\text{if $a_{n} > 0$ it holds}\\)", ["y = \\text{if $a_{n} > 0$ it holds}"]),
        ("max\\_len is \\(n\\)", ["n"]),
        ("max\\_len is \\(2n\\) or \\(k\\)", ["2n", "k"]),
        ("$distance = speed \\times time$", ["distance = speed \\times time"]),
        ("$f'(x) = g'(x)$ and $100\\%$", ["f'(x) = g'(x)", "100\\%"]),
        (
            "$$\nx = \\begin{cases} 1 & \\text{if it is so} \\\\ 0 & \\text{else} \\end{cases}\n$$",
            ["x = \\begin{cases} 1 & \\text{if it is so} \\\\ 0 & \\text{else} \\end{cases}"],
        ),
        ("\\[\n\\boxed{42}\n\\]", ["\\boxed{42}"]),
        ("\\(x\\), \\(n\\) and \\(O(n \\log n)\\)", ["x", "n", "O(n \\log n)"]),
        ("$\\{a, b\\}$ and $|x|$ and $\\alpha$", ["\\{a, b\\}", "|x|", "\\alpha"]),
        ("$5$ or $3.14$ or $-1$", ["5", "3.14", "-1"]),
        ("$$\na\n= b\n$$", ["a\n= b"]),
        ("Text:\n\\[\na\n\\]\nmore", ["a"]),
        ("- item\n  $$a$$\n", ["a"]),
        ("$a \\$ b$", ["a \\$ b"]),
        ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}\n", ["\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"]),
        ("\\begin{cases} a \\\\ b \\end{cases}", ["\\begin{cases} a \\\\ b \\end{cases}"]),
        (
            "so \\begin{align*} a &= b \\\\ c &= d \\end{align*} holds",
            ["\\begin{align*} a &= b \\\\ c &= d \\end{align*}"],
        ),
        ("$]0,1[$, $[0,1)$, $(a,b]$, $.5x$, $f'(x)$, $a/b$", ["]0,1[", "[0,1)", "(a,b]", ".5x", "f'(x)", "a/b"]),
        ("$\\left(\\frac{a}{b}\\right)$, $n!$, $|x|^2$", ["\\left(\\frac{a}{b}\\right)", "n!", "|x|^2"]),
        ("\\(AB\\), \\(x\\)\\(y\\), 2\\(x^2\\), 函数\\(f(x)\\)的", ["AB", "x", "y", "x^2", "f(x)"]),
    ],
)
def test_a_formula_is_found_in(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("It costs $5 and $6.", "US$5-$10", "$HOME/$USER", "`$x$`", "\\$x$", "$ x $", "$$ is the shell's number"),
        *("$$\na\n\nb\n$$", "$$\na", "\\(a", "\\[", "\\(\\)", "$$\n```\n$$\n```"),
        *("Joe's Pizza ($$) – great. Anna's ($$)", "AS $$ BEGIN RETURN 1; END; $$", "$$ BEGIN RETURN 1; END; $$"),
        *("$$VAR and $$(shell)", "$(date)$(pwd)", "$('#a').val()+$('#b')", "'$$$'", "costs $5 and $10", "${A}/${B}"),
        *("\\[1\\]", "\\[1, 2\\] says", "\\[x\\] done", "\\[see the note\\]\\(https://x.org\\)", "\\(optional\\)"),
        *(
            "f() AS $$\nBEGIN\n  RETURN 1;\nEND;\n$$ LANGUAGE plpgsql;",
            "$$\nBEGIN\n  RETURN x;\nEND;\n$$",
            "$5/h and 10$/h",
        ),
        *(
            "$name and $other$",
            "it is $not a formula$",
            "$user->name . $",
            "awk '{print $1}' and $2",
            "$i++; $j",
            "$PATH:$HOME",
        ),
        *(
            "between $5–$10 and $20",
            "a $100 bill, a $5.",
            "$(a)$(b)",
            "perl $_ and $_",
            "A$AP and Ke$ha",
            "\\(see below\\)",
        ),
        "from $20/month to $30/month",
        *(
            "opj\\_compress on ARM \\(M1\\), \\(HTJ2K\\), \\(opj\\_malloc.c\\), \\(win\\)",
            "gcc \\(-m32\\), \\(x86/ARM\\), \\(CID 179466\\), \\(2017-03\\), \\(6182\\) [\\#13](https://x.org)",
        ),
        *("\\begin{align} a", "\\begin{document} a \\end{document}", "\\begin{align}\na\n\nb\n\\end{align}"),
    ],
)
def test_no_formula_is_found_in(text: str) -> None:
    assert formulas(text) == []


def test_task_boxes_are_noted_and_their_brackets_taken_away() -> None:
    (block,) = blocks("- [x] done\n- [ ] to do\n- [link] no box\n- [ ]\n")
    items = [token.meta for token in block.tokens if token.type == "list_item_open"]
    assert items == [{"done": True}, {"done": False}, {}, {}]
    assert plain_text(block) == "☑ done\n☐ to do\n• [link] no box\n• [ ]"


def test_a_bracket_that_is_escaped_begins_no_box() -> None:
    (block,) = blocks("- \\[x\\] said\n- [x] done\n")
    assert [token.meta for token in block.tokens if token.type == "list_item_open"] == [{}, {"done": True}]
    assert [token.content for token in block.tokens if token.type == "inline"][1] == "done"


def test_footnotes_are_numbered_in_the_order_of_their_texts() -> None:
    found = blocks("See[^b] and[^a] and[^none].\n\n[^a]: First.\n\n[^b]: Second.\n\n    More.\n")
    assert [block.kind for block in found] == [BlockKind.PARAGRAPH, BlockKind.FOOTNOTE, BlockKind.FOOTNOTE]
    assert [plain_text(block) for block in found] == [
        "See[2] and[1] and[^none].",
        "[1] First.",
        "[2] Second.\nMore.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# *Head* `x`", "Head x"),
        ("1. a\n   - b\n2. c", "1. a\n    • b\n2. c"),
        ("| a | b |\n|---|---|\n| 1 | **2** |", "a\tb\n1\t2"),
        ("```py\nx = 1\n```", "x = 1"),
        ("> quoted\n> text", "quoted\ntext"),
        ("![a view](https://x.org/y.png) of", "a view of"),
        ("a  \nb &amp; c", "a\nb & c"),
        ("$x$ and\n\n", "x and"),
        ("- a\n\n  ```\n  b\n  ```\n", "• a\nb"),
    ],
)
def test_a_block_says(text: str, said: str) -> None:
    assert plain_text(blocks(text)[0]) == said


def test_plain_text_says_what_was_written() -> None:
    assert plain_text(Block(BlockKind.PLAIN, "[a\n")) == "[a"
    assert plain_text(blocks("---")[0]) == "———"


def test_a_byte_order_mark_hides_no_beginning() -> None:
    for text, kind in (
        ("# Head\n", BlockKind.HEADING),
        ("```\ncode\n```\n", BlockKind.CODE),
        ("- item\n", BlockKind.LIST),
    ):
        (block,) = blocks(f"\ufeff{text}")
        assert block.kind is kind
        assert block.source == f"\ufeff{text}"
        assert plain_text(block) == plain_text(blocks(text)[0])


@pytest.mark.parametrize("tag", ["<br>", "<br/>", "<BR />", " <br> "])
def test_a_break_in_a_cell_breaks_the_line(tag: str) -> None:
    (table,) = blocks(f"| a{tag}b | `x<br>y` |\n|---|---|\n| c{tag}{tag}*d* | e |\n")
    assert plain_text(table) == "a\nb\tx<br>y\nc\n\nd\te"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a<br>b\n", "a\nb"),
        ("a<br/>\nb <br /> *c*\n", "a\nb\nc"),
        ("- a<br>b\n", "a\nb"),
        ("> a<br>b\n", "a\nb"),
        (r"a\<br>b", "a<br>b"),
        ("`a<br>b` and <b>\n", "a<br>b and <b>"),
        ("<a>x</a> and <br/> and <hr/> or <br>.", "<a>x</a> and <br/> and <hr/> or <br>."),
        ('The <br> tag, (<br>), "<br>": or <br>.', 'The <br> tag, (<br>), "<br>": or <br>.'),
        ("roses are red <br> violets are blue, <br> and\n", "roses are red\nviolets are blue,\nand"),
        ("<b>Bob</b> <br> <i>x</i>, <br> New York\n", "<b>Bob</b>\n<i>x</i>,\nNew York"),
        ("a<brb> <br x=1>\n", "a<brb> <br x=1>"),
    ],
)
def test_a_break_in_prose_does_so_too_and_nothing_else_of_html(written: str, shown: str) -> None:
    (block,) = blocks(written)
    assert plain_text(block).lstrip("•- \t") == shown


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("$$\nx = 1\n$$.", "x = 1."),
        ("$$\nx = 1\n$$ (2)", r"x = 1\tag{2}"),
        ("$$x = 1$$,", "x = 1,"),
        ("\\[\nx = 1\n\\];", "x = 1;"),
        ("- a:\n$$\nx = 1\n$$\n- b", "x = 1"),
        ("1. a:\n   $$\n   x = 1\n   $$\n2. b", "x = 1"),
    ],
)
def test_a_formula_on_its_own_lines_may_end_a_sentence_or_a_list(text: str, formula: str) -> None:
    found = [token.content for block in blocks(text) for token in block.tokens if token.type == "math_block"]
    assert found == [formula]


def test_words_behind_a_formula_make_it_no_block() -> None:
    assert not [
        token for block in blocks("$$\nx = 1\n$$ where") for token in block.tokens if token.type == "math_block"
    ]


@pytest.mark.parametrize(
    ("text", "shown", "title"),
    [
        ("> [!NOTE]\n> Hello\n> you.", "Note\nHello", "<strong>Note</strong><br"),
        ("> [!WARNING]\n>\n> Hot.", "Warning\nHot.", "<strong>Warning</strong></p>"),
        ("> [!tip]- A *good* one\n> Hello.", "Tip: A good one\nHello.", "<strong>Tip: A <em>good</em> one</strong><br"),
        ("> [!WARNING] Do not touch", "Warning: Do not touch", "<strong>Warning: Do not touch</strong>"),
        ("> [!WARNING] Warning! Hot", "Warning! Hot", "<strong>Warning! Hot</strong>"),
        ("> [!NOTE] `x` is", "Note: x is", "<strong>Note: <code"),
        ("> so [!NOTE]\n> Hello.", "so [!NOTE]", "<p dir"),
        ("> [!X]\n> Hello.", "[!X]", "[!X]"),
    ],
)
def test_a_quotation_that_is_a_note_has_a_title(text: str, shown: str, title: str) -> None:
    assert plain_text(blocks(text)[0]).startswith(shown)
    assert title in rendered(text)


@pytest.mark.parametrize(
    "formula",
    [
        *(r"\frac{ab-1}{ab+1}", "xy-2x^2 = 0", r"\binom{mn-1}{k}", "a_{ij-1}", "2^{xy-1}", "ac-2bd = 0"),
        *(r"\lim_{x\to 0} \frac{xy-3}{2}", r"\log_2(xy-1)", r"\pi/2/3", "1, 2, 3, ..."),
    ],
)
def test_letters_and_a_hyphen_make_no_remark_of_a_formula(formula: str) -> None:
    assert formulas(f"So \\({formula}\\) is it.") == [formula]


def test_units_between_brackets_are_formulas_among_formulas() -> None:
    assert formulas(r"Let \(x^2 + 1\) be \(5 cm\) at \(100 km/h\), but see \(p\@b.example\).") == [
        "x^2 + 1",
        "5 cm",
        "100 km/h",
    ]
    assert formulas(r"a radius of \(p-value\) and \(Foo-12\)") == []


@pytest.mark.parametrize("behind", ["[1]", "[^1]", "[[2]](https://a.example)"])
def test_a_source_may_stand_right_behind_a_formula(behind: str) -> None:
    assert formulas(f"So $E=mc^2$ {behind} and $E=mc^2${behind} and $x${behind}.") == ["E=mc^2", "E=mc^2", "x"]
    assert formulas("echo $foo bar$[1] and $a$[b]") == []


def test_a_number_that_goes_on_ends_a_formula() -> None:
    text = "$\\pi = 3.14159...$ but $HOME and so...$\n\n$$\na \\approx 0.00116...\n$$"
    assert formulas(text) == ["a \\approx 0.00116...", "\\pi = 3.14159..."]


def test_many_remarks_in_brackets_are_looked_at_once() -> None:
    text = r"\(a-1\) is \(n_k\) \[x\] word\_word \#12 "

    assert_growth(lambda times: blocks(text * times), 50, 200, at_most=8)
