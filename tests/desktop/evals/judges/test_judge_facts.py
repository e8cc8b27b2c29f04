"""What is known of a judge: flips, the first place, length, agreement with people, makers, calls and cost."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import Grade, PairChoice
from desktop.evals.judges.judge_facts import (
    AnswerJudgements,
    JudgeFacts,
    Share,
    contenders_alike,
    judges_of,
    pair_facts,
    reviewed_pairs,
    voted_pairs,
)
from desktop.evals.suites.suite import SuiteContender
from desktop.stats.kappa import Agreement, agreement
from desktop.voting.contender import digest
from desktop.voting.vote import best_of
from tests.desktop.evals.judges.made_judges import spec, verdicts
from tests.desktop.evals.made_runs import head, heads, record, suite
from tests.desktop.voting.made import vote

ONE, TWO, TIE = PairChoice.FIRST, PairChoice.SECOND, PairChoice.TIE


def test_kappa_is_that_of_the_textbook() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = agreement(pairs)
    assert found is not None
    assert (found.items, found.share) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_kappa_is_nothing_where_chance_explains_all() -> None:
    assert agreement([("yes", "yes")] * 3) == Agreement(3, 1.0, None)
    assert agreement([]) is None
    opposite = agreement([("yes", "no"), ("no", "yes")])
    assert opposite is not None
    assert opposite.kappa == -1


def test_flips_places_ties_and_errors_of_a_judge_of_pairs() -> None:
    given = verdicts((ONE, TWO), (ONE, ONE), (TWO, TWO), (TIE, TIE), (TWO, ONE), (ONE, None))
    facts = pair_facts(spec("judge-pair"), given, {})
    assert (facts.items, facts.errors, facts.ties, facts.calls) == (6, 1, 3, 12)
    assert facts.flipped == Share(2, 5)
    assert facts.first_place == Share(5, 9)
    assert facts.longer == Share(1, 2)  # b's answers are the longer ones
    assert facts.cost == pytest.approx(0.12)
    said = " ".join(facts.sentences)
    for each in (
        "Swapping the two responses changed the verdict for 40%",
        "3 pairs were ties.",
        "was called 12 times at a cost of $0.12",
    ):
        assert each in said


def test_a_judge_that_favours_the_first_place_is_told_of_beside_results() -> None:
    facts = pair_facts(spec("judge-pair"), verdicts(*[(ONE, ONE)] * 10), {})
    assert any("chose the response shown first 100% of the time" in each for each in facts.notices)
    fair = pair_facts(spec("judge-pair"), verdicts(*[(ONE, TWO)] * 10), {})
    assert not any("shown first" in each for each in fair.notices)
    assert any("The judge chose the response shown first 50%" in each for each in fair.sentences)


def test_without_thirty_shared_items_a_judge_is_not_calibrated() -> None:
    given = verdicts(*[(ONE, TWO), (TWO, ONE)] * 15)
    people = {(each.case, 0, 0, 1): 1 if each.case % 4 else -1 for each in given}
    facts = pair_facts(spec("judge-pair"), given, people)
    assert facts.is_calibrated
    assert not any("calibrated" in each for each in facts.notices)
    assert any(
        "The judge agrees with people on" in each and "of 30 items (Cohen's kappa" in each for each in facts.sentences
    )
    fewer = pair_facts(spec("judge-pair"), given[:29], people)
    assert any(
        "calibrated: people have judged only 29 of its items, and at least 30 are needed" in each
        for each in fewer.notices
    )
    assert not any("agrees with people" in each for each in fewer.sentences)


def test_a_judge_that_judged_nothing_is_not_spoken_of() -> None:
    facts = pair_facts(spec("judge-pair"), [], {})
    assert facts.notices == facts.sentences == ()


def test_reviews_of_both_answers_are_a_persons_verdict_on_the_pair() -> None:
    cells = [head(0, 1, 1.0, reviewed=True), head(0, 0, 0.0, reviewed=False), head(0, 2, 1.0),
             head(1, 0, 1.0, reviewed=True), head(1, 1, 1.0, 1, reviewed=True)]  # fmt: skip
    assert reviewed_pairs(cells) == {(0, 0, 0, 1): -1}


def test_votes_on_the_same_prompt_and_models_count_wherever_they_were_given() -> None:
    of = suite(2)
    votes = [
        vote("lab/b", "lab/a", prompt="What is q0?", outcome=best_of(0)),
        vote("lab/a", "lab/b", prompt=digest("What is q1?"), number=1),
        vote("lab/a", "lab/b", prompt="What else?", number=2),
        vote("lab/a", "lab/c", prompt="What is q1?", number=3),
        vote("lab/b", "lab/a", prompt="What is q1?", number=4, set_aside="error"),
    ]
    assert voted_pairs(votes, of) == {(0, 0, 0, 1): -1, (1, 0, 0, 1): 1}
    twice = SuiteContender(model=ModelRef(connection="lab", name="a"))
    assert voted_pairs(votes, suite(2, (twice, twice))) == {}


def test_a_judge_of_answers_is_held_against_reviews_of_them() -> None:
    judge, other = spec(), spec(rubric="Other.")
    gathered = AnswerJudgements(judge)
    for case in range(4):
        grades = tuple(
            Grade(grader="judge", passed=passed, score=None, reason="", cost=0.5)
            for passed in (None if case == 3 else case != 1, False)
        )
        gathered.add(record(case, 0, 1.0, grades=grades, reviewed=True), (judge, other))
    gathered.add(record(9, 0, 1.0, grades=()), (judge, other))
    facts = gathered.facts
    assert (facts.items, facts.errors, facts.calls, facts.cost) == (4, 1, 4, 2.0)
    assert facts.people is not None
    assert (facts.people.items, facts.people.kappa) == (3, 0)
    assert facts.people.share == pytest.approx(2 / 3)


def test_a_judge_of_the_maker_of_a_contender_is_warned_of() -> None:
    of = suite(1, ["wise", "b", "c"])
    cells = [*heads([1.0], [1.0]), head(0, 2, 1.0, server_model="gpt-7")]
    makers = {"wise": "Sage", "gpt-7": "Sage", "b": "Other"}
    assert contenders_alike(spec(), of, cells, makers.get) == ["lab/wise", "lab/c"]
    assert contenders_alike(spec(), of, cells, None) == ["lab/wise"]
    assert contenders_alike(spec(model="lab/unknown"), of, cells, makers.get) == []
    facts = JudgeFacts(judge="j", model="lab/wise", in_pairs=False, items=1, alike=("lab/c",))
    assert any("is from the same publisher as lab/c" in each for each in facts.notices)


def test_each_judge_of_a_suite_is_named_once() -> None:
    graders = (spec(), spec("judge-pair"), msgspec.structs.replace(spec(), type="contains"))
    cases = tuple(msgspec.structs.replace(case, graders=graders) for case in suite(3).cases)
    assert judges_of(suite(cases)) == [graders[0], graders[1]]
