"""Gemini's activities: prompts and answers, combined as well as Google's file allows."""

# ruff: noqa: E501 - pages as they are written

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Conversation
from desktop.errors import TransferError
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.html_markdown import markdown_of
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from desktop.transfer.source import Source
from tests.desktop.transfer.made import AT, said


def activity(title: str, time: str, answer: str = "<p>so</p>", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    held: dict[str, Any] = {"header": "Gemini Apps", "title": title, "time": time, "products": ["Gemini Apps"]}
    return {**held, **({"safeHtmlItem": [{"html": answer}]} if answer else {}), **fields}


def chat(id_: str) -> dict[str, Any]:
    address = f"https://gemini.google.com/app/{id_}"
    return {"details": [{"name": address, "url": address}]}


def detected(*activities: object) -> Source:
    return detect("MyActivity.json", json.dumps(activities).encode())


def drafts(source: Source) -> list[Draft]:
    assert source.format.name == "Gemini"
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def conversations(source: Source) -> list[Conversation]:
    return [each.conversation for each in drafts(source)]


def test_prompts_of_one_chat_are_one_conversation_however_far_apart() -> None:
    source = detected(
        activity("Prompted and?", "2026-03-09T05:00:00.5Z", "<p>thus</p>", **chat("aaaaaaaa1111")),
        activity("Prompted other", "2026-03-04T05:06:08Z", **chat("bbbbbbbb2222")),
        activity("Prompted why?", "2026-03-04T05:06:07Z", **chat("aaaaaaaa1111")),
    )
    long, other = sorted(conversations(source), key=lambda each: -len(each.messages))
    assert source.notice == ""
    assert said(other) == [("user", "other"), ("assistant", "so")]
    assert said(long) == [("user", "why?"), ("assistant", "so"), ("user", "and?"), ("assistant", "thus")]
    assert long.messages[2].created_at.isoformat() == "2026-03-09T05:00:00.500000+00:00"
    assert long.title == "why?"
    assert str(long.model) == "imported-gemini/gemini"


def test_prompts_without_a_chat_are_put_together_by_their_times_and_that_is_said() -> None:
    source = detected(
        activity("Prompted three", "2026-03-04T06:30:00Z"),
        activity("Prompted two", "2026-03-04T05:30:00Z"),
        activity("Prompted one", "2026-03-04T05:06:07Z"),
    )
    found = conversations(source)
    assert [[role for role, _ in said(each)] for each in found] == [["user", "assistant"] * 2, ["user", "assistant"]]
    assert [each.messages[0].text for each in found] == ["one", "three"]
    assert "does not say which prompts belong to the same chat, so" in source.notice
    assert detected(activity("Prompted one", "2026-03-04T05:06:07Z")).notice == ""


def test_ids_stay_when_a_later_export_has_more() -> None:
    first = activity("Prompted one", "2026-03-04T05:06:07Z")
    more = activity("Prompted two", "2026-03-04T05:10:00Z")
    assert conversations(detected(first))[0].id == conversations(detected(more, first))[0].id


@pytest.mark.parametrize(
    ("title", "prompt"),
    [
        ("Prompted why?", "why?"),
        ("Prompted with: why?", "why?"),
        ("Prompted\xa0why?", "why?"),
        ("Asked Gemini: why?", "why?"),
        ("Submitted query why?", "why?"),
        ("Prompt : why?", "why?"),
        ("送信したメッセージ: why?", "why?"),
        ("Prompted why? Attached 2 files.", "why?"),
        ("Prompted so 1:\n2", "so 1:\n2"),
        ("Fragte warum", "Fragte warum"),
    ],
)
def test_the_verb_before_a_prompt_is_taken_off_where_it_is_known(title: str, prompt: str) -> None:
    (found,) = conversations(detected(activity(title, "2026-03-04T05:06:07Z")))
    assert found.messages[0].text == prompt


def test_activities_that_are_no_prompts_are_counted_and_other_products_are_not_looked_at() -> None:
    source = detected(
        {"header": "Search", "title": "Searched for x", "time": "2026-03-04T05:06:07Z", "products": ["Search"]},
        activity("Used Gemini Apps", "2026-03-04T05:06:07Z", ""),
        activity("Created Gemini Canvas titled x", "2026-03-04T05:06:07Z"),
        activity("Prompted why?", "2026-03-04T05:06:07Z", ""),
    )
    (draft,) = drafts(source)
    assert said(draft.conversation) == [("user", "why?")]
    assert source.notice == "Activities that are not prompts are left out (2)."


def test_files_are_named_once() -> None:
    held = activity(
        "Prompted why?",
        "2026-03-04T05:06:07Z",
        '<p>so</p><img src="out-1.png">',
        attachedFiles=["a-1.png", "b.pdf"],
        imageFile="b.pdf",
        subtitles=[{"name": "Attached 2 files."}, {"name": "-  a.png", "url": "a-1.png"}],
    )
    (draft,) = drafts(detected(held))
    asked, answered = draft.conversation.messages
    assert asked.text == "why?\n\n[Attachment: a.png]\n\n[Attachment: b.pdf]"
    assert answered.text == "so\n\n[Attachment: out-1.png]"
    assert draft.losses == ("Attachments: only their names are imported (3)",)


def test_an_answer_is_written_as_the_markdown_that_it_was() -> None:
    html = (
        "<p>Hello <strong>you</strong> &amp; <em>me</em>, <code>x &lt; 1</code>.</p><h3>Title</h3>"
        "<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul><ol><li>x</li><li>y</li></ol>"
        '<pre><code class="language-python">def f():\n\n\n    return "```"\n</code></pre>'
        "<blockquote><p>q1</p><p>q2</p></blockquote>"
        '<p><a href="https://a.example/x_(y)">link</a> <a href="javascript:x">no</a></p>'
        "<table><tr><th>A</th><th>B|</th></tr><tr><td>1</td></tr></table><script>bad()</script><hr>end<br>line"
    )
    assert markdown_of(html).said == (
        "Hello **you** & *me*, `x < 1`.\n\n### Title\n\n- a\n  - b\n- c\n\n1. x\n2. y\n\n"
        '````python\ndef f():\n\n\n    return "```"\n````\n\n> q1\n>\n> q2\n\n'
        "[link](https://a.example/x_%28y%29) no\n\n| A | B\\| |\n| --- | --- |\n| 1 |  |\n\n---\n\nend\nline"
    )


def cell(prompt: str, time: str, answer: str, header: str = "Gemini Apps", caption: str = "") -> str:
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        f'<div class="header-cell mdl-cell"><p class="mdl-typography--title">{header}<br></p></div>'
        f'<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">{prompt}<br>{time}<br>{answer}</div>'
        '<div class="content-cell mdl-cell mdl-typography--body-1 mdl-typography--text-right"></div>'
        f'<div class="content-cell mdl-cell mdl-typography--caption"><b>Products:</b><br>{caption}</div></div></div>'
    )


def page(*cells: str) -> bytes:
    head = "<html><head><meta charset='UTF-8'><title>My Activity</title></head><body><div class=\"mdl-grid\">"
    return f"{head}{''.join(cells)}</div></body></html>".encode()


def test_the_page_of_activities_is_read_like_the_json() -> None:
    held = page(
        cell("Watched x", "Mar 4, 2026, 5:06:07 AM UTC", "", header="YouTube"),
        cell("Prompted&nbsp;and &lt;b&gt;?", "Mar 4, 2026, 5:10:00\u202fAM UTC", "<p>thus<div>x</div></p>"),
        cell(
            'Prompted&nbsp;why?<br>two<br>-&nbsp;&nbsp;<a href="a.png">a.png</a>',
            "Mar 4, 2026, 5:06:07 AM UTC",
            "<p>so</p>",
        ),
        cell("Used Gemini Apps", "Mar 4, 2026, 5:06:07 AM UTC", ""),
    )
    source = detect("MyActivity.html", held)
    (draft,) = drafts(source)
    assert said(draft.conversation) == [
        ("user", "why?\ntwo\n\n[Attachment: a.png]"),
        ("assistant", "so"),
        ("user", "and <b>?"),
        ("assistant", "thus\n\nx"),
    ]
    assert draft.conversation.created_at.isoformat() == "2026-03-04T05:06:07+00:00"
    assert "Activities that are not prompts are left out (1)." in source.notice


def test_a_page_names_its_chats_where_google_does_and_times_of_other_places_are_read() -> None:
    link = '<a href="https://gemini.google.com/app/aaaaaaaa1111">x</a>'
    held = page(
        cell("Prompted&nbsp;and?", "05.03.2026, 16:05:06 MEZ", "<p>thus</p>", caption=link),
        cell("Prompted&nbsp;why?", "4 de mar. de 2026, 16:05:06 BRT", "<p>so</p>", caption=link),
    )
    (found,) = conversations(detect("x.html", held))
    assert [each.created_at.isoformat() for each in found.messages[::2]] == [
        "2026-03-04T19:05:06+00:00",
        "2026-03-05T15:05:06+00:00",
    ]


@pytest.mark.parametrize(
    "data", [b"<html></html>", page(cell("Watched x", "Mar 4, 2026, 5:06:07 AM UTC", "", "YouTube"))]
)
def test_other_pages_are_no_export(data: bytes) -> None:
    with pytest.raises(TransferError):
        detect("MyActivity.html", data)


def test_takeouts_zip_is_found_in_whatever_language_its_folders_are(tmp_path: Path) -> None:
    held = json.dumps([activity("Prompted why?", "2026-03-04T05:06:07Z")])
    for number, members in enumerate(
        (
            {"Takeout/Meine Aktivitäten/Gemini-Apps/MeineAktivitäten.json": held.encode()},
            {
                "Takeout/My Activity/Gemini Apps/MyActivity.html": page(
                    cell("Prompted x", "Mar 4, 2026, 5:06:07 AM", "y")
                )
            },
        )
    ):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("Takeout/archive_browser.html", "<html></html>")
            for name, data in members.items():
                archive.writestr(name, data)
        (source,) = open_file(path)
        assert len(conversations(source)) == 1


def turns(*held: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "Sky",
        "creation_time": "2026-03-04T05:00:00Z",
        "last_modification_time": "2026-03-04T06:00:00Z",
        "conversation_turns": list(held),
    }


def test_the_history_of_workspace_keeps_branches_thoughts_and_times() -> None:
    asked = {"user_turn": {"prompt": "why?", "turn_index": 0, "turn_last_modified": "2026-03-04T05:00:01Z"}}
    thought = {"headline": "Look", "description": "at it"}
    answers = [
        {"system_turn": {"text": [{"data": each}], "turn_index": 1, "model_thoughts": [thought], "images": ["i.png"]}}
        for each in ("so", "or so")
    ]
    again = {"user_turn": {"prompt": "and?", "turn_index": 2}}
    last = {"system_turn": {"text": [{"cards": [{"content": "thus"}]}], "turn_index": 3}}
    (draft,) = drafts(detect("conversation_1.txt", json.dumps(turns(asked, *answers, again, last)).encode()))
    found = draft.conversation
    assert (found.title, found.updated_at.hour) == ("Sky", 6)
    assert [each.text.partition("\n")[0] for each in found.messages] == ["why?", "so", "or so", "and?", "thus"]
    assert {each.parent for each in found.messages[1:3]} == {found.messages[0].id}
    assert found.messages[1].reasoning == "**Look**\n\nat it"
    assert found.messages[3].parent == found.messages[2].id
    assert draft.losses == ("Attachments: only their names are imported (2)",)
