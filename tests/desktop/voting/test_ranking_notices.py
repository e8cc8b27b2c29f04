"""What is said beside a ranking: the prior, what was left out, parts, several server models, the place, two votes."""

from __future__ import annotations

from typing import Any, cast

import pytest

from desktop.voting.contender import Contender
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import RankingOptions
from desktop.voting.ranking_notices import notices
from desktop.voting.tally import Ballot, VoteFilter, counted_votes
from desktop.voting.vote import Vote
from tests.desktop.voting.made import NOON, ballots, counts, vote

PRIOR = "Scores include one virtual tie per model (prior 1), so a few votes cannot produce extreme scores."

SHOWN = "The first response won 50% of decided pairs (95% CI 39–61%): no clear position bias."


def said(made: list[Ballot], **options: object) -> tuple[str, ...]:
    return notices(ranked(counts(made), RankingOptions(**cast("dict[str, Any]", {"rounds": 50, **options}))))


def said_of(*votes: Vote, wanted: VoteFilter | None = None) -> tuple[str, ...]:
    clear = [vote("a", "b", number=n) if n % 2 else vote("b", "a", number=n) for n in range(20)]
    options = RankingOptions(rounds=50, prior=0)
    return notices(ranked(counted_votes([*clear, *votes], wanted or VoteFilter()), options))


def test_the_prior_is_said_in_words_and_without_one_nothing() -> None:
    assert said(ballots(("a", "b", 30, 10), ("b", "a", 10, 30))) == (PRIOR, SHOWN)
    assert said(ballots(("a", "b", 30, 10), ("b", "a", 10, 30)), prior=0) == (SHOWN,)


def test_ties_are_said_to_be_halves_where_there_are_any() -> None:
    halves = "Ties and “both bad” count as half a win for each side."
    assert halves in said(ballots(("a", "b", 20, 20), ties=1))
    assert halves not in said(ballots(("a", "b", 20, 20), ties=1), ties="davidson")


def test_what_never_met_is_named() -> None:
    found = said(ballots(("a", "b", 20, 20), ("c", "d", 9, 9)), reference="c")
    assert found[:2] == (
        (
            "These models were never compared, directly or indirectly, so they are not ranked against "
            "each other: a, b; c, d."
        ),
        "Scores are relative to c only for models that can be compared with it.",
    )


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (vote("a", "b", undone=NOON), "1 withdrawn vote is not counted."),
        (vote("a", "b", set_aside="cut"), "1 vote is not counted: a response failed, was stopped or truncated"),
        (vote("a", "b", blind=False), "1 vote given with model names visible is not counted."),
        (vote("a", "b", names_model=True), "1 vote is not counted: a response names a model or its publisher."),
        (vote("a", "a"), "1 vote compares a model with itself and is not counted."),
        (vote("a", "b", judge="you"), "1 vote does not match the selected tag, judge or date."),
        (vote("a", "b", speed_visible=True), "1 vote was given while response speed was visible."),
    ],
)
def test_what_is_not_counted_is_counted(one: Vote, sentence: str) -> None:
    wanted = VoteFilter(leave_named=True, judge="" if one.judge else None)
    assert any(each.startswith(sentence) for each in said_of(one, wanted=wanted))
    more = said_of(one, one, wanted=wanted)
    assert any(each.startswith(("2 votes ", "2 withdrawn votes ")) for each in more)


def test_several_server_models_of_one_name_are_named() -> None:
    versions = [
        vote("a", "b", contenders=(Contender(model="a", server_model=f"a-{n}"), Contender(model="b"))) for n in (1, 2)
    ]
    assert "The server served several models under the name a: a-1, a-2." in said_of(*versions)


def test_the_place_is_said_to_matter_where_it_does() -> None:
    found = said(ballots(("a", "b", 30, 10), ("b", "a", 30, 10)))
    assert "Position bias: the first response won 75% of decided pairs (95% CI 65–83%)." in found


def test_the_place_is_judged_by_prompts() -> None:
    made, prompts = ballots(("a", "b", 75, 25)), [f"prompt {place % 4}" for place in range(75)] + ["prompt 9"] * 25
    (shown,) = (
        each for each in notices(ranked(counts(made, prompts), RankingOptions())) if "first response won" in each
    )
    assert shown.endswith("no clear position bias.")


def test_a_first_place_that_two_votes_hold_is_said_to_be_so() -> None:
    fragile = "If two of the votes were removed, another model would rank above a."
    assert fragile in said(ballots(("a", "b", 11, 10)))
    assert fragile not in said(ballots(("a", "b", 20, 10)))
    assert fragile not in said(ballots(("a", "b", 10, 10)))  # nobody is first


def test_few_prompts_are_said_to_be_few() -> None:
    assert "All votes are on 3 prompts. Conclusions need at least 6." in said(ballots(("a", "b", 2, 1)))


def test_without_votes_only_what_was_left_out_is_said() -> None:
    found = counted_votes([vote("a", "b", blind=False)], VoteFilter())
    assert notices(ranked(found, RankingOptions())) == ("1 vote given with model names visible is not counted.",)
