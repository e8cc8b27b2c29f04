"""Figures as tables for texts, spreadsheets and files."""

from __future__ import annotations

import csv
import io

import pytest

from desktop.metrics.figure_tables import COLUMNS, PaneColumn, as_csv, as_markdown, as_tabs
from desktop.metrics.figures import FigureLine
from tests.desktop.metrics.made import answer, prompt

LINE = FigureLine(name="gpt|4", ttft_ms=412.4, tokens_per_second=88.25, output_tokens=231, cost=0.0003, ending="stop")


def test_markdown_has_a_row_a_line_and_escapes_what_would_end_a_cell() -> None:
    head, rule, row = as_markdown([LINE]).splitlines()
    assert head.count("|") == rule.count("|") == len(COLUMNS) + 1
    assert row == "| gpt\\|4 | 412 | 88.2 |  |  |  | 231 |  | 0.0003 | stop |"


def test_tabs_stand_between_cells_alone() -> None:
    row = as_tabs([FigureLine(name="a\tb\nc", output_tokens=5)]).splitlines()[1]
    assert row.split("\t") == ["a b c", "", "", "", "", "", "5", "", "", ""]


def test_nothing_is_taken_for_a_formula() -> None:
    assert as_tabs([FigureLine(name="=1+1")]).splitlines()[1].startswith("'=1+1\t")
    pane = PaneColumn(name='@SUM(A1), "x"', path=(prompt(), answer()))
    rows = list(csv.reader(io.StringIO(as_csv([pane]))))
    assert [row[1] for row in rows[1:]] == ['\'@SUM(A1), "x"'] * 2


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "name",
    ["a;=1+1", "a\n=1+1", "a\t=1+1", "a|@SUM(A1)", 'a";=1+1;"', 'a; "=1', "a\r\n;-1+1", " =1", "\uff1d1", "a;;\uff0b1"],
)
def test_nor_where_another_sign_stands_between_cells(name: str, between: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv([PaneColumn(name=name, path=(prompt(), answer()))])), delimiter=between))
    cells = [cell.lstrip() for row in rows for cell in row]
    assert len(cells) > 2
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b"))] == []


def test_a_file_has_each_turn_of_each_pane_and_all_together() -> None:
    one = PaneColumn(name="a", path=(prompt(), answer(tokens=1), prompt(), answer(tokens=2)))
    other = PaneColumn(name="b", path=(prompt(), answer(tokens=4), prompt()))
    rows = list(csv.reader(io.StringIO(as_csv([one, other]))))
    assert rows[0] == ["Turn", *COLUMNS]
    told = [(row[0], row[1], row[7]) for row in rows[1:]]
    assert told == [("1", "a", "1"), ("1", "b", "4"), ("2", "a", "2"), ("all", "a", "3"), ("all", "b", "4")]


def test_round_numbers_keep_their_zeros() -> None:
    rows = list(
        csv.reader(io.StringIO(as_csv([PaneColumn(name="a", path=(prompt(), answer(ttft=100, tokens=230, cost=2)))])))
    )
    assert (rows[1][2], rows[1][7], rows[1][9]) == ("100", "230", "2")
