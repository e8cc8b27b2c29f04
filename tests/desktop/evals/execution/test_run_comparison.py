"""Two runs held against each other: cases by what they ask, contenders by name, and what does not match is said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import RunState
from desktop.evals.execution.kept_results import KeptResults
from desktop.evals.execution.run_comparison import CaseOutcome, RunComparison, case_digest, compare, matched_cases
from desktop.evals.execution.run_results import RunVerdict, results
from desktop.evals.suites.suite import GraderSpec, Suite, SuiteContender
from desktop.reports.run_comparison_text import CHANGE_COLUMNS, case_text, change_cells, comparison_sentences
from tests.desktop.evals.made_runs import Scored, heads, run_of, suite


def kept(of: Suite, *columns: Sequence[Scored]) -> KeptResults:
    run, cells = run_of(of), tuple(heads(*columns))
    return KeptResults(run, of, cells, results(run, of, cells))


def compared(earlier: Sequence[Scored], later: Sequence[Scored]) -> RunComparison:
    one, other = suite(len(earlier), ["a"]), suite(len(later), ["a"])
    return compare(kept(one, earlier), kept(other, later))


def test_cases_are_matched_by_what_they_ask_in_any_order() -> None:
    of = suite(3)
    turned = msgspec.structs.replace(of, cases=(of.cases[2], of.cases[0], of.cases[2]))
    assert matched_cases(of, turned) == {0: 1, 2: 0}
    other = msgspec.structs.replace(of.cases[0], vars={"q": "another"})
    assert case_digest(of, of.cases[0]) != case_digest(of, other)


def test_a_contender_that_became_worse_is_said_to_be() -> None:
    found = compared([1.0] * 20, [0.0] * 12 + [1.0] * 8)
    (change,) = found.contenders
    assert (change.verdict, change.improved, change.worsened, change.n) == (RunVerdict.BETTER, 0, 12, 20)
    assert change_cells(change)[-1] == "worse"
    assert len(change_cells(change)) == len(CHANGE_COLUMNS)
    assert comparison_sentences(found)[0].startswith("lab/a is worse in the later run: −60 points (")


def test_one_that_became_better_too() -> None:
    found = compared([0.0] * 12 + [1.0] * 8, [1.0] * 20)
    assert comparison_sentences(found)[0].startswith("lab/a is better in the later run: 60 points (")


def test_while_one_of_the_runs_goes_on_nothing_is_claimed() -> None:
    of = suite(20, ["a"])
    earlier, later = kept(of, [1.0] * 20), kept(of, [0.0] * 12 + [1.0] * 8)
    running = later._replace(run=msgspec.structs.replace(later.run, state=RunState.RUNNING))
    for found in (compare(earlier, running), compare(running, earlier)):
        (change,) = found.contenders
        assert (change.verdict, change.p, change_cells(change)[-1]) == (RunVerdict.PRELIMINARY, None, "preliminary")
        assert comparison_sentences(found)[0].startswith("Preliminary: lab/a changed by")


def test_each_case_that_changed_is_listed_with_what_it_was_and_is() -> None:
    found = compared([1.0, 0.0, "error", None, 1.0], [0.0, 0.0, 1.0, None])
    assert [(each.later_case, each.earlier, each.later) for each in found.changes] == [
        (0, CaseOutcome.PASSED, CaseOutcome.FAILED),
        (2, CaseOutcome.ERROR, CaseOutcome.PASSED),
    ]
    assert case_text(found.changes[0]) == "Case 1, lab/a: passed, now failed"
    assert "1 case is only in the earlier run." in comparison_sentences(found)


def test_few_cases_and_chance_are_no_change() -> None:
    assert "nothing can be concluded from 2 cases" in comparison_sentences(compared([1.0] * 2, [0.0] * 2))[0]
    assert "inconclusive" in comparison_sentences(compared([1.0, 0.0] * 5, [0.0, 0.0] * 5))[0]
    assert "by no more than 5 points" in comparison_sentences(compared([1.0] * 200, [1.0] * 200))[0]


def test_what_does_not_match_is_said() -> None:
    one, other = suite(2, ["a", "b"]), suite(2, ["a", "c"])
    found = compare(kept(one, [1.0, 1.0], [1.0, 1.0]), kept(other, [1.0, 1.0], [1.0, 1.0]))
    assert (found.only_earlier, found.only_later) == (("lab/b",), ("lab/c",))
    assert "Only in the earlier run: lab/b." in comparison_sentences(found)


def test_other_graders_models_and_parameters_are_told() -> None:
    def named(model: str, **parameters: object) -> tuple[SuiteContender, ...]:
        ref = ModelRef(connection="lab", name=model)
        return (SuiteContender(model=ref, label="x", parameters=dict[str, object](parameters)),)  # type: ignore[arg-type]

    graded = tuple(
        msgspec.structs.replace(case, graders=(GraderSpec(type="contains", value="x"),)) for case in suite(2).cases
    )
    earlier, later = kept(suite(2, named("a")), [1.0, 1.0]), kept(suite(graded, named("b")), [1.0, 1.0])
    assert compare(earlier, later).notices == (
        "2 cases in both runs are graded differently in the later run.",
        "x is lab/a in the earlier run and lab/b in the later one.",
    )
    warmer = kept(suite(2, named("a", temperature=1)), [1.0, 1.0])
    assert compare(earlier, warmer).notices == (
        "x has different parameters or a different system prompt in the later run.",
    )
