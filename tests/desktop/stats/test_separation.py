"""What has no finite estimate is known before it is fitted: the effect of the place, and Davidson's share of ties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.stats.bradley_terry import FitOptions, NoEstimate, PairCount, Ties, fitted
from desktop.stats.connectedness import strong_parts
from desktop.stats.separation import is_unbounded

PLACE = FitOptions(prior=0, position=True)
DAVIDSON = FitOptions(prior=0, ties=Ties.DAVIDSON)


@pytest.mark.parametrize(
    ("table", "options", "unbounded"),
    [
        ([PairCount(0, 1, 3, 2, 0), PairCount(1, 0, 3, 2, 0)], PLACE, False),
        ([PairCount(0, 1, 3, 0, 0), PairCount(1, 0, 3, 0, 0)], PLACE, True),  # the first shown always won
        ([PairCount(0, 1, 3, 0, 0), PairCount(1, 0, 3, 0, 0)], FitOptions(position=True), True),
        ([PairCount(0, 1, 0, 3, 0), PairCount(1, 0, 0, 3, 0)], FitOptions(position=True), True),
        ([PairCount(0, 1, 3, 1, 0)], PLACE, True),  # place and contender cannot be told apart
        ([PairCount(0, 1, 3, 1, 0)], FitOptions(position=True), False),
        ([PairCount(0, 1, 3, 1, 2)], DAVIDSON, False),
        ([PairCount(0, 1, 0, 0, 2)], DAVIDSON, True),  # nothing but ties
        ([PairCount(0, 1, 0, 0, 2)], FitOptions(ties=Ties.DAVIDSON), True),
        ([PairCount(0, 1, 3, 1, 0)], DAVIDSON, False),  # no tie: it is the plain model
        # A beats B, and both tie with C: worths two steps apart make all three the likeliest
        ([PairCount(0, 1, 2, 0, 0), PairCount(0, 2, 0, 0, 1), PairCount(1, 2, 0, 0, 1)], DAVIDSON, True),
        ([PairCount(0, 1, 2, 0, 0), PairCount(0, 2, 0, 1, 1), PairCount(1, 2, 1, 0, 1)], DAVIDSON, False),
        ([PairCount(0, 1, 2, 0, 2), PairCount(1, 0, 3, 0, 2)], FitOptions(ties=Ties.DAVIDSON, position=True), True),
        ([PairCount(0, 1, 2, 1, 2), PairCount(1, 0, 3, 1, 2)], FitOptions(ties=Ties.DAVIDSON, position=True), False),
    ],
)
def test_what_leads_on_without_an_end_is_found(table: list[PairCount], options: FitOptions, *, unbounded: bool) -> None:
    assert is_unbounded(3, table, options) is unbounded


def is_found(size: int, table: list[PairCount], options: FitOptions) -> bool:
    """Whether the fit ends at values that are not far out."""
    try:
        return max(map(abs, fitted(size, table, options).values)) < 15
    except NoEstimate:
        return False


SMALL = (
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), *[st.integers(0, 2)] * 3), min_size=1, max_size=5)
    .map(lambda rows: [PairCount(*row) for row in rows if row[0] != row[1] and sum(row[2:])])
    .filter(bool)
)


@settings(max_examples=300)
@given(SMALL, st.sampled_from([*Ties]), st.booleans(), st.sampled_from([0.0, 1.0]))
def test_the_fit_ends_exactly_where_nothing_leads_on(
    table: list[PairCount], ties: Ties, position: bool, prior: float
) -> None:
    size = 1 + max(max(pair[:2]) for pair in table)
    options = FitOptions(ties=ties, position=position, prior=prior)
    edges = [
        edge
        for one, other, won, lost, tied in table
        for edge, number in (((one, other), won + tied), ((other, one), lost + tied))
        if number
    ]
    known = (prior or len(strong_parts(size, edges)) == 1) and not is_unbounded(size, table, options)
    assert is_found(size, table, options) is bool(known)
