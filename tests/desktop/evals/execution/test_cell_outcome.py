"""Answers that are not whole are errors with a code, and what came of several turns is added up."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import Figures, Message, Problem, Role, Status, Usage
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.domain.suite_cells import CellKey, CellStatus
from desktop.errors import RateLimited
from desktop.evals.execution.cell_outcome import cost_of, cut, problem_of, record_of
from desktop.text.phrases import english
from tests.desktop.store import made

KEY = CellKey(1, 2, 0)


def answer(
    text: str = "so", reason: str | None = "stop", *, cost: float | None = 0.5, tokens: int | None = 3
) -> Message:
    return Message(
        id="a",
        parent="p",
        role=Role.ASSISTANT,
        parts=(ReasoningPart(text="hm"), TextPart(text=text)),
        status=Status.COMPLETE,
        created_at=made.START,
        figures=Figures(finish_reason=reason, cost=cost, duration_ms=5.0, ttft_ms=1.0),
        usage=None if tokens is None else Usage(input_tokens=10, output_tokens=tokens),
    )


@pytest.mark.parametrize("reason", ["length", "content_filter", "refusal", "failed"])
def test_an_answer_that_was_cut_is_an_error_of_its_code(reason: str) -> None:
    problem = cut(answer(reason=reason))
    assert problem is not None
    assert problem.code == reason
    assert problem.message.endswith(".")


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "something else", None])
def test_an_answer_that_ended_by_itself_is_whole(reason: str | None) -> None:
    assert cut(answer(reason=reason)) is None


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED, Status.INTERRUPTED])
def test_an_answer_that_broke_off_is_an_error_with_its_own_problem_or_a_sentence(status: Status) -> None:
    broken = msgspec.structs.replace(answer(), status=status)
    assert cut(broken) == Problem(code="interrupted", message="The response was interrupted.")
    own = Problem(code="stalled", message="Nothing came.")
    assert cut(msgspec.structs.replace(broken, problem=own)) == own


def test_a_cell_has_all_answers_the_last_figures_and_the_sum_of_costs_and_tokens() -> None:
    record = record_of(KEY, [answer("one", cost=0.25), answer("two", tokens=4)])
    assert (record.status, record.score, record.answers, record.text) == (
        CellStatus.UNGRADED, None, ("one", "two"), "two",
    )  # fmt: skip
    assert record.reasoning == "hm"
    assert record.figures is not None
    assert (record.figures.cost, record.figures.duration_ms) == (0.75, 5.0)
    assert record.usage == Usage(input_tokens=20, output_tokens=7)
    assert (record.head.cost, record.head.output_tokens, record.head.latency_ms) == (0.75, 7, 5.0)


def test_what_is_not_known_of_one_turn_is_not_known_of_all() -> None:
    record = record_of(KEY, [answer(cost=None), answer(tokens=None)])
    assert record.figures is not None
    assert (record.figures.cost, record.usage, cost_of([])) == (None, None, None)


def test_an_error_keeps_its_wait_and_is_never_a_failure() -> None:
    problem = problem_of(RateLimited(english("Too fast."), retry_after_s=7.0))
    assert (problem.code, problem.retry_after_s) == ("rate_limited", 7.0)
    record = record_of(KEY, [], problem)
    assert (record.status, record.figures, record.head.first_line) == (CellStatus.ERROR, None, "Too fast.")
