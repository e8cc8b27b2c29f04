"""`conversations show --receipts`: what was sent for each answer."""

from __future__ import annotations

import json

import pytest

from desktop.domain.conversation_types import Wire
from desktop.domain.events import Fingerprinted, Finished, RequestSent, TextDelta
from desktop.errors import PolicyForbids
from desktop.settings.policy import REQUESTS, Fixed, Policy
from desktop.settings.values import Settings
from tests.desktop.terminal.conftest import Desk

PROMPT = "Which is up? The sky is blue because short waves are scattered more."
BODY = json.dumps({"model": "scripted", "messages": [{"role": "user", "content": PROMPT}]}).encode()


async def asked(desk: Desk) -> str:
    """The id of a conversation of one answer."""
    sent = RequestSent(wire=Wire.CHAT, url="http://127.0.0.1:1/v1/chat/completions", headers={"x": "y"}, body=BODY)
    desk.provider.scripts = [[sent, Fingerprinted(fingerprint="fp_1"), TextDelta(text="Up."), Finished(reason="stop")]]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", PROMPT) == 0
    (talk,) = await (await desk.services.store()).conversations.list()
    desk.look()
    return talk.id


async def test_it_is_shown_as_it_was_sent(desk: Desk) -> None:
    id_ = await asked(desk)
    assert await desk.run("conversations", "show", id_, "--receipts") == 0
    assert BODY.decode() in desk.out
    assert "chat · http://127.0.0.1:1/v1/chat/completions" in desk.out
    assert "fp_1" in desk.out


async def test_it_is_shown_as_a_command_that_runs(desk: Desk) -> None:
    id_ = await asked(desk)
    assert await desk.run("conversations", "show", id_, "--receipts", "curl") == 0
    assert f"--data-raw '{BODY.decode()}'" in desk.out


async def test_programs_get_all_of_it(desk: Desk) -> None:
    id_ = await asked(desk)
    assert await desk.run("conversations", "show", id_, "--receipts", "--json") == 0
    (told,) = json.loads(desk.out)
    assert (told["request"]["body"], told["request"]["fingerprint"]) == (BODY.decode(), "fp_1")


async def test_an_answer_without_one_says_so(desk: Desk) -> None:
    desk.provider.scripts = [[TextDelta(text="Up."), Finished(reason="stop")]]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", "Which?") == 0
    (talk,) = await (await desk.services.store()).conversations.list()
    desk.look()
    assert await desk.run("conversations", "show", talk.id, "--receipts") == 0
    assert "No receipt" in desk.out


async def test_where_policy_forbids_it_nothing_is_shown(desk: Desk) -> None:
    id_ = await asked(desk)
    entries = {REQUESTS.name: Fixed(REQUESTS.name, False, locked=True, source="test")}
    desk.services.use(Settings(connections=desk.services.settings.connections, policy=Policy(entries=entries)))
    with pytest.raises(PolicyForbids):
        await desk.run("conversations", "show", id_, "--receipts")
    assert BODY.decode() not in desk.out
