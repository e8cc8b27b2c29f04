"""`ranking`: ranks models by votes, with intervals and conclusions."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Sequence

from desktop.errors import RankingImpossible
from desktop.reports.ranking_text import COLUMNS, cells, sentences
from desktop.stats.bradley_terry import Ties
from desktop.terminal.console import Console
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.votes_command import forbidden
from desktop.text.phrases import Phrase, counted, english
from desktop.voting.answer_lengths import length_effect, length_notice
from desktop.voting.bad_lines import BadLines
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import Ranking, RankingOptions
from desktop.voting.ranking_notices import notices
from desktop.voting.tally import By, Counts, VoteFilter, counted_votes
from desktop.voting.vote import Vote
from desktop.voting.votes_file import counted_file


async def stored_votes(services: ConsoleServices) -> tuple[Sequence[Vote], Sequence[Phrase]]:
    """Return all stored votes, and notices to print with their ranking."""
    stored = await (await services.store()).votes.list()
    notes = [forbidden(services.settings.policy)]
    if number := stored.damaged:
        notes.append(
            counted("{n} vote is damaged and is not counted.", "{n} votes are damaged and are not counted.", number)
        )
    return stored.votes, tuple(filter(None, notes))


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Rank the votes in a file or in the store. Returns 1 if invalid lines of the file were skipped.

    Raises:
        RankingImpossible: If there are no votes, or they cannot be ranked with these options.
    """
    console = services.console
    wanted = VoteFilter(
        tags=tuple(arguments.tag), judge=arguments.judge, sighted=arguments.sighted, leave_named=arguments.leave_named
    )
    options = RankingOptions(
        ties=Ties(arguments.ties),
        prior=arguments.prior,
        position=arguments.position,
        reference=arguments.reference,
        seed=arguments.seed,
    )
    by, bad = By(arguments.by), BadLines()
    remarks: Sequence[Phrase] = ()
    if arguments.votes is None:
        votes, remarks = await stored_votes(services)
        counts = await asyncio.to_thread(counted_votes, votes, wanted, by)
        lengths = await (await services.store()).votes.lengths([answer for vote in votes for answer in vote.answers])
        remarks = (*remarks, *filter(None, (length_notice(length_effect(votes, wanted, lengths)),)))
    else:
        counts = await asyncio.to_thread(counted_file, arguments.votes, wanted, by, bad)
    for sentence in bad.sentences:
        console.note(sentence)
    if arguments.votes is not None and not counts.total and not counts.left_out:
        raise RankingImpossible(english(f"There are no votes in {arguments.votes}."))
    ranking = await _ranked(console, counts, options)
    said = (*bad.remarks, *remarks, *notices(ranking))
    if arguments.json:
        console.json(ranking.document((*said, *bad.sentences)))
    else:
        _print(console, ranking, said)
    return 1 if bad.total else 0


async def _ranked(console: Console, counts: Counts, options: RankingOptions) -> Ranking:
    """Rank on another thread, which stops soon after this call is canceled."""
    ended = threading.Event()
    loop = asyncio.get_running_loop()

    def progress(done: int, of: int) -> None:
        """Show the number of completed rounds."""
        if done % 50 == 0:
            loop.call_soon_threadsafe(console.status, f"Resampling the prompts: {done:,} of {of:,}")

    try:
        return await asyncio.to_thread(ranked, counts, options, progress=progress, is_cancelled=ended.is_set)
    finally:
        ended.set()
        console.end_line()


def _print(console: Console, ranking: Ranking, said: Sequence[Phrase]) -> None:
    if not ranking.models:
        console.note("There are no votes yet." if not ranking.counts.left_out else "None of the votes counts.")
    else:
        for number, names in enumerate(ranking.parts):
            if number:
                console.line()
            console.table(COLUMNS, [cells(model) for model in ranking.models if model.name in names])
        console.line()
    for sentence in (*sentences(ranking), *said):
        console.line(sentence)
