"""Open WebUI's answers in `output`, merged answers, and content besides a message's text."""

from __future__ import annotations

import html
import json
from typing import Any

from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.format_detection import detect
from desktop.transfer.formats import open_webui
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT, said

TOOL = "Tool calls and their results are left out (1)"


def chat(asked: object = "why?", **answer: Any) -> Draft:  # noqa: ANN401 - any JSON
    messages = {
        "p": {"role": "user", "content": asked, "parentId": None},
        "a": {"role": "assistant", "model": "m", "content": "so", "parentId": "p", **answer},
    }
    (draft,) = open_webui.drafts({"chat": {"history": {"currentId": "a", "messages": messages}}}, AT)
    return draft


def piece(kind: str, text: str) -> dict[str, object]:
    return {"type": kind, "content": [{"type": "output_text", "text": text}]}


def test_an_answer_without_content_stands_in_its_output() -> None:
    call = {"type": "function_call", "call_id": "1"}
    found = {"type": "function_call_output", "call_id": "1", "output": [{"text": "x"}]}
    output = [piece("reasoning", "hm"), piece("message", "Wait."), call, found, piece("message", "So.")]
    draft = chat(content="", output=output)
    assert draft.conversation.path()[-1].parts == (ReasoningPart(text="hm"), TextPart(text="Wait.\n\nSo."))
    assert draft.losses == (TOOL,)
    assert said(chat(output=output).conversation)[-1] == ("assistant", "so")


def test_thoughts_that_stand_in_the_output_alone_lead_the_answer() -> None:
    output = [piece("reasoning", "hm"), piece("message", "So.")]
    answer = chat(content="So.", output=output).conversation.messages[-1]
    assert (answer.reasoning, answer.text) == ("hm", "So.")
    told = chat(content="So.", reasoning_content="why", output=output).conversation.messages[-1]
    assert told.reasoning == "why", "not twice"


def test_qwens_answers_stand_in_their_phases() -> None:
    phases = [{"phase": "think", "content": "hm"}, {"phase": "web_search"}, {"phase": "answer", "content": "So."}]
    draft = chat(content="", content_list=phases)
    assert draft.conversation.path()[-1].parts == (ReasoningPart(text="hm"), TextPart(text="So."))
    assert draft.losses == (TOOL,)


def test_merged_answers_are_one_more_answer() -> None:
    draft = chat(merged={"status": True, "content": "both"})
    prompt, *answers = draft.conversation.messages
    assert {(each.text, each.model and each.model.name) for each in answers} == {("so", "m"), ("both", "merged")}
    assert {each.parent for each in answers} == {prompt.id}
    assert said(draft.conversation)[-1] == ("assistant", "so")


def test_pictures_within_and_code_that_was_run_are_told() -> None:
    draft = chat([{"type": "text", "text": "why?"}, {"type": "image_url"}], code_executions=[{"code": "1"}])
    assert said(draft.conversation)[0] == ("user", "why?\n\n[Attachment: image]")
    assert draft.losses == ("Attachments: only their names are imported (1)", TOOL)


def test_sources_that_only_code_seems_to_cite_are_told() -> None:
    sources = [{"source": {"name": f"https://{letter}.example"}} for letter in "ab"]
    draft = chat(content="`sys.argv[1]` as said[2]:\n\n```\nx[1]\n```\n\nThat is all.", sources=sources)
    assert said(draft.conversation)[-1][1].endswith("That is all.\n\n[2]: https://b.example")
    assert draft.losses == ("Citations whose source is not in the file are left out (1)",)


def test_what_qwen_thought_is_kept_in_every_form() -> None:
    summary = {"summary_title": {"content": ["Greeting", "End"]}, "summary_thought": {"content": ["I know it."]}}
    phases = [{"phase": "thinking_summary", "content": "", "extra": summary}, {"phase": "answer", "content": "So."}]
    thought = ReasoningPart(text="**Greeting**\n\nI know it.\n\n**End**")
    assert chat(content="", content_list=phases).conversation.path()[-1].parts == (thought, TextPart(text="So."))
    assert chat(content="So.", content_list=phases).conversation.path()[-1].parts == (thought, TextPart(text="So."))
    draft = chat(content="", reasoning_content="hm", content_list=phases[1:])
    assert draft.conversation.path()[-1].parts == (ReasoningPart(text="hm"), TextPart(text="So."))
    assert chat(reasoning_content="hm").conversation.path()[-1].parts == (ReasoningPart(text="hm"), TextPart(text="so"))


def test_a_picture_of_qwens_is_named_with_its_address() -> None:
    draft = chat(content="", content_list=[{"phase": "image_gen", "content": "https://a.example/x.png"}])
    assert said(draft.conversation)[-1] == ("assistant", "[Attachment: image]\n\n[image](https://a.example/x.png)")
    assert draft.losses == ("Attachments: only their names are imported (1)",)


def test_one_chat_that_qwens_site_wraps_is_read() -> None:
    history = {"messages": {"p": {"role": "user", "content": "why?"}, "a": {"role": "assistant", "content": "so"}}}
    data = json.dumps({"success": True, "data": {"id": "c", "chat": {"history": history}}})
    assert detect("q.json", data.encode()).count == 1


def test_what_an_answer_asked_is_said() -> None:
    questions = [{"header": "H", "question": "Which?", "options": [{"label": "A", "description": "x"}, {"label": "B"}]}]
    call = {"type": "function_call", "name": "ask_user", "arguments": json.dumps({"questions": questions})}
    for content, shown in (("", "Which?\n\n- A\n- B"), ("so", "so\n\nWhich?\n\n- A\n- B")):
        assert said(chat(content=content, output=[call]).conversation)[-1] == ("assistant", shown)
    odd = chat(content="", output=[{**call, "arguments": "{"}, piece("message", "So.")])
    assert (said(odd.conversation)[-1], odd.losses) == (("assistant", "So."), (TOOL,))


def test_code_that_an_answer_ran_is_kept_with_what_it_printed() -> None:
    run = {"type": "open_webui:code_interpreter", "code": "print(1)", "lang": "python", "output": {"stdout": "1"}}
    shown = "```python\nprint(1)\n```\n\n```\n1\n```"
    assert said(chat(content="", output=[run, piece("message", "So.")]).conversation)[-1][1] == f"{shown}\n\nSo."
    output = html.escape(json.dumps({"stdout": "1", "stderr": ""}))
    details = f'<details type="code_interpreter" done="true" output="{output}">\n<summary>Analyzed</summary>\n'
    draft = chat(content=f"{details}```python\nprint(1)\n```\n</details>\nSo.")
    assert (said(draft.conversation)[-1][1], draft.losses) == (f"{shown}\n\nSo.", ())
