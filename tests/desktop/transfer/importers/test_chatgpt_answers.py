"""What ChatGPT's answers hold besides text: citations of searches, documents of the canvas, pictures of tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.transfer.importers.chatgpt import drafts
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_node, only

CITE = "\ue200cite\ue202turn0search1\ue201"
TWO = "\ue200cite\ue202turn0search1\ue202turn0news0\ue201"
A, B = "https://a.example/1?utm_source=chatgpt.com", "https://b.example/(2)"
GROUP = {
    "type": "search_result_group",
    "entries": [
        {"url": A, "ref_id": {"turn_index": 0, "ref_type": "search", "ref_index": 1}},
        {"url": B, "ref_id": {"turn_index": 0, "ref_type": "news", "ref_index": 0}},
    ],
}


def answer(text: str, *before: dict[str, Any], **metadata: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    """What becomes of an answer's text, and what is told to be lost."""
    parent = before[-1]["id"] if before else "p"
    nodes = (chatgpt_node("p", "root"), *before, chatgpt_node("a", parent, "assistant", [text], metadata=metadata))
    (draft,) = drafts(chatgpt(*nodes, current_node="a"), AT)
    return draft.conversation.messages[-1].text, draft.losses


def test_a_citation_is_a_numbered_link_where_the_message_says_what_it_means() -> None:
    references = [
        {"type": "grouped_webpages", "matched_text": CITE, "items": [{"title": "A", "url": A}]},
        {"type": "grouped_webpages", "matched_text": TWO, "items": [{"url": B, "supporting_websites": [{"url": A}]}]},
        {"type": "sources_footnote", "matched_text": " ", "sources": [{"url": A}]},
    ]
    said = f"It is blue.{CITE} It is wide.{TWO} Again.{CITE}"
    expected = (
        f"It is blue. [[1]]({A}) It is wide. [[2]](https://b.example/%282%29)[[1]]({A}) Again. [[1]]({A})",
        (),
    )
    assert answer(said, content_references=references) == expected


def test_results_of_a_search_before_the_answer_tell_as_well() -> None:
    assert answer(f"So.{TWO}", search_result_groups=[GROUP])[0] == f"So. [[1]]({A})[[2]](https://b.example/%282%29)"
    searched = chatgpt_node("t", "p", "tool", content={"content_type": "text", "parts": [""]})
    searched["message"]["metadata"] = {"search_result_groups": [GROUP]}
    text, losses = answer(f"So.{CITE}", searched)
    assert text == f"So. [[1]]({A})"
    assert losses == ("Calls and results of tools are left out (1)",)


def test_results_for_an_earlier_prompt_are_not_taken() -> None:
    searched = chatgpt_node("t", "p", "assistant", ["found"], metadata={"search_result_groups": [GROUP]})
    asked = chatgpt_node("q", "t", parts=["and?"])
    text, losses = answer(f"So.{CITE}", searched, asked)
    assert (text, losses) == ("So.", ("Citations whose source is not in the file are left out (1)",))


@pytest.mark.parametrize(
    ("mark", "references", "expected"),
    [
        ('\ue200entity\ue202["company","Motorola","maker"]\ue201', [], "Motorola"),
        ("\ue200entity\ue202x\ue201", [{"matched_text": "\ue200entity\ue202x\ue201", "name": "Rome"}], "Rome"),
        ("\ue200url\ue202The [site]\ue202turn0search1\ue201", [], "The \\[site\\]"),
        (
            "\ue200url\ue202Site\ue202t\ue201",
            [{"matched_text": "\ue200url\ue202Site\ue202t\ue201", "safe_urls": [A]}],
            f"[Site]({A})",
        ),
        ('\ue200image_group\ue202{"query":["sky"]}\ue201', [], ""),
        ("\ue203blue\ue204\ue200cite\ue202turn9search9\ue201", [], "blue"),
        ("\ue200cite\ue202turn0sea", [], ""),
        ("\ue200cite\ue202turn0search1\ue201", [{"matched_text": CITE, "items": [{"url": "javascript:x"}]}], ""),
        ("【4†source】", [{"matched_text": "【4†source】", "url": A}], f" [[1]]({A})"),
        ("【4†source】", [], ""),
    ],
)
def test_marks_of_every_kind_leave_nothing_of_themselves(mark: str, references: list[Any], expected: str) -> None:
    text, _ = answer(f"It: {mark}", content_references=references)
    assert text == f"It: {expected}"


def test_an_older_citation_is_found_by_its_place() -> None:
    said = "So 【4†source】."
    cited = [{"start_ix": 3, "end_ix": 13, "metadata": {"type": "webpage", "url": A}}]
    assert answer(said, citations=cited)[0] == f"So  [[1]]({A})."


def test_private_characters_that_are_no_mark_and_what_users_write_stay() -> None:
    assert answer("Icons \ue200 and \ue201, 【note】")[0] == "Icons \ue200 and \ue201, 【note】"
    (draft,) = drafts(chatgpt(chatgpt_node("p", "root", parts=[f"What is {CITE}?"])), AT)
    assert draft.conversation.messages[0].text == f"What is {CITE}?"


@given(st.text(alphabet="\ue200\ue201\ue202\ue203\ue204acite【】†4 ", max_size=60))
def test_any_marks_are_read(said: str) -> None:
    text, _ = answer(f"x{said}", content_references=[{"matched_text": CITE, "items": [{"url": A}]}])
    assert CITE not in text


def canvas(name: str, call: object, id_: str = "d", parent: str = "p") -> dict[str, Any]:
    content = {"content_type": "code", "language": "json", "text": json.dumps(call)}
    return chatgpt_node(id_, parent, "assistant", content=content, recipient=f"canmore.{name}")


def test_a_canvas_document_is_kept_with_its_title() -> None:
    made = canvas("create_textdoc", {"name": "Fibonacci", "type": "code/python", "content": "def f():\n    pass"})
    text, losses = answer("Done.", made)
    assert text == "**Fibonacci**\n\n```python\ndef f():\n    pass\n```\n\nDone."
    assert losses == ()
    text, _ = answer(
        "Done.", canvas("create_textdoc", {"name": "Es*say", "type": "document", "content": "# Sky\n\nBlue."})
    )
    assert text == "**Essay**\n\n# Sky\n\nBlue.\n\nDone."


def test_a_canvas_written_anew_is_kept_and_other_changes_are_told() -> None:
    made = canvas("create_textdoc", {"name": "F", "type": "code/python", "content": "one"})
    anew = canvas("update_textdoc", {"updates": [{"pattern": ".*", "replacement": "two"}]}, "e", "d")
    some = canvas("update_textdoc", {"updates": [{"pattern": "(a+)+$", "replacement": "b"}]}, "f", "e")
    text, losses = answer("Done.", made, anew, some)
    assert text.count("**F**") == 2
    assert "```python\ntwo\n```" in text
    assert losses == ("Changes to documents beside the chat are left out (1)",)


@pytest.mark.parametrize("call", ["{", 7, {}, {"updates": 3}, {"content": ""}])
def test_a_canvas_call_that_cannot_be_read_is_told(call: object) -> None:
    broken = canvas("create_textdoc", call)
    if call == "{":
        broken["message"]["content"]["text"] = "{"
    assert answer("Done.", broken) == ("Done.", ("Changes to documents beside the chat are left out (1)",))


def test_pictures_that_a_tool_made_are_named_and_counted() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "width": 1024}
    drawn = chatgpt_node("t", "p", "tool", content={"content_type": "multimodal_text", "parts": [picture, picture]})
    text, losses = answer("There.", drawn)
    assert text == "[Attachment: image]\n\n[Attachment: image]\n\nThere."
    assert losses == ("Attachments: only their names are kept (2)",)
    plotted = chatgpt_node("t", "p", "tool", content={"content_type": "execution_output", "text": ""})
    plotted["message"]["metadata"] = {"aggregate_result": {"messages": [{"message_type": "image", "image_url": "f"}]}}
    assert answer("There.", plotted)[1] == ("Attachments: only their names are kept (1)",)


def test_an_answer_of_nothing_but_a_picture_is_kept() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}
    drawn = chatgpt_node("t", "p", "tool", content={"content_type": "multimodal_text", "parts": [picture]})
    found = only(drafts(chatgpt(chatgpt_node("p", "root", parts=["draw"]), drawn), AT))
    assert found.messages[1].text == "[Attachment: image]"
