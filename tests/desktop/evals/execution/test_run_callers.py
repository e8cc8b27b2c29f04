"""Parameters of a suite that may steer the provider are listed, and sent only where somebody said yes to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import RunState
from desktop.errors import ParametersUnconfirmed, PolicyForbids
from desktop.evals.execution.run_callers import forbidden_in, require_parameters, unlisted_of, unlisted_sentences
from desktop.evals.execution.run_regrade import RunRegrade
from desktop.evals.execution.suite_runner import SuiteRunner
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.settings.policy import NO_POLICY
from desktop.settings.values import Settings
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.desktop.settings.test_policy import policy
from tests.servers.faults import FaultServer

STEERING: dict[str, JsonValue] = {
    "tools": [{"type": "mcp", "server_url": "https://mcp.example.org"}],
    "web_search_options": {},
    "service_tier": "priority",
    "store": True,
    "background": True,
    "n": 4,
    "metadata": {"note": "x"},
    "prediction": {"type": "content", "content": "x"},
    "stop": {"not": "text"},
    "unheard_of": 1,
}
SAMPLING: dict[str, JsonValue] = {
    "temperature": 0.5,
    "max_tokens": 50,
    "top_k": 4,
    "stop": ["Halt"],
    "reasoning_effort": "low",
    "logprobs": True,
}

Made = Callable[[dict[str, JsonValue]], Suite]


def of_contender(parameters: dict[str, JsonValue]) -> Suite:
    return suite("lab/echo", parameters=parameters, words=["x"])


def of_judge(parameters: dict[str, JsonValue]) -> Suite:
    options: dict[str, JsonValue] = {"model": "lab/plain", "rubric": "good", "parameters": {**parameters}}
    return suite("lab/echo", graders=(GraderSpec(type="judge", options=options),), words=["x"])


@pytest.mark.parametrize("asked", [of_contender, of_judge])
@pytest.mark.parametrize("name", STEERING)
def test_each_is_listed_by_its_caller(asked: Made, name: str) -> None:
    (found,) = unlisted_of(asked({**SAMPLING, name: STEERING[name]}))
    assert found.parameters == {name: STEERING[name]}
    assert name in unlisted_sentences(asked({name: STEERING[name]}))[1]
    assert unlisted_of(asked(SAMPLING)) == ()


@pytest.mark.parametrize("asked", [of_contender, of_judge])
async def test_nothing_is_sent_until_somebody_said_yes(desk: RunDesk, server: FaultServer, asked: Made) -> None:
    run = await desk.plan(asked({"service_tier": "priority"}))
    with pytest.raises(ParametersUnconfirmed, match="service_tier"):
        await desk.runner().run(run.id)
    assert server.requests == []
    assert (await SuiteRunner(desk.tools, allow_parameters=True).run(run.id)).state is RunState.COMPLETE
    assert [each.json.get("service_tier") for each in server.requests].count("priority") == 1


async def test_judges_are_asked_again_only_where_their_parameters_may_be_sent(
    desk: RunDesk, server: FaultServer
) -> None:
    run, _ = await desk.run(suite("lab/echo", words=["x"]))
    (judge,) = of_judge({"tools": []}).cases[0].graders
    with pytest.raises(ParametersUnconfirmed):
        await RunRegrade(desk.tools).run(run.id, [judge])
    assert (await desk.store.suite_runs.get(run.id)).digest == run.digest
    assert server.asked("plain") == []
    await RunRegrade(desk.tools, allow_parameters=True).run(run.id, [judge])
    assert len(server.asked("plain")) == 1


@pytest.mark.parametrize("asked", [of_contender, of_judge])
async def test_a_policy_forbids_them_whatever_was_said(desk: RunDesk, server: FaultServer, asked: Made) -> None:
    desk.use(policy(ProviderParameters=False))
    run = await desk.plan(asked({"tools": []}))
    with pytest.raises(PolicyForbids, match="tools"):
        await SuiteRunner(desk.tools, allow_parameters=True).run(run.id)
    assert server.requests == []


def test_what_was_sent_before_needs_no_second_yes() -> None:
    require_parameters(of_contender({"tools": []}), NO_POLICY, allowed=False, judges_only=True)


def test_a_long_value_hides_no_name_and_no_sign_turns_the_line() -> None:
    asked = of_contender({"metadata": {"x": "y" * 5000}, "tools\u202e": ["\u202e"]})
    said = unlisted_sentences(asked)[1]
    assert "tools" in said
    assert "\u202e" not in said
    assert len(said) < 300


JUDGED = suite(
    "lab/echo", graders=(GraderSpec(type="judge", options={"model": "lab/plain", "rubric": "good"}),), words=["x"]
)


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ({}, []),
        ({"AllowedModels": ["lab/*"], "JudgeModels": ["plain"]}, []),
        ({"AllowedModels": ["none"]}, ["the model lab/echo", "the model lab/plain"]),
        ({"AllowedModels": ["lab/echo"]}, ["the model lab/plain"]),
        ({"JudgeModels": []}, ["the judge model lab/plain"]),
        ({"Runs": False}, ["evaluation runs"]),
        ({"Batches": False}, ["sending prompts in batches"]),
    ],
)
def test_everything_that_policy_forbids_in_a_run_is_known_before_it_starts(
    policies: dict[str, Any], said: list[str]
) -> None:
    found = forbidden_in(JUDGED, Settings(policy=policy(**policies)), is_batch=True)
    assert [str(each.message) for each in found] == [f"Your organization does not allow {each}." for each in said]


@pytest.mark.parametrize("policies", [{"Runs": False}, {"JudgeModels": ["gpt-*"]}])
async def test_a_run_that_policy_forbids_by_now_is_neither_resumed_nor_graded_anew(
    desk: RunDesk, server: FaultServer, policies: dict[str, Any]
) -> None:
    run = await desk.plan(JUDGED)
    desk.use(policy(**policies))
    for worker in (desk.runner(), RunRegrade(desk.tools)):
        with pytest.raises(PolicyForbids):
            await worker.run(run.id)
    assert server.requests == []
