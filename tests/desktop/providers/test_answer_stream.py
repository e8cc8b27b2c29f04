"""What a model does not take is left out; what makes a request what it is never is."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.errors import ParameterRejected
from desktop.providers.answer_stream import ParameterMemory
from desktop.text.phrases import phrase

BODY: dict[str, JsonValue] = {
    "model": "m",
    "input": [],
    "instructions": "Be short.",
    "store": False,
    "stream": True,
    "reasoning": {"summary": "auto", "effort": "low"},
    "top_p": 0.5,
}


def rejected(name: str) -> ParameterRejected:
    return ParameterRejected(phrase("No."), parameter=name)


@pytest.mark.parametrize("name", ["model", "input", "instructions", "store", "stream"])
def test_what_people_said_and_that_it_is_kept_nowhere_is_always_sent(name: str) -> None:
    memory = ParameterMemory()
    assert memory.learn("m", rejected(name), BODY) is None
    assert memory.adapt("m", BODY).body == BODY


def test_of_reasoning_the_summary_that_we_ask_for_goes_first_and_the_users_effort_stays() -> None:
    memory = ParameterMemory()
    notice = memory.learn("m", rejected("reasoning"), BODY)
    assert notice is not None
    assert "reasoning.summary" in notice.message
    body = memory.adapt("m", BODY).body
    assert body == {**BODY, "reasoning": {"effort": "low"}}
    assert memory.learn("m", rejected("reasoning"), body) is not None
    assert "reasoning" not in memory.adapt("m", BODY).body
