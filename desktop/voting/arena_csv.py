"""Votes as CSV, as public arenas publish them: read row by row within bounds, each bad row told; and written."""

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
"""What stands in the column `winner`, and the result that it is."""

MOST_BYTES = 2 << 30
MOST_COUNT = 10_000_000
LONGEST_NAME = 500
LONGEST_FIELD = 1 << 24
"""Characters of one field; what is longer was most likely begun by a quote that nobody closed."""

TAG_SEPARATOR = ";"
"""Between several tags of one row."""

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"
_BATCH = 2_000
_MOST_KNOWN = 200_000
_SHOWN = 40


class ArenaBatch:
    """Some rows of a file. `counts` are how many equal votes each stands for, None where the file does not say.

    `lines` are where they begin in the file; None where each is one line, from `line` on.
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
        """The cells of an optional column as they are written; None where the file does not have it."""
        place = self._places.get(name)
        return None if place is None else [row[place] for row in self._cells]

    @property
    def lines(self) -> Sequence[int]:
        """The line that each row begins in."""
        if self._lines is not None:
            return self._lines
        ends = accumulate((1 + sum(map(_breaks, row)) for row in self._cells), initial=self._line)
        return list(ends)[: len(self._cells)]


def tags_of(cell: str) -> tuple[str, ...]:
    """The tags of a row, each by itself."""
    return tuple(tag for each in cell.split(TAG_SEPARATOR) if (tag := each.strip()))


def time_of(cell: str) -> datetime | None:
    """A row's time, from seconds since 1970 or ISO 8601; None where it has none that can be read."""
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
    """The rows of a file, some thousands at a time; those that are none go to `bad`.

    Raises TransferError where nothing can be read of it, or nothing beyond some line.
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
                phrase("The file has no column {columns}.", columns=", ".join(missing)),
                hint=phrase(
                    "The first line must name the columns: {columns}.", columns=", ".join((*NEEDED, *OPTIONAL))
                ),
            )
        yield from _BatchReader(csv.reader(text, delimiter=delimiter, strict=True), head, bad).batches()


class _BatchReader:
    """Makes batches of cells; what is checked of a pair and its winner is checked once for all that are equal."""

    def __init__(self, reader: Cells, head: list[str], bad: BadLines) -> None:
        self._reader = reader
        self._width = len(head)
        self._key = itemgetter(*(head.index(name) for name in NEEDED))
        self._optional = {name: head.index(name) for name in OPTIONAL if name in head}
        self._bad = bad
        self._line = 2
        self._known: dict[tuple[str, str, str], Ballot | Phrase] = {}

    def batches(self) -> Generator[ArenaBatch]:
        """All rows that are any."""
        while True:
            cells: list[list[str]] = []
            broken: csv.Error | None = None
            try:
                cells.extend(islice(self._reader, _BATCH))
            except csv.Error as error:  # what came before stays in the list
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
        """The places of rows that are any, with the lines that they begin in; the others are told."""
        kept: list[tuple[int, int]] = []
        for place, (row, ballot) in enumerate(zip(cells, ballots, strict=True)):
            begins = line
            line += sum(map(_breaks, row))
            count = counts[place] if counts else 1
            if row and ballot is None:
                reason = phrase("{cells} cells under {columns} columns", cells=len(row), columns=self._width)
                self._bad.add(line, reason)
            elif isinstance(ballot, Phrase):
                self._bad.add(line, ballot)
            elif isinstance(count, Phrase):
                self._bad.add(line, count)
            elif row:
                kept.append((place, begins))
            line += 1
        return kept


def _breaks(cell: str) -> int:
    """The ends of lines within a cell."""
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")


def _ballot(a: str, b: str, winner: str) -> Ballot | Phrase:
    """What a pair and its winner say, or what is wrong with them."""
    a, b = in_a_line(a), in_a_line(b)
    if not a or not b:
        return phrase("a model has no name")
    if max(len(a), len(b)) > LONGEST_NAME:
        return phrase("a model's name has more than {most} characters", most=LONGEST_NAME)
    if a == b:
        return phrase("“{model}” is compared with itself", model=a)
    result = WINNERS.get(winner.strip().casefold())
    if result is None:
        return phrase("“{winner}” is not a winner", winner=bounded(winner.strip()[:_SHOWN]))
    return ((a, b, result),)


def _whole(cell: str) -> int | Phrase:
    """How many equal votes a row stands for, or what is wrong with it."""
    text = cell.strip()
    try:
        number = int(text) if len(text) < _SHOWN else -1
    except ValueError:
        number = 0
    if number < 1 or not text.isascii():
        return phrase("“{count}” is not a count: use a whole number from 1", count=text[:_SHOWN])
    if number > MOST_COUNT:
        return phrase("a count of more than {most}", most=f"{MOST_COUNT:,}")
    return number


def _encoding(file: BufferedReader, bad: BadLines) -> str:
    """How a file's text is written: as its mark says, else UTF-8 if all of it is, else Windows' western one."""
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
        bad.remark(phrase("The file is not UTF-8: it is read as Windows-1252."))
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


@contextmanager
def _long_fields() -> Generator[None]:
    """Let the library take fields as long as prompts may be."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
