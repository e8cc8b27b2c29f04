"""Claude's cards and design chats: words of an answer that no other text contains."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats.claude import drafts
from desktop.transfer.formats.claude_cards import card_of
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, only, said

MAIL = {
    "kind": "email",
    "variants": [
        {"label": "Firm", "subject": "Rent", "body": "Dear Ms Novak,\n\nNo."},
        {"label": "Friendly", "body": "Could we talk?"},
    ],
}
RECIPE = {
    "title": "Dal",
    "base_servings": 4,
    "ingredients": [{"id": "0001", "amount": 200, "unit": "g", "name": "lentils"}, {"id": "2", "name": "salt"}],
    "steps": [{"title": "Boil", "content": "{0009}, {0001}."}, {"content": "Salt."}],
    "notes": "Serve.",
}
TRANSLATED = {
    "source_language": "English",
    "source_text": "Hello",
    "target_language": "Japanese",
    "translation": "やあ",
    "pronunciation": "yā",
}
COMPARED = {
    "summary": "Two kettles",
    "products": [
        {"name": "A", "price": "$49", "image_url": "x", "attributes": [{"label": "Capacity", "value": "1 l"}]},
        {"name": "B", "url": "https://b.example"},
    ],
}
PLACES = {
    "days": [
        {
            "title": "Sat",
            "locations": [
                {
                    "name": "Trattoria",
                    "latitude": 1.5,
                    "arrival_time": "12:15",
                    "duration_minutes": 30,
                    "address": "Via X 5",
                }
            ],
        }
    ]
}
QUIZ = {
    "questions": [
        {
            "question": "Capital of Peru?",
            "options": ["Lima", {"text": "Cusco"}],
            "correct_index": 0,
            "explanation": "Since 1535.",
        }
    ]
}
CHART = {
    "title": "Churn",
    "series": [{"name": "%", "values": [3.25, 2.0]}],
    "xAxis": {"data": ["May", "June"]},
}
ASKED = {"questions": [{"question": "Which first?", "options": ["California", {"label": "Texas"}]}]}


@pytest.mark.parametrize(
    ("name", "given", "card"),
    [
        (
            "message_compose_v1",
            MAIL,
            "**Firm**\n\nSubject: Rent\n\nDear Ms Novak,\n\nNo.\n\n**Friendly**\n\nCould we talk?",
        ),
        ("message_compose_v1", {"variants": [{"label": "One", "body": "Hi."}]}, "Hi."),
        (
            "recipe_display_v0",
            RECIPE,
            "**Dal**\n\nServings: 4\n\n- 200 g lentils\n- salt\n\n1. **Boil**: {0009}, lentils.\n2. Salt.\n\nServe.",
        ),
        ("ask_user_input_v0", ASKED, "Which first?\n\n- California\n- Texas"),
        ("visualize:show_widget", {"title": "Orbit", "widget_code": "<svg/>"}, "**Orbit**\n\n```svg\n<svg/>\n```"),
        ("visualize:show_widget", {"title": "Orbit"}, ""),
        ("step_card_display_v0", {"title": "Do it", "text": "Now"}, "**Do it**\n\nNow"),
        ("web_search", {"query": "x", "title": "y"}, ""),
        ("translation_display_v0", TRANSLATED, "**English**: Hello\n\n**Japanese**: やあ\n\nyā"),
        (
            "comparison_card_display_v0",
            COMPARED,
            "Two kettles\n\n**A**\n\n$49\n\n- Capacity: 1 l\n\n**[B](https://b.example)**",
        ),
        ("places_map_display_v0", PLACES, "**Sat**\n\n**12:15 · Trattoria**\n\nDuration minutes: 30\n\nVia X 5"),
        ("quiz_display_v0", QUIZ, "Capital of Peru?\n\n- Lima\n- Cusco\n\n→ Lima\n\nSince 1535."),
        ("chart_display_v0", CHART, "**Churn**\n\n|  | % |\n| --- | --- |\n| May | 3.25 |\n| June | 2 |"),
        ("table_display_v0", {"table": [["A", "B"], [1, None]]}, "| A | B |\n| --- | --- |\n| 1 |  |"),
        ("code_block_display_v0", {"code": "x = 1", "language": "python"}, "```python\nx = 1\n```"),
        ("new_display_v3", {"theme": "dark", "rows": [{"deep": {"said": ["One", 2]}}]}, "- One\n- 2"),
    ],
)
def test_a_card_is_said_in_words(name: str, given: dict[str, Any], card: str) -> None:
    assert card_of(name, given) == card


@pytest.mark.parametrize("name", ["message_compose_v1", "recipe_display_v0", "ask_user_input_v0"])
@pytest.mark.parametrize("odd", ["{}", '{"variants": 1, "questions": [null, 1], "steps": "x", "ingredients": [[]]}'])
def test_of_an_odd_card_nothing_is_said(name: str, odd: str) -> None:
    assert card_of(name, json.loads(odd)).strip() == ""


def test_an_answer_that_is_a_card_alone_has_its_words() -> None:
    call = {"type": "tool_use", "id": "t", "name": "message_compose_v1", "input": MAIL}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "[Message composed]"}]}
    asked = {"uuid": "1", "sender": "human", "text": "Write", "content": [{"type": "text", "text": "Write"}]}
    answered = {"uuid": "2", "sender": "assistant", "text": "", "content": [call, result]}
    (draft,) = drafts({"uuid": "c", "name": "Mail", "chat_messages": [asked, answered]}, AT)
    assert "Could we talk?" in draft.conversation.messages[1].text
    assert draft.losses == ()


def test_design_chats_come_with_the_conversations_beside_them(tmp_path: Path) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "text": "Hm"},
        {"type": "text", "text": "A hero, three cards."},
        {"type": "tool_call", "toolCall": {"name": "write", "input": {}}},
        {"type": "user_interjection", "message": "Use blue"},
    ]
    design: dict[str, Any] = {
        "uuid": "d1",
        "title": "Landing page",
        "messages": [
            {"uuid": "q1", "role": "user", "content": {"content": "Draw a page"}},
            {"uuid": "q2", "role": "assistant", "content": {"content": "A hero.", "contentBlocks": blocks}},
        ],
    }
    hello = {"uuid": "1", "sender": "human", "text": "Hi"}
    chats: list[dict[str, Any]] = [{"uuid": "c", "name": "A", "chat_messages": [hello]}]
    zips: dict[str, dict[str, Any]] = {
        "whole.zip": {"conversations.json": chats, "design_chats/d1.json": design, "projects/p.json": {"uuid": "p"}},
        "design_chats-000.zip": {"design_chats/d1.json": design},
    }
    for name, members in zips.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, held in members.items():
                archive.writestr(member, json.dumps(held))
        *_, source = open_file(tmp_path / name)
        found = source.format.drafts(source.read(0), AT)
        assert said(only(found)) == [("user", "Draw a page"), ("assistant", "A hero, three cards.\n\n> Use blue")]
        assert found[0].losses == ("Tool calls and their results are left out (1)",)


def answered(*content: object, **asked: object) -> list[tuple[str, str]]:
    messages = [
        {"uuid": "1", "sender": "human", "text": "Go", "content": [{"type": "text", "text": "Go"}], **asked},
        {"uuid": "2", "sender": "assistant", "text": "", "content": list(content)},
    ]
    (draft,) = drafts({"uuid": "c", "name": "x", "chat_messages": messages}, AT)
    return said(draft.conversation)


def test_a_document_is_shown_as_it_was_changed() -> None:
    def call(name: str, **given: object) -> dict[str, object]:
        return {"type": "tool_use", "id": name, "name": name, "input": {"file_path": "/tmp/out/a.md", **given}}

    written = call("Write", content="# One\n\nb")
    changed = call("Edit", old_string="One", new_string="Two")
    assert answered(written, changed, call("Artifact"))[-1] == ("assistant", "**a.md**\n\n# Two\n\nb")
    assert answered(call("Artifact"))[-1] == ("assistant", "")


def test_thoughts_in_short_and_helplines_are_kept_and_what_no_client_shows_is_not() -> None:
    unshown = {"type": "text", "text": "```\nThis block is not supported on your current device yet.\n```\n\nHi."}
    flag = {"type": "flag", "flag": "x", "helpline": {"name": "Line", "phone_number": "116 123"}}
    thought = {"type": "thinking", "thinking": "", "summaries": [{"summary": "First."}, {"summary": "Then."}]}
    asked: dict[str, object] = {"uuid": "1", "sender": "human", "text": "Go", "content": []}
    messages = [asked, {"uuid": "2", "sender": "assistant", "text": "", "content": [thought, unshown, flag]}]
    (draft,) = drafts({"uuid": "c", "name": "x", "chat_messages": messages}, AT)
    thoughts, shown = draft.conversation.path()[-1].parts
    assert thoughts == ReasoningPart(text="First.\n\nThen.")
    assert isinstance(shown, TextPart)
    assert shown.text.strip() == "Hi.\n\nLine · 116 123"


def test_what_was_marked_in_an_answer_is_a_quotation_in_the_prompt() -> None:
    marked = {"file_name": "excerpt_from_previous_claude_message.txt", "extracted_content": "Two\nlines"}
    assert answered({"type": "text", "text": "So."}, attachments=[marked])[0] == ("user", "> Two\n> lines\n\nGo")


def used(name: str, **given: object) -> dict[str, object]:
    return {"type": "tool_use", "name": name, "input": given}


def test_a_file_that_is_handed_over_stands_where_it_is_as_it_is_then() -> None:
    """Claude writes longer files in its own folder, copies them and presents them."""
    made = used("create_file", path="/home/claude/a.md", file_text="# One\n\nb")
    changed = used("str_replace", path="/home/claude/a.md", old_str="One", new_str="Two")
    handed = used("present_files", filepaths=["/mnt/user-data/outputs/a.md", "/mnt/user-data/outputs/b.xlsx"])
    assert answered(made, changed, handed)[-1] == ("assistant", "**a.md**\n\n# Two\n\nb\n\n[Attachment: b.xlsx]")
    assert answered(made, changed)[-1] == ("assistant", "")


def test_a_file_that_lies_open_is_shown_with_its_changes() -> None:
    made = used("create_file", path="/mnt/user-data/outputs/a.py", file_text="x = 1")
    changed = used("str_replace", path="/mnt/user-data/outputs/a.py", old_str="1", new_str="2")
    assert answered(made, changed)[-1] == ("assistant", "**a.py**\n\n```py\nx = 2\n```")


def test_an_artifact_is_shown_with_its_changes() -> None:
    made = used("artifacts", id="x", command="create", type="text/markdown", title="T", content="One two")
    changed = used("artifacts", id="x", command="update", old_str="two", new_str="three")
    assert answered(made, changed)[-1] == ("assistant", "**T**\n\nOne three")
