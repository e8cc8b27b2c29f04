"""One resource that serves models over three wires, tried and asked in the terminal as one connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.program import Program
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES
from tests.servers.threaded import fault_server

KEY = "sk-one-key-of-the-resource-0123"
DEPLOYED = ("gpt-4o", ONLY_RESPONSES, CLAUDE)
WIRES = {"gpt-4o": "chat", ONLY_RESPONSES: "responses", CLAUDE: "messages"}


@pytest.fixture
def program(paragone: Program) -> Program:
    return replace(paragone, environ={"FOUNDRY_KEY": KEY})


def added(program: Program, origin: str) -> None:
    """The resource as a connection, its key in a variable."""
    words = ("connections", "add", "foundry", "--kind", "azure-inference", "--key-env", "FOUNDRY_KEY")
    assert program(*words, "--url", f"{origin}/openai/v1").status == 0


def test_a_test_tries_each_wire_that_the_deployments_need_and_says_which(program: Program) -> None:
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        ended = program("connections", "test", "foundry")
    assert ended.status == 0, ended.err
    for model, wire in WIRES.items():
        over = {"chat": "", "responses": " using the Responses API", "messages": " using the Messages API"}[wire]
        assert f"TTFT for {model}{over} (" in ended.out


def test_a_key_that_one_wire_does_not_take_is_named_and_the_others_are_tried(program: Program) -> None:
    with fault_server(KEY, deployments=DEPLOYED, keys={"/v1/messages": "another"}) as server:
        added(program, server.origin)
        ended = program("connections", "test", "foundry", "--json")
        diagnosed = program("doctor", "--json")
    assert ended.status == 1
    tried = {each["model"]: (each["wire"], each["state"]) for each in ended.json["wires"]}
    assert tried == {
        "gpt-4o": ("chat", "ok"),
        ONLY_RESPONSES: ("responses", "ok"),
        CLAUDE: ("messages", "failed"),
    }
    assert "TTFT over the Messages API" in diagnosed.out


def test_one_prompt_goes_to_three_models_over_three_wires(program: Program) -> None:
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        models = [word for model in DEPLOYED for word in ("--model", f"foundry/{model}")]
        ended = program("ask", *models, "--json", "hi")
        asked = {request.model: request.path for request in server.requests if request.method == "POST"}
    assert ended.status == 0, ended.err
    ends = {line["model"]: line for line in ended.lines if line["event"] == "finish"}
    assert {name.partition("/")[2]: end["wire"] for name, end in ends.items()} == WIRES
    assert {end["reason"] for end in ends.values()} == {"stop"}
    assert asked == {
        "gpt-4o": "/openai/v1/chat/completions",
        ONLY_RESPONSES: "/openai/v1/responses",
        CLAUDE: "/anthropic/v1/messages",
    }
    assert all(end["cost"] for end in ends.values())
