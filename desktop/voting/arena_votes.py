"""Converts arena CSV rows to votes, whose IDs are the same in each import, and votes to rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from desktop.text.phrases import phrase
from desktop.voting.arena_csv import NEEDED, OPTIONAL, TAG_SEPARATOR, ArenaBatch, batches, tags_of, time_of
from desktop.voting.bad_lines import BadLines
from desktop.voting.contender import Contender, digest
from desktop.voting.tally import key_of
from desktop.voting.vote import BAD, FIRST, SECOND, TIE, Vote, best_of, both_bad, tie, unfit_tags

MOST_VOTES = 1_000_000
"""Maximum number of votes in a file. A row that represents many votes is stored as that many."""

FEW = 10
"""Maximum number of votes of a row that store its prompt. Votes of larger rows store only its digest."""

MOST_REPEATED = 64 << 20
"""Maximum number of characters that repeated votes in a file may add."""

LONGEST_LABEL = 2_000
"""Maximum number of characters of a row's tags, and of its judge."""

_OUTCOMES = {FIRST: best_of(0), SECOND: best_of(1), TIE: tie(), BAD: both_bad()}
_ID = 32

_WRITTEN = (*NEEDED, "prompt", "tag", "judge", "tstamp")
_WINNERS = {FIRST: "model_a", SECOND: "model_b", TIE: "tie", BAD: "tie (bothbad)"}
_FORMULA = re.compile(r"(^|[;\t])(?=[^\S;\t]*[=+@\uff1d\uff0b\uff20\uff0d-])|([\r\n])(?=[=+@])")
"""Start of a cell that a spreadsheet would evaluate. Dashes are excluded, because they usually start a list item."""


def read(path: Path, bad: BadLines, at: datetime) -> Iterator[Vote]:
    """Yield the votes in a file. Invalid rows are added to `bad`.

    IDs are derived from line number and content, so the same row in the same position yields the same vote.

    Args:
        at: Time for rows without one.

    Raises:
        TransferError: If the file cannot be read.
    """
    bad.remark(phrase("CSV files do not record which votes were blind, so all votes count as blind."))
    votes_left, room = MOST_VOTES, MOST_REPEATED
    for batch in batches(path, bad):
        for row in _rows(batch):
            if row.problem is not None:
                bad.add(row.line, row.problem)
            elif row.count > votes_left:
                bad.add(row.line, phrase("a file can contain at most {most} votes", most=f"{MOST_VOTES:,}"))
            elif row.repeated > room:
                bad.add(row.line, phrase("it is too long to be repeated this many times"))
            else:
                votes_left -= row.count
                room -= row.repeated
                yield from row.votes(at)


class _Row:
    """A row of a file: line number, number of votes and content."""

    def __init__(self, line: int, pair: tuple[str, str, int], count: int, cells: tuple[str, ...]) -> None:
        self.line = line
        self.count = count
        self._pair = pair
        self._written = cells
        prompt, tag, judge, time = cells
        if count > FEW:
            prompt = key_of(prompt)
        self._cells = prompt, tag, judge, time
        self.repeated = (count - 1) * (len(pair[0]) + len(pair[1]) + len(prompt) + len(tag) + len(judge))
        too_long = max(len(tag), len(judge)) > LONGEST_LABEL
        self.problem = phrase("its tag or judge is too long") if too_long else unfit_tags(tags_of(tag))

    def votes(self, at: datetime) -> Iterator[Vote]:
        """Yield the votes that the row represents."""
        one, other, result = self._pair
        prompt, tag, judge, time = self._cells
        contenders = Contender(model=one), Contender(model=other)
        tags, given = tags_of(tag), time_of(time) or at
        for number in range(self.count):
            named = (self.line, *self._pair, *self._written, number)
            yield Vote(
                id=digest("\0".join(map(str, named)))[:_ID],
                at=given,
                contenders=contenders,
                outcome=_OUTCOMES[result],
                judge=judge.strip(),
                prompt=prompt,
                tags=tags,
            )


def _rows(batch: ArenaBatch) -> Iterator[_Row]:
    empty = [""] * len(batch.ballots)
    columns = zip(*(batch.column(name) or empty for name in OPTIONAL if name != "count"), strict=True)
    counts = batch.counts or [1] * len(empty)
    for line, (pair,), count, cells in zip(batch.lines, batch.ballots, counts, columns, strict=True):
        yield _Row(line, pair, count, cells)


def written(given: Iterable[Vote]) -> Iterator[str]:
    """Yield votes as CSV lines including line breaks, starting with the header.

    A vote on several responses becomes a row for each pair. Formulas are escaped, even after semicolons, tabs and line
    breaks, which separate cells in some spreadsheets. The format cannot express that a vote is not counted, so pass
    only votes that are.
    """
    yield _line(_WRITTEN)
    for vote in given:
        names = [each.model for each in vote.contenders]
        rest = (vote.prompt, TAG_SEPARATOR.join(vote.tags), vote.judge, vote.at.isoformat())
        for one, other, result in vote.outcome.results():
            yield _line(map(without_formula, (names[one], names[other], _WINNERS[result], *rest)))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def without_formula(cell: str) -> str:
    """Return a cell with an apostrophe before any formula."""
    return _FORMULA.sub(r"\1\2'", cell)
