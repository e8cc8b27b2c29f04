"""Votes: rounds in the window, a million rows read, 16 contenders fitted, 2,000 samples, a whole ranking of many."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from desktop.stats.bradley_terry import FitOptions, fitted
from desktop.stats.proportions import ROUNDS
from desktop.voting.bad_lines import BadLines
from desktop.voting.intervals import Ground, resampled
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import RankingOptions
from desktop.voting.tally import By, Counts, Tally, VoteFilter
from desktop.voting.votes_file import counted_file
from tests.bench.bench_window import ROOT, row
from tests.desktop.voting.made import sampled

_ROWS = 1_000_000
_CONTENDERS, _VOTES = 16, 1000
_WINNERS = ("model_a", "model_a", "model_b", "tie", "tie (bothbad)")


def measure() -> list[dict[str, object]]:
    """All figures of the ranking."""
    few = _counts(_VOTES)
    pairs = [pair.for_fit for pair in few.unordered()]
    fits = [_timed(lambda: fitted(_CONTENDERS, pairs, FitOptions())) for _ in range(20)]
    ground = Ground(few, FitOptions(), fitted(_CONTENDERS, pairs, FitOptions()))
    rounds = _timed(lambda: resampled(ground))
    many = _counts(10_000)
    seen = _in_window()
    (voted, worked), (drawn, at_work) = seen["rounds"], seen["ranking"]
    with TemporaryDirectory() as folder:
        plain, prompted = _file(Path(folder), prompts=False), _file(Path(folder), prompts=True)
        read = _timed(lambda: _read(plain))
        with_prompts = _timed(lambda: _read(prompted))
        whole = _read(plain)
    return [
        row(f"fit of {_CONTENDERS} contenders and {_VOTES:,} votes", median(fits) * 1000, "ms", 2),
        row(f"  {ROUNDS:,} rounds of resampling", rounds, "s", 4),
        row("ranking of 10,000 votes, all of it", _timed(lambda: ranked(many, RankingOptions())), "s", None),
        row("voting to next round, three answers of 800 tokens", voted, "ms", 100),
        row("  of it work of the window's thread", worked, "ms", None),
        row("ranking page with 10,000 votes, to its picture", drawn, "ms", 100),
        row("  of it work of the window's thread", at_work, "ms", None),
        row(f"CSV of {_ROWS:,} rows, counted", read, "s", 5),
        row("  with two votes on each of half a million prompts", with_prompts, "s", None),
        row("  ranked, all of it", _timed(lambda: ranked(whole, RankingOptions())), "s", None),
    ]


def _in_window() -> dict[str, tuple[float, float]]:
    """Medians in a window without a screen: what passed, and what the window's thread worked."""
    with TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "tests.bench.rounds_child", folder]
        told = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, timeout=200).stdout
    found: dict[str, tuple[float, float]] = {}
    for name, times in json.loads(told).items():
        passed, worked = zip(*times, strict=True)
        found[name] = median(passed), median(worked)
    return found


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _counts(votes: int) -> Counts:
    tally = Tally()
    tally.add(sampled([place / 10 for place in range(_CONTENDERS)], votes, 1, tied=0.2), None)
    return tally.counts()


def _file(folder: Path, *, prompts: bool) -> Path:
    chance = random.Random(1)
    file = folder / f"votes-{prompts}.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("model_a,model_b,winner,prompt\n" if prompts else "model_a,model_b,winner\n")
        for number in range(_ROWS):
            one, other = chance.sample(range(_CONTENDERS), 2)
            prompt = f",What should one know of thing {number // 2}?" if prompts else ""
            out.write(f"m{one},m{other},{chance.choice(_WINNERS)}{prompt}\n")
    return file


def _read(file: Path) -> Counts:
    return counted_file(file, VoteFilter(), By.MODEL, BadLines())
