"""Votes counted: by model and by contender, what is left out and why, and nothing that depends on their order."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.voting.contender import Contender, digest
from desktop.voting.tally import By, Counts, LeftOut, PairTally, Tally, VoteFilter, counted_votes, key_of
from desktop.voting.vote import Vote, best_of, both_bad, tie
from tests.desktop.voting.made import NOON, counts, sampled, vote


def counted(*votes: Vote, by: By = By.MODEL, **wanted: object) -> Counts:
    return counted_votes(votes, VoteFilter(**cast("dict[str, Any]", wanted)), by)


def test_pairs_keep_the_order_they_were_shown_in_and_can_be_put_together() -> None:
    found = counted(
        vote("b", "a"),
        vote("a", "b", outcome=best_of(1)),
        vote("a", "b", outcome=tie()),
        vote("b", "a", outcome=both_bad()),
    )
    assert found.names == ("a", "b")
    assert found.pairs == (PairTally(0, 1, 0, 1, 1, 0), PairTally(1, 0, 1, 0, 0, 1))
    assert found.unordered() == (PairTally(0, 1, 0, 2, 1, 1),)
    assert (found.total, found.votes, found.prompts) == (4, (4, 4), 4)


def test_several_answers_give_their_pairs_and_count_as_one_vote() -> None:
    found = counted(vote("a", "b", "c", outcome=best_of(2, 3)))
    assert (found.total, found.votes, found.prompts) == (1, (1, 1, 1), 1)
    assert found.pairs == (PairTally(0, 1, ties=1), PairTally(0, 2, second_wins=1), PairTally(1, 2, second_wins=1))


@pytest.mark.parametrize(
    ("one", "wanted", "reason"),
    [
        (vote("a", "b", undone=NOON), {}, LeftOut.UNDONE),
        (vote("a", "b", set_aside="error"), {}, LeftOut.SET_ASIDE),
        (vote("a", "b", blind=False), {}, LeftOut.SIGHTED),
        (vote("a", "b", names_model=True), {"leave_named": True}, LeftOut.NAMED),
        (vote("a", "b", tags=("text",)), {"tags": ("code", "de")}, LeftOut.FILTERED),
        (vote("a", "b", judge="me"), {"judge": "you"}, LeftOut.FILTERED),
        (vote("a", "b"), {"since": NOON + timedelta(1)}, LeftOut.FILTERED),
        (vote("a", "b"), {"until": NOON}, LeftOut.FILTERED),
        (vote("a", "a"), {}, LeftOut.ITSELF),
    ],
)
def test_what_is_left_out_is_counted_with_its_reason(one: Vote, wanted: dict[str, Any], reason: LeftOut) -> None:
    later = timedelta(-1 if "until" in wanted else 1)
    other = vote("a", "b", tags=("code", "de"), judge="you", at=NOON + later)
    found = counted(one, other, **wanted)
    assert (found.total, found.left_out) == (1, {reason: 1})


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (vote("a", "b", blind=False), {"sighted": True}),
        (vote("a", "b", names_model=True), {}),
        (vote("a", "b", tags=("Code", "text")), {"tags": ("de", "code")}),
        (vote("a", "b", judge="me"), {"judge": "me"}),
        (vote("a", "b"), {"since": NOON, "until": NOON + timedelta(1)}),
    ],
)
def test_what_is_wanted_counts(one: Vote, wanted: dict[str, Any]) -> None:
    found = counted(one, **wanted)
    assert (found.total, found.left_out) == (1, {})


def test_contenders_of_one_model_are_apart_only_by_contender() -> None:
    warm = Contender(model="a", parameters=digest("warm"), server_model="a-2")
    cold = Contender(model="a", server_model="a-1")
    one = vote("a", "a", contenders=(warm, cold))
    two = vote("a", "b", contenders=(warm, Contender(model="b")))
    three = vote("a", "b", contenders=(cold, Contender(model="b")))
    assert counted(one).left_out == {LeftOut.ITSELF: 1}
    found = counted(one, two, three, by=By.CONTENDER)
    assert found.names == (cold.label, warm.label, "b")
    assert (found.total, found.servers) == (3, {})
    assert counted(two, three).servers == {"a": ("a-1", "a-2")}


def test_votes_on_one_prompt_are_together_and_those_without_are_each_on_their_own() -> None:
    found = counted(
        vote("a", "b", prompt="Why?"),
        vote("a", "b", prompt=digest("Why?")),
        vote("b", "a", prompt="How?"),
        vote("a", "b"),
        vote("a", "b"),
    )
    assert found.prompts == 4
    assert sorted((sum(number for _, number in each.ballots), each.times) for each in found.clusters) == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]


def test_equal_votes_count_as_often_as_a_row_says() -> None:
    one, two = ((("a", "b", 0),), (("b", "a", 0),))
    found = counts([one, two, one, one], [" ", "p", "p", "p"], [1000, 3, 1, 2])
    assert found.total == 1006
    assert found.prompts == 1001
    (together,) = [each for each in found.clusters if sum(number for _, number in each.ballots) > 1]
    assert sorted(number for _, number in together.ballots) == [3, 3]


@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_votes_changes_nothing(chance: random.Random, prompted: bool) -> None:
    made = sampled([0.5, 0, -0.5], 40, 3, tied=0.2)
    prompts = [f"prompt {place % 7}" if prompted and place % 3 else "" for place in range(len(made))]
    rows = [*zip(made, prompts, strict=True)]
    chance.shuffle(rows)
    assert counts([row[0] for row in rows], [row[1] for row in rows]) == counts(made, prompts)


def test_a_prompt_is_known_by_its_text_and_by_its_digest() -> None:
    assert key_of("Why?") == key_of(digest("Why?")) == digest("Why?")
    assert key_of("") == ""
    assert key_of("Ä" * 64) != "Ä" * 64


def test_nothing_counted_is_nothing() -> None:
    found = Tally().counts()
    assert (found.names, found.pairs, found.total, found.prompts) == ((), (), 0, 0)


def test_votes_on_many_answers_share_their_pairs() -> None:
    names = [f"m{number}" for number in range(16)]
    given = [vote(*random.sample(names, 16), number=number, outcome=tie(16)) for number in range(200)]
    found = counted(*given)
    assert len(found.ballots) == 200
    assert len({id(pair) for ballot in found.ballots for pair in ballot}) <= 16 * 15
