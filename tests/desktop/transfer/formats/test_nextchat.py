"""NextChat's backup and exported chats, and the dates that it stores in the browser's format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import ImagePart
from desktop.errors import TransferError
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.nextchat import LocalDates, drafts
from desktop.transfer.import_drafts import Draft
from desktop.transfer.import_shelf import Shelf
from tests.desktop.transfer.made import AT, only, said

LAST = datetime(2025, 11, 28, 18, 38, 5, tzinfo=UTC)
PICTURE = "data:image/png;base64,iVBORw0KGgo="


def message(id_: str, role: str, content: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    held = {"id": id_, "role": role, "content": id_ if content is None else content}
    return {**held, "date": "28.11.2025, 19:38:05", "streaming": False, **more}


def session(*messages: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    mask: dict[str, Any] = {"context": [], "modelConfig": {"model": "gpt-4o", "apiKey": "sk-secret"}}
    held = {"id": "s1", "topic": "Sky", "memoryPrompt": "", "lastUpdate": int(LAST.timestamp() * 1000), "mask": mask}
    return {**held, "messages": list(messages), **more}


def backup(*sessions: object) -> dict[str, Any]:
    store = {"sessions": list(sessions), "currentSessionIndex": 0, "lastInput": ""}
    return {"chat-next-web-store": store, "access-control": {"openaiApiKey": "sk-secret", "openaiUrl": "https://x"}}


def loaded(held: object) -> list[Draft]:
    source = detect("Backup.json", json.dumps(held).encode())
    assert source.format.name == "NextChat"
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def test_a_backup_comes_with_topics_models_and_times_and_without_keys() -> None:
    chat = session(message("u", "user"), message("a", "assistant", model="gpt-4o-mini"))
    first, second = loaded(backup(chat, session(message("v", "user"), id="s2", topic="Two")))
    found = only([first])
    assert said(found) == [("user", "u"), ("assistant", "a")]
    assert (found.title, str(found.model)) == ("Sky", "imported-nextchat/gpt-4o-mini")
    assert {each.created_at for each in found.messages} == {LAST}
    assert found.updated_at == LAST
    assert only([second]).title == "Two"
    assert "secret" not in repr((first, second))
    assert first.losses == ()


def test_a_store_as_the_browser_keeps_it_is_read_as_well() -> None:
    held = backup(session(message("u", "user")))
    store = held["chat-next-web-store"]
    wrapped = {"state": store, "version": 3.3}
    for kept in (wrapped, json.dumps(wrapped), json.dumps(store)):
        (draft,) = loaded({**held, "chat-next-web-store": kept})
        assert draft.conversation.title == "Sky"


def test_what_a_mask_begins_with_stands_first_and_its_system_prompt_is_the_chats() -> None:
    given = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "example", "date": "x"}]
    mask = {"context": given, "modelConfig": {"model": "gpt-4o"}}
    found = only(drafts(session(message("u", "user"), message("a", "assistant"), mask=mask), AT))
    assert found.system == "Be short."
    assert said(found) == [("user", "example"), ("user", "u"), ("assistant", "a")]


def test_pictures_come_along_and_tools_sounds_and_summaries_are_told() -> None:
    pieces = [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": PICTURE}},
        {"type": "image_url", "image_url": {"url": "/api/cache/1"}},
        {"type": "hologram"},
    ]
    answer = message("a", "assistant", tools=[{"id": "1"}], audio_url="blob:x")
    (draft,) = drafts(session(message("u", "user", pieces), answer, memoryPrompt="They met."), AT, Shelf())
    prompt, reply = draft.conversation.messages
    assert [type(part) for part in prompt.parts if isinstance(part, ImagePart)] == [ImagePart]
    assert (prompt.text[:3], prompt.text[-19:]) == ("see", "[Attachment: image]")
    assert reply.text == "a\n\n[Attachment: audio]"
    assert draft.losses == (
        "Attachments: only their names are imported (2)",
        "Content of an unknown type is left out (1)",
        "Summaries created only for the model are left out (1)",
        "Tool calls and their results are left out (1)",
    )


def test_answers_that_failed_or_were_not_at_their_end_say_so() -> None:
    rows = [message("u", "user", isError=True), message("a", "assistant", isError=True)]
    rows += [message("v", "user"), message("b", "assistant", streaming=True)]
    found = only(drafts(session(*rows), AT))
    assert [each.status for each in found.messages] == [
        Status.COMPLETE,
        Status.FAILED,
        Status.COMPLETE,
        Status.INTERRUPTED,
    ]


@pytest.mark.parametrize("start", ["You are an assistant that", "你是一个助手"])
def test_an_exported_chat_has_its_topic_in_what_it_begins_with(start: str) -> None:
    rows = [{"role": "system", "content": f"{start} Sky"}, {"role": "system", "content": "Be short."}]
    rows += [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]
    (draft,) = loaded({"messages": rows})
    found = only([draft])
    assert (found.title, found.system) == ("Sky", "Be short.")
    assert said(found) == [("user", "why?"), ("assistant", "so")]
    assert found.id == only(loaded({"messages": rows})).id


@pytest.mark.parametrize(
    "held",
    [
        {"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "x"}]},
        {"messages": [{"role": "user", "content": "You are an assistant that x"}]},
        {"messages": [{"role": "system", "content": "You are an assistant that x"}], "model": "m"},
    ],
)
def test_other_lists_of_messages_are_not_taken_for_it(held: object) -> None:
    with pytest.raises(TransferError):
        detect("x.json", json.dumps(held).encode())


@pytest.mark.parametrize(
    "written",
    [
        "28.11.2025, 19:38:05",  # German, one hour ahead
        "11/28/2025, 1:38:05 PM",  # American, five hours behind
        "28/11/2025, 18:38:05",  # British
        "28/11/2025, 6:38:05 pm",  # Australian, in Iceland
        "2025/11/29 02:38:05",  # Chinese
        "2025/11/29 上午2:38:05",
        "2025. 11. 29. 오전 3:38:05",  # Korean
        "2025-11-28 13:08:05",  # Swedish, in Newfoundland, with a half-hour offset
    ],
)
def test_a_date_of_any_language_is_told_by_when_the_chat_was_last_spoken_to(written: str) -> None:
    assert LocalDates([written], LAST).time(0) == LAST


def test_which_number_is_the_day_is_the_same_in_a_whole_chat() -> None:
    last = datetime(2025, 6, 5, 18, 0, tzinfo=UTC)
    british = LocalDates(["04/06/2025, 12:00:00", "05/06/2025, 19:00:00"], last)
    american = LocalDates(["6/4/2025, 12:00:00 AM", "6/5/2025, 2:00:00 PM"], last)
    assert british.time(0) == datetime(2025, 6, 4, 11, tzinfo=UTC)
    assert american.time(0) == datetime(2025, 6, 4, 4, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "x", "99/99/9999, 99:99:99", "1/2", "1" * 4_000, "2025-11-28"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert LocalDates([written], LAST).time(0) is None


def test_dates_that_fit_no_zone_are_taken_as_they_stand() -> None:
    dates = LocalDates(["3/4/2024, 5:06:07 PM"], LAST)
    assert dates.time(0) == datetime(2024, 3, 4, 17, 6, 7, tzinfo=UTC)
    assert LocalDates(["13/4/2024, 17:06:07"], None).time(0) == datetime(2024, 4, 13, 17, 6, 7, tzinfo=UTC)
