"""Votes as lines of JSON: what is written is read again, and each kind of bad line is told."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.errors import TransferError
from desktop.voting import vote_lines
from desktop.voting.bad_lines import BadLines
from desktop.voting.contender import Contender, digest
from desktop.voting.vote import Vote, best_of, both_bad, order
from desktop.voting.vote_lines import SCHEMA, read, written
from tests.desktop.voting.made import NOON, vote

WHOLE = vote(
    "lab/gpt",
    "lab/\u202eodd\n名",
    "c",
    number=7,
    outcome=order([1, 0, 1]),
    contenders=(
        Contender(model="lab/gpt", parameters=digest("p"), system=digest("s"), server_model="gpt-2026"),
        Contender(model="lab/\u202eodd\n名"),
        Contender(model="c"),
    ),
    judge="me",
    comparison="c1",
    turn="t1",
    prompt="Why?\n",
    answers=("m1", "m2", "m3"),
    blind=False,
    speed_visible=True,
    tags=("code", "de"),
    note="Note.",
    undone=NOON + timedelta(hours=1),
    set_aside="cut",
    names_model=True,
)


def lines(folder: Path, *given: bytes | str) -> tuple[list[Vote], list[str]]:
    """The votes of a file, and what was told of it."""
    file = folder / "votes.jsonl"
    file.write_bytes(b"\n".join(each.encode() if isinstance(each, str) else each for each in given) + b"\n")
    bad = BadLines()
    return [*read(file, bad)], [*bad.sentences]


def line(**changes: object) -> str:
    """A good line with some fields otherwise."""
    return json.dumps(json.loads(b"".join(written([vote("a", "b", number=1)]))) | changes)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    votes = [WHOLE, vote("a", "b", number=1), vote("a", "b", number=2, outcome=both_bad())]
    made = [*written(votes)]
    assert all(each.endswith(b"}\n") and each.count(b"\n") == 1 for each in made)
    assert json.loads(made[0])["schema"] == SCHEMA
    assert lines(tmp_path, b"".join(made)) == (votes, [])


def test_empty_lines_a_mark_and_fields_to_come_are_passed_over(tmp_path: Path) -> None:
    found, told = lines(tmp_path, "\ufeff" + line(later={"a": [1]}), "", "  ", line(id="2"))
    assert ([each.outcome for each in found], told) == ([best_of(0)] * 2, [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "it is not valid JSON"),
        (b'{"schema": "\xff"}', "it is not valid JSON"),
        ("[" * 100_000, "it is not"),
        ("[]", "it is not a valid vote"),
        ("{}", "its schema is not paragone-votes/1"),
        ('{"schema": 1}', "it is not a valid vote"),
        (line(schema="paragone-votes/2"), "its format paragone-votes/2 belongs to another version of Paragone"),
        (line(schema="paragone/1"), "its schema is not paragone-votes/1"),
        (line(outcome={"ranks": [0, 1, 2]}), "it is not a valid vote (each contender has a rank"),
        (line(outcome={"ranks": [0, 5]}), "it is not a valid vote (ranks count from 0"),
        (line(outcome=None), "it is not a valid vote"),
        (line(contenders=[{"model": ""}, {"model": "b"}]), "it is not a valid vote (a contender needs a name"),
        (line(contenders=[{"model": "x" * 501}, {"model": "b"}]), "a model's name has more than 500 characters"),
        (line(at="2026-01-01T00:00:00"), "it is not a valid vote (a time needs its zone"),
        (line(at="soon"), "it is not a valid vote"),
        (line(id=7), "it is not a valid vote"),
        (line(id="again"), "this vote already occurs on an earlier line"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(tmp_path: Path, bad: str | bytes, reason: str) -> None:
    found, told = lines(tmp_path, line(id="again"), bad, line(id="other"))
    assert [each.id for each in found] == ["again", "other"]
    assert len(told) == 1
    assert told[0].startswith(f"Line 2 was left out: {reason}")


def test_a_line_beyond_bounds_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vote_lines, "LONGEST_LINE", 1000)
    found, told = lines(tmp_path, line(note="x" * 5000), line(id="b"), line(id="c", note="y" * 2000))
    assert [each.id for each in found] == ["b"]
    assert told == [f"Line {number} was left out: it is too long for a vote." for number in (1, 3)]


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="could not be read"):
        list(read(tmp_path, BadLines()))


def test_a_vote_of_more_tags_than_anybody_gives_is_passed_over(tmp_path: Path) -> None:
    many, long = [f"t{number}" for number in range(51)], ["x" * 201]
    found, told = lines(tmp_path, line(tags=many), line(id="b", tags=many[:50]), line(id="c", tags=long))
    assert [each.id for each in found] == ["b"]
    assert [each.partition(": ")[2] for each in told] == ["it has more than 50 tags, or a tag that is too long."] * 2


def test_a_vote_whose_ids_nobody_could_list_is_passed_over(tmp_path: Path) -> None:
    given = (line(id="x" * 201), line(id=""), line(id="b"), line(id="c", comparison="x" * 201))
    found, told = lines(tmp_path, *given)
    assert [each.id for each in found] == ["b"]
    assert len(told) == 3
