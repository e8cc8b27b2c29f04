"""`python -m tests.compare_statistics --folder FOLDER`: our intervals beside those of other authors' programs.

    make compare-statistics FOLDER=~/statistics

ppi-python (the authors of PPI++) and the pure Python module of confseq (the authors of the betting sequence) are
installed below the folder and stay there. A table of what was tried goes to standard output; the exit status is 1 if
any pair differs by more than its tolerance.
"""

# The packages that are compared are installed elsewhere, so they have no types here.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple

from desktop.stats.mean_intervals import anytime_interval, mean_of, ppi_tuning, prediction_powered
from desktop.stats.proportions import LEVEL, quantile
from desktop.stats.student_t import t_quantile

PACKAGES = ("ppi-python==0.2.3", "numpy<3", "multiprocess==0.70.18", "matplotlib<4", "msgspec")
CONFSEQ = "confseq==0.0.11"
"""Its compiled part needs Boost; its module for betting is pure Python and is taken from the source distribution."""

INSIDE = "PARAGONE_COMPARES_IN"
STEP = 0.0011
"""Tolerance of the sequences: both search the mean in steps of 0.001."""


class Pair(NamedTuple):
    """A figure of ours and theirs."""

    name: str
    ours: float
    theirs: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        return abs(self.ours - self.theirs) <= self.tolerance


def main() -> int:
    """Install, start this module there, and return whether all agree."""
    if INSIDE in os.environ:
        return compare(Path(os.environ[INSIDE]))
    from tests.real.environments import python_with

    parser = argparse.ArgumentParser(description="Compares intervals with those of other authors' programs.")
    parser.add_argument("--folder", type=Path, required=True, help="where the other programs are installed, and stay")
    folder: Path = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python = python_with(folder, "statistics", *PACKAGES)
    if not (folder / "confseq").exists():
        words = (
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            "--dest",
            str(folder),
            CONFSEQ,
        )
        subprocess.run((str(python), *words), check=True)
        with tarfile.open(next(folder.glob("confseq-*.tar.gz"))) as archive:
            for member in archive.getmembers():
                if "/src/confseq/" in member.name and member.name.endswith(".py"):
                    member.name = f"confseq/{Path(member.name).name}"
                    archive.extract(member, folder, filter="data")
    environ = {**os.environ, INSIDE: str(folder), "PYTHONPATH": str(Path.cwd())}
    return subprocess.run((str(python), "-m", "tests.compare_statistics"), env=environ).returncode


def compare(folder: Path) -> int:
    """Print every pair, and return 1 if one differs."""
    pairs = [*sequences(folder), *prediction_powered_means()]
    for each in pairs:
        print(
            f"{each.name:<58}{each.ours:>10.4f}{each.theirs:>10.4f}  {'right' if each.agrees else 'WRONG'}", flush=True
        )
    right = sum(each.agrees for each in pairs)
    print(f"tried {len(pairs)}, right {right}, wrong {len(pairs) - right}")
    return int(right < len(pairs))


def drawn(random: Random, number: int) -> list[float]:
    """Draw outcomes of which more are wins than losses."""
    return [random.choice([0.0, 0.5, 1.0, 1.0]) for _ in range(number)]


def sequences(folder: Path) -> Iterator[Pair]:
    """Compare both ends of the betting sequence for several numbers of values."""
    import numpy as np

    np.float_ = np.float64  # confseq still names types that NumPy 2 removed
    package = ModuleType("confseq")
    package.__path__ = [str(folder / "confseq")]
    sys.modules["confseq"] = package
    from confseq.betting import betting_cs

    for number in (1, 5, 20, 60, 200):
        for seed in range(2):
            values = drawn(Random(seed), number)
            low, high = betting_cs(
                np.array(values), alpha=LEVEL, breaks=1000, running_intersection=True, parallel=False
            )
            ours = anytime_interval(values).interval
            yield Pair(f"betting sequence, {number} values, seed {seed}, low", ours.low, float(low[-1]), STEP)
            yield Pair(f"betting sequence, {number} values, seed {seed}, high", ours.high, float(high[-1]), STEP)


def prediction_powered_means() -> Iterator[Pair]:
    """Compare PPI++ with a given weight (mean and, with z for t, width), and the weight that is chosen."""
    import numpy as np
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

    for own_number, others_number in ((30, 100), (60, 340), (200, 800)):
        for seed in range(3):
            random = Random(seed)
            own = drawn(random, own_number)
            judged = [value if random.random() < 0.6 else random.choice([0.0, 0.5, 1.0]) for value in own]
            others = [random.choice([0.0, 0.5, 1.0]) for _ in range(others_number)]
            arrays = np.array(own), np.array(judged), np.array(others)
            weight = ppi_tuning(own, judged, others)
            ours = prediction_powered(own, judged, others)
            name = f"PPI++, {own_number} own of {own_number + others_number}, seed {seed}"
            theirs = float(ppi_mean_pointestimate(*arrays, lam=weight).item())
            yield Pair(f"{name}, mean at our weight", ours.mean, theirs, 1e-9)
            low, high = (float(each.item()) for each in ppi_mean_ci(*arrays, alpha=LEVEL, lam=weight))
            width = (ours.interval.high - ours.interval.low) * quantile(LEVEL) / t_quantile(LEVEL, own_number - 1)
            yield Pair(f"{name}, width with z", width, high - low, 0.03 * (high - low))
            chosen = float(ppi_mean_pointestimate(*arrays).item())
            shift = mean_of(others) - mean_of(judged)
            their_weight = (chosen - mean_of(own)) / shift if shift else weight
            yield Pair(f"{name}, weight", weight, their_weight, 0.1)


if __name__ == "__main__":
    sys.exit(main())
