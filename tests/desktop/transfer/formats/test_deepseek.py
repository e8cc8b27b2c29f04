"""DeepSeek's export, as far as it differs from ChatGPT's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.deepseek import drafts
from tests.desktop.transfer.made import AT, chatgpt_chat, only, said


def node(id_: str, parent: str | None, *fragments: dict[str, Any], **message: Any) -> dict[str, Any]:  # noqa: ANN401
    held: dict[str, Any] = {
        "files": [],
        "model": "deepseek-reasoner",
        "inserted_at": "2025-02-01T10:00:00.5+08:00",
        **message,
    }
    if fragments:
        held["fragments"] = list(fragments)
    return {"id": id_, "parent": parent, "children": [], "message": held}


def export(*nodes: dict[str, Any]) -> dict[str, Any]:
    root: dict[str, Any] = {"id": "root", "parent": None, "children": [], "message": None}
    mapping = {each["id"]: each for each in (root, *nodes)}
    at = "2025-02-01T10:00:00.000000+08:00"
    return {"id": "c", "title": "Sky", "inserted_at": at, "updated_at": at, "mapping": mapping}


ASK = {"type": "REQUEST", "content": "why?"}
THINK = {"type": "THINK", "content": "hm"}
ANSWER = {"type": "RESPONSE", "content": "so"}


def test_it_is_not_taken_for_chatgpts() -> None:
    held = [export(node("1", "root", ASK), node("2", "1", THINK, ANSWER))]
    source = detect("conversations.json", json.dumps(held).encode())
    assert source.format.name == "DeepSeek"
    found = only(source.format.drafts(source.read(0), AT))
    assert said(found) == [("user", "why?"), ("assistant", "so")]
    assert found.messages[1].parts == (ReasoningPart(text="hm"), TextPart(text="so"))
    assert str(found.model) == "imported-deepseek/deepseek-reasoner"
    assert found.messages[0].created_at.isoformat() == "2025-02-01T02:00:00.500000+00:00"
    assert detect("conversations.json", json.dumps([chatgpt_chat()]).encode()).format.name == "ChatGPT"


def test_branches_stay_branches() -> None:
    found = only(drafts(export(node("1", "root", ASK), node("2", "1", ANSWER), node("3", "1", ANSWER)), AT))
    assert [message.role for message in found.messages] == [Role.USER, Role.ASSISTANT, Role.ASSISTANT]
    assert {message.parent for message in found.messages[1:]} == {found.messages[0].id}


def test_what_it_searched_for_is_told_and_what_it_cites_is_linked() -> None:
    results = [
        {"url": "https://a.example/x_(y)", "title": "A", "cite_index": 3},
        {"url": "file:///etc", "cite_index": 4},
    ]
    answer = {"type": "RESPONSE", "content": "So[citation:3], it is said[citation:4][citation:9]."}
    kinds = [{"type": "SEARCH", "results": results}, {"type": "TOOL_OPEN"}, {"type": "HOLOGRAM"}]
    (draft,) = drafts(export(node("1", "root", ASK), node("2", "1", *kinds, answer)), AT)
    text = draft.conversation.messages[1].text
    assert text == "So [[3]](https://a.example/x_%28y%29), it is said[citation:4][citation:9]."
    assert sorted(draft.losses) == [
        "Content of an unknown type is left out (1)",
        "Tool calls and their results are left out (2)",
    ]


def test_a_file_is_named_once_wherever_it_stands() -> None:
    held = {"type": "FILE", "files": [{"file_id": "f", "file_name": "a.pdf", "file_size": 3}]}
    (draft,) = drafts(export(node("1", "root", held, ASK, files=[{"id": "f", "file_name": "a.pdf"}])), AT)
    assert draft.conversation.messages[0].role is Role.USER
    assert draft.conversation.messages[0].text == "why?\n\n[Attachment: a.pdf]"
    assert draft.losses == ("Attachments: only their names are imported (1)",)


@pytest.mark.parametrize("thought", ["hm", None])
def test_older_exports_without_fragments_are_read_by_who_spoke_before(thought: str | None) -> None:
    nodes = [
        node("1", "root", content="why?"),
        node("2", "1", content="so", reasoning_content=thought),
        node("3", "2", content="and?"),
        node("4", "3", content="thus"),
    ]
    found = only(drafts(export(*nodes[:2]), AT))
    assert said(found) == [("user", "why?"), ("assistant", "so")]
    assert said(only(drafts(export(*nodes), AT))) == [
        ("user", "why?"),
        ("assistant", "so"),
        ("user", "and?"),
        ("assistant", "thus"),
    ]


def of_site(*messages: dict[str, Any], current: int) -> dict[str, Any]:
    session = {"id": "s", "title": "Sky", "current_message_id": current, "pinned": True, "inserted_at": 1763826110.639}
    data = {"biz_code": 0, "biz_data": {"chat_session": session, "chat_messages": list(messages)}}
    return {"code": 0, "msg": "", "data": data}


def message(id_: int, parent: int | None, role: str, **fragment: Any) -> dict[str, Any]:  # noqa: ANN401
    fragments: Any = [{"id": 1, "references": [], **fragment}]
    held = {"message_id": id_, "parent_id": parent, "role": role, "model": "", "status": "FINISHED"}
    return {**held, "files": [], "inserted_at": 1763826110.5 + id_, "fragments": fragments}


@pytest.mark.parametrize("current", [2, 3])
def test_a_chat_as_the_site_gets_it_has_the_branch_that_is_shown(current: int) -> None:
    answers = [message(number, 1, "ASSISTANT", type="RESPONSE", content=f"so {number}") for number in (2, 3)]
    held = of_site(message(1, None, "USER", type="REQUEST", content="why?"), *answers, current=current)
    for each in (held, held["data"]["biz_data"]):
        source = detect("x.json", json.dumps(each).encode())
        assert source.format.name == "DeepSeek"
        (draft,) = source.format.drafts(source.read(0), AT)
        found = draft.conversation
        assert (found.title, draft.pinned, len(found.messages)) == ("Sky", True, 3)
        assert said(found) == [("user", "why?"), ("assistant", f"so {current}")]
        assert found.messages[0].created_at.isoformat() == "2025-11-22T15:41:51.500000+00:00"


def test_a_refusal_is_an_answer_that_was_filtered() -> None:
    refusal = {"type": "TEMPLATE_RESPONSE", "content": "Let's talk about something else."}
    held = export(node("1", "root", ASK), node("2", "1", {"type": "TOOL_FIND"}, refusal, status="CONTENT_FILTER"))
    (draft,) = drafts(held, AT)
    assert said(draft.conversation) == [("user", "why?"), ("assistant", "Let's talk about something else.")]
    assert draft.losses == ("Tool calls and their results are left out (1)",)
    figures = draft.conversation.messages[1].figures
    assert figures is not None
    assert figures.finish_reason == "content_filter"
