"""Rows of an arena's CSV as votes: what each says, ids that are the same at every import, and their bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.voting import arena_votes
from desktop.voting.bad_lines import BadLines
from desktop.voting.tally import key_of
from desktop.voting.vote import Vote, best_of, both_bad, tie
from tests.desktop.voting.made import NOON


def read(path: Path, text: str, bad: BadLines | None = None) -> list[Vote]:
    path.write_text(text, "utf-8")
    return list(arena_votes.read(path, bad or BadLines(), NOON))


def test_what_rows_say_becomes_votes(tmp_path: Path) -> None:
    rows = "model_a,model_b,winner,prompt,tag,judge,tstamp\n"
    rows += 'a,b,model_a,"x\ny", code ; text , me ,1767225600\na,b,model_b,,,,\nb,a,tie,,,,soon\nb,a,both_bad,,,,\n'
    one, two, three, four = read(tmp_path / "v.csv", rows)
    assert [each.outcome for each in (one, two, three, four)] == [best_of(0), best_of(1), tie(), both_bad()]
    assert [each.model for each in three.contenders] == ["b", "a"]
    assert (one.prompt, one.tags, one.judge, f"{one.at:%Y}") == ("x\ny", ("code", "text"), "me", "2026")
    assert (two.at, three.at, two.tags, two.judge, two.blind) == (NOON, NOON, (), "", True)


def test_a_row_that_no_export_could_bring_back_is_left_out(tmp_path: Path) -> None:
    bad = BadLines()
    many, long = ";".join(map(str, range(60))), "x" * 300
    rows = f"model_a,model_b,winner,tag\na,b,tie,{many}\na,b,tie,{long}\na,b,tie,code;text\n"
    assert [vote.tags for vote in read(tmp_path / "v.csv", rows, bad)] == [("code", "text")]
    said = tuple(f"Line {line} was left out: it has more than 50 tags, or a tag that is too long." for line in (2, 3))
    assert bad.sentences == said


def test_a_row_is_known_by_its_line_and_what_stands_in_it(tmp_path: Path) -> None:
    head = "model_a,model_b,winner,prompt\n"
    first = [each.id for each in read(tmp_path / "v.csv", head + 'a,b,tie,"x\ny"\na,b,tie,\na,b,tie,\n')]
    assert len({*first}) == 3
    assert [each.id for each in read(tmp_path / "w.csv", head + 'a,b,tie,"x\ny"\na,b,tie,\na,b,tie,\n')] == first
    moved = [each.id for each in read(tmp_path / "w.csv", head + "a,b,tie,x\na,b,tie,\na,b,tie,\n")]
    assert (moved[1] == first[1], moved[2] == first[1]) == (False, True)  # in lines 3 and 4, as before 4 and 5
    beside = [each.id for each in read(tmp_path / "w.csv", head + 'a,a,tie,"x\ny"\na,b,tie,\na,b,tie,\n')]
    assert beside == first[1:]  # a row that is none moves no other


def test_a_file_brings_so_many_votes_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena_votes, "MOST_VOTES", 5)
    bad = BadLines()
    rows = "model_a,model_b,winner,count\na,b,tie,3\na,b,tie,3\na,b,tie,2\na,b,tie,1\n"
    assert len(read(tmp_path / "v.csv", rows, bad)) == 5
    assert [each.split(":")[0] for each in bad.sentences] == ["Line 3 was left out", "Line 5 was left out"]


def test_a_row_that_stands_for_many_does_not_multiply_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 KB came 2 GB."""
    head, long = "model_a,model_b,winner,count,prompt,judge\n", "y" * 99_999
    few, many = head + f"a,b,tie,{arena_votes.FEW},{long},\n", head + f"a,b,tie,{arena_votes.FEW + 1},{long},\n"
    assert {each.prompt for each in read(tmp_path / "few.csv", few)} == {long}
    assert {each.prompt for each in read(tmp_path / "many.csv", many)} == {key_of(long)}
    monkeypatch.setattr(arena_votes, "MOST_REPEATED", 1_000)
    bad = BadLines()
    assert len(read(tmp_path / "v.csv", head + "a,b,tie,100,,me\na,b,tie,300,,me\na,b,tie,100,,me\n", bad)) == 200
    assert bad.sentences == ("Line 3 was left out: it is too long to be repeated this many times.",)


@pytest.mark.parametrize(("row", "most"), [("a,b,tie,{},", 200), ("a,b,tie,,{}", 2_000)])
def test_a_tag_or_judge_without_end_is_none(tmp_path: Path, row: str, most: int) -> None:
    bad = BadLines()
    rows = "model_a,model_b,winner,tag,judge\n" + row.format("x" * (most + 1)) + "\n" + row.format("x" * most) + "\n"
    assert len(read(tmp_path / "v.csv", rows, bad)) == 1
    assert bad.total == 1
