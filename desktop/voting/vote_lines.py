"""Votes as JSON Lines (`paragone-votes/1`): written, and read within limits with errors reported by line."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import msgspec

from desktop.errors import TransferError
from desktop.system.plain_files import open_plain
from desktop.text.phrases import Phrase, bounded, phrase
from desktop.voting.arena_csv import LONGEST_NAME, MOST_BYTES
from desktop.voting.bad_lines import BadLines
from desktop.voting.vote import Vote, unfit_tags

SCHEMA = "paragone-votes/1"
"""Format version, stored in each line so that lines can be extracted and merged."""

LONGEST_LINE = 4 << 20
"""Maximum number of bytes of a line."""

LONGEST_TEXT = 1 << 19
"""Maximum number of characters of a vote without its prompt, so that the escaped text fits in a line."""

LONGEST_ID = 200
"""Maximum number of characters of an ID, because every list of votes contains IDs."""

_KIND = "paragone-votes/"
_MARK = b"\xef\xbb\xbf"


class _Head(msgspec.Struct, frozen=True):
    """Format version of a line."""

    schema: str = ""


def written(votes: Iterable[Vote]) -> Iterator[bytes]:
    """Yield votes as lines, including line breaks."""
    start = msgspec.json.encode({"schema": SCHEMA})[:-1]
    for vote in votes:
        yield b"%b,%b\n" % (start, msgspec.json.encode(vote)[1:])


def read(path: Path, bad: BadLines) -> Iterator[Vote]:
    """Yield the votes in a file. Invalid and repeated votes are added to `bad`.

    Raises:
        TransferError: If the file cannot be read.
    """
    known: set[str] = set()
    try:
        with open_plain(path) as file:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise TransferError(phrase("{file} is larger than {most} GB.", file=path.name, most=MOST_BYTES >> 30))
            for number, line in enumerate(_lines(iter(lambda: file.readline(LONGEST_LINE + 1), b"")), 1):
                if line is not None and not line.removeprefix(_MARK).strip():
                    continue
                vote = _vote(line.removeprefix(_MARK)) if line is not None else phrase("it is too long for a vote")
                if isinstance(vote, Phrase):
                    bad.add(number, vote)
                elif vote.id in known:
                    bad.add(number, phrase("this vote already occurs on an earlier line"))
                else:
                    known.add(vote.id)
                    yield vote
    except OSError as error:
        reason = error.strerror or str(error)
        raise TransferError(phrase("{file} could not be read: {reason}.", file=path, reason=reason)) from None


def _lines(pieces: Iterable[bytes]) -> Generator[bytes | None]:
    """Yield whole lines, or None in place of a line that is too long."""
    is_long = False
    for piece in pieces:
        ends = piece.endswith(b"\n") or len(piece) <= LONGEST_LINE
        if is_long or not ends:
            if ends:
                yield None
            is_long = not ends
        else:
            yield piece
    if is_long:
        yield None


def _vote(line: bytes) -> Vote | Phrase:
    """Return the vote in a line, or the error."""
    try:
        schema = msgspec.json.decode(line, type=_Head).schema
        if schema != SCHEMA:
            if schema.startswith(_KIND):
                return phrase("its format {schema} belongs to another version of Paragone", schema=bounded(schema))
            return phrase("its schema is not {schema}", schema=SCHEMA)
        vote = msgspec.json.decode(line, type=Vote)
    except msgspec.ValidationError as error:
        return phrase("it is not a valid vote ({error})", error=bounded(str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return phrase("it is not valid JSON")
    return unfit(vote) or vote


def unfit(vote: Vote) -> Phrase | None:
    """Return the reason why a vote is invalid or too large, or None."""
    if any(len(each.model) > LONGEST_NAME for each in vote.contenders):
        return phrase("a model's name has more than {most} characters", most=LONGEST_NAME)
    ids = (vote.id, vote.comparison or "", vote.turn or "", *vote.answers)
    if not vote.id or any(len(each) > LONGEST_ID for each in ids):
        return phrase("an ID is empty or longer than {most} characters", most=LONGEST_ID)
    if (problem := unfit_tags(vote.tags)) is not None:
        return problem
    named = (each for one in vote.contenders for each in (one.parameters, one.system, one.server_model))
    if sum(map(len, (vote.note, vote.judge, *vote.tags, *named))) > LONGEST_TEXT:
        return phrase("it is too long for a vote")
    return None
