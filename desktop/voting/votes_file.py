"""Vote files in either format, counted without importing them or read vote by vote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import compress
from pathlib import Path

from desktop.errors import TransferError
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase
from desktop.voting import arena_votes, vote_lines
from desktop.voting.arena_csv import ArenaBatch, batches, tags_of, time_of
from desktop.voting.bad_lines import BadLines
from desktop.voting.tally import By, Counts, LeftOut, Tally, VoteFilter
from desktop.voting.vote import Vote

_LOOKED_AT = 4096


def counted_file(path: Path, wanted: VoteFilter, by: By, bad: BadLines) -> Counts:
    """Count the votes in a JSON Lines or CSV file. Skipped lines are added to `bad`.

    Raises:
        TransferError: If the file cannot be read.
    """
    if not _is_json(path):
        return _counted_csv(path, wanted, bad)
    tally = Tally(by)
    tally.add_votes(vote_lines.read(path, bad), wanted)
    return tally.counts()


def votes_of(path: Path, bad: BadLines, at: datetime) -> Iterator[Vote]:
    """Yield the votes in a file to be imported. Invalid votes are added to `bad`.

    Args:
        at: Time for votes without one.

    Raises:
        TransferError: If the file cannot be read.
    """
    return vote_lines.read(path, bad) if _is_json(path) else arena_votes.read(path, bad, at)


def _is_json(path: Path) -> bool:
    """Whether a file starts like a JSON object."""
    try:
        with open_plain(path) as file:
            start = file.read(_LOOKED_AT)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TransferError(phrase("{file} could not be read: {reason}.", file=path, reason=reason)) from None
    if not start:
        raise TransferError(phrase("{file} is empty.", file=path))
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _counted_csv(path: Path, wanted: VoteFilter, bad: BadLines) -> Counts:
    bad.remark(phrase("CSV files do not record which votes were blind, so all votes count as blind."))
    tally = Tally()
    for batch in batches(path, bad):
        prompts = batch.column("prompt")
        if wanted.takes_all:
            tally.add(batch.ballots, prompts, batch.counts)
            continue
        matching = _taken(batch, wanted)
        counts = batch.counts or [1] * len(matching)
        tally.left_out[LeftOut.FILTERED] += sum(n for n, takes in zip(counts, matching, strict=True) if not takes)
        tally.add(
            list(compress(batch.ballots, matching)),
            prompts and list(compress(prompts, matching)),
            list(compress(counts, matching)),
        )
    return tally.counts()


def _taken(batch: ArenaBatch, wanted: VoteFilter) -> list[bool]:
    """Return for each row whether it matches the filter."""
    empty = [""] * len(batch.ballots)
    columns = zip(*(batch.column(name) or empty for name in ("tag", "judge", "tstamp")), strict=True)
    return [wanted.takes(tags_of(tag), judge.strip(), time_of(time)) for tag, judge, time in columns]
