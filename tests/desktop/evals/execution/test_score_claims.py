"""What can be claimed: Holm's corrected chances, and the verdicts that they and the intervals allow."""

from __future__ import annotations

import pytest

from desktop.evals.execution.score_claims import RunVerdict, holm, verdict_of
from desktop.stats.proportions import Interval


def test_holms_chances_are_those_of_the_textbook() -> None:
    found = holm([0.01, 0.04, 0.03, 0.005])
    assert [each.p for each in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [each.level for each in found] == pytest.approx([0.05 / 3, 0.025, 0.025, 0.0125])


def test_a_pair_alone_is_not_corrected_and_no_chance_passes_one() -> None:
    assert holm([0.04])[0] == (0.04, 0.05)
    assert [each.p for each in holm([0.6, 0.9])] == [1, 1]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("cases", "interval", "p", "expected"),
    [
        (100, Interval(0.02, 0.2), 0.01, RunVerdict.BETTER),
        (100, Interval(-0.01, 0.2), 0.01, RunVerdict.INCONCLUSIVE),
        (100, Interval(0.02, 0.2), 0.06, RunVerdict.INCONCLUSIVE),
        (500, Interval(-0.03, 0.04), 0.8, RunVerdict.NO_LARGER),
        (500, Interval(0.01, 0.04), 0.01, RunVerdict.BETTER),
        (500, Interval(-0.03, 0.06), 0.8, RunVerdict.INCONCLUSIVE),
        (4, Interval(0.5, 1.0), 0.001, RunVerdict.TOO_FEW),
        (40, None, None, RunVerdict.TOO_FEW),
    ],
)
def test_verdicts(cases: int, interval: Interval | None, p: float | None, expected: RunVerdict) -> None:
    assert verdict_of(cases, interval, p) is expected


def test_what_matters_can_be_said() -> None:
    assert verdict_of(50, Interval(-0.08, 0.09), 0.9, matters=0.1) is RunVerdict.NO_LARGER
