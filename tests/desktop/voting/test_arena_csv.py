"""CSV of arenas: every column, encodings and delimiters, each kind of bad row told by its line, and bounds."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.errors import TransferError
from desktop.voting import arena_csv
from desktop.voting.arena_csv import batches, tags_of, time_of
from desktop.voting.bad_lines import TOLD, BadLines
from desktop.voting.tally import Ballot
from desktop.voting.vote import BAD, FIRST, SECOND, TIE

HEAD = "model_a,model_b,winner\n"


def read(folder: Path, text: str | bytes) -> tuple[list[Ballot], list[str]]:
    """The ballots of a file, and what was told of it."""
    file = folder / "votes.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    bad = BadLines()
    found = [ballot for batch in batches(file, bad) for ballot in batch.ballots]
    return found, [*bad.remarks, *bad.sentences]


def test_each_winner_is_read_and_the_order_shown_is_kept(tmp_path: Path) -> None:
    winners = {"model_a": FIRST, "model_b": SECOND, "tie": TIE, "tie (bothbad)": BAD, "both_bad": BAD, " Tie ": TIE}
    found, told = read(tmp_path, HEAD + "".join(f"b,a,{winner}\n" for winner in winners))
    assert found == [(("b", "a", result),) for result in winners.values()]
    assert told == []


def test_all_columns_are_there_in_any_order_and_others_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(
        "tstamp,Winner,model_b,language,model_a,prompt,tag,judge,count\n"
        '1682351591.5,tie,b,German,a,"Why, ""really""\nwhy?",code; de,me,3\n',
        "utf-8",
    )
    (batch,) = batches(file, BadLines())
    assert (batch.ballots, batch.counts) == ([(("a", "b", TIE),)], [3])
    cells = [(batch.column(name) or [""])[0] for name in ("prompt", "tag", "judge", "tstamp")]
    assert cells == ['Why, "really"\nwhy?', "code; de", "me", "1682351591.5"]
    assert tags_of(cells[1]) == ("code", "de")
    assert time_of(cells[3]) == datetime(2023, 4, 24, 15, 53, 11, 500_000, UTC)


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-11-24T12:00:00+01:00", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        ("2026-11-24 12:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("1e400", None),
        ("nan", None),
    ],
)
def test_a_time_is_read_or_none(cell: str, at: datetime | None) -> None:
    assert time_of(cell) == at


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,b,model_c", "“model_c” is not a valid winner"),
        ("a,b,", "“” is not a valid winner"),
        ("a,a,tie", "“a” is compared with itself"),
        (" a,a ,tie", "“a” is compared with itself"),
        (",b,tie", "a model has no name"),
        ("a,b", "it has 2 cells for 3 columns"),
        ("a,b,tie,1", "it has 4 cells for 3 columns"),
        (f"{'x' * 501},b,tie", "a model's name has more than 500 characters"),
        ('a,"b"c,tie', "its quotation marks do not match"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_others_are_read(tmp_path: Path, row: str, reason: str) -> None:
    found, told = read(tmp_path, f'{HEAD}a,b,tie\n\n"x\ny",b,tie\n{row}\na,b,model_a\n')
    assert told == [f"Line 6 was left out: {reason}."]
    assert found == [(("a", "b", TIE),), (("x y", "b", TIE),), (("a", "b", FIRST),)]


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "", "many", "٣", "1" * 50, "99999999"])
def test_a_count_is_a_whole_number_from_one(tmp_path: Path, count: str) -> None:
    found, told = read(tmp_path, f"model_a,model_b,winner,count\na,b,tie,{count}\na,b,tie,7\n")
    assert len(found) == 1
    assert told[0].startswith("Line 2 was left out: ")
    assert "count" in told[0]


def test_many_bad_rows_are_counted_and_the_first_told(tmp_path: Path) -> None:
    found, told = read(tmp_path, HEAD + "a,b,x\n" * 5000 + "a,b,tie\n")
    assert (len(found), len(told)) == (1, TOLD + 1)
    assert told[-1] == "4,990 more lines were left out."
    assert told[0].startswith("Line 2 ")


def test_lines_are_counted_through_many_batches(tmp_path: Path) -> None:
    found, told = read(tmp_path, HEAD + "a,b,tie\n" * 4999 + "a,b,x\n" + "a,b,tie\n" * 4999 + 'a,"b"c,tie\n')
    assert len(found) == 9998
    assert [line.split(" was ")[0] for line in told] == ["Line 5,001", "Line 10,001"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines_are_found_out(tmp_path: Path, encoding: str, end: str) -> None:
    found, told = read(tmp_path, f"{HEAD}modèle,模型,tie\n".replace("\n", end).encode(encoding))
    assert (found, told) == ([(("modèle", "模型", TIE),)], [])


def test_what_is_no_utf_8_is_taken_for_windows_and_said(tmp_path: Path) -> None:
    found, told = read(tmp_path, f"{HEAD}modèle,b,tie\n".encode("cp1252"))
    assert found == [(("modèle", "b", TIE),)]
    assert told == ["The file is not encoded in UTF-8, so it is read as Windows-1252."]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    assert read(tmp_path, f"{HEAD}a,b,tie\n".replace(",", delimiter))[0] == [(("a", "b", TIE),)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Columns missing from the file: model_a, model_b, winner"),
        ("model_a,winner\na,tie\n", "Columns missing from the file: model_b"),
        ("question,answer\n1,2\n", "Columns missing from the file: model_a, model_b, winner"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "missing from the file:"),
    ],
)
def test_missing_columns_are_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(TransferError, match=said):
        read(tmp_path, text)


def test_a_long_prompt_is_read_and_one_beyond_bounds_ends_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "model_a,model_b,winner,prompt\n"
    assert len(read(tmp_path, f"{head}a,b,tie,{'x' * 500_000}\n")[0]) == 1
    monkeypatch.setattr(arena_csv, "LONGEST_FIELD", 1000)
    before = csv.field_size_limit()
    with pytest.raises(TransferError, match="Line 3 contains a field that is too long"):
        read(tmp_path, f"{head}a,b,tie,x\na,b,tie,{'x' * 1001}\n")
    assert csv.field_size_limit() == before


def test_a_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    found, told = read(tmp_path, f'{HEAD}a,b,tie\na,"b,tie\na,b,tie\n')
    assert found == [(("a", "b", TIE),)]
    assert told == ["Line 4 was left out: its quotation marks do not match."]


def test_a_file_that_is_none_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TransferError, match="could not be read: No such file"):
        list(batches(tmp_path / "none.csv", BadLines()))
    with pytest.raises(TransferError, match="could not be read"):
        list(batches(tmp_path, BadLines()))
    monkeypatch.setattr(arena_csv, "MOST_BYTES", 10)
    with pytest.raises(TransferError, match="is larger than"):
        read(tmp_path, HEAD)


def test_twenty_thousand_rows_are_read(tmp_path: Path) -> None:
    found, told = read(tmp_path, HEAD + "".join(f"m{n % 7},m{n % 5 + 10},model_a\n" for n in range(20_000)))
    assert (len(found), told) == (20_000, [])
