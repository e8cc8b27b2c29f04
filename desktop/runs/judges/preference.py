"""Which contender a judge of pairs prefers, case by case, and whether that is more than chance; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from desktop.domain import Value
from desktop.runs.mcnemar import mcnemar
from desktop.runs.score_claims import LEAST_CASES, RunVerdict, holm
from desktop.suite_cells import PairVerdict
from desktop.voting.intervals import LEVEL


class Preference(Value, frozen=True, kw_only=True):
    """Contenders by number, `a` with no fewer wins than `b`; its wins, losses and ties are cases, or clusters of them.

    `p` is that of a fair coin for the cases that were won, corrected for all pairs; None while the run goes on, whose
    verdict is PRELIMINARY. Else it is BETTER, INCONCLUSIVE or TOO_FEW: that a judge sees no difference does not say
    that there is none.
    """

    a: int
    b: int
    wins: int
    losses: int
    ties: int
    p: float | None
    verdict: RunVerdict


def preferences(verdicts: Sequence[PairVerdict], clusters: Sequence[Hashable]) -> tuple[Preference, ...]:
    """The preferences of a judge for each pair of contenders; repeats of a case, or cases of a cluster, are one."""
    balance: defaultdict[tuple[int, int], defaultdict[Hashable, int]] = defaultdict(lambda: defaultdict(int))
    for each in verdicts:
        if each.winner is not None and each.case < len(clusters):
            balance[each.a, each.b][clusters[each.case]] += each.winner
    counted = [_counts(pair, list(of.values())) for pair, of in sorted(balance.items())]
    held = holm([mcnemar(wins, losses) for _, _, wins, losses, _ in counted])
    return tuple(
        Preference(a=a, b=b, wins=wins, losses=losses, ties=ties, p=at.p, verdict=_verdict(wins + losses + ties, at.p))
        for (a, b, wins, losses, ties), at in zip(counted, held, strict=True)
    )


def _counts(pair: tuple[int, int], balances: Sequence[int]) -> tuple[int, int, int, int, int]:
    wins, losses = sum(each > 0 for each in balances), sum(each < 0 for each in balances)
    ties = len(balances) - wins - losses
    one, other = pair
    return (one, other, wins, losses, ties) if wins >= losses else (other, one, losses, wins, ties)


def _verdict(cases: int, p: float) -> RunVerdict:
    if cases < LEAST_CASES:
        return RunVerdict.TOO_FEW
    return RunVerdict.BETTER if p < LEVEL else RunVerdict.INCONCLUSIVE
