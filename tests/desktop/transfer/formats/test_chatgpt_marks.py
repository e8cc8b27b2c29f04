"""Marks in ChatGPT's answers: citations, canvas documents, and images of tools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.transfer.formats.chatgpt import drafts
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
    """Import an answer; return its text and its losses."""
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


def test_marks_of_the_agent_are_links_where_their_address_is_known_and_else_taken_out() -> None:
    mark = "【851386532168213†L102-L109】"
    references = [{"type": "webpage", "matched_text": mark, "url": A}]
    assert answer(f"So it is{mark}.", content_references=references)[0] == f"So it is [[1]]({A})."
    said = "So【228828509832038†L113-L133】 it【turn2view0†L5】 is【670e83†L1-L87】."
    assert answer(said) == ("So it is.", ("Citations whose source is not in the file are left out (3)",))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"Call `run(){CITE}` now.", "Call `run()` now."),
        (f"```py\nrun() # it{CITE}\n```\nSo.{CITE}", f"```py\nrun() # it\n```\nSo. [[1]]({A})"),
        (f"~~~\n``` {CITE}\n~~~\n`a` b{CITE} `c`", f"~~~\n```\n~~~\n`a` b [[1]]({A}) `c`"),
        (f"A stray ` here.\n\nSo.{CITE} And ` there.", f"A stray ` here.\n\nSo. [[1]]({A}) And ` there."),
        (f"``a ` b{CITE}`` c{CITE}", f"``a ` b`` c [[1]]({A})"),
    ],
)
def test_no_link_comes_into_code(said: str, shown: str) -> None:
    references = [{"type": "grouped_webpages", "matched_text": CITE, "items": [{"title": "A", "url": A}]}]
    assert answer(said, content_references=references)[0] == shown


def test_results_of_a_search_before_the_answer_tell_as_well() -> None:
    assert answer(f"So.{TWO}", search_result_groups=[GROUP])[0] == f"So. [[1]]({A})[[2]](https://b.example/%282%29)"
    searched = chatgpt_node("t", "p", "tool", content={"content_type": "text", "parts": [""]})
    searched["message"]["metadata"] = {"search_result_groups": [GROUP]}
    text, losses = answer(f"So.{CITE}", searched)
    assert text == f"So. [[1]]({A})"
    assert losses == ("Tool calls and their results are left out (1)",)


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


def genui(widget: object) -> str:
    return f"\ue200genui\ue202{json.dumps(widget)}\ue201"


FORMULA = genui({"math_block_widget_always_prefetch_v2": {"content": "I_E = \\frac{V}{R}"}})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"So:\n\n{FORMULA}\n\nAnd", "So:\n\n$$\nI_E = \\frac{V}{R}\n$$\n\nAnd"),
        (f"So {FORMULA} and", "So \n\n$$\nI_E = \\frac{V}{R}\n$$\n\n and"),
        (f"1. One\n\n   {FORMULA}\n2. Two", "1. One\n\n   $$\n   I_E = \\frac{V}{R}\n   $$\n2. Two"),
        (f"- {FORMULA}\n- b", "- $$\n  I_E = \\frac{V}{R}\n  $$\n- b"),
        (f"> q {FORMULA}", "> q \n>\n> $$\n> I_E = \\frac{V}{R}\n> $$"),
        (f"| a |\n|---|\n| {FORMULA} |", "| a |\n|---|\n| $I_E = \\frac{V}{R}$ |"),
        (genui({"math_x": {"latex": "$$\\na\\n\\nb$$".replace("\\n", "\n")}}), "$$\na\nb\n$$"),
    ],
)
def test_a_formula_that_a_widget_shows_is_a_display_formula_where_it_stands(said: str, expected: str) -> None:
    assert answer(said) == (expected, ())


RENTS = {
    "meta": {"title": "Rents", "description": "Cold", "footer": "Own"},
    "xKey": "city",
    "xAxisLabel": "City",
    "series": [{"dataKey": "rent", "label": "Rent", "valueSuffix": " €"}, {"dataKey": "rise", "label": "Rise"}],
    "data": [{"city": "Leipzig | East", "rent": 640, "rise": 1.5}, {"city": "Munich", "rent": 1450.0}],
}


def test_a_chart_is_a_table_of_its_numbers_and_an_app_is_code() -> None:
    table = "| City | Rent | Rise |\n| --- | --- | --- |\n| Leipzig \\| East | 640 € | 1.5 |\n| Munich | 1450 € |  |"
    said = "So: " + genui({"charts_widget_v2": {"content": RENTS}})
    assert answer(said) == (f"So: \n\n**Rents**\n\nCold\n\n{table}\n\nOwn", ())
    app = {"app_block": {"title": "Loan", "language": "html", "entrypoint": "index.html", "content": "<p>\n\n```</p>"}}
    assert answer("- " + genui(app)) == ("- **Loan**\n\n  ````html\n  <p>\n\n  ```</p>\n  ````", ())
    unknown = ("Content of an unknown type is left out (1)",)
    assert answer(genui({"map": {"title": "Ways", "data": [{"x": 1}]}})) == ("Ways", unknown)


def test_a_citation_without_its_end_swallows_nothing() -> None:
    said = "Big.\ue200cite\ue202turn0search1\ue202turn0news0 It is.\n\nMore.\ue200cite\ue202turn0search1\ue201 End."
    shown = f"Big. [[1]]({A})[[2]](https://b.example/%282%29) It is.\n\nMore. [[1]]({A}) End."
    assert answer(said, search_result_groups=[GROUP]) == (shown, ())
    assert answer("So \ue200filecite\ue202turn0file0\ue202L1-L20 it is. \ue200map And so.")[0] == "So it is. And so."


def test_other_widgets_keep_what_they_say_in_words() -> None:
    asked = {"ask_user_input": {"questions": [{"question": "Every day?", "options": ["Yes", "No"], "type": "single"}]}}
    assert answer(genui(asked)) == ("Every day?\n\nYes\n\nNo", ())
    assert answer("It is " + genui({"clock": {"zone": 3}})) == (
        "It is ",
        ("Content of an unknown type is left out (1)",),
    )
    cited = genui({"citation": {"ref": "turn0search1"}})
    assert answer("So" + cited, search_result_groups=[GROUP]) == (f"So [[1]]({A})", ())


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("\ue200navlist\ue202News of x\ue202turn0search1,turn0news0\ue201", f"News of x [[1]]({A})[[2]](B)"),
        ("\ue200video\ue202How to cook\ue202turn0search1\ue201", f"[How to cook]({A})"),
        ('\ue200products\ue202{"selections":[["turn0search1","Kettle"],["t","Pot"]]}\ue201', f"[Kettle]({A}), Pot"),
        ('\ue200product\ue202["turn0product1","Kettle",{"render_as":"hero"}]\ue201', "Kettle"),
        ('\ue200entity\ue202["a","Say \\"hi\\""]\ue201', 'Say "hi"'),
        ("\ue200url\ue202Docs\ue202https://c.example\ue201", "[Docs](https://c.example)"),
        ("\ue200cite\ue201", ""),
        ("\ue200cite\ue201 a \ue202 b \ue200 c \ue206d\ue207", "a  b  c d"),
        ("\ue206d\ue207", "d"),
        ("\ue200cite\ue202turn0search1\ue200cite\ue202turn0search1\ue201", f" [[1]]({A}) [[1]]({A})"),
    ],
)
def test_marks_keep_their_words_and_take_the_addresses_of_the_file(mark: str, expected: str) -> None:
    text, _ = answer(f"It: {mark}", search_result_groups=[GROUP])
    assert text == f"It: {expected.replace('(B)', '(https://b.example/%282%29)')}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            'Here.\n:::writing{variant="email" id="1" subject="Hi" recipient="a@b.example"}\nDear,\n\nBye\n:::\nEnd.',
            "Here.\n\n**Hi** (a@b.example)\n\n\nDear,\n\nBye\n\nEnd.",
        ),
        (":::writing{variant=standard id=5}\nTitle", "\n\nTitle"),
        ("```md\n:::writing{id=5}\nx\n:::\n```\n:::note\n:::", "```md\n:::writing{id=5}\nx\n:::\n```\n:::note\n:::"),
    ],
)
def test_a_block_of_writing_is_text_of_its_own(said: str, expected: str) -> None:
    assert answer(said) == (expected, ())


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
    assert losses == ("Changes to canvas documents and artifacts are left out (1)",)


@pytest.mark.parametrize("call", ["{", 7, {}, {"updates": 3}, {"content": ""}])
def test_a_canvas_call_that_cannot_be_read_is_told(call: object) -> None:
    broken = canvas("create_textdoc", call)
    if call == "{":
        broken["message"]["content"]["text"] = "{"
    assert answer("Done.", broken) == ("Done.", ("Changes to canvas documents and artifacts are left out (1)",))


def test_pictures_that_a_tool_made_are_named_and_counted() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "width": 1024}
    drawn = chatgpt_node("t", "p", "tool", content={"content_type": "multimodal_text", "parts": [picture, picture]})
    text, losses = answer("There.", drawn)
    assert text == "[Attachment: image]\n\n[Attachment: image]\n\nThere."
    assert losses == ("Attachments: only their names are imported (2)",)
    plotted = chatgpt_node("t", "p", "tool", content={"content_type": "execution_output", "text": ""})
    plotted["message"]["metadata"] = {"aggregate_result": {"messages": [{"message_type": "image", "image_url": "f"}]}}
    assert answer("There.", plotted)[1] == ("Attachments: only their names are imported (1)",)


def test_an_answer_of_nothing_but_a_picture_is_kept() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}
    drawn = chatgpt_node("t", "p", "tool", content={"content_type": "multimodal_text", "parts": [picture]})
    found = only(drafts(chatgpt(chatgpt_node("p", "root", parts=["draw"]), drawn), AT))
    assert found.messages[1].text == "[Attachment: image]"


def test_an_answer_that_was_continued_is_one_answer() -> None:
    cut = {"finish_details": {"type": "max_tokens"}}
    said = ("Code:\n\n```python\nx = item.", "count\n", "y = 1\n```\n\nDone.")
    metadata = (cut, {**cut, "message_type": "continue"}, {"finish_details": {"type": "stop"}})
    nodes = [
        chatgpt_node(f"a{n}", f"a{n - 1}" if n else "p", "assistant", [said[n]], metadata=metadata[n], end_turn=n == 2)
        for n in range(3)
    ]
    for n, node in enumerate(nodes):
        node["children"] = [f"a{n + 1}"]
    for count, reason in ((3, None), (2, "length")):
        (draft,) = drafts(chatgpt(chatgpt_node("p", "root"), *nodes[:count], current_node=f"a{count - 1}"), AT)
        _, message = draft.conversation.messages
        assert message.text == "".join(said[:count])
        assert (message.figures.finish_reason if message.figures else None) == reason


def test_answers_that_follow_a_whole_one_stand_below_it() -> None:
    first = chatgpt_node("a", "p", "assistant", ["I look."], end_turn=False)
    then = chatgpt_node("b", "a", "assistant", ["It is."], end_turn=True)
    (draft,) = drafts(chatgpt(chatgpt_node("p", "root"), first, then, current_node="b"), AT)
    assert draft.conversation.messages[-1].text == "I look.\n\nIt is."


@pytest.mark.parametrize("mark", ["\ue200filecite\ue202turn0file1\ue202L10-L20\ue201", "【4:0†source】"])
def test_a_file_that_is_cited_is_named(mark: str) -> None:
    reference = {"matched_text": mark, "type": "file", "name": "contract.pdf", "id": "file_1"}
    assert answer(f"It ends in May{mark}.", content_references=[reference]) == ("It ends in May (contract.pdf).", ())
