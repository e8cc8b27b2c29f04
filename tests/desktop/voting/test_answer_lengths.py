"""Whether the longer answers won: counted over decided pairs of answers that are still there."""

from __future__ import annotations

import msgspec

from desktop.voting.answer_lengths import LengthEffect, length_effect, length_notice
from desktop.voting.tally import VoteFilter
from desktop.voting.vote import Vote, best_of, order, tie
from tests.desktop.voting.made import NOON, vote

LENGTHS = {"long": 300, "short": 100, "same": 100}


def given(number: int, *answers: str, **more: object) -> Vote:
    return msgspec.structs.replace(vote(*"abc"[: len(answers)], number=number, **more), answers=answers)


def test_pairs_that_were_decided_count_and_no_others() -> None:
    votes = [
        given(1, "long", "short", outcome=best_of(0)),
        given(2, "short", "long", outcome=best_of(0)),
        given(3, "long", "short", outcome=tie()),
        given(4, "short", "same", outcome=best_of(0)),
        given(5, "long", "gone", outcome=best_of(0)),
        given(6, "long", "short", outcome=best_of(0), undone=NOON),
        given(7, "long", "short", "gone", outcome=order((0, 1, 2))),
        vote("a", "b", number=8),
    ]
    assert length_effect(votes, VoteFilter(), LENGTHS) == LengthEffect(3, 2, 300, 100, 3)


def test_votes_on_one_prompt_are_no_more_than_the_prompt() -> None:
    votes = [given(n, "long", "short", outcome=best_of(int(n % 12 < 4)), prompt=f"p{n % 12}") for n in range(120)]
    effect = length_effect(votes, VoteFilter(), LENGTHS)
    assert (effect.decided, effect.longer_won) == (120, 80)
    assert 8 < effect.size < 12
    assert not str(length_notice(effect)).startswith("Length bias: ")


def test_it_is_said_with_its_interval_and_called_an_effect_where_it_is_one() -> None:
    assert length_notice(LengthEffect(0, 0, 0, 0, 0)) is None
    few = str(length_notice(LengthEffect(4, 3, 1234, 10, 4)))
    assert few == (
        "The longer response won 75% of decided pairs (95% CI 30–95%; "
        "median length: winners 1,234, losers 10 characters)."
    )
    for won in (40, 0):
        assert str(length_notice(LengthEffect(40, won, 2, 1, 40))).startswith("Length bias: ")
