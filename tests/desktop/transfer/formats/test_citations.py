"""Citations in answers of Claude, big-AGI and DeepSeek: links follow the cited words, and no text is split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import FilePart
from desktop.transfer.formats import big_agi, claude, deepseek
from desktop.transfer.import_drafts import Draft
from desktop.transfer.import_shelf import Shelf
from tests.desktop.transfer.made import AT, only, said


def drafts_of(*messages: Mapping[str, Any]) -> Sequence[Draft]:
    rows = [{"uuid": str(number), **each} for number, each in enumerate(messages)]
    return claude.drafts({"uuid": "u", "name": "Sky", "chat_messages": rows}, AT, Shelf())


def claudes(*messages: Mapping[str, Any]) -> Conversation:
    return only(drafts_of(*messages))


def test_texts_that_citations_part_are_one() -> None:
    cited = [{"url": "https://a.example/", "start_index": 0, "end_index": 23}]
    content = [
        {"type": "text", "text": "According to "},
        {"type": "text", "text": "the docs, it is opt-in.", "citations": cited},
        {"type": "text", "text": " Done."},
    ]
    found = claudes({"sender": "assistant", "content": content})
    assert said(found)[0][1] == "According to the docs, it is opt-in. [[1]](https://a.example/) Done."


def test_texts_that_the_message_parts_stay_apart() -> None:
    content = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]
    assert said(claudes({"sender": "assistant", "text": "One.\n\nTwo.", "content": content}))[0][1] == "One.\n\nTwo."
    assert said(claudes({"sender": "assistant", "text": "One.Two.", "content": content}))[0][1] == "One.Two."


@pytest.mark.parametrize(
    ("text", "until", "shown"),
    [
        ("- One\n- Two", "- One\n", "- One [[1]](https://a.example/)\n- Two"),
        ("- One\n- Two", "- One\n- ", "- One [[1]](https://a.example/)\n- Two"),
        ("1. One\n2. Two", "1. One\n2.", "1. One [[1]](https://a.example/)\n2. Two"),
        ("| A |\n|---|\n| b |\n| c |", "| A |\n|---|", "| A [[1]](https://a.example/) |\n|---|\n| b |\n| c |"),
        ("| A |\n|---|\n| b |\n| c |", "| A |\n|---|\n| b |\n", "| A |\n|---|\n| b [[1]](https://a.example/) |\n| c |"),
        ("```py\nx = 1\n```\nTail", "```py\nx = 1", "```py\nx = 1\n```\n[[1]](https://a.example/)\n\nTail"),
        ("```py\nx = 1\n```", "```py\nx = 1\n```", "```py\nx = 1\n```\n[[1]](https://a.example/)"),
        ("Call `f()` now", "Call `f", "Call `f()` [[1]](https://a.example/) now"),
        ("Up 5 %.", "Up 5 %", "Up 5 % [[1]](https://a.example/)."),
    ],
)
def test_a_link_stands_behind_words_and_changes_no_block(text: str, until: str, shown: str) -> None:
    cited = [{"url": "https://a.example/", "start_index": 0, "end_index": len(until)}]
    found = claudes({"sender": "assistant", "content": [{"type": "text", "text": text, "citations": cited}]})
    assert said(found)[0][1] == shown


def test_what_claudes_site_writes_for_what_it_cannot_show_is_not_said() -> None:
    blocks = "```\nThis block is not supported on your current device yet.\n```"
    call = {"type": "tool_use", "id": "1", "name": "web_search", "input": {"query": "x"}}
    asked = {"sender": "human", "text": "Search"}
    found = claudes(asked, {"sender": "assistant", "text": blocks, "content": [call]})
    assert said(found) == [("user", "Search"), ("assistant", "")]
    assert said(claudes(asked, {"sender": "assistant", "text": f"Yes.\n{blocks}"}))[1][1].strip() == "Yes."


def test_a_reports_citations_are_links_in_it() -> None:
    cited = [{"url": "https://a.example/", "end_index": 9}, {"url": "", "end_index": 18}]
    report = "Sales up. Prices down."
    given = {"command": "create", "type": "text/markdown", "title": "R", "content": report, "md_citations": cited}
    called = {"type": "tool_use", "name": "artifacts", "input": given}
    (draft,) = drafts_of({"sender": "assistant", "content": [called]})
    assert "Sales up. [[1]](https://a.example/) Prices down." in said(only([draft]))[0][1]
    assert any("itation" in each for each in draft.losses)


def test_a_long_text_that_was_pasted_is_the_prompt() -> None:
    pasted = {"file_name": "", "extracted_content": "A long story."}
    found = claudes({"sender": "human", "text": "", "attachments": [pasted]})
    assert said(found) == [("user", "A long story.")]


@pytest.mark.parametrize(("role", "stands"), [("assistant", True), ("user", False)])
def test_a_document_that_a_model_wrote_stands_in_its_answer(role: str, stands: bool) -> None:
    part = {"pt": "doc", "l1Title": "plan.md", "data": {"text": "# Plan"}}
    fragments = [{"part": {"pt": "text", "text": "Here:"}}, {"part": part}]
    talk = {"id": "c", "messages": [{"id": "1", "role": role, "fragments": fragments}]}
    (message,) = only(big_agi.drafts(talk, AT, Shelf())).messages
    assert ("# Plan" in message.text) is stands
    assert any(isinstance(each, FilePart) for each in message.parts) is not stands


def test_deepseeks_references_are_links_and_those_of_nothing_are_counted() -> None:
    text = "Up[reference:0]. Down[reference:1]. `[reference:0]`"
    answer = {"type": "RESPONSE", "content": text, "references": [{"id": 7}]}
    tool = {"type": "TOOL_OPEN", "id": 7, "result": {"url": "https://a.example/", "title": "A"}}
    message = {"fragments": [tool, answer, {"type": "TIP", "content": "Machines err."}]}
    mapping = {"1": {"id": "1", "parent": None, "message": message}}
    entry = {"id": "d", "title": "Sky", "inserted_at": "2026-01-01T00:00:00Z", "mapping": mapping}
    (draft,) = deepseek.drafts(entry, AT)
    assert said(only([draft]))[0][1] == "Up [[1]](https://a.example/). Down. `[reference:0]`"
    assert len(draft.losses) == 2  # the tool call, and a citation without an address
