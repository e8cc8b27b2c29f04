"""A file of votes is known by how it begins, and filtered as it is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from desktop.errors import TransferError
from desktop.voting.bad_lines import BadLines
from desktop.voting.tally import By, Counts, LeftOut, VoteFilter
from desktop.voting.vote_lines import written
from desktop.voting.votes_file import counted_file
from tests.desktop.voting.made import vote

CSV = """model_a,model_b,winner,count,prompt,tag,judge,tstamp
a,b,model_a,2,Why?,code,me,1767225600
b,a,tie,1,Why?,code; de,you,2026-06-01
a,b,model_b,3,,,me,
"""


def count(file: Path, **wanted: object) -> Counts:
    return counted_file(file, VoteFilter(**cast("dict[str, Any]", wanted)), By.MODEL, BadLines())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "votes.csv"
    made.write_text(CSV, "utf-8")
    return made


def test_rows_count_as_often_as_they_say_and_together_by_prompt(file: Path) -> None:
    found = count(file)
    assert (found.total, found.prompts, found.left_out) == (6, 4, {})


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        ({"tags": ("code",)}, 3),
        ({"tags": ("CODE", "de")}, 3),
        ({"tags": ("de",)}, 1),
        ({"judge": "me"}, 5),
        ({"judge": "nobody"}, 0),
        ({"sighted": True}, 6),
    ],
)
def test_rows_are_filtered_by_tag_and_judge(file: Path, wanted: dict[str, Any], total: int) -> None:
    found = count(file, **wanted)
    assert found.total == total
    assert found.left_out.get(LeftOut.FILTERED, 0) == 6 - total


def test_that_rows_count_as_blind_is_said(file: Path) -> None:
    bad = BadLines()
    counted_file(file, VoteFilter(), By.MODEL, bad)
    assert bad.remarks == ("CSV files do not record which votes were blind, so all votes count as blind.",)


def test_lines_of_json_are_known_by_their_beginning(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_bytes(b"\xef\xbb\xbf\n " + b"".join(written([vote("a", "b"), vote("a", "b", number=1, blind=False)])))
    assert count(file).left_out == {LeftOut.SIGHTED: 1}
    assert count(file, sighted=True).total == 2


def test_an_empty_file_and_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(TransferError, match="is empty"):
        count(tmp_path / "empty")
    with pytest.raises(TransferError, match="could not be read: No such file"):
        count(tmp_path / "none")
