"""Votes as rows of an arena's CSV: read again they say the same, and no cell is a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from desktop.voting.arena_votes import read as read_votes
from desktop.voting.arena_votes import written
from desktop.voting.bad_lines import BadLines
from desktop.voting.vote import Vote, both_bad, order, tie
from tests.cpu_time import assert_growth
from tests.desktop.voting.made import NOON, vote

CSV = """model_a,model_b,winner,count,prompt,tag,judge,tstamp
a,b,model_a,2,Why?,code; de,me,1767225600
b,a,tie (bothbad),1,,,,
a,b,tie,1,,,,
a,b,tie,1,,,,
a,a,tie,1,,,,
"""


def read(file: Path) -> list[Vote]:
    return list(read_votes(file, BadLines(), NOON))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given = [
        vote("a", "b", prompt='Why, "really"\nwhy?', tags=("code", "de"), judge="me"),
        vote("b", "a", outcome=both_bad()),
        vote("模型", "a", outcome=tie()),
    ]
    file = tmp_path / "votes.csv"
    file.write_text("".join(written(given)), "utf-8", newline="")
    same = [(each.contenders, each.outcome, each.prompt, each.tags, each.judge, each.at) for each in given]
    assert [(each.contenders, each.outcome, each.prompt, each.tags, each.judge, each.at) for each in read(file)] == same


def test_several_answers_are_rows_and_no_cell_is_a_formula() -> None:
    head, *rows = written([vote("=1+1", "b", "c", outcome=order([0, 1, 1]), prompt=" @SUM(A1)", judge="-me")])
    assert head == "model_a,model_b,winner,prompt,tag,judge,tstamp\r\n"
    at = "2026-11-24T12:00:00+00:00"
    assert rows == [
        f"'=1+1,b,model_a,' @SUM(A1),,'-me,{at}\r\n",
        f"'=1+1,c,model_a,' @SUM(A1),,'-me,{at}\r\n",
        f"b,c,tie,' @SUM(A1),,'-me,{at}\r\n",
    ]


@pytest.mark.parametrize("parted", [";", "\t", ","])
def test_no_part_of_a_cell_is_a_formula_whatever_parts_cells(parted: str) -> None:
    given = vote("x;=HYPERLINK(1)", "b\t@a", prompt="a;=1+1, b\n=2", judge="c;  -3")
    found = [cell for row in csv.reader("".join(written([given])).splitlines(), delimiter=parted) for cell in row]
    assert len(found) > 2
    assert not [each for each in found if each.lstrip()[:1] in tuple("=@+-")]


def test_a_list_in_a_prompt_stays_as_it_was_written() -> None:
    (_, row) = written([vote("a", "b", prompt="Choose:\n- one\n- two; both")])
    assert "Choose:\n- one\n- two; both" in row


def test_a_prompt_of_tabs_is_written_in_proportion_to_its_length() -> None:
    def write(many: int) -> None:
        assert len([*written([vote("a", "b", prompt="\t" * many)])]) == 2

    assert_growth(write, 20_000, 80_000, at_most=8)
