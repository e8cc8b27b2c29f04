"""Claims: Holm's correction, three verdicts, ranges of ranks, and the numbers of votes that the page has."""

from __future__ import annotations

import math

import pytest

from desktop.stats.proportions import quantile
from desktop.voting.claims import LEAST_PROMPTS, Evidence, Verdict, claims, rank_ranges, votes_needed


def evidence(ratio: float, se: float = 0.1, *, resampled: float = 0.0, prompts: int = 100) -> Evidence:
    """A difference of so many standard errors."""
    return Evidence(ratio * se, se, resampled, prompts)


def test_one_pair_alone_is_held_to_one_in_twenty() -> None:
    assert claims([evidence(1.97)])[0].verdict is Verdict.BETTER
    assert claims([evidence(1.95)])[0].verdict is not Verdict.BETTER


def test_the_surest_of_three_is_held_to_a_third_and_the_next_to_a_half() -> None:
    levels = [quantile(0.05 / 3), quantile(0.05 / 2), quantile(0.05)]
    assert [round(level, 3) for level in levels] == [2.394, 2.241, 1.960]
    found = claims([evidence(2.0), evidence(2.5), evidence(2.3)])
    assert [each.verdict is Verdict.BETTER for each in found] == [True, True, True]
    assert [each.level for each in found] == pytest.approx([0.05, 0.05 / 3, 0.05 / 2])
    found = claims([evidence(2.0), evidence(2.3), evidence(2.3)])
    assert [each.verdict is Verdict.BETTER for each in found] == [False, False, False]
    assert {each.level for each in found} == {0.05 / 3}
    found = claims([evidence(2.2), evidence(3.0), evidence(2.2)])  # the second fails, and so does all that follows
    assert [each.verdict is Verdict.BETTER for each in found] == [False, True, False]


def test_a_claims_interval_leaves_out_zero_and_no_other_does() -> None:
    for each in claims([evidence(2.0), evidence(2.5), evidence(2.3), evidence(0.4), evidence(9.0)]):
        assert (each.interval.low > 0) is (each.verdict is Verdict.BETTER)


def test_resampling_has_to_agree() -> None:
    assert claims([evidence(5, resampled=0.06)])[0].verdict is not Verdict.BETTER
    assert claims([evidence(5, resampled=0.04)])[0].verdict is Verdict.BETTER
    assert claims([evidence(5, resampled=0.04), evidence(5, resampled=0.04)])[0].verdict is not Verdict.BETTER


def test_a_handful_of_prompts_claims_nothing() -> None:
    assert claims([evidence(9, prompts=LEAST_PROMPTS)])[0].verdict is Verdict.BETTER
    assert claims([evidence(9, prompts=LEAST_PROMPTS - 1)])[0].verdict is Verdict.TOO_FEW


@pytest.mark.parametrize(
    ("won", "lost", "verdict"),
    [
        (1, 1, Verdict.TOO_FEW),
        (12, 12, Verdict.TOO_FEW),
        (50, 50, Verdict.TOO_FEW),
        (55, 37, Verdict.TOO_FEW),  # from -0.02 to 0.81
        (36, 24, Verdict.TOO_FEW),  # three to two: more of the kind would show it
        (300, 300, Verdict.NO_DIFFERENCE),
        (310, 290, Verdict.TOO_FEW),  # its interval ends beyond the margin
        (65, 35, Verdict.BETTER),
    ],
)
def test_verdicts_of_two_contenders(won: int, lost: int, verdict: Verdict) -> None:
    se = math.sqrt(1 / won + 1 / lost)
    assert claims([Evidence(math.log(won / lost), se, 0.0, won + lost)])[0].verdict is verdict


def test_the_scatter_between_prompts_can_undo_every_claim() -> None:
    assert claims([evidence(4)._replace(by_prompt=0.3)])[0] == (
        Verdict.TOO_FEW,
        pytest.approx((-0.195, 0.995), abs=1e-3),
        0.05,
    )
    assert claims([evidence(0, 0.05)])[0].verdict is Verdict.NO_DIFFERENCE
    assert claims([evidence(0, 0.05)._replace(by_prompt=0.11)])[0].verdict is Verdict.TOO_FEW


def test_a_rank_is_a_range() -> None:
    assert rank_ranges(4, [(0, 3), (1, 3)]) == [(1, 3), (1, 3), (1, 4), (3, 4)]
    assert rank_ranges(2, []) == [(1, 2), (1, 2)]
    assert rank_ranges(3, [(2, 1), (1, 0), (2, 0)]) == [(3, 3), (2, 2), (1, 1)]


@pytest.mark.parametrize(("share", "votes"), [(0.6, 194), (0.7, 47), (0.8, 19)])
def test_votes_for_four_chances_in_five(share: float, votes: int) -> None:
    assert round(votes_needed(share)) == votes
    assert round(votes_needed(1 - share)) == votes


def test_no_number_of_votes_shows_what_is_not_there() -> None:
    assert votes_needed(0.5) == math.inf
