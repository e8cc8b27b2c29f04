"""The object that `ranking --json` prints, field by field."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import pytest

from desktop.stats.bradley_terry import Ties
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import RankingOptions
from desktop.voting.vote import BAD
from tests.desktop.voting.made import ballots, counts


def document(*pairs: tuple[str, str, int, int], ties: int = 0, bad: int = 0, **options: object) -> dict[str, Any]:
    made = [*ballots(*pairs, ties=ties), *[((pairs[0][0], pairs[0][1], BAD),)] * bad]
    ranking = ranked(counts(made), RankingOptions(**cast("dict[str, Any]", {"rounds": 300, **options})))
    return cast("dict[str, Any]", json.loads(json.dumps(ranking.document(["Said."]))))


def test_it_has_the_fields_of_the_page_and_no_others() -> None:
    found = document(("a", "b", 12, 3), ties=2, bad=1)
    assert [*found] == ["models", "pairs", "parts", "deviance", "tie", "position", "method", "notices"]
    assert [*found["models"][0]] == [
        *("model", "log_worth", "se", "low", "high", "score", "rank_low", "rank_high"),
        *("votes", "wins", "losses", "ties", "both_bad"),
    ]
    assert [*found["pairs"][0]] == [
        *("a", "b", "a_wins", "b_wins", "ties", "both_bad", "p_a", "difference", "low", "high", "verdict"),
    ]
    assert (found["parts"], found["notices"], found["tie"], found["position"]) == ([["a", "b"]], ["Said."], None, None)


def test_counts_are_seen_from_each_side() -> None:
    found = document(("b", "a", 3, 12), ties=2, bad=1)
    best, worst = found["models"]
    counted = ("votes", "wins", "losses", "ties", "both_bad")
    assert [best[name] for name in counted] == [18, 12, 3, 2, 1]
    assert [worst[name] for name in counted] == [18, 3, 12, 2, 1]
    assert [(each["rank_low"], each["rank_high"]) for each in found["models"]] == [(1, 1), (2, 2)]
    few = document(("b", "a", 3, 4))
    assert [(each["rank_low"], each["rank_high"]) for each in few["models"]] == [(1, 2), (1, 2)]
    (pair,) = found["pairs"]
    assert [pair[name] for name in ("a", "b", "a_wins", "b_wins", "ties", "both_bad")] == ["a", "b", 12, 3, 2, 1]
    assert pair["difference"] == pytest.approx(best["log_worth"] - worst["log_worth"])
    assert pair["p_a"] == pytest.approx(1 / (1 + math.exp(-pair["difference"])))
    assert pair["verdict"] == "better"


def test_scores_are_those_of_chess() -> None:
    best = document(("a", "b", 10, 1), prior=0)["models"][0]
    assert best["score"] == pytest.approx(1200)
    assert (best["low"], best["high"]) == pytest.approx(
        (best["log_worth"] - 1.959964 * best["se"], best["log_worth"] + 1.959964 * best["se"]), abs=1e-5
    )


def test_ties_and_places_have_their_values_where_they_were_fitted() -> None:
    made = [*ballots(("a", "b", 4, 4), ties=6)]
    tied = ranked(counts(made), RankingOptions(prior=0, ties=Ties.DAVIDSON)).document()["tie"]
    assert isinstance(tied, dict)
    assert (tied["nu"], tied["log_nu"]) == pytest.approx((1.5, math.log(1.5)))
    assert tied["se"] == pytest.approx(math.sqrt(14 / (6 * 8)))  # of log nu: 1 / (n p (1 - p))
    none = ranked(counts(ballots(("a", "b", 4, 4))), RankingOptions(ties=Ties.DAVIDSON)).document()["tie"]
    assert none == {"nu": 0.0, "log_nu": None, "se": None}
    place = document(("a", "b", 8, 3), ("b", "a", 8, 3), prior=0, position=True)["position"]
    assert (place["log_effect"], place["se"]) == pytest.approx((math.log(8 / 3), math.sqrt((1 / 8 + 1 / 3) / 2)))


def test_the_method_is_named() -> None:
    method = document(("a", "b", 12, 3), seed=7)["method"]
    assert (method["prior"], method["ties"], method["seed"], method["rounds"]) == (1.0, "half", 7, 300)
    assert RankingOptions().rounds == 2000
    assert "Holm" in method["claims"]
    assert "bootstrap by prompt" in method["claims"]
