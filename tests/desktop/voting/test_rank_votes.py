"""Rankings: what is claimed of four to none and of nine, what is never ordered, and what is refused."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.errors import RankingImpossible, UsageError
from desktop.stats.bradley_terry import Ties
from desktop.voting.claims import Verdict
from desktop.voting.intervals import Cancelled
from desktop.voting.rank_votes import MOST_CONTENDERS, first_look, ranked
from desktop.voting.ranking import RankedPair, Ranking, RankingOptions, Resampling
from desktop.voting.tally import Ballot, VoteFilter, counted_votes
from desktop.voting.vote import FIRST, SECOND, best_of
from tests.desktop.voting.made import WIKIPEDIA, WIKIPEDIA_WORTHS, ballots, counts, sampled, vote


def ranking(made: list[Ballot], **options: object) -> Ranking:
    return ranked(counts(made), RankingOptions(**cast("dict[str, Any]", {"rounds": 300, **options})))


def verdicts(found: Ranking) -> list[tuple[str, str, Verdict]]:
    return [(pair.a, pair.b, pair.claim.verdict) for pair in found.pairs]


def test_the_worked_example_without_a_prior() -> None:
    found = ranking(ballots(*WIKIPEDIA), prior=0)
    assert {each.name: round(math.exp(each.log_worth), 3) for each in found.models} == WIKIPEDIA_WORTHS
    assert [each.name for each in found.models] == ["D", "B", "C", "A"]
    assert sum(each.log_worth for each in found.models) == pytest.approx(0)
    assert {verdict for _, _, verdict in verdicts(found)} == {Verdict.TOO_FEW}
    assert {each.ranks for each in found.models} == {(1, 4)}


@pytest.mark.parametrize(("won", "better"), [(4, False), (6, False), (8, False), (9, True), (12, True)])
def test_nine_to_none_is_the_first_claim(won: int, *, better: bool) -> None:
    found = ranking(ballots(("a", "b", won, 0)))
    (pair,) = found.pairs
    assert (pair.claim.verdict is Verdict.BETTER) is better
    assert (pair.claim.interval.low > 0) is better
    assert [each.ranks for each in found.models] == ([(1, 1), (2, 2)] if better else [(1, 2), (1, 2)])


def test_nine_to_none_on_one_prompt_is_no_claim() -> None:
    made = ballots(("a", "b", 9, 0))
    found = ranked(counts(made, ["Why?"] * 9), RankingOptions())
    assert verdicts(found) == [("a", "b", Verdict.TOO_FEW)]
    assert ranked(counts(made, [f"prompt {n}" for n in range(9)]), RankingOptions()).models[0].ranks == (1, 1)


def test_what_few_prompts_say_often_is_no_claim() -> None:
    made = ballots(("a", "b", 80, 20))
    prompts = [f"prompt {place // 20}" for place in range(80)] + [f"prompt {4 + place // 5}" for place in range(20)]
    assert verdicts(ranking(made)) == [("a", "b", Verdict.BETTER)]
    assert verdicts(ranked(counts(made, prompts), RankingOptions(rounds=300))) == [("a", "b", Verdict.TOO_FEW)]


@pytest.mark.parametrize(("won", "lost"), [(30, 30), (33, 27), (40, 20)])
def test_the_same_votes_on_the_same_prompts_ten_times_tell_no_more(won: int, lost: int) -> None:
    made, prompts = ballots(("a", "b", won, lost)), [f"prompt {place}" for place in range(won + lost)]
    once, often = (ranked(counts(made * n, prompts * n), RankingOptions()) for n in (1, 10))
    assert verdicts(often) == verdicts(once)
    for one, ten in zip((*once.models, *once.pairs), (*often.models, *often.pairs), strict=True):
        narrow, wide = (each.claim.interval if isinstance(each, RankedPair) else each.interval for each in (one, ten))
        assert wide.high - wide.low == pytest.approx(narrow.high - narrow.low, rel=0.06)


def test_what_is_displayed_covers_the_truth_where_prompts_have_several_votes() -> None:
    chance, covered = random.Random(1), 0
    for _ in range(300):
        made: list[Ballot] = []
        for _ in range(20):  # each prompt favors one of the two, none does over all prompts
            lean = 1 / (1 + math.exp(-chance.gauss(0, 1.5)))
            made += [(("a", "b", FIRST if chance.random() < lean else SECOND),) for _ in range(8)]
        found = first_look(counts(made, [f"prompt {place // 8}" for place in range(160)]), RankingOptions())
        covered += found.models[0].interval.low <= 0 <= found.models[0].interval.high
    assert covered / 300 >= 0.93  # without the prompts 0.73


def test_the_effect_of_the_place_is_no_surer_by_repeating_its_votes() -> None:
    made, prompts = ballots(("a", "b", 20, 10), ("b", "a", 20, 10)), [f"prompt {place}" for place in range(60)]
    options = RankingOptions(position=True, prior=0, rounds=1)
    once, often = (ranked(counts(made * n, prompts * n), options).document()["position"] for n in (1, 10))
    assert often == pytest.approx(cast("dict[str, float]", once), rel=0.02)


def test_votes_on_one_prompt_count_as_one() -> None:
    found = ranked(counts(ballots(("a", "b", 16, 9)), ["Why?"] * 25), RankingOptions())
    assert found.models[0].se == pytest.approx(5 * ranking(ballots(("a", "b", 16, 9))).models[0].se)


def test_several_answers_of_one_vote_are_one_vote() -> None:
    votes = [vote("a", "b", "c", "d", outcome=best_of(0, 4), number=n) for n in range(5)]
    found = ranked(counted_votes(votes, VoteFilter()), RankingOptions())
    assert Verdict.BETTER not in {verdict for _, _, verdict in verdicts(found)}
    assert {each.votes for each in found.models} == {5}
    assert found.models[0].wins == 15


def test_without_a_prior_parts_that_no_chain_joins_are_refused_by_name() -> None:
    with pytest.raises(RankingImpossible) as refused:
        ranking(ballots(("a", "b", 3, 2), ("b", "c", 4, 0), ("c", "d", 1, 1)), prior=0)
    assert "a, b; c, d" in refused.value.message
    with pytest.raises(RankingImpossible, match="a; b"):
        ranking(ballots(("a", "b", 9, 0)), prior=0)
    with pytest.raises(RankingImpossible, match="a, b; c, d"):
        ranking(ballots(("a", "b", 3, 2), ("c", "d", 1, 1)), prior=0)
    assert ranking(ballots(("a", "b", 9, 0), ties=1), prior=0).models


@pytest.mark.parametrize("options", [{"position": True}, {"position": True, "prior": 0}])
def test_an_effect_of_the_place_that_has_no_bound_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(RankingImpossible, match="Position"):
        ranking(ballots(("a", "b", 3, 0), ("b", "a", 3, 0)), **options)


def test_nothing_but_ties_has_no_share_of_ties() -> None:
    with pytest.raises(RankingImpossible, match="Position"):
        ranking(ballots(("a", "b", 0, 0), ties=5), ties=Ties.DAVIDSON)
    assert [each.log_worth for each in ranking(ballots(("a", "b", 0, 0), ties=5)).models] == [0, 0]


def test_what_never_met_is_not_ordered() -> None:
    found = ranking(ballots(("a", "b", 30, 0), ("c", "d", 1, 40), ("e", "d", 1, 1)))
    assert found.parts == (("d", "e", "c"), ("a", "b"))
    assert [each.name for each in found.models] == ["d", "e", "c", "a", "b"]
    assert {(pair.a, pair.b) for pair in found.pairs} == {("d", "e"), ("d", "c"), ("e", "c"), ("a", "b")}
    ranks = {each.name: each.ranks for each in found.models}
    assert ranks["a"] == (1, 4)
    assert ranks["b"] == (2, 5)
    for part in found.parts:
        assert sum(each.log_worth for each in found.models if each.name in part) == pytest.approx(0)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.integers(0, 30)), min_size=1).filter(
        lambda rows: any(row[0] != row[1] and row[2] for row in rows)
    )
)
def test_parts_are_never_ordered(rows: list[tuple[str, str, int]]) -> None:
    found = ranking(ballots(*((one, other, won, 0) for one, other, won in rows if one != other)), rounds=20)
    of = {name: number for number, part in enumerate(found.parts) for name in part}
    assert all(of[pair.a] == of[pair.b] for pair in found.pairs)
    for model in found.models:
        own = sum(number == of[model.name] for number in of.values())
        assert model.ranks.best <= own
        assert model.ranks.worst >= len(of) - own + 1
    assert all(one.difference >= 0 for one in found.pairs)


def test_a_reference_has_no_worth_and_no_error_and_changes_no_difference() -> None:
    made = sampled([0.8, 0, -0.8], 60, 5)
    free, tied = ranking(made), ranking(made, reference="m1")
    (reference,) = [each for each in tied.models if each.name == "m1"]
    assert (reference.log_worth, reference.se, reference.interval, reference.score) == (0, 0, (0, 0), 1000)
    assert [pair.difference for pair in tied.pairs] == [pair.difference for pair in free.pairs]
    assert [pair.claim for pair in tied.pairs] == [pair.claim for pair in free.pairs]
    best = tied.models[0]
    (pair,) = [each for each in tied.pairs if (each.a, each.b) == ("m0", "m1")]
    assert best.log_worth == pytest.approx(pair.difference)
    held = ranked(counts(ballots(("a", "b", 12, 5))), RankingOptions(prior=0, reference="b")).models[0]
    assert (held.log_worth, held.se) == pytest.approx((math.log(12 / 5), math.sqrt(1 / 12 + 1 / 5)))


def test_a_reference_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="“x” is not among the contenders"):
        ranking(ballots(("a", "b", 1, 1)), reference="x")


def test_the_free_errors_are_those_of_worths_that_sum_to_zero() -> None:
    found = ranking(ballots(("a", "b", 12, 5)), prior=0)
    assert [each.se for each in found.models] == pytest.approx([math.sqrt(1 / 12 + 1 / 5) / 2] * 2)


def test_swapping_two_names_turns_the_signs() -> None:
    one, other = ranking(ballots(("a", "b", 7, 3))), ranking(ballots(("b", "a", 7, 3)))
    assert [each.log_worth for each in one.models] == pytest.approx([each.log_worth for each in other.models])
    assert [each.name for each in one.models] == [each.name for each in other.models][::-1]


def test_the_order_of_votes_changes_nothing_at_all() -> None:
    made = sampled([0.8, 0.2, -0.2, -0.8], 120, 9, tied=0.1)
    first = json.dumps(ranking(made, rounds=100).document())
    assert json.dumps(ranking(made[::-1], rounds=100).document()) == first
    assert json.dumps(ranking(sorted(made), rounds=100).document()) == first


def test_resampling_is_spared_where_nothing_can_be_claimed() -> None:
    assert ranking(ballots(("a", "b", 4, 0))).resampling is Resampling.NONE
    assert ranking(ballots(("a", "b", 30, 5))).resampling is Resampling.PROMPTS


def test_many_prompts_are_not_resampled() -> None:
    found = ranked(counts(ballots(("a", "b", 1, 0), ("a", "b", 0, 1)), None, [12_000, 11_000]), RankingOptions())
    assert found.resampling is Resampling.CLUSTERED
    assert "clustered closed form" in str(found.document()["method"])
    assert verdicts(found) == [("a", "b", Verdict.BETTER)]


def test_too_many_contenders_are_refused() -> None:
    names = [f"m{number:03}" for number in range(MOST_CONTENDERS + 1)]
    with pytest.raises(RankingImpossible, match="401 contenders"):
        ranking(ballots(*((one, other, 1, 1) for one, other in pairwise(names))))


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        ranked(counts(ballots(("a", "b", 30, 5))), RankingOptions(), is_cancelled=lambda: True)


def test_nothing_is_ranked_where_there_is_nothing() -> None:
    found = ranking([])
    assert (found.models, found.pairs, found.parts) == ((), (), ())
    assert found.document()["deviance"] == 0.0
    assert ranking([], reference="x").models == ()


def test_the_first_look_has_the_figures_and_claims_nothing() -> None:
    counted = counts([*ballots(("a", "b", 9, 0), ("c", "d", 3, 4))])
    seen, whole = first_look(counted, RankingOptions()), ranked(counted, RankingOptions())
    assert [(each.name, each.log_worth, each.se, each.votes) for each in seen.models] == [
        (each.name, each.log_worth, each.se, each.votes) for each in whole.models
    ]
    assert seen.parts == whole.parts
    assert (seen.pairs, {each.ranks for each in seen.models}) == ((), {(1, 4)})
    assert not first_look(counts([]), RankingOptions()).models
