"""Orders with ties: half a step at a time, onto another one, and beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.voting import vote_order
from desktop.voting.vote import Outcome

ranked = st.lists(st.integers(0, 4), min_size=2, max_size=8).map(vote_order._without_gaps)


@pytest.mark.parametrize(
    ("ranks", "place", "up", "down"),
    [
        ((0, 0, 0), 1, (1, 0, 1), (0, 1, 0)),
        ((0, 1, 2), 0, (0, 1, 2), (0, 0, 1)),
        ((0, 1, 2), 1, (0, 0, 1), (0, 1, 1)),
        ((0, 1, 1), 2, (0, 2, 1), (0, 1, 2)),
        ((1, 0), 0, (0, 0), (1, 0)),
    ],
)
def test_a_step_leads_into_a_tie_and_out_of_it(
    ranks: tuple[int, ...], place: int, up: tuple[int, ...], down: tuple[int, ...]
) -> None:
    assert (vote_order.better(ranks, place), vote_order.worse(ranks, place)) == (up, down)


def test_what_is_put_onto_another_ties_and_what_is_put_beside_it_does_not() -> None:
    assert vote_order.tied((0, 1, 2), 2, 0) == (0, 1, 0)
    assert vote_order.beside((0, 1, 1), 2, 0, after=False) == (1, 2, 0)
    assert vote_order.beside((0, 1, 1), 2, 0, after=True) == (0, 2, 1)
    assert vote_order.groups_of((1, 0, 1)) == ((1,), (0, 2))


@given(ranks=ranked, data=st.data())
def test_every_change_is_an_order_and_steps_lead_back(ranks: tuple[int, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ranks) - 1))
    other = data.draw(st.sampled_from([each for each in range(len(ranks)) if each != place]))
    changed = (
        vote_order.better(ranks, place),
        vote_order.worse(ranks, place),
        vote_order.tied(ranks, place, other),
        vote_order.beside(ranks, place, other, after=True),
    )
    for each in changed:
        Outcome(ranks=each)
    assert changed[2][place] == changed[2][other]
    assert changed[3][place] == changed[3][other] + 1
    if changed[0] != ranks:
        assert vote_order.worse(changed[0], place) == ranks


@given(ranks=ranked)
def test_steps_up_make_any_answer_the_best(ranks: tuple[int, ...]) -> None:
    for _ in range(2 * len(ranks)):
        ranks = vote_order.better(ranks, 0)
    assert ranks[0] == 0
    assert ranks.count(0) == 1
