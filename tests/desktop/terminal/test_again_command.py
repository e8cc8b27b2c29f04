"""`conversations again`: an answer asked for again, and what differs, for people and for programs."""

from __future__ import annotations

import json

import msgspec
import pytest

from desktop.domain.conversation_types import Usage, Wire
from desktop.domain.events import Fingerprinted, Finished, RequestSent, Started, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import DeploymentNotFound, MessageUnknown
from desktop.text.phrases import english
from tests.desktop.terminal.conftest import Desk

PROMPT = "Which is up? The sky is blue because short waves are scattered more."
BODY = msgspec.json.encode({"model": "scripted", "messages": [{"role": "user", "content": PROMPT}], "stream": True})
SENT = RequestSent(wire=Wire.CHAT, url="http://127.0.0.1:1/v1/chat/completions", headers={"x": "y"}, body=BODY)


def script(text: str, state: str) -> list[StreamEvent]:
    return [
        SENT,
        Started(model="kept-1"),
        Fingerprinted(fingerprint=state),
        TextDelta(text=text),
        UsageUpdate(usage=Usage(input_tokens=9, output_tokens=7)),
        Finished(reason="stop"),
    ]


async def asked(desk: Desk, *texts: str) -> str:
    """The id of an answer, whose request then gets the other texts."""
    desk.provider.scripts = [script(text, f"fp_{number}") for number, text in enumerate(texts)]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", PROMPT) == 0
    (talk,) = await (await desk.services.store()).conversations.list()
    desk.look()
    assert await desk.run("conversations", "show", talk.id, "--receipts", "--json") == 0
    (told,) = json.loads(desk.out)  # where its id is learnt
    desk.look()
    return str(told["message"])


async def test_what_differs_is_said_in_sentences_and_figures(desk: Desk) -> None:
    answer = await asked(desk, "The capital of France is Paris, a city.", "The capital of France is Lyon, a city.")
    assert await desk.run("conversations", "again", answer[:-4]) == 0
    assert "The responses differ in" in desk.out
    assert "fp_0 before, fp_1 now" in desk.out
    assert "- Paris" in desk.out
    assert "+ Lyon" in desk.out
    assert "Output tokens\t7\t7" in desk.out
    assert desk.provider.requests[-1].exact is not None
    assert desk.provider.requests[-1].exact.json == BODY


async def test_the_same_answer_is_said_to_be_the_same(desk: Desk) -> None:
    answer = await asked(desk, "Paris.", "Paris.")
    assert await desk.run("conversations", "again", answer) == 0
    assert desk.out.startswith("Identical, word for word.")


async def test_programs_get_all_of_it(desk: Desk) -> None:
    answer = await asked(desk, "It is Paris now.", "It is Lyon now.")
    assert await desk.run("conversations", "again", answer, "--json") == 0
    told = json.loads(desk.out)
    assert {*told} == {
        "message", "model", "same", "share", "differences", "ended", "figures", "estimated", "changed", "then", "now"
    }  # fmt: skip
    assert (told["message"], told["model"], told["same"]) == (answer, "lab/scripted", False)
    assert told["figures"]["output_tokens"] == {"then": 7, "now": 7}
    assert told["changed"] == {"fingerprint": {"then": "fp_0", "now": "fp_1"}}


async def test_what_a_server_refuses_is_an_error(desk: Desk) -> None:
    answer = await asked(desk, "Paris.")
    desk.provider.scripts = [[SENT, DeploymentNotFound(english("It is gone."))]]
    assert await desk.run("conversations", "again", answer) == 1
    assert "It is gone." in desk.err
    assert await desk.run("conversations", "again", answer, "--json") == 1
    assert json.loads(desk.out)["error"]["code"] == "deployment_not_found"


async def test_without_such_an_answer_nothing_is_asked(desk: Desk) -> None:
    await asked(desk, "Paris.")
    with pytest.raises(MessageUnknown):
        await desk.run("conversations", "again", "nobody")
    assert await desk.run("conversations", "again", "nobody", "--json") == 1
    assert json.loads(desk.out)["error"]["code"] == "message_unknown"
    assert len(desk.provider.requests) == 1
