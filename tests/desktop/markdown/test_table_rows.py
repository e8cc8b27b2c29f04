"""No text of a table's row is lost, in the window's blocks as in pages of HTML."""

from __future__ import annotations

import html
import re

import pytest

from desktop.markdown.blocks import BlockKind
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered
from tests.desktop.markdown.splitting import cut, joined, split


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| 1 | 2 | 3 |", ("1", "2 | 3")),
        ("| OR | a || b |", ("OR", "a || b")),
        ("| OR | a \\| b | c", ("OR", "a | b | c")),
        ("| `a || b` | logical or |", ("a || b", "logical or")),
        ("| $|x|$ | sign |", ("|x|", "sign")),
        ("| \\(|x|\\) | sign | 【4†source】", ("|x|", "sign | 【4†source】")),
        ("| `a` | b | `c|d` |", ("a", "b | c|d")),
        ("| \\(P(A|B)\\) | 1 |", ("P(A|B)", "1")),
        ("| $P(A\\|B)$ | \\(f(x)|_{x=0}\\) |", ("P(A|B)", "f(x)|_{x=0}")),
        ("| $\\|v\\|_2$ | \\(\\|(v)\\|\\) |", ("\\|v\\|_2", "\\|(v)\\|")),
        ("| `a\\|b\\|` | 1 |", ("a|b|", "1")),
        ("| 1 | 2 | | |", ("1", "2")),
        ("| 1 |", ("1", "")),
        ("| $5|$6 | 7 |", ("$5", "$6 | 7")),
    ],
)
def test_a_row_with_more_cells_than_columns_keeps_its_text(row: str, cells: tuple[str, str]) -> None:
    text = f"| a | b |\n|---|---|\n{row}\n| x | y |\n"
    (table,) = blocks(text)
    assert plain_text(table) == "\n".join(("a\tb", "\t".join(cells), "x\ty"))
    found = re.findall(r"<td[^>]*>(.*?)</td>", rendered(text))
    assert [html.unescape(re.sub("<[^>]+>", "", cell)) for cell in found] == [*cells, "x", "y"]


def test_a_row_of_a_long_table_that_is_cut_keeps_its_text_too() -> None:
    rows = "".join(f"| {number} | `a|{number}` | more |\n" for number in range(100))
    text = f"| a | b |\n|---|---|\n{rows}"
    found = split(cut(text, 97))
    assert len(found) > 1
    assert {block.kind for block in found} == {BlockKind.TABLE}
    said = "\n".join(map(plain_text, found)).split("\n")
    assert said == ["a\tb", *(f"{number}\ta|{number} | more" for number in range(100))]
    assert joined(found) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"$P(A\|B) = \frac{P(B\|A)\,P(A)}{P(B)}$", r"P(A|B) = \frac{P(B|A)\,P(A)}{P(B)}"),
        (r"$E[X\|Y=y] = \sum_x x\,P(x\|y)$", r"E[X|Y=y] = \sum_x x\,P(x|y)"),
        (r"$\|A\| = ad - bc$", "|A| = ad - bc"),
        (r"$\|x\|_2$ and $\|y\|$", r"\|x\|_2 and \|y\|"),
        (r"$\|\mathbf{v}\|$", r"\|\mathbf{v}\|"),
        (r"$f\|_{0} - g\|_{1}$", "f|_{0} - g|_{1}"),
    ],
)
def test_escaped_bars_of_cells_are_norms_only_in_shapes_of_norms(written: str, shown: str) -> None:
    (table,) = blocks(f"| a | b |\n|---|---|\n| x | {written} |\n")
    assert plain_text(table).split("\t")[-1] == shown


def test_where_a_table_has_single_bars_pairs_of_escaped_ones_are_norms_and_single_ones_conditions() -> None:
    rows = "| $|x|$ | 1 |\n| $\\|x\\|$ | $P(A\\|B) \\|y\\| P(B\\|A)$ |\n"
    (table,) = blocks(f"| a | b |\n|---|---|\n{rows}")
    assert plain_text(table) == "a\tb\n|x|\t1\n\\|x\\|\tP(A|B) \\|y\\| P(B|A)"


@pytest.mark.parametrize("head", ["$P(A|B)$", "$|x|$", "`a|b`", "\\(|x|\\)"])
def test_a_head_with_bars_in_code_or_formulas_begins_a_table(head: str) -> None:
    text = f"Text:\n| x | {head} |\n|---|:--|\n| 1 | 2 |\n"
    said, table = blocks(text)
    assert (said.kind, table.kind) == (BlockKind.PARAGRAPH, BlockKind.TABLE)
    assert plain_text(table) == f"x\t{head.strip('$`').removeprefix(chr(92) + '(').removesuffix(chr(92) + ')')}\n1\t2"
    assert split(cut(text, 3)) == blocks(text)
    assert blocks("| $5 | $6 |\n|---|---|\n| 1 | 2 |\n")[0].kind is BlockKind.TABLE
