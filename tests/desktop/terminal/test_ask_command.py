"""`ask` in one process: what goes to which stream as an answer comes, breaks off, waits or cannot be read any more."""

from __future__ import annotations

import json
from io import StringIO

import pytest

from desktop.domain.conversation_types import Status, Usage
from desktop.domain.events import (
    Finished,
    Notice,
    Progress,
    ReasoningDelta,
    RetryWait,
    StreamEvent,
    TextDelta,
    UsageUpdate,
)
from desktop.errors import ConnectionUnknown, RateLimited, ServerFailed, UsageError
from desktop.terminal.console import Console
from desktop.text.phrases import english
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk, type_in

FAILED = ServerFailed(english("The server failed."), hint=english("Try again later."))
MODEL = ("--model", "lab/scripted")
WAITED = RetryWait(attempt=1, wait_s=2.4, reason="The server is busy.")


def told(desk: Desk) -> list[dict[str, object]]:
    return [json.loads(line) for line in desk.out.splitlines()]


async def test_thoughts_are_no_part_of_what_a_pipe_gets(desk: Desk) -> None:
    desk.provider.scripts = [[ReasoningDelta(text="hm"), *said("so")]]
    assert await desk.run("ask", *MODEL, "why?") == 0
    assert desk.out == "so\n"
    assert "hm" not in desk.err


async def test_on_a_terminal_thoughts_are_dim_and_the_answer_begins_on_its_own_line(desk: Desk) -> None:
    desk.look(fancy=True)
    usage = UsageUpdate(usage=Usage(input_tokens=1, output_tokens=2))
    desk.provider.scripts = [[ReasoningDelta(text="hm"), TextDelta(text="so"), usage, Finished(reason="stop")]]
    assert await desk.run("ask", *MODEL, "why?") == 0
    assert desk.out == "\x1b[2mhm\x1b[0m\nso\n"
    assert "2 tokens" in desk.err


async def test_waits_and_notices_are_told_beside_the_answer(desk: Desk) -> None:
    desk.provider.scripts = [[WAITED, Notice(code="dropped", message="A parameter was dropped."), *said("so")]]
    assert await desk.run("ask", *MODEL, "why?") == 0
    assert desk.out == "so\n"
    assert "The server is busy. Trying again in 2 s (attempt 1)." in desk.err
    assert "A parameter was dropped." in desk.err


async def test_progress_stands_on_a_terminal_alone_and_only_until_there_is_text(desk: Desk) -> None:
    for fancy, shown in ((False, False), (True, True)):
        desk.look(fancy=fancy)
        desk.provider.scripts = [[Progress(fraction=0.5), Progress(fraction=1), *said("so")]]
        assert await desk.run("ask", *MODEL, "why?") == 0
        assert ("reading the prompt, 50%" in desk.err) is shown
        assert "100%" not in desk.err
        assert desk.out == "so\n"


async def test_as_json_each_wait_notice_and_thought_is_a_line_and_unknown_counts_are_left_out(desk: Desk) -> None:
    usage = UsageUpdate(usage=Usage(output_tokens=2))
    events = [WAITED, Notice(code="dropped", message="Gone."), ReasoningDelta(text="hm"), usage, *said("so")]
    desk.provider.scripts = [events]
    assert await desk.run("ask", "--json", *MODEL, "why?") == 0
    lines = told(desk)
    assert [line["event"] for line in lines] == ["start", "retry", "notice", "reasoning", "text", "usage", "finish"]
    assert lines[1] | {"wait_s": 2.4, "attempt": 1} == lines[1]
    assert "input_tokens" not in lines[5]


async def test_as_json_an_error_says_when_to_come_back_and_ends_the_lines(desk: Desk) -> None:
    desk.provider.scripts = [[TextDelta(text="ha"), RateLimited(english("Too many."), retry_after_s=7.0)]]
    assert await desk.run("ask", "--json", *MODEL, "why?") == 1
    last = told(desk)[-1]
    assert (last["event"], last["code"], last["retry_after_s"]) == ("error", RateLimited.code, 7.0)


async def test_several_answers_stand_under_their_models_and_one_without_text_under_none(desk: Desk) -> None:
    desk.provider.scripts = [said("\none\n\n"), [FAILED]]
    assert await desk.run("ask", "--model", "lab/a", "--model", "lab/b", "why?") == 1
    assert "## lab/a\n\none\n" in desk.out
    assert "## lab/b" not in desk.out
    assert "lab/b: The server failed.\n  Try again later." in desk.err


async def test_on_a_terminal_it_is_said_how_many_still_answer(desk: Desk) -> None:
    desk.look(fancy=True)
    desk.provider.scripts = [said("one"), [0.05, *said("two")]]
    assert await desk.run("ask", "--model", "lab/a", "--model", "lab/b", "why?") == 0
    assert desk.err.count("1 of 2 still responding") == 1
    assert "0 of 2" not in desk.err


async def test_a_model_that_is_not_there_fails_alone(desk: Desk) -> None:
    desk.provider.scripts = [said("one")]
    assert await desk.run("ask", "--json", *MODEL, "--model", "nowhere/x", "why?") == 1
    ends = {line["model"]: line for line in told(desk) if line["event"] in ("finish", "error")}
    assert ends["lab/scripted"]["event"] == "finish"
    assert ends["nowhere/x"]["code"] == ConnectionUnknown.code


async def test_a_reader_that_has_gone_ends_all_answers_and_is_raised_after_they_are_kept(desk: Desk) -> None:
    class Gone(StringIO):
        def write(self, s: str) -> int:
            raise BrokenPipeError

    desk.services.console = Console(Gone(), StringIO(), environ={})
    desk.provider.scripts = [[TextDelta(text="begun"), None]]
    with pytest.raises(BrokenPipeError):
        await desk.run("ask", "--save", *MODEL, "why?")
    (kept,) = await (await desk.services.store()).conversations.list()
    conversation = await (await desk.services.store()).conversations.get(kept.id)
    assert [message.text for message in conversation.messages] == ["why?", "begun"]
    assert conversation.messages[1].status is Status.STOPPED


async def test_a_prompt_of_several_lines_comes_whole_from_standard_input(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "one", "", "  two")
    desk.provider.scripts = [said("so")]
    assert await desk.run("ask", *MODEL, "-") == 0
    assert desk.provider.requests[0].messages[-1].text == "one\n\n  two"


@pytest.mark.parametrize("words", [("ask", *MODEL, "  \n"), ("ask", *MODEL, "--param", "temperature", "why?")])
async def test_what_cannot_be_asked_is_refused_before_anything_is_sent(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run(*words)
    assert desk.provider.requests == []


async def test_parameters_and_an_empty_system_prompt_are_taken_as_they_are_given(desk: Desk) -> None:
    desk.provider.scripts = [said("so")]
    words = ("--system", "", "--param", "temperature=0.5", "--param", 'stop=["a"]', "--param", "user=me")
    assert await desk.run("ask", *MODEL, *words, "why?") == 0
    request = desk.provider.requests[0]
    assert request.parameters.values == {"temperature": 0.5, "stop": ["a"], "user": "me"}
    assert [message.text for message in request.messages] == ["why?"]


async def test_one_model_asked_twice_is_told_apart_by_its_place(desk: Desk) -> None:
    desk.provider.scripts = [said("a"), said("b")]
    assert await desk.run("ask", "--json", *MODEL, *MODEL, "why?") == 0
    lines = told(desk)
    assert {line["model"] for line in lines} == {"lab/scripted"}
    texts = {line["index"]: line["delta"] for line in lines if line["event"] == "text"}
    assert set(texts) == {0, 1}
    assert {line["index"] for line in lines if line["event"] == "finish"} == {0, 1}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([TextDelta(text="so"), Finished(reason="length")], "The response reached its maximum length"),
        ([ReasoningDelta(text="hm"), Finished(reason="stop")], "The response contains only reasoning, no text."),
    ],
)
async def test_an_answer_that_is_none_or_not_whole_says_so_in_a_pipe_too(
    desk: Desk, script: list[StreamEvent], words: str
) -> None:
    desk.provider.scripts = [script]
    assert await desk.run("ask", *MODEL, "why?") == 0
    assert words in desk.err


async def test_one_model_is_asked_several_times_and_its_noise_is_told(desk: Desk) -> None:
    desk.provider.scripts = [said("one two"), said("one two"), said("one three")]
    assert await desk.run("ask", *MODEL, "--times", "3", "--json", "why?") == 0
    lines = told(desk)
    finished = [(line["index"], line["time"]) for line in lines if line["event"] == "finish"]
    assert sorted(finished) == [(0, 1), (1, 2), (2, 3)]
    assert lines[-1] == {
        "model": "lab/scripted",
        "index": 0,
        "event": "distance",
        "answers": 3,
        "from_itself": 0.3333,
        "from_others": None,
        "short": True,
    }


async def test_answers_of_one_model_are_numbered_and_kept_as_a_comparison(desk: Desk) -> None:
    desk.provider.scripts = [said("one two"), [FAILED]]
    assert await desk.run("ask", *MODEL, "--times", "2", "--save", "why?") == 1
    assert "## lab/scripted (1 of 2)\n\none two\n" in desk.out
    assert "lab/scripted: 1 response · not enough responses to compare" in desk.err
    comparisons = (await desk.services.store()).comparisons
    (kept,) = await comparisons.list()
    assert await comparisons.begun_before(kept.id) == ()
    assert [str(model) for model in kept.models] == ["lab/scripted"] * 2


async def test_more_answers_than_a_comparison_has_panes_are_not_asked_for(desk: Desk) -> None:
    with pytest.raises(UsageError):
        await desk.run("ask", *MODEL, *MODEL, "--times", "9", "why?")
    assert desk.provider.requests == []
