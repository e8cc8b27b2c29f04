r"""Lines of a formula begin nothing else, whether it stands by itself, in a sentence, or is none after all."""

from __future__ import annotations

import pytest

from desktop.markdown.blocks import BlockKind
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks, segments
from desktop.pages.html_text import rendered
from desktop.pages.markdown_page import self_contained
from tests.desktop.markdown.splitting import cut, kinds, split


def inline(text: str) -> list[str]:
    return [
        each.content
        for block in blocks(text)
        for token in block.tokens
        for each in token.children or ()
        if each.type == "math_inline"
    ]


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("gives: \\[\nx^2\n- 5x\n+ 6 = 0\n\\]", "x^2\n- 5x\n+ 6 = 0"),
        ("Therefore, $$\nx\n=\n\\frac{1}{2}\n$$", "x\n=\n\\frac{1}{2}"),
        ("First this.\nThen $$\nx\n-\n1 = y $$\nand so on.\n- a", "x\n-\n1 = y"),
        ("$$\nv\n=\n\\frac{s}{t}\n$$ where $s$ is far.", "v\n=\n\\frac{s}{t}"),
        ("- gives: \\[\n  x\n  =\n  1\n  \\]\n- b", "x\n=\n1"),
        ("> so \\[\n> x\n> - y = 2\n> \\]", "x\n- y = 2"),
    ],
)
def test_a_formula_over_lines_stands_in_its_sentence(text: str, formula: str) -> None:
    assert inline(text)[0] == formula
    assert not [token for block in blocks(text) for token in block.tokens if token.type == "heading_open"]
    assert "<h" not in rendered(text)
    for size in (1, 2, 5):
        assert split(cut(text, size)) == blocks(text)


@pytest.mark.parametrize(
    "text",
    [
        "$$\nProfit\n=\nTotal Revenue\n-\nTotal Cost\n$$",
        "\\[\n\\frac{Net Income}{Total Revenue}\n=\n- 5 in words\n\\]",
        "\\begin{equation}\nNet Income\n=\nTotal Revenue\n\\end{equation}",
    ],
)
def test_a_formula_that_cannot_be_one_stays_the_lines_that_were_written(text: str) -> None:
    found = blocks(f"So:\n{text}\nMore.")
    assert kinds(found) == [BlockKind.PARAGRAPH] * 3
    assert plain_text(found[1]) == text
    assert rendered(text).count("<br") == text.count("\n")
    assert self_contained(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "1. A:\n   \\[\nx^2\n- 5x\n= 0\n\\]\n2. B",
        "- A:\n\n  $$\nx^2\n- 5x\n= 0\n$$\n- B",
        "- A: $$\nx^2\n- 5x\n= 0\n$$\n- B",
    ],
)
def test_a_formula_of_an_item_may_go_on_at_the_margin(text: str) -> None:
    said = "\n".join(map(plain_text, blocks(text)))
    assert "x^2\n- 5x\n= 0" in said
    assert said.replace("•", "1.").startswith("1. A:")
    assert not any(sign in said for sign in ("[", "$$"))
    for size in (1, 2, 5):
        assert split(cut(text, size)) == blocks(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$$\nx^2\n\n+ y\n$$\n\nmore", ["x^2\n+ y", "more"]),
        ("\\[\nx = 1\n\n- 2\n\\]", ["x = 1\n- 2"]),
        ("a\n\n$$\n\nb c\n\n$$\n\nd", ["a", "$$", "b c", "$$", "d"]),
        ("$$\nx^2\n\nSo this is what it is.\n\n$$\ny\n$$", ["$$\nx^2", "So this is what it is.", "y"]),
    ],
)
def test_a_formula_whose_marks_are_alone_may_have_a_blank_line(text: str, shown: list[str]) -> None:
    assert [plain_text(block) for block in blocks(text)] == shown
    for size in (1, 2, 5):
        assert split(cut(text, size)) == blocks(text)
    long = ("words " * 20 + "\n\n" + text + "\n\n") * 20
    assert [plain_text(block) for part in segments(long, 500) for block in blocks(part)] == [
        *map(plain_text, blocks(long))
    ]


def test_items_that_only_end_like_formulas_stay_items() -> None:
    text = "- cost: $$\n- other: $$"
    assert plain_text(blocks(text)[0]) == "• cost: $$\n• other: $$"


def test_charges_of_ions_are_mathematics() -> None:
    assert inline("$Ca^{++} + 2\\,OH^{--}$") == ["Ca^{++} + 2\\,OH^{--}"]


@pytest.mark.parametrize(
    "text",
    [
        "Joe's $$\n- Anna's\n- Bob's $$",
        "Bar $$\nPub $$\nInn $$",
        "cheap: $$\n- one\n\n$$",
        "see \\[\n- a note in words\n\\]",
        "a $$\n```\n$$\n```",
        "A row \\\\[\n- 2ex\n\\]",
        "Head\n===\nso $$",
    ],
)
def test_prices_and_brackets_at_the_ends_of_lines_begin_no_formula(text: str) -> None:
    assert not inline(text)
    assert kinds(blocks(text)) == kinds(blocks(text.replace("$$", "S").replace("\\[", "(").replace("\\]", ")")))


def test_a_page_keeps_the_signs_of_formulas() -> None:
    text = "Text above:\n$$\nE\n=\nmc^2\n-\n1\n$$\n\nHence $$\nx\n=\n1\n$$\n\n\\[\nNet Income\n=\n1\n\\]"
    assert self_contained(text) == text
