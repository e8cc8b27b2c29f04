"""A successor is sent what the incumbent was sent, from its receipt or rebuilt from the conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Conversation, JsonValue, Parameters, Role, Wire
from desktop.domain.suite_cells import RunState
from desktop.replay.requests import accepted
from desktop.transfer.importer import Importer
from tests.desktop.replay.replay_desk import ReplayUser, model
from tests.desktop.session.test_rerun import FILES
from tests.desktop.transfer.app_exports import cherry_studio_export, lm_studio_export
from tests.desktop.transfer.made import chatgpt_chat


def without_limit(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "max_tokens"}


@pytest.mark.parametrize("wire", [Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES])
async def test_the_body_is_the_one_in_the_receipt_whatever_the_conversation_became(
    user: ReplayUser, wire: Wire
) -> None:
    user.speak(wire)
    parameters: dict[str, JsonValue] = {"temperature": 0.25, "max_tokens": 300}
    session = await user.chat("lab/plain", "Say one", "And two", system="Be short.", parameters=parameters)
    await user.store.conversations.set_prompting(session.conversation.id, "Be long.", Parameters())
    run_id, end = await user.replay("other/gpt-4o", of=model("lab/plain"))
    assert end.state is RunState.COMPLETE
    before, after = user.bodies("plain"), user.bodies("gpt-4o")
    if wire is Wire.MESSAGES:  # which needs a limit in every request, so that it tells nothing
        before, after = [*map(without_limit, before)], [*map(without_limit, after)]
    assert sorted(after, key=str) == sorted(before, key=str)
    assert (await user.results(run_id)).plan.rebuilt == 0


async def test_attachments_are_sent_in_the_same_form(user: ReplayUser) -> None:
    for file in FILES:
        await user.store.files.keep(file, file.name.encode() * 40)
    await user.chat("lab/plain", "What is this?", "Are you sure?", files=FILES)
    await user.replay("other/gpt-4o", of=model("lab/plain"))
    before, after = user.bodies("plain"), user.bodies("gpt-4o")
    assert sorted(map(str, after)) == sorted(map(str, before))
    assert "cGl4ZWxz" in str(after)


async def test_each_branch_is_sent_with_its_own_history(user: ReplayUser) -> None:
    session = await user.chat("lab/echo", "First", "Second")
    prompts = [each for each in session.conversation.messages if each.role is Role.USER]
    await session.edit(prompts[0].id, "First, edited")
    await session.regenerate()
    await user.replay("other/plain", of=model("lab/echo"))
    before, after = user.bodies("echo"), user.bodies("plain")
    assert len(after) == 4
    assert sorted(map(str, after)) == sorted(map(str, before))


async def test_without_a_receipt_the_request_is_rebuilt_from_the_conversation_and_counted(user: ReplayUser) -> None:
    session = await user.chat("lab/echo", "First", "Second", system="Be short.")
    await user.store._database.write(lambda sql: sql.run("DELETE FROM receipts"))
    run_id, _ = await user.replay("other/plain", of=model("lab/echo"))
    assert sorted(map(str, user.bodies("plain"))) == sorted(map(str, user.bodies("echo")))
    assert (await user.results(run_id)).plan.rebuilt == 2
    assert session.conversation.system == "Be short."


@pytest.mark.parametrize(
    ("name", "export", "program"),
    [
        ("conversations.json", [chatgpt_chat("c1", turns=2)], "chatgpt"),
        ("chat.conversation.json", lm_studio_export(), "lm-studio"),
        ("cherry.json", cherry_studio_export(), "cherry-studio"),
    ],
)
async def test_imported_chats_are_replayed_with_all_their_earlier_turns(
    user: ReplayUser, tmp_path: Path, name: str, export: object, program: str
) -> None:
    (tmp_path / name).write_text(json.dumps(export))
    await Importer(user.store, [tmp_path / name]).run()
    (summary, *_) = await user.store.conversations.list()
    conversation = await user.store.conversations.get(summary.id)
    assert conversation.model.connection == f"imported-{program}"
    answer = next(each for each in reversed(conversation.path()) if each.role is Role.ASSISTANT)
    assert answer.model is not None
    await user.replay("lab/plain", of=answer.model)
    told = [_told(body) for body in user.bodies("plain")]
    assert _expected(conversation) in told


def _told(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["role"], str(each["content"])) for each in body["messages"]]


def _expected(conversation: Conversation) -> list[tuple[str, str]]:
    system = [("system", conversation.system)] if conversation.system else []
    path = [(each.role.value, each.text) for each in conversation.path()]
    while path[-1][0] != "assistant":
        path.pop()
    return [*system, *path[:-1]]


@pytest.mark.parametrize(
    ("given", "taken", "kept", "dropped"),
    [
        ({"temperature": 1.0, "seed": 3}, (), {"temperature": 1.0, "seed": 3}, ()),
        (
            {"temperature": 1.0, "max_tokens": 9},
            ("max_completion_tokens",),
            {"max_completion_tokens": 9},
            ("temperature",),
        ),
        ({"tools": [1], "top_p": 0.5}, (), {"top_p": 0.5}, ("tools",)),
    ],
)
def test_only_parameters_that_the_successor_accepts_are_sent(
    given: dict[str, JsonValue], taken: tuple[str, ...], kept: dict[str, JsonValue], dropped: tuple[str, ...]
) -> None:
    assert accepted(given, msgspec.structs.replace(Entry(id="new"), parameters=taken)) == (kept, dropped)
