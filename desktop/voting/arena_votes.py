"""Rows of an arena's CSV as votes of ours, with ids that are the same at every import; and votes as such rows."""

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
"""Of one file: each is kept by itself, also those of a row that stands for many."""

FEW = 10
"""Votes of one row that keep its prompt; of one that stands for more the digest alone is kept, which tells as much."""

MOST_REPEATED = 64 << 20
"""Characters that one file may bring by rows that stand for several votes, beyond what is written in it."""

LONGEST_LABEL = 2_000
"""Characters of a row's tags, and of its judge."""

_OUTCOMES = {FIRST: best_of(0), SECOND: best_of(1), TIE: tie(), BAD: both_bad()}
_ID = 32

_WRITTEN = (*NEEDED, "prompt", "tag", "judge", "tstamp")
_WINNERS = {FIRST: "model_a", SECOND: "model_b", TIE: "tie", BAD: "tie (bothbad)"}
_FORMULA = re.compile(r"(^|[;\t])(?=[^\S;\t]*[=+@\uff1d\uff0b\uff20\uff0d-])|([\r\n])(?=[=+@])")
"""Where a cell begins that a spreadsheet would work out; a line that begins with a dash is mostly of a list."""


def read(path: Path, bad: BadLines, at: datetime) -> Iterator[Vote]:
    """The votes of a file, one after the other; rows that are none go to `bad`. `at` is for rows without a time.

    A row's id is made of its line and of what stands in it: the same row in the same place of any file is the same
    vote. Raises TransferError where nothing can be read.
    """
    bad.remark(phrase("A CSV file does not say which votes were blind: all count as blind."))
    left, room = MOST_VOTES, MOST_REPEATED
    for batch in batches(path, bad):
        for row in _rows(batch):
            if row.problem is not None:
                bad.add(row.line, row.problem)
            elif row.count > left:
                bad.add(row.line, phrase("a file can contain at most {most} votes", most=f"{MOST_VOTES:,}"))
            elif row.repeated > room:
                bad.add(row.line, phrase("too many repeats for its length"))
            else:
                left -= row.count
                room -= row.repeated
                yield from row.votes(at)


class _Row:
    """One row: its line, how many votes it stands for, and what they say."""

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
        """As many as it stands for."""
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
    """Votes as lines of CSV, their ends included, the columns' names first.

    A vote on several answers is a row for each two of them. What a spreadsheet would take for a formula has a quote
    before it, also behind what parts cells for some of them: semicolons, tabs and ends of lines. The format
    has no place for why a vote does not count: give it those that do.
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
    """A cell with a quote before what a spreadsheet would take for a formula."""
    return _FORMULA.sub(r"\1\2'", cell)
