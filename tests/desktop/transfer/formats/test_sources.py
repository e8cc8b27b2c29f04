"""Citations, replies and errors of answers are imported or reported as losses."""

from __future__ import annotations

from typing import Any

from desktop.domain.conversation_types import Status
from desktop.transfer.formats import chatgpt, claude, open_webui
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT, chatgpt_node
from tests.desktop.transfer.made import chatgpt as exported


def of_open_webui(**fields: Any) -> Draft:  # noqa: ANN401 - any JSON
    held = {"a": {"id": "a", "role": "assistant", "parentId": None, **fields}}
    (draft,) = open_webui.drafts({"id": "c", "chat": {"history": {"messages": held, "currentId": "a"}}}, AT)
    return draft


def of_chatgpt(said: str, role: str = "assistant", **metadata: Any) -> Draft:  # noqa: ANN401 - any JSON
    (draft,) = chatgpt.drafts(exported(chatgpt_node("1", "root", role, [said], metadata=metadata)), AT)
    return draft


def only_text(draft: Draft) -> str:
    (message,) = draft.conversation.messages
    return message.text


def test_what_a_prompt_replies_to_stands_above_it() -> None:
    draft = of_chatgpt("what does this mean?", "user", targeted_reply="main = x\n\ny")
    assert only_text(draft) == "> main = x\n>\n> y\n\nwhat does this mean?"


def test_the_oldest_marks_are_links_or_gone() -> None:
    mark = ":contentReference[oaicite:0]{index=0}"
    known = {"matched_text": mark, "url": "https://a.example"}
    said = f"In 2023 {mark}. Also&#8203;:contentReference[oaicite:1]{{index=1}} and [oaicite:2]."
    draft = of_chatgpt(said, content_references=[known])
    assert only_text(draft) == "In 2023 [[1]](https://a.example). Also and."
    assert draft.losses == ("Citations whose source is not in the file are left out (2)",)


def test_marks_that_are_taken_out_leave_one_space() -> None:
    one, two, three = (f"\ue200cite\ue202turn0search{number}\ue201" for number in range(3))
    said = f"More {one} then {two} end {three}."
    assert only_text(of_chatgpt(said)) == "More then end."


def test_a_call_with_pictures_is_named_by_what_is_heard() -> None:
    pointer: dict[str, Any] = {"content_type": "real_time_user_audio_video_asset_pointer", "frames_asset_pointers": []}
    node = chatgpt_node("1", "root", "user", content={"content_type": "multimodal_text", "parts": [pointer]})
    (draft,) = chatgpt.drafts(exported(node), AT)
    assert only_text(draft) == "[Attachment: audio]"


def test_the_words_of_a_failure_come_along() -> None:
    draft = of_open_webui(content="", error={"content": "more system memory"}, done=True)
    (message,) = draft.conversation.messages
    assert message.status is Status.FAILED
    assert message.problem is not None
    assert message.problem.message == "more system memory"


def test_numbers_lead_to_the_sources_that_they_count() -> None:
    sources = [
        {
            "source": {"name": "doc.pdf"},
            "metadata": [{"source": "https://s.example/1"}, {"source": "https://s.example/1"}],
        },
        {"source": {"name": "https://s.example/2"}},
        {"source": {"name": "own.pdf"}},
    ]
    draft = of_open_webui(content="So [1] and [2], [3].", sources=sources)
    assert only_text(draft) == "So [1] and [2], [3].\n\n[1]: https://s.example/1\n[2]: https://s.example/2"
    assert draft.losses == ("Citations whose source is not in the file are left out (1)",)


def test_what_claude_cites_is_linked_where_it_is_cited() -> None:
    def cite(end: object, url: str) -> dict[str, object]:
        return {"start_index": 0, "end_index": end, "details": {"type": "web_search_citation", "url": url}}

    piece = {
        "type": "text",
        "text": "The capital is Y. It has 5 people.",
        "citations": [
            cite(34, "https://b.example"),
            cite(17, "https://a.example"),
            cite(17, "https://b.example"),
            cite(3, ""),
        ],
    }
    message = {"uuid": "1", "sender": "assistant", "content": [piece]}
    (draft,) = claude.drafts({"uuid": "u", "chat_messages": [message]}, AT)
    one, two = "[[1]](https://a.example)", "[[2]](https://b.example)"
    assert only_text(draft) == f"The capital is Y. {one}{two} It has 5 people. {two}"
    assert draft.losses == ("Citations whose source is not in the file are left out (1)",)
