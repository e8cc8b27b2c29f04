"""Content of Claude's and big-AGI's messages besides text: artifacts, voice notes, documents, errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats import big_agi, claude
from desktop.transfer.formats.claude import split
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT

CODE = '<antArtifact identifier="f" type="application/vnd.ant.code" language="python" title="Fib*onacci">'


def of_claude(*content: dict[str, Any], sender: str = "assistant") -> Draft:
    (draft,) = claude.drafts(
        {"uuid": "u", "chat_messages": [{"uuid": "1", "sender": sender, "content": list(content)}]}, AT
    )
    return draft


def test_an_older_artifact_is_a_fenced_block_with_its_title() -> None:
    text = f"Here:\n\n<antThinking>Good for one.</antThinking>\n\n{CODE}\ndef f():\n    pass\n</antArtifact>\n\nDone."
    (message,) = of_claude({"type": "text", "text": text}).conversation.messages
    assert message.parts == (
        TextPart(text="Here:"),
        ReasoningPart(text="Good for one."),
        TextPart(text="**Fibonacci**\n\n```python\ndef f():\n    pass\n```\n\nDone."),
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text/markdown", "**T**\n\n# Sky"),
        ("text/html", "**T**\n\n```html\n# Sky\n```"),
        ("image/svg+xml", "**T**\n\n```svg\n# Sky\n```"),
        ("application/vnd.ant.mermaid", "**T**\n\n```mermaid\n# Sky\n```"),
        ("application/vnd.ant.react", "**T**\n\n```jsx\n# Sky\n```"),
        ("x/y", "**T**\n\n```\n# Sky\n```"),
    ],
)
def test_an_artifact_is_shown_as_what_it_is(kind: str, expected: str) -> None:
    text = f'<antArtifact identifier="x" type="{kind}" title="T"># Sky</antArtifact>'
    assert of_claude({"type": "text", "text": text}).conversation.messages[0].text == expected


def test_an_artifact_that_was_cut_off_goes_to_the_end_and_holds_fences_of_its_own() -> None:
    assert of_claude({"type": "text", "text": f"{CODE}a\n```\nb"}).conversation.messages[0].text == (
        "**Fibonacci**\n\n````python\na\n```\nb\n````"
    )


def artifact(**given: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": "t1", "name": "artifacts", "input": given}


def test_a_document_in_a_call_stands_in_the_answer_where_it_was_made() -> None:
    made = artifact(command="create", type="application/vnd.ant.code", language="python", title="Fib", content="f = 1")
    said = [{"type": "text", "text": each} for each in ("Here:", "## Done")]
    draft = of_claude(said[0], made, {"type": "tool_result", "tool_use_id": "t1", "content": []}, said[1])
    assert draft.conversation.messages[0].text == "Here:\n\n**Fib**\n\n```python\nf = 1\n```\n\n## Done"
    assert draft.losses == ()


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (artifact(command="rewrite", type="text/markdown", title="T", content="# Sky"), "**T**\n\n# Sky"),
        (artifact(type="text/html", content="<p>"), "```html\n<p>\n```"),
        (artifact(command="create", content="<antArtifact x>"), "```\n<antArtifact x>\n```"),
        (
            {"type": "tool_use", "name": "create_file", "input": {"path": "/mnt/outputs/a.py", "file_text": "1"}},
            "**a.py**\n\n```py\n1\n```",
        ),
    ],
)
def test_what_a_call_writes_is_shown_as_what_it_is(call: dict[str, Any], shown: str) -> None:
    assert of_claude(call).conversation.messages[0].text == shown


def test_calls_that_are_not_shown_are_told_once_with_or_without_a_result() -> None:
    search = {"type": "tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    alone = {"type": "tool_use", "id": "r", "name": "repl", "input": None}
    changed = artifact(command="update", old_str="a", new_str="b")
    draft = of_claude(
        search, {"type": "tool_result", "tool_use_id": "s"}, alone, changed, {"type": "text", "text": "x"}
    )
    assert draft.losses == (
        "Changes to canvas documents and artifacts are left out (1)",
        "Tool calls and their results are left out (2)",
    )


def test_thoughts_between_tags_are_no_part_of_the_last_word_of_others() -> None:
    (message,) = of_claude(
        {"type": "thinking", "thinking": "First."}, {"type": "text", "text": "<think>Then.</think>So."}
    ).conversation.messages
    assert message.parts == (ReasoningPart(text="First.\n\nThen."), TextPart(text="So."))


def test_what_a_user_writes_of_artifacts_stays() -> None:
    assert of_claude({"type": "text", "text": CODE}, sender="human").conversation.messages[0].text == CODE


@given(st.text(alphabet='<>/antArifchkg "=x', max_size=60))
def test_no_word_is_lost_in_any_text(said: str) -> None:
    parts = split(f"one {said}{CODE}two</antArtifact>{said} three")
    text = "".join(part.text for part in parts if isinstance(part, (TextPart, ReasoningPart)))
    assert all(word in text for word in ("one", "two", "three"))


def test_a_voice_note_is_kept_as_text_and_told() -> None:
    draft = of_claude({"type": "voice_note", "title": "Note 1", "text": "Why is it blue?"}, sender="human")
    assert draft.conversation.messages[0].text == "[Attachment: Note 1]\n\nWhy is it blue?"
    assert draft.losses == ("Attachments: only their names are imported (1)",)


def test_an_item_that_holds_nothing_to_keep_says_what_was_left_out() -> None:
    draft = of_claude({"type": "tool_result", "content": "x"}, {"type": "hologram"})
    assert draft.is_empty
    assert len(draft.losses) == 3


def of_big_agi(*fragments: dict[str, Any], role: str = "assistant") -> Draft:
    held = [{"id": "1", "role": role, "fragments": [{"ft": "content", **each} for each in fragments]}]
    (draft,) = big_agi.drafts({"id": "c", "userTitle": "t", "messages": held}, AT)
    return draft


def test_a_document_is_kept_with_its_text() -> None:
    part = {
        "pt": "doc",
        "data": {"idt": "text", "text": "a = 1"},
        "meta": {"codeLanguage": "python"},
        "l1Title": "x.py",
    }
    draft = of_big_agi({"part": part, "title": "a.py"}, {"part": {"pt": "text", "text": "See."}}, role="user")
    assert draft.conversation.messages[0].text == "[Attachment: a.py]\n\n```python\na = 1\n```\n\nSee."
    assert draft.losses == ()
    assert of_big_agi({"part": {"pt": "doc", "l1Title": "x"}}).losses == (
        "Attachments: only their names are imported (1)",
    )


def test_an_error_is_what_the_answer_ended_with() -> None:
    draft = of_big_agi({"part": {"pt": "text", "text": "So"}}, {"part": {"pt": "error", "error": "No credit left"}})
    (message,) = draft.conversation.messages
    assert (message.text, message.status) == ("So", Status.FAILED)
    assert message.problem is not None
    assert message.problem.message == "No credit left"
    (alone,) = of_big_agi({"part": {"pt": "error", "error": "x"}}).conversation.messages
    assert (alone.parts, alone.status) == ((), Status.FAILED)
    assert of_big_agi({"part": {"pt": "error", "error": "x"}}, role="user").losses == (
        "Content of an unknown type is left out (1)",
        "Messages without visible content are left out (1)",
    )


def test_what_an_answer_found_and_what_it_ran_is_kept() -> None:
    found = [{"type": "citation", "url": "https://a.example/1", "title": "A [1]", "refNumber": 1}, {"url": "x:1"}]
    ran = {"type": "code_execution", "language": "PYTHON", "code": "print(1)"}
    draft = of_big_agi(
        {"part": {"pt": "text", "text": "So."}},
        {"part": {"pt": "tool_invocation", "id": "1", "invocation": ran}},
        {"part": {"pt": "tool_response", "id": "1", "response": {"type": "code_execution", "result": "1"}}},
        {"part": {"pt": "annotations", "annotations": found}},
        {"part": {"pt": "tool_invocation", "id": "2", "invocation": {"type": "function_call"}}},
    )
    shown = "So.\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n1. [A \\[1\\]](https://a.example/1)"
    assert draft.conversation.messages[-1].text == shown
    lost = (
        "Tool calls and their results are left out (1)",
        "Citations whose source is not in the file are left out (1)",
    )
    assert sorted(draft.losses) == sorted(lost)
