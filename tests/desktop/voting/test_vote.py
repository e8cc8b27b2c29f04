"""A vote and its outcome: orders with ties, pairs of several answers, and what fits together."""

from __future__ import annotations

from datetime import datetime

import pytest

from desktop.domain.conversation_types import ModelRef, Parameters
from desktop.voting.contender import Contender, contender_of, digest
from desktop.voting.vote import BAD, FIRST, SECOND, TIE, Outcome, best_of, both_bad, order, tie
from tests.desktop.voting.made import vote


def test_an_outcome_gives_each_pair_its_result() -> None:
    assert [*best_of(0).results()] == [(0, 1, FIRST)]
    assert [*best_of(1).results()] == [(0, 1, SECOND)]
    assert [*tie().results()] == [(0, 1, TIE)]
    assert [*both_bad().results()] == [(0, 1, BAD)]
    assert [*best_of(1, 3).results()] == [(0, 1, SECOND), (0, 2, TIE), (1, 2, FIRST)]
    assert [*both_bad(3).results()] == [(0, 1, BAD), (0, 2, BAD), (1, 2, BAD)]


def test_an_order_of_values_has_ranks_without_gaps() -> None:
    assert order([7, 2, 7, 5]).ranks == (2, 0, 2, 1)
    assert order([1, 1]) == tie()


@pytest.mark.parametrize(
    ("ranks", "all_bad"),
    [((0,), False), ((0, 2), False), ((1, 1), False), ((-1, 0), False), ((-1, 1), False), ((0, 1), True), ((), False)],
)
def test_what_is_no_outcome_is_refused(ranks: tuple[int, ...], *, all_bad: bool) -> None:
    with pytest.raises(ValueError, match=r"vote|ranks|bad"):
        Outcome(ranks=ranks, all_bad=all_bad)


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="rank"):
        vote("a", "b", "c", outcome=best_of(0))
    with pytest.raises(ValueError, match="answer"):
        vote("a", "b", answers=("one",))
    with pytest.raises(ValueError, match="zone"):
        vote("a", "b", at=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="name"):
        vote("a", "")


def test_a_contender_is_told_from_others_of_its_model_by_what_it_was_asked_with() -> None:
    model = ModelRef(connection="lab", name="gpt")
    plain = contender_of(model, Parameters(), "", None)
    warm = contender_of(model, Parameters(values={"temperature": 1.5, "seed": 1}), "Be brief.", "gpt-2026-11")
    assert plain == Contender(model="lab/gpt")
    assert plain.label == "lab/gpt"
    assert warm == contender_of(model, Parameters(values={"seed": 1, "temperature": 1.5}), "Be brief.", "gpt-2026-11")
    assert warm.label == f"lab/gpt (gpt-2026-11) · parameters {warm.parameters[:6]} · system {digest('Be brief.')[:6]}"
    assert contender_of(model, Parameters(), "", "gpt").label == "lab/gpt"
