"""ChatGPT's thinking models: what they did while they thought, how their answers ended, pictures that came later."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.conversation_types import Message, Status
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats.chatgpt import drafts
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_node, only

THINKS: dict[str, Any] = {"metadata": {"reasoning_status": "is_reasoning", "model_slug": "gpt-5-thinking"}}


def thoughts(id_: str, parent: str, said: str, **message: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    content = {"content_type": "thoughts", "thoughts": [{"summary": "", "content": said}]}
    return chatgpt_node(id_, parent, "assistant", content=content, **{**THINKS, **message})


def messages(*nodes: dict[str, Any]) -> tuple[Message, ...]:
    """What becomes of nodes below a prompt, each below the one before."""
    above = chatgpt_node("p", "root")
    for each in nodes:
        above["children"] = [each["id"]]
        each["parent"], above = above["id"], each
    whole = chatgpt(chatgpt_node("p", "root") | {"children": [nodes[0]["id"]]}, *nodes, current_node=nodes[-1]["id"])
    return only(drafts(whole, AT)).messages


def test_thoughts_that_the_export_left_in_progress_end_no_answer() -> None:
    said = chatgpt_node("a", "", "assistant", ["So."], status="finished_successfully", end_turn=True)
    _, found = messages(thoughts("t", "", "hm", status="in_progress"), said)
    assert (found.text, found.status) == ("So.", Status.COMPLETE)
    assert found.parts[0] == ReasoningPart(text="hm")


def test_files_without_lists_of_children_say_by_parents_what_goes_on() -> None:
    first = chatgpt_node("t", "p", "assistant", ["Let me look."], status="in_progress")
    said = chatgpt_node("a", "t", "assistant", ["So."], status="finished_successfully", end_turn=True)
    for each in (first, said):
        each.pop("children", None)
    found = only(drafts(chatgpt(chatgpt_node("p", "root"), first, said, current_node="a"), AT)).messages
    assert {each.status for each in found} == {Status.COMPLETE}


def test_an_empty_thought_behind_an_answer_does_not_interrupt_it() -> None:
    said = chatgpt_node("a", "", "assistant", ["So."], status="finished_successfully", end_turn=True)
    _, found = messages(said, thoughts("t", "", "", status="in_progress"))
    assert (found.text, found.status) == ("So.", Status.COMPLETE)


def test_an_answer_that_really_broke_off_is_interrupted() -> None:
    _, found = messages(thoughts("t", "", "hm"), chatgpt_node("a", "", "assistant", ["So"], status="in_progress"))
    assert (found.text, found.status) == ("So", Status.INTERRUPTED)


@pytest.mark.parametrize("recipient", ["python", "container.exec"])
def test_what_a_model_ran_while_it_thought_is_thought(recipient: str) -> None:
    code = {"content_type": "code", "language": "unknown", "text": "cat notes"}
    ran = chatgpt_node("c", "", "assistant", content=code, recipient=recipient, **THINKS)
    out = chatgpt_node("o", "", "tool", content={"content_type": "execution_output", "text": "secret rules"}, **THINKS)
    _, found = messages(ran, out, chatgpt_node("a", "", "assistant", ["Done."], end_turn=True))
    assert found.text == "Done."
    (thought,) = (part for part in found.parts if isinstance(part, ReasoningPart))
    language = "python" if recipient == "python" else "sh"
    assert thought.text == f"```{language}\ncat notes\n```\n\n```\nsecret rules\n```"


def test_code_that_was_shown_is_code_of_the_answer() -> None:
    ran = chatgpt_node("c", "", "assistant", ["a = 1\r\nprint(a)"], recipient="python", channel="commentary")
    out = chatgpt_node("o", "", "tool", content={"content_type": "execution_output", "text": "1"})
    _, found = messages(ran, out, chatgpt_node("a", "", "assistant", ["Done."], channel="final", end_turn=True))
    assert found.text == "```python\na = 1\nprint(a)\n```\n\n```\n1\n```\n\nDone."


def test_a_call_of_the_shell_is_its_line() -> None:
    call = '{"cmd": ["bash", "-lc", "ls /mnt"], "timeout": 5}'
    ran = chatgpt_node("c", "", "assistant", content={"content_type": "code", "text": call}, recipient="container.exec")
    assert messages(ran)[1].parts == (TextPart(text="```sh\nls /mnt\n```"),)


def test_a_picture_that_was_drawn_later_is_shown_though_it_weighs_nothing() -> None:
    drawn = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 1, "height": 1}
    made = chatgpt_node("i", "", "tool", content={"content_type": "multimodal_text", "parts": [drawn]}, weight=0)
    call = chatgpt_node("c", "", "assistant", content={"content_type": "code", "text": "{}"}, recipient="image.text2im")
    _, found = messages(call, made)
    assert found.text == "[Attachment: image]"
    hidden = chatgpt_node("i", "", "tool", ["never shown"], weight=0)
    assert "never" not in "".join(each.text for each in messages(call, hidden))
