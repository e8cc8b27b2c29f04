"""The results of a run: figures of contenders, pairs with the better one first, tags, and what is said beside them."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.execution.result_values import PassTest
from desktop.evals.execution.run_results import MOST_RESAMPLED, RunVerdict, names_of, results
from desktop.evals.judges.judge_facts import JudgeFacts, Preference
from desktop.evals.suites.suite import Case, SuiteContender
from desktop.reports.run_text import contender_cells, sentences
from desktop.stats.mcnemar import mcnemar
from desktop.stats.proportions import wilson
from tests.cpu_time import within
from tests.desktop.evals.made_runs import head, heads, run_of, suite


def test_a_contenders_figures_leave_errors_out() -> None:
    of = suite(4, ["a"])
    cells = heads([1.0, 0.0, "error", None])
    timed = [msgspec.structs.replace(each, latency_ms=1000.0 * (each.key.case + 1), cost=0.5) for each in cells]
    (found,) = results(run_of(of), of, timed).contenders
    assert (found.answered, found.errors, found.passed, found.failed, found.ungraded) == (3, 1, 1, 1, 1)
    assert (found.score, found.cases) == (0.5, 2)
    assert found.cost_usd == 2.0
    assert found.latency_p50_ms == 2000.0
    assert found.model == "lab/a"


def test_the_better_one_stands_first() -> None:
    of = suite(20)
    (pair,) = results(run_of(of), of, heads([0.0] * 12 + [1.0] * 8, [1.0] * 20)).pairs
    assert (pair.a, pair.b, pair.n, pair.verdict) == (1, 0, 20, RunVerdict.BETTER)
    assert pair.difference == pytest.approx(0.6)
    assert pair.p == pair.p_alone == mcnemar(12, 0)
    assert pair.low is not None
    assert pair.high is not None
    assert 0 < pair.low < 0.6 < pair.high <= 1


def test_cases_that_one_has_no_score_of_are_left_out_of_the_pair_alone() -> None:
    of = suite(6, ["a", "b", "c"])
    found = results(run_of(of), of, heads([1.0] * 6, ["error", *[0.0] * 5], [0.0, None, *[1.0] * 4]))
    assert [(pair.a, pair.b, pair.n) for pair in found.pairs] == [(0, 1, 5), (0, 2, 5), (2, 1, 4)]
    assert found.pairs[-1].verdict is RunVerdict.TOO_FEW
    assert [each.cases for each in found.contenders] == [6, 5, 5]


def test_several_contenders_are_corrected_for_all_their_pairs() -> None:
    of = suite(12, ["a", "b", "c"])
    found = results(run_of(of), of, heads([1.0] * 12, [1.0] * 5 + [0.0] * 7, [1.0] * 5 + [0.0] * 7))
    p = mcnemar(7, 0)
    assert [pair.p_alone for pair in found.pairs] == [p, p, 1]
    assert [pair.p for pair in found.pairs] == pytest.approx([3 * p, 3 * p, 1])


def test_contenders_that_never_met_say_nothing_of_each_other() -> None:
    of = suite(3)
    (pair,) = results(run_of(of), of, heads([1.0, 1.0, 1.0], ["error"] * 3)).pairs
    assert (pair.n, pair.difference, pair.verdict) == (0, None, RunVerdict.TOO_FEW)


def test_tags_are_exploratory_unless_they_were_planned() -> None:
    cases = tuple(Case(prompt=0, origin=at, tags=("de",) if at % 2 else ("fr", "odd")) for at in range(20))
    of = suite(cases, planned_tags=("de",))
    found = results(run_of(of), of, heads([1.0] * 20, [0.0, 1.0] * 10))
    assert [(each.tag, each.cases, each.exploratory) for each in found.tags] == [
        ("de", 10, False),
        ("fr", 10, True),
        ("odd", 10, True),
    ]
    assert found.tags[0].scores == (1.0, 1.0)
    assert [each.pairs[0].verdict for each in found.tags[1:]] == [RunVerdict.BETTER] * 2
    alone = [each.pairs[0].p_alone for each in found.tags]
    assert alone[1] == mcnemar(10, 0)
    assert found.tags[1].pairs[0].p == pytest.approx(3 * mcnemar(10, 0))  # of three tags


def test_contenders_of_one_name_have_their_number_behind_it() -> None:
    model = ModelRef(connection="lab", name="a")
    plain = SuiteContender(model=model)
    of = suite(1, (plain, SuiteContender(model=model, label="b"), plain))
    assert names_of(of) == ["lab/a (1)", "b", "lab/a (3)"]


def test_notices_stand_beside_the_figures_and_further_ones_behind_them() -> None:
    of = suite(30)
    cells = heads([1.0] * 30, [*["error"] * 10, *[1.0] * 18])
    found = results(
        run_of(of, state=RunState.STOPPED),
        of,
        cells,
        judges=[JudgeFacts(judge="j", model="lab/wise", in_pairs=False, items=1)],
    )
    said = " ".join(found.notices)
    assert "58 of 60 responses have arrived" in said
    assert "10 responses failed (error)" in said
    assert "10 of them are from lab/b (36% of its responses)" in said
    assert "The judge lab/wise is not calibrated" in found.notices[-1]


def test_beside_a_score_that_is_no_pass_rate_stands_the_pass_rate_with_its_own_interval_and_test() -> None:
    of = suite(20)
    cells = [head(case, 0, 0.9, status=CellStatus.PASSED) for case in range(20)]
    cells += [head(case, 1, 0.8, status=CellStatus.PASSED if case < 12 else CellStatus.FAILED) for case in range(20)]
    found = results(run_of(of), of, cells)
    assert [each.score for each in found.contenders] == pytest.approx([0.9, 0.8])
    assert [each.pass_rate for each in found.contenders] == [1.0, 0.6]
    assert [(each.pass_low, each.pass_high) for each in found.contenders] == [wilson(20, 20), wilson(12, 20)]
    assert found.pairs[0].method.startswith("paired t")
    assert found.pairs[0].passes == PassTest(a=1.0, b=0.6, p=mcnemar(8, 0), method="exact McNemar")
    assert [str(each) for each in sentences(found)[2:]] == [
        "Pass rates: lab/a 100%, lab/b 60% over 20 cases (exact McNemar: p = 0.008)."
    ]
    assert [str(each) for each in contender_cells(found.contenders[1])[3:5]] == ["60%", "38.7–78.1%"]
    assert results(run_of(of, state=RunState.RUNNING), of, cells).pairs[0].passes == PassTest(
        a=1.0, b=0.6, p=None, method="exact McNemar"
    )


def test_where_the_score_is_the_pass_rate_it_is_shown_once() -> None:
    of = suite(6, repeats=2)
    cells = [
        head(case, place, float(case > place), repeat) for case in range(6) for place in (0, 1) for repeat in (0, 1)
    ]
    found = results(run_of(of), of, cells)
    assert [each.pass_rate for each in found.contenders] == [each.score for each in found.contenders]
    assert found.pairs[0].passes is None
    assert contender_cells(found.contenders[0])[3:5] == ("", "")


def test_a_whole_score_that_did_not_pass_is_no_pass() -> None:
    of = suite(6)
    cells = [head(case, place, 1.0, status=CellStatus.FAILED) for case in range(6) for place in (0, 1)]
    found = results(run_of(of), of, cells)
    assert [(each.score, each.pass_rate) for each in found.contenders] == [(1.0, 0.0)] * 2
    assert "McNemar" not in found.pairs[0].method


@pytest.mark.parametrize(
    ("state", "cases", "verdict"),
    [
        (RunState.RUNNING, 20, RunVerdict.PRELIMINARY),
        (RunState.RUNNING, 10, RunVerdict.PRELIMINARY),
        (RunState.STOPPED, 10, RunVerdict.PRELIMINARY),
        (RunState.RUNNING, 4, RunVerdict.TOO_FEW),
        (RunState.CAPPED, 10, RunVerdict.BETTER),  # the cap was set before
        (RunState.STOPPED, 20, RunVerdict.BETTER),
        (RunState.COMPLETE, 20, RunVerdict.BETTER),
    ],
)
def test_a_run_that_is_not_over_has_no_verdict(state: RunState, cases: int, verdict: RunVerdict) -> None:
    planned = tuple(Case(prompt=0, origin=at, tags=("de",)) for at in range(20))
    of = suite(planned)
    liked = Preference(a=0, b=1, wins=9, losses=0, ties=0, p=0.004, verdict=RunVerdict.BETTER)
    judge = JudgeFacts(judge="j", model="lab/wise", in_pairs=True, items=9, preferences=(liked,))
    found = results(run_of(of, state=state), of, heads([1.0] * cases, [0.0] * cases), judges=[judge])
    preliminary = verdict is not RunVerdict.BETTER
    assert [each.verdict for each in (*found.pairs, *found.tags[0].pairs)] == [verdict] * 2
    assert (found.pairs[0].p is None) is preliminary
    assert (found.judges[0].preferences[0].verdict is RunVerdict.BETTER) is not preliminary
    assert ("Preliminary" in found.notices[0]) is preliminary
    said = " ".join((*sentences(found), *found.notices))
    assert ("better" in said, "prefers" in said) == (not preliminary, not preliminary)


def test_a_complete_run_without_oddities_has_no_notice() -> None:
    of = suite(5)
    assert results(run_of(of), of, heads([1.0] * 5, [0.0] * 5)).notices == ()


def test_several_settings_of_one_model_and_pooled_servers_are_told() -> None:
    model = ModelRef(connection="lab", name="a")
    tried = tuple(SuiteContender(model=model, parameters={"temperature": each}) for each in (0, 0.5, 1))
    of = suite(1, tried)
    cells = [head(0, 0, 1.0, server_model="a-1"), head(0, 0, 1.0, 1, server_model="a-2")]
    said = " ".join(results(run_of(of), of, cells).notices)
    assert "Best of 3 settings for lab/a" in said
    assert "The server served several models under the name lab/a (1): a-1, a-2." in said


def test_cells_beyond_the_suite_are_passed_over() -> None:
    of = suite(1, ["a"])
    found = results(run_of(of), of, [head(0, 0, 1.0), head(5, 0, 1.0), head(0, 7, 1.0)])
    assert found.contenders[0].answered == 1


def test_ten_thousand_cases_take_less_than_seconds() -> None:
    of = suite(10_000, ["a", "b", "c"])
    cells = heads(*([float((case * place) % 3 > 0) for case in range(10_000)] for place in (1, 2, 5)))
    for attempt in within(2):  # a quarter of a second where nothing else runs
        with attempt:
            results(run_of(of), of, cells)


def test_of_very_many_pairs_the_last_ones_have_ts_interval_alone() -> None:
    of = suite(8, [f"m{number}" for number in range(22)])
    pairs = results(
        run_of(of), of, heads(*([float(case % (place + 1) > 0) for case in range(8)] for place in range(22)))
    )
    methods = [pair.method for pair in pairs.pairs]
    assert methods[0].endswith("bootstrap")
    assert methods[-1].endswith("by t")
    assert sum(method.endswith("bootstrap") for method in methods) <= MOST_RESAMPLED < len(methods)
