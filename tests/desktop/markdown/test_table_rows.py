"""No text of a table's row is lost, in the window's blocks as in pages of HTML."""

from __future__ import annotations

import html
import re

import pytest

from desktop.markdown.blocks import BlockKind
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.transfer.html_text import rendered
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
