"""Exports of Claude, Open WebUI, LibreChat, Chatbox, ChatbotUI and big-AGI in their own structures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.conversation_types import Role, Status
from desktop.domain.message_parts import ReasoningPart, TextPart, ToolCallPart
from desktop.transfer.formats import big_agi, chatbotui, chatbox, claude, librechat, open_webui
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT, kept, only, said

ZERO = "00000000-0000-0000-0000-000000000000"


def test_claudes_messages_stand_in_a_row_without_parents() -> None:
    messages = [
        {"uuid": "1", "sender": "human", "text": "why?", "created_at": "2025-01-02T03:04:05.678901Z"},
        {"uuid": "2", "sender": "assistant", "text": "because"},
    ]
    found = only(claude.drafts({"uuid": "u", "name": "Sky", "chat_messages": messages}, AT))
    assert said(found) == [("user", "why?"), ("assistant", "because")]
    assert found.messages[0].created_at.isoformat() == "2025-01-02T03:04:05.678000+00:00"
    assert str(found.model) == "imported-claude/claude"


def test_claudes_newer_exports_have_branches_thoughts_tools_and_attachments() -> None:
    content = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "so"},
        {"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}},
        {"type": "tool_result", "content": "x"},
    ]
    attachments = [{"file_name": "a.txt", "extracted_content": "line"}, {"file_name": "b.png"}]
    messages = [
        {"uuid": "1", "sender": "human", "text": "why?", "parent_message_uuid": ZERO, "attachments": attachments},
        {"uuid": "2", "sender": "assistant", "content": content, "parent_message_uuid": "1"},
        {"uuid": "3", "sender": "assistant", "text": "other", "parent_message_uuid": "1"},
    ]
    item = {"uuid": "u", "name": "", "chat_messages": messages, "current_leaf_message_uuid": "2"}
    (draft,) = claude.drafts(item, AT)
    prompt, first, second = draft.conversation.messages
    assert prompt.text == "why?\n\n[Attachment: a.txt]\n\n```\nline\n```\n\n[Attachment: b.png]"
    assert first.parts == (
        ReasoningPart(text="hm"),
        TextPart(text="so"),
        ToolCallPart(id="t", name="look", arguments='{"at":1}'),
    )
    assert (first.parent, second.parent, draft.conversation.current) == (prompt.id, prompt.id, first.id)
    assert draft.conversation.title == "why?"
    assert len(draft.losses) == 2


def test_open_webui_keeps_its_tree_pins_and_reasoning() -> None:
    details = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n&gt; a &lt; b\n</details>\nIt is.'
    messages = {
        "p": {"id": "p", "parentId": None, "role": "user", "content": "why?", "timestamp": 1_700_000_000},
        "a": {"id": "a", "parentId": "p", "role": "assistant", "content": details, "model": "llama3", "done": True},
        "b": {"id": "b", "parentId": "p", "role": "assistant", "content": "half", "model": "qwen", "done": False},
    }
    chat = {"title": "Sky", "models": ["llama3"], "history": {"currentId": "a", "messages": messages}}
    item = {"id": "1", "chat": chat, "pinned": True, "updated_at": 1_700_000_100_000_000_000}
    (draft,) = open_webui.drafts(item, AT)
    found = draft.conversation
    assert draft.pinned
    assert found.model.name == "llama3"
    assert (found.messages[1].reasoning, found.messages[1].text) == ("a < b", "It is.")
    assert found.messages[2].status is Status.INTERRUPTED
    assert found.updated_at.timestamp() == 1_700_000_100
    assert said(found)[-1] == ("assistant", "It is.")


def test_open_webuis_old_chats_have_no_wrapper() -> None:
    item = {"id": "1", "title": "Sky", "messages": [{"role": "user", "content": "why?"}], "models": ["m"]}
    assert said(only(open_webui.drafts(item, AT))) == [("user", "why?")]


def test_librechats_nested_and_flat_messages_are_the_same_tree() -> None:
    prompt = {"messageId": "p", "parentMessageId": ZERO, "isCreatedByUser": True, "text": "why?"}
    answers = [
        {"messageId": "a", "parentMessageId": "p", "sender": "GPT", "model": "gpt-4o", "text": "one"},
        {"messageId": "b", "parentMessageId": "p", "sender": "GPT", "content": [{"type": "text", "text": "two"}]},
    ]
    whole = {"conversationId": "c", "title": "Sky", "endpoint": "openAI", "options": {"model": "gpt-4o"}}
    nested = only(librechat.drafts({**whole, "messagesTree": [{**prompt, "children": answers}]}, AT))
    flat = only(librechat.drafts({**whole, "branches": True, "messages": [prompt, *answers]}, AT))
    assert nested == flat
    assert [message.text for message in flat.messages] == ["why?", "one", "two"]
    assert flat.messages[1].parent == flat.messages[2].parent == flat.messages[0].id


def test_librechats_tree_may_be_ten_thousand_deep() -> None:
    tree: dict[str, object] = {"messageId": "0", "isCreatedByUser": True, "text": "x"}
    for number in range(1, 10_000):
        tree = {"messageId": str(number), "isCreatedByUser": True, "text": "x", "children": [tree]}
    assert len(only(librechat.drafts({"conversationId": "c", "messagesTree": [tree]}, AT)).messages) == 10_000


def test_chatbox_keeps_threads_forks_figures_and_stars_and_never_settings() -> None:
    answer = {
        "id": "a",
        "role": "assistant",
        "model": "deepseek",
        "contentParts": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "one"}],
        "usage": {"inputTokens": 3, "outputTokens": 4},
        "firstTokenLatency": 120,
        "timestamp": 1_700_000_001_000,
    }
    prompt = {"id": "p", "role": "user", "content": "why?", "timestamp": 1_700_000_000_000}
    other = {"id": "b", "role": "assistant", "content": "two"}
    session = {
        "messages": [{"id": "s", "role": "system", "content": "Be brief."}, prompt, answer],
        "messageForksHash": {"p": {"position": 0, "lists": [{"id": "l", "messages": [other]}]}},
        "threads": [{"id": "t", "name": "Older", "messages": [{"id": "q", "role": "user", "content": "before"}]}],
        "settings": {"apiKey": "sk-secret"},
    }
    item = {"entry": {"id": "1", "name": "Sky", "starred": True}, "session": session}
    main, older = chatbox.drafts(item, AT)
    assert (main.pinned, older.pinned, older.conversation.title) == (True, False, "Older")
    assert main.conversation.system == "Be brief."
    assert said(main.conversation) == [("user", "why?"), ("assistant", "one")]
    assert {message.text for message in main.conversation.messages} == {"why?", "one", "two"}
    kept = main.conversation.path()[-1]
    assert kept.usage is not None
    assert (kept.usage.input_tokens, kept.usage.output_tokens, kept.reasoning) == (3, 4, "hm")
    assert kept.figures is not None
    assert kept.figures.ttft_ms == 120
    assert "sk-secret" not in repr((main, older))


def test_chatbotui_without_times_takes_the_import_s_and_ids_of_its_text() -> None:
    item = {"name": "Sky", "model": {"id": "gpt-4"}, "messages": [{"role": "user", "content": "why?"}]}
    found = only(chatbotui.drafts(item, AT))
    assert (found.created_at, found.title) == (AT, "Sky")
    assert only(chatbotui.drafts(item, AT.replace(year=2027))).id == found.id
    assert str(found.model) == "imported-chatbotui/gpt-4"


def test_big_agi_reads_fragments_and_older_texts() -> None:
    fragments = [
        {"ft": "content", "part": {"pt": "ma", "aText": "hm"}},
        {"ft": "content", "part": {"pt": "text", "text": "so"}},
        {"ft": "attachment", "title": "a.pdf", "part": {"pt": "doc"}},
    ]
    messages = [
        {"id": "1", "role": "user", "text": "why?", "created": 1_700_000_000_000},
        {"id": "2", "role": "assistant", "fragments": fragments, "originLLM": "gpt-4"},
    ]
    (draft,) = big_agi.drafts({"id": "c", "autoTitle": "Sky", "messages": messages}, AT)
    answer = draft.conversation.messages[1]
    assert (answer.reasoning, answer.text) == ("hm", "so\n\n[Attachment: a.pdf]")
    assert draft.losses == ("Attachments: only their names are imported (1)",)
    assert draft.conversation.model.name == "gpt-4"


def test_strange_values_give_nothing_or_what_can_be_read() -> None:
    values: list[Any] = [None, 1, "x", [], {}, [None]]
    for format_ in (claude, open_webui, librechat, chatbox, chatbotui, big_agi):
        for value in values:
            keys = ("chat_messages", "chat", "history", "messages", "messagesTree", "session", "entry")
            assert kept(format_.drafts(dict.fromkeys(keys, value), AT)) == []
            list(format_.drafts({**{key: [{"role": value, "content": value}] for key in keys}, "chat": value}, AT))
            assert kept(format_.drafts(value, AT)) == []


def test_open_webuis_tags_come_along_in_either_shape() -> None:
    messages = [{"role": "user", "content": "why?"}]
    for tags in (
        {"meta": {"tags": ["rome_trip", "work", "work"]}},
        {"chat": {"tags": [{"name": "rome_trip"}, {"name": "work"}]}},
    ):
        item = {"id": "1", "title": "t", **tags, "chat": {"messages": messages, **tags.get("chat", {})}}
        (draft,) = open_webui.drafts(item, AT)
        assert draft.tags == ("rome trip", "work")


def librechats(**answer: object) -> Draft:
    prompt = {"messageId": "p", "parentMessageId": ZERO, "isCreatedByUser": True, "text": "why?"}
    held = {"messageId": "a", "parentMessageId": "p", "sender": "GPT", **answer}
    (draft,) = librechat.drafts({"conversationId": "c", "messages": [prompt, held]}, AT)
    return draft


def test_librechats_citations_are_numbered_links_in_letters_and_as_signs() -> None:
    found = {"turn": 0, "organic": [{"link": "https://a.example/1"}], "topStories": [{"link": "https://b.example/2"}]}
    text = (
        r"One \ue202turn0search0. Two\ue200\ue202turn0search0\ue202turn0news0\ue201."
        "Three \ue203words\ue204 \ue202turn0search0. None\ue202turn0search7. `code \\ue202turn0search0`"
    )
    draft = librechats(text=text, attachments=[{"type": "web_search", "name": "web_search_1", "web_search": found}])
    one, two = "[[1]](https://a.example/1)", "[[2]](https://b.example/2)"
    assert draft.conversation.messages[-1].text == (
        f"One {one}. Two {one}{two}.Three words {one}. None. `code \\ue202turn0search0`"
    )
    assert draft.losses == ("Citations whose source is not in the file are left out (1)",)


def test_what_was_said_while_an_answer_of_librechats_ran_is_a_quotation_in_it() -> None:
    held = [{"type": "text_delta", "text_delta": "One."}, {"type": "steer", "steer": "Be\nshort"}]
    answer = librechats(content=[*held, {"type": "text", "text": "Two."}])
    assert answer.conversation.messages[-1].text == "One.\n\n> Be\n> short\n\nTwo."
    assert answer.losses == ()


def test_librechats_errors_keep_their_words() -> None:
    answer = librechats(content=[{"type": "text", "text": "Part."}, {"type": "error", "text": {"value": "Too many"}}])
    message = answer.conversation.messages[-1]
    assert message.status is Status.FAILED
    assert message.problem is not None
    assert message.problem.message == "Too many"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("| a |\n|---|\n| 1 |\n@\nx\n:::", "| a |\n|---|\n| 1 |\n\n**T**\n\nx\n"),
        ('@ title="A \\"b\\" {c}"}\nx\n:::', '**A "b" {c}**\n\nx\n'),
        ("\r\n@\r\nx\r\n:::\r\nAfter", "\n**T**\n\nx\nAfter"),
        (
            "@\n```md\n# G\n:::note\nn\n:::\n```py\n1\n```\nend\n```\n:::\nAfter",
            "**T**\n\n````md\n# G\n:::note\nn\n:::\n```py\n1\n```\nend\n````\nAfter",
        ),
        (
            "@\n```js\n1\n```\n:::\nWords\n```py\n2\n```\n:::",
            "**T**\n\n```js\n1\n```\nWords\n```py\n2\n```\n:::",
        ),
    ],
)
def test_librechats_documents_are_told_from_what_stands_around(text: str, shown: str) -> None:
    begun = ':::artifact{identifier="a"'
    written = text.replace("@ ", f"{begun} ") if "@ " in text else text.replace("@", f'{begun} title="T"}}')
    answer = {"messageId": "1", "sender": "GPT", "text": written}
    (message,) = only(librechat.drafts({"conversationId": "c", "messages": [answer]}, AT)).messages
    assert message.text == shown


def test_librechats_documents_stand_under_their_titles() -> None:
    made = ':::artifact{identifier="a" type="text/html" title="The *sky*"}\n```html\n<b>:::</b>\n:::\n```\n:::\nDone.'
    text = f"Here:\n{made}\n```\n:::artifact{{x}}\n```"
    message = {"messageId": "1", "sender": "Model", "isCreatedByUser": False, "text": text}
    found = only(librechat.drafts({"conversationId": "c", "title": "Sky", "messages": [message]}, AT))
    assert said(found)[-1][1] == (
        "Here:\n**The sky**\n\n```html\n<b>:::</b>\n:::\n```\nDone.\n```\n:::artifact{x}\n```"
    )


def test_what_a_prompt_of_librechats_quotes_stands_before_it() -> None:
    prompt = {
        "messageId": "p",
        "parentMessageId": ZERO,
        "isCreatedByUser": True,
        "text": "Why?",
        "quotes": ["So\nit is"],
    }
    found = only(librechat.drafts({"conversationId": "c", "messages": [prompt]}, AT))
    assert found.messages[0].text == "> So\n> it is\n\nWhy?"


def test_what_an_answer_of_librechats_asked_stands_with_the_reply() -> None:
    asked = {
        "question": "Which state?",
        "options": [{"label": "Ohio", "value": "oh"}, {"label": "Texas", "value": "tx"}],
    }
    call = {"name": "ask_user_question", "args": json.dumps(asked), "output": "tx"}
    answer = librechats(content=[{"type": "tool_call", "tool_call": call}, {"type": "text", "text": "Then so."}])
    assert answer.conversation.messages[-1].text == "Which state?\n\n- Ohio\n- Texas\n\n> Texas\n\nThen so."
    assert answer.losses == ()


@pytest.mark.parametrize("branches", [True, False])
def test_librechats_answers_side_by_side_are_two_of_their_models(branches: bool) -> None:
    first, added = "openAI__gpt-5___GPT", "anthropic__claude-x____1"
    content = [
        {"type": "text", "text": "Canberra.", "groupId": 1, "agentId": first},
        {"type": "text", "text": "Sydney.", "groupId": 1, "agentId": added},
        {"type": "text", "text": "More.", "groupId": 1, "agentId": first},
    ]
    messages = [
        {"messageId": "p", "parentMessageId": ZERO, "isCreatedByUser": True, "text": "Capital?"},
        {"messageId": "a", "parentMessageId": "p", "sender": "GPT", "content": content},
        {"messageId": "q", "parentMessageId": "a", "isCreatedByUser": True, "text": "Sure?"},
    ]
    found = only(librechat.drafts({"conversationId": "c", "branches": branches, "messages": messages}, AT))
    assert said(found) == [("user", "Capital?"), ("assistant", "Canberra.\n\nMore."), ("user", "Sure?")]
    beside = next(each for each in found.messages if each.text == "Sydney.")
    assert (beside.parent, beside.model and beside.model.name) == (found.messages[0].id, "claude-x")


def test_code_that_an_answer_of_librechats_ran_stands_in_it() -> None:
    call = {"name": "execute_code", "args": {"lang": "py", "code": "print(1)"}, "output": "1"}
    thought = {"type": "think", "think": {"value": "hm"}}
    answer = librechats(content=[thought, {"type": "agent_update"}, {"type": "tool_call", "tool_call": call}])
    [*thoughts, _], text = answer.conversation.messages[-1].parts, answer.conversation.messages[-1].text
    assert (thoughts, text) == ([ReasoningPart(text="hm")], "```py\nprint(1)\n```\n\n```\n1\n```")
    assert answer.losses == ()


def test_librechats_agents_that_work_on_one_answer_are_named_in_it() -> None:
    content = [
        {"type": "text", "text": "I ask both.", "agentId": "agent_main"},
        {"type": "text", "text": "One says so.", "groupId": 1, "agentId": "agent_one"},
        {"type": "text", "text": "The other too.", "groupId": 1, "agentId": "agent_two"},
        {"type": "text", "text": "In sum.", "agentId": "agent_main"},
    ]
    answer = librechats(content=content)
    assert answer.conversation.messages[-1].text.split("\n\n") == [
        *("**agent_main**", "I ask both.", "**agent_one**", "One says so."),
        *("**agent_two**", "The other too.", "**agent_main**", "In sum."),
    ]
    assert answer.losses == ()


def test_librechats_answers_side_by_side_have_the_same_sources() -> None:
    found = {"type": "web_search", "web_search": {"turn": 0, "organic": [{"link": "https://a.b/one"}]}}
    cited = [
        {"type": "text", "text": "So \ue202turn0search0.", "groupId": 1, "agentId": agent}
        for agent in ("openAI__gpt-5", "anthropic__claude-x____1")
    ]
    answer = librechats(content=cited, attachments=[found])
    answers = [each.text for each in answer.conversation.messages if each.role is Role.ASSISTANT]
    assert answers == ["So [[1]](https://a.b/one)."] * 2
    assert answer.losses == ()
