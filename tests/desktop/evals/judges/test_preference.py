"""What a judge of pairs prefers: cases counted once however often they were asked, and chance left out."""

from __future__ import annotations

import pytest

from desktop.domain.suite_cells import PairChoice
from desktop.evals.execution.run_results import results
from desktop.evals.execution.score_claims import RunVerdict
from desktop.evals.judges.judge_facts import Preference, pair_facts, preferences
from desktop.reports.run_text import sentences
from desktop.stats.mcnemar import mcnemar
from tests.desktop.evals.judges.made_judges import spec, verdicts
from tests.desktop.evals.made_runs import run_of, suite

ONE, TWO, TIE = PairChoice.FIRST, PairChoice.SECOND, PairChoice.TIE
A, B, EVEN = (ONE, TWO), (TWO, ONE), (TIE, TIE)


def test_the_preferred_one_stands_first_with_the_chance_of_a_fair_coin() -> None:
    (found,) = preferences(verdicts(*[B] * 9, A, EVEN, (ONE, None)), range(12))
    assert (found.a, found.b, found.wins, found.losses, found.ties) == (1, 0, 9, 1, 1)
    assert found.p == pytest.approx(mcnemar(9, 1))
    assert found.verdict is RunVerdict.BETTER


def test_repeats_and_clusters_are_one_case() -> None:
    often = [each for repeat in range(5) for each in verdicts(A, A, repeat=repeat)]
    (found,) = preferences(often, range(2))
    assert (found.wins, found.verdict) == (2, RunVerdict.TOO_FEW)
    (found,) = preferences(verdicts(*[A] * 12), [case // 4 for case in range(12)])
    assert found.wins == 3
    (found,) = preferences([*verdicts(A), *verdicts(B, repeat=1)], range(1))
    assert (found.wins, found.losses, found.ties) == (0, 0, 1)


def test_several_pairs_are_corrected_together_and_a_tie_is_no_proof_of_equality() -> None:
    given = [*verdicts(*[A] * 7), *verdicts(*[A, B] * 5, b=2)]
    first, second = preferences(given, range(10))
    assert first.p == pytest.approx(2 * mcnemar(7, 0))
    assert (first.verdict, second.verdict) == (RunVerdict.BETTER, RunVerdict.INCONCLUSIVE)


def test_it_is_told_among_what_a_run_shows() -> None:
    of = suite(8)
    clear = "The judge lab/wise prefers lab/a to lab/b: 8 cases won, 0 lost, 0 tied."
    even = "The judge lab/wise shows no significant preference: lab/a won 4 cases against lab/b, lost 4 and tied 0."
    for given, said in (([A] * 8, clear), ([A, B] * 4, even)):
        facts = pair_facts(spec("judge-pair"), verdicts(*given), {}, clusters=range(8))
        assert isinstance(facts.preferences[0], Preference)
        assert said in sentences(results(run_of(of), of, [], judges=[facts]))
