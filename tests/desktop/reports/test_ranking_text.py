"""A ranking as people read it: cells, claims, and why there are no more of them."""

from __future__ import annotations

from desktop.reports.ranking_text import COLUMNS, cells, sentences
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import Ranking, RankingOptions
from desktop.voting.vote import BAD
from tests.desktop.voting.made import ballots, counts


def ranking(*pairs: tuple[str, str, int, int], prompts: list[str] | None = None, prior: float = 1.0) -> Ranking:
    return ranked(counts(ballots(*pairs), prompts), RankingOptions(rounds=100, prior=prior))


def test_a_row_has_a_cell_for_each_column() -> None:
    best, worst = ranking(("a", "b", 10, 1), prior=0).models
    assert cells(best) == ("a", "1200", "1021–1379", "1", "11", "10", "1", "0", "0")
    assert cells(worst)[3] == "2"
    assert len(cells(best)) == len(COLUMNS)
    assert cells(ranking(("a", "b", 2, 1)).models[0])[3] == "1–2"


def test_how_often_both_were_bad_stands_beside_each() -> None:
    bad = (("a", "b", BAD),)
    found = ranked(counts([*ballots(("a", "b", 2, 1)), bad]), RankingOptions())
    assert [cells(model)[-1] for model in found.models] == ["1 (25 %)"] * 2


def test_four_to_none_claims_nothing_and_five_more_would() -> None:
    assert sentences(ranking(("a", "b", 4, 0))) == (
        "These votes do not support any conclusion yet.",
        "a and b: too few votes; at least 2 more prompts are needed.",
    )
    assert sentences(ranking(("a", "b", 7, 0)))[1] == (
        "a and b: too few votes; 2 more votes at the current rate would show a difference."
    )


def test_what_can_be_claimed_is_said_once_for_all_that_are_worse() -> None:
    found = ranking(("a", "b", 60, 5), ("a", "c", 60, 5), ("b", "c", 900, 900))
    assert sentences(found) == (
        "a is better than b, c.",
        "b and c: no difference larger than 5 points; b is preferred 47.7–52.3% of the time.",
    )


def test_level_ones_are_said_to_be_level() -> None:
    assert sentences(ranking(("a", "b", 4, 4)))[1] == "a and b: too few votes; roughly tied so far."


def test_prompts_that_do_not_agree_are_the_reason() -> None:
    prompts = [f"prompt {place % 5}" for place in range(100)] + [f"prompt {place}" for place in range(5, 25)]
    found = ranking(("a", "b", 80, 20), ("c", "d", 10, 10), prompts=prompts)
    assert sentences(found)[1] == "a and b: too few prompts agree."


def test_nothing_is_said_of_nothing() -> None:
    assert sentences(ranked(counts([]), RankingOptions())) == ()
