"""Votes in the arena CSV format: written, and read in bounded batches with errors reported by row."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from itertools import accumulate, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, cast

from desktop.errors import TransferError
from desktop.system.plain_files import open_plain
from desktop.text.phrases import Phrase, bounded, phrase
from desktop.voting.bad_lines import BadLines
from desktop.voting.tally import Ballot, in_a_line
from desktop.voting.vote import BAD, FIRST, SECOND, TIE

if TYPE_CHECKING:
    from _csv import Reader as Cells

NEEDED = ("model_a", "model_b", "winner")
OPTIONAL = ("count", "prompt", "tag", "judge", "tstamp")

WINNERS = {
    "model_a": FIRST,
    "model_b": SECOND,
    "tie": TIE,
    "tie (bothbad)": BAD,
    "both_bad": BAD,
}
"""Values in the `winner` column and the results they stand for."""

MOST_BYTES = 2 << 30
MOST_COUNT = 10_000_000
LONGEST_NAME = 500
LONGEST_FIELD = 1 << 24
"""Maximum number of characters of a field. A longer field is probably an unclosed quote."""

TAG_SEPARATOR = ";"
"""Separator between the tags of a row."""

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"
_BATCH = 2_000
_MOST_KNOWN = 200_000
_SHOWN = 40


class ArenaBatch:
    """A batch of rows from a file.

    `counts` are the numbers of identical votes that each row represents, or None if the file has no such column.
    `lines` are the line numbers on which the rows start.
    """

    def __init__(
        self,
        ballots: Sequence[Ballot],
        counts: Sequence[int] | None,
        cells: Sequence[Sequence[str]],
        places: Mapping[str, int],
        line: int,
        lines: Sequence[int] | None = None,
    ) -> None:
        self._line = line
        self._lines = lines
        self.ballots = ballots
        self.counts = counts
        self._cells = cells
        self._places = places

    def column(self, name: str) -> Sequence[str] | None:
        """Return the raw cells of an optional column, or None if the file lacks the column."""
        place = self._places.get(name)
        return None if place is None else [row[place] for row in self._cells]

    @property
    def lines(self) -> Sequence[int]:
        """Line number on which each row starts."""
        if self._lines is not None:
            return self._lines
        ends = accumulate((1 + sum(map(_breaks, row)) for row in self._cells), initial=self._line)
        return list(ends)[: len(self._cells)]


def tags_of(cell: str) -> tuple[str, ...]:
    """Split a row's tags."""
    return tuple(tag for each in cell.split(TAG_SEPARATOR) if (tag := each.strip()))


def time_of(cell: str) -> datetime | None:
    """Parse a row's time, given in Unix seconds or ISO 8601, or return None if it is unreadable."""
    try:
        return datetime.fromtimestamp(float(cell), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        at = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def batches(path: Path, bad: BadLines) -> Generator[ArenaBatch]:
    """Yield the rows of a file in batches of a few thousand. Invalid rows are added to `bad`.

    Raises:
        TransferError: If the file cannot be read, or not beyond some line.
    """
    try:
        with open_plain(path) as file, _long_fields():
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise TransferError(phrase("{file} is larger than {most} GB.", file=path.name, most=MOST_BYTES >> 30))
            yield from _batches(file, bad)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TransferError(phrase("{file} could not be read: {reason}.", file=path, reason=reason)) from None


def _batches(file: BufferedReader, bad: BadLines) -> Generator[ArenaBatch]:
    with io.TextIOWrapper(file, encoding=_encoding(file, bad), errors="replace", newline="") as text:
        first = text.readline(LONGEST_FIELD)
        delimiter = next((each for each in _DELIMITERS if each in first), ",")
        head = [name.strip().casefold() for name in next(csv.reader([first], delimiter=delimiter), [""])]
        if missing := [name for name in NEEDED if name not in head]:
            raise TransferError(
                phrase("Columns missing from the file: {columns}.", columns=", ".join(missing)),
                hint=phrase(
                    "The first line must contain the column names: {columns}.", columns=", ".join((*NEEDED, *OPTIONAL))
                ),
            )
        yield from _BatchReader(csv.reader(text, delimiter=delimiter, strict=True), head, bad).batches()


class _BatchReader:
    """Builds batches. Each distinct combination of models and winner is validated once."""

    def __init__(self, reader: Cells, head: list[str], bad: BadLines) -> None:
        self._reader = reader
        self._width = len(head)
        self._key = itemgetter(*(head.index(name) for name in NEEDED))
        self._optional = {name: head.index(name) for name in OPTIONAL if name in head}
        self._bad = bad
        self._line = 2
        self._known: dict[tuple[str, str, str], Ballot | Phrase] = {}

    def batches(self) -> Generator[ArenaBatch]:
        """Yield all valid rows."""
        while True:
            cells: list[list[str]] = []
            broken: csv.Error | None = None
            try:
                cells.extend(islice(self._reader, _BATCH))
            except csv.Error as error:  # rows before the error remain in the list
                broken = error
            first, self._line = self._line, self._reader.line_num + 2
            if cells:
                yield self._batch(cells, first)
            if broken is not None:
                self._report(broken)
            elif not cells:
                return

    def _report(self, error: csv.Error) -> None:
        line = self._line - 1
        if "field larger" in str(error):
            raise TransferError(
                phrase("Line {line} contains a field that is too long.", line=f"{line:,}"),
                hint=phrase("Check for an unclosed quotation mark."),
            )
        self._bad.add(line, phrase("its quotation marks do not match"))

    def _batch(self, cells: list[list[str]], line: int) -> ArenaBatch:
        known = self._known
        if len(known) > _MOST_KNOWN:
            known.clear()
        keys = [self._key(row) if len(row) == self._width else None for row in cells]
        for key in {*keys} - known.keys():
            if key is not None:
                known[key] = _ballot(*key)
        ballots = [known[key] if key is not None else None for key in keys]
        counts = self._counts(cells)
        lines: list[int] | None = None
        if not all(type(ballot) is tuple for ballot in ballots) or not all(type(each) is int for each in counts or ()):
            kept = self._told(cells, ballots, counts, line)
            lines = [at for _, at in kept]
            kept = [place for place, _ in kept]
            cells = [cells[place] for place in kept]
            ballots = [ballots[place] for place in kept]
            counts = counts and [counts[place] for place in kept]
        return ArenaBatch(
            cast("list[Ballot]", ballots), cast("list[int] | None", counts), cells, self._optional, line, lines
        )

    def _counts(self, cells: list[list[str]]) -> list[int | Phrase] | None:
        place = self._optional.get("count")
        if place is None:
            return None
        return [_whole(row[place]) if len(row) == self._width else 1 for row in cells]

    def _told(
        self,
        cells: list[list[str]],
        ballots: list[Ballot | Phrase | None],
        counts: list[int | Phrase] | None,
        line: int,
    ) -> list[tuple[int, int]]:
        """Return the indexes of valid rows with their line numbers, and report the invalid ones."""
        valid: list[tuple[int, int]] = []
        for index, (row, ballot) in enumerate(zip(cells, ballots, strict=True)):
            begins = line
            line += sum(map(_breaks, row))
            count = counts[index] if counts else 1
            if row and ballot is None:
                reason = phrase("it has {cells} cells for {columns} columns", cells=len(row), columns=self._width)
                self._bad.add(line, reason)
            elif isinstance(ballot, Phrase):
                self._bad.add(line, ballot)
            elif isinstance(count, Phrase):
                self._bad.add(line, count)
            elif row:
                valid.append((index, begins))
            line += 1
        return valid


def _breaks(cell: str) -> int:
    """Count the line breaks within a cell."""
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _ballot(a: str, b: str, winner: str) -> Ballot | Phrase:
    """Return the ballot for a pair of models and its winner, or the error."""
    a, b = in_a_line(a), in_a_line(b)
    if not a or not b:
        return phrase("a model has no name")
    if max(len(a), len(b)) > LONGEST_NAME:
        return phrase("a model's name has more than {most} characters", most=LONGEST_NAME)
    if a == b:
        return phrase("“{model}” is compared with itself", model=a)
    result = WINNERS.get(winner.strip().casefold())
    if result is None:
        return phrase("“{winner}” is not a valid winner", winner=bounded(winner.strip()[:_SHOWN]))
    return ((a, b, result),)


def _whole(cell: str) -> int | Phrase:
    """Return the number of identical votes a row represents, or the error."""
    text = cell.strip()
    try:
        number = int(text) if len(text) < _SHOWN else -1
    except ValueError:
        number = 0
    if number < 1 or not text.isascii():
        return phrase("“{count}” is not a valid count: use a whole number of at least 1", count=text[:_SHOWN])
    if number > MOST_COUNT:
        return phrase("its count is greater than {most}", most=f"{MOST_COUNT:,}")
    return number


def _encoding(file: BufferedReader, bad: BadLines) -> str:
    """Detect a file's encoding: the one its BOM indicates, or else UTF-8 if valid, or else Windows-1252."""
    start = file.read(4)
    file.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start[1:2] == b"\0" or start[:1] == b"\0":
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        bad.remark(phrase("The file is not encoded in UTF-8, so it is read as Windows-1252."))
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


@contextmanager
def _long_fields() -> Generator[None]:
    """Raise the csv module's field size limit so that long prompts can be read."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
