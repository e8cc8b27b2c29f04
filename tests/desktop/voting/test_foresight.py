"""What more votes would show, and whether two fewer would change the first place."""

from __future__ import annotations

from itertools import combinations
from typing import Any, cast

import pytest

from desktop.voting import foresight
from desktop.voting.claims import Verdict
from desktop.voting.foresight import is_fragile, more_votes
from desktop.voting.rank_votes import ranked
from desktop.voting.ranking import Ranking, RankingOptions
from desktop.voting.tally import Ballot
from tests.desktop.voting.made import ballots, counts, sampled


def ranking(made: list[Ballot], **options: object) -> Ranking:
    return ranked(counts(made), RankingOptions(**cast("dict[str, Any]", {"rounds": 50, **options})))


@pytest.mark.parametrize(("won", "lost", "more"), [(4, 0, 5), (7, 0, 2), (8, 0, 1), (9, 0, 0), (30, 20, 48)])
def test_so_many_votes_more_show_a_difference(won: int, lost: int, more: int) -> None:
    found = ranking(ballots(("a", "b", won, lost)))
    assert more_votes(found, found.pairs[0]) == more


def test_as_many_more_as_are_named_do_show_it() -> None:
    found = ranking(ballots(("a", "b", 12, 8)))
    more = more_votes(found, found.pairs[0])
    assert more is not None
    lost = round(more * 0.4)
    (pair,) = ranking(ballots(("a", "b", 12 + more - lost, 8 + lost))).pairs
    assert pair.claim.interval.low > 0


def test_level_ones_need_more_than_anybody_gives() -> None:
    found = ranking(ballots(("a", "b", 5, 5)))
    assert more_votes(found, found.pairs[0]) is None
    found = ranking(ballots(("a", "b", 5001, 5000)))
    assert more_votes(found, found.pairs[0]) is None


def test_many_contenders_are_reckoned_about_as_they_are_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ranking(sampled([0.5, 0.1, -0.2, -0.4], 300, 4))
    open_pairs = [pair for pair in found.pairs if pair.claim.verdict is not Verdict.BETTER and pair.chance > 0.55]
    fitted = [more_votes(found, pair) for pair in open_pairs]
    monkeypatch.setattr(foresight, "_FITTED_UP_TO", 0)
    assert open_pairs
    for pair, more in zip(open_pairs, fitted, strict=True):
        assert more is not None
        assert more_votes(found, pair) == pytest.approx(more, rel=0.3, abs=5)


@pytest.mark.parametrize("seed", range(12))
def test_two_votes_change_the_first_place_exactly_where_trying_all_says_so(seed: int) -> None:
    made = sampled([0.3, 0.1, -0.4], 24, seed, tied=0.1)
    found = ranking(made)
    first = found.parts[0][0]

    def is_first_without(two: tuple[int, int]) -> bool:
        rest = ranking([ballot for place, ballot in enumerate(made) if place not in two], rounds=1)
        worths = sorted((each.log_worth for each in rest.models if each.name != first), reverse=True)
        own = next(each.log_worth for each in rest.models if each.name == first)
        return own > worths[0] + 1e-7

    assert found.models[0].log_worth > found.models[1].log_worth + 1e-6
    changes = not all(map(is_first_without, combinations(range(len(made)), 2)))
    assert is_fragile(found, found.parts[0]) is changes
