"""A plan asks every cell once in an order that its seed tells, and a suite is cut to what is to be run."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import CellKey, RunState
from desktop.errors import StoreError, UsageError
from desktop.evals.execution.run_plan import MOST_CELLS, RunPlan, chosen, new_run, own_suite, plan_of
from desktop.evals.suites.suite import SuiteContender
from desktop.evals.suites.suite_file import suite_from_json
from tests.desktop.evals.run_desk import suite

PLAN = RunPlan(cases=30, contenders=3, repeats=2, seed=5)


def test_every_cell_is_there_once_in_an_order_of_the_seed() -> None:
    keys = list(PLAN.keys())
    assert len(keys) == len({*keys}) == PLAN.cells == 180
    assert keys == list(PLAN.keys())
    assert keys != sorted(keys)
    assert keys != list(msgspec.structs.replace(PLAN, seed=6).keys())
    assert list(PLAN.keys(without={keys[0], keys[7]})) == [*keys[1:7], *keys[8:]]


def test_a_case_is_asked_of_all_contenders_before_the_next_one_in_shuffled_turns() -> None:
    keys = list(PLAN.keys())
    blocks = [keys[at : at + 3] for at in range(0, 180, 3)]
    assert all(len({(key.case, key.repeat) for key in block}) == 1 for block in blocks)
    firsts = Counter(block[0].contender for block in blocks)
    assert min(firsts.values()) > 10


def test_a_suite_is_run_with_other_models_repeats_and_caps_or_for_one_tag() -> None:
    whole = suite("lab/echo", words=["one", "two"])
    cut = chosen(whole, contenders=[SuiteContender(model=ModelRef.parse("lab/b"))], repeats=4, only="two", cap=2.5)
    assert [str(each.model) for each in cut.contenders] == ["lab/b"]
    assert (cut.repeats, cut.limits.cost_usd, [case.vars["word"] for case in cut.cases]) == (4, 2.5, ["two"])
    assert cut.cases[0].origin == 1
    assert chosen(whole) == whole


def test_what_cannot_be_run_is_refused() -> None:
    with pytest.raises(UsageError, match="tag"):
        chosen(suite("lab/echo"), only="nobody")
    with pytest.raises(UsageError, match="does not specify a model"):
        chosen(suite())
    with pytest.raises(UsageError, match="no cases"):
        chosen(suite("lab/echo", words=()))
    with pytest.raises(UsageError, match="at most"):
        chosen(suite("lab/echo"), repeats=MOST_CELLS)


def test_a_new_run_keeps_the_whole_suite_and_says_what_it_was() -> None:
    asked = chosen(suite("lab/echo", "lab/plain", repeats=2), cap=1.0)
    run, other = new_run(asked), new_run(asked, unknown_prices=True)
    assert suite_from_json(run.suite) == asked
    assert (run.state, run.cases, run.contenders, run.repeats, run.cap) == (
        RunState.WAITING, 3, ("lab/echo", "lab/plain"), 2, 1.0,
    )  # fmt: skip
    assert run.digest == other.digest != new_run(suite("lab/echo")).digest
    assert (run.id != other.id, other.unknown_prices, plan_of(run).cells) == (True, True, 12)
    assert CellKey(2, 1, 1) in set(plan_of(run).keys())


def test_the_suite_of_a_kept_run_is_one_that_asks_what_the_run_does() -> None:
    run = new_run(suite("lab/a", "lab/b"))
    assert own_suite(run) == suite_from_json(run.suite)
    for name, other in (("contenders", run.contenders[:1]), ("cases", run.cases + 1), ("repeats", 9)):
        with pytest.raises(StoreError, match="damaged"):
            own_suite(msgspec.structs.replace(run, **{name: other}))
