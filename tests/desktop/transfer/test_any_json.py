"""Any JSON as any value of any export: it is imported, or refused in a sentence, and never an unexpected error."""

from __future__ import annotations

import copy
import functools
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.comparison import Comparison
from desktop.errors import StoreError, TransferError
from desktop.store.migrations import migrate
from desktop.store.records import insert, tags
from desktop.store.sqlite.sql import Sql
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.export.paragone_json import export, tail
from desktop.transfer.format_detection import detect
from desktop.transfer.formats import llm_database, paragone
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import _title
from tests.desktop.transfer.app_exports import (
    cherry_studio_export,
    gemini_export,
    gemini_history,
    jan_export,
    lm_studio_export,
    mistral_export,
    nextchat_export,
    typing_mind_export,
    witsy_export,
)
from tests.desktop.transfer.made import AT, arbitrary, chatgpt, chatgpt_node
from tests.examples import examples

DETAILS = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n&gt; a\n</details>\nIt is.'


def chatgpt_export() -> Any:  # noqa: ANN401 - any JSON, here and below
    image = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x", "size_bytes": 5}
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Look", "content": "at it"}]}
    code = {"content_type": "code", "language": "python", "text": "print('```')"}
    output = {"content_type": "execution_output", "text": "1"}
    named = {"attachments": [{"name": "a.txt", "id": "f"}]}
    ended = {"model_slug": "o3", "finish_details": {"type": "max_tokens"}}
    mark = "\ue200cite\ue202turn0search1\ue201"
    found: Any = {"url": "https://a.example", "ref_id": {"turn_index": 0, "ref_type": "search", "ref_index": 1}}
    cited: dict[str, Any] = {
        "search_result_groups": [{"entries": [found]}],
        "content_references": [{"matched_text": mark, "items": [{"url": "https://a.example", "refs": [{}]}]}],
        "citations": [{"start_ix": 0, "end_ix": 1, "metadata": {"url": "https://a.example"}}],
    }
    document = json.dumps({"name": "n", "type": "code/python", "content": "x"})
    canvas = {"content_type": "code", "text": document}
    return [
        chatgpt(
            chatgpt_node("p", "root", parts=["why?", image, {"text": "x"}], create_time=5.5, metadata=named),
            chatgpt_node("t", "p", "assistant", content=thoughts),
            chatgpt_node("c", "t", "assistant", content=code, recipient="python", channel="final"),
            chatgpt_node("o", "c", "tool", content=output, status="finished_successfully"),
            chatgpt_node("a", "o", "assistant", [f"It is one.{mark} 【1†x】"], metadata={**ended, **cited}, weight=1),
            chatgpt_node("d", "a", "assistant", content=canvas, recipient="canmore.create_textdoc"),
            current_node="a",
            is_archived=False,
            pinned_time=None,
            default_model_slug="gpt-4o",
        )
    ]


def deepseek_export() -> Any:  # noqa: ANN401
    results = [{"url": "https://a.example", "cite_index": 1}]
    said = [{"type": "SEARCH", "results": results}, {"type": "THINK", "content": "hm"}]
    said.append({"type": "RESPONSE", "content": "so [citation:1]"})
    asked = [{"type": "FILE", "files": [{"file_name": "a"}]}, {"type": "REQUEST", "content": "why?"}]
    at = "2025-02-01T10:00:00+08:00"
    mapping = {
        "root": {"id": "root", "parent": None, "message": None},
        "1": {"parent": "root", "message": {"fragments": asked, "files": [{"file_name": "a"}], "inserted_at": at}},
        "2": {"parent": "1", "message": {"fragments": said, "model": "deepseek", "inserted_at": at}},
        "3": {"parent": "1", "message": {"content": "so", "reasoning_content": "hm", "role": "ASSISTANT"}},
    }
    return [{"id": "c", "title": "Sky", "inserted_at": at, "updated_at": at, "mapping": mapping}]


def claude_export() -> Any:  # noqa: ANN401
    content = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "so"},
        {"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}},
        {"type": "tool_result", "content": "x"},
    ]
    messages = [
        {
            "uuid": "1",
            "sender": "human",
            "text": "why?",
            "created_at": "2025-01-02T03:04:05Z",
            "parent_message_uuid": "0",
            "attachments": [{"file_name": "a.txt", "extracted_content": "line"}],
            "files": [{"file_name": "a.txt"}, {"file_name": "b.txt"}],
        },
        {"uuid": "2", "sender": "assistant", "content": content, "parent_message_uuid": "1", "model": "claude"},
    ]
    return [
        {
            "uuid": "u",
            "name": "Sky",
            "created_at": "2025-01-02T03:04:05Z",
            "updated_at": "2025-01-02T03:04:05Z",
            "current_leaf_message_uuid": "2",
            "is_starred": True,
            "chat_messages": messages,
        }
    ]


def open_webui_export() -> Any:  # noqa: ANN401
    messages = {
        "p": {"id": "p", "parentId": None, "role": "user", "content": [{"text": "why?"}], "files": [{"name": "f"}]},
        "a": {
            "id": "a",
            "parentId": "p",
            "role": "assistant",
            "content": DETAILS,
            "model": "llama3",
            "done": True,
            "timestamp": 1_700_000_000,
            "usage": {"prompt_tokens": 3, "completion_tokens": 4},
            "error": None,
        },
    }
    history = {"currentId": "a", "messages": messages}
    chat: dict[str, Any] = {
        "title": "Sky",
        "models": ["llama3"],
        "history": history,
        "params": {"system": "Be short."},
        "tags": [{}],
    }
    return [{"id": "1", "chat": chat, "pinned": True, "updated_at": 1_700_000_100, "meta": {"tags": ["a_b"]}}]


def librechat_export() -> Any:  # noqa: ANN401
    content = [
        {"type": "think", "think": "hm"},
        {"type": "text", "text": {"value": "so"}},
        {"type": "image_file", "image_file": {"filename": "x.png"}},
    ]
    answer = {"messageId": "2", "sender": "GPT", "content": content, "model": "gpt", "unfinished": True, "children": []}
    prompt = {
        "messageId": "1",
        "parentMessageId": "0",
        "sender": "User",
        "text": "why?",
        "isCreatedByUser": True,
        "createdAt": "2025-01-02T03:04:05Z",
        "files": [{"filename": "a"}],
        "children": [answer],
    }
    options = {"model": "gpt", "promptPrefix": "Be short."}
    return {"conversationId": "c", "title": "Sky", "endpoint": "x", "options": options, "messagesTree": [prompt]}


def chatbox_export() -> Any:  # noqa: ANN401
    prompt = {"id": "1", "role": "user", "content": "why?", "files": [{"name": "a"}], "timestamp": 1_700_000_000_000}
    parts = [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "so"}, {"type": "image"}]
    usage = {"inputTokens": 3, "outputTokens": 4, "reasoningTokens": 1}
    answer = {"id": "2", "role": "assistant", "contentParts": parts, "usage": usage, "firstTokenLatency": 5.5}
    fork = {"1": {"lists": [{"messages": [{"id": "3", "role": "assistant", "content": "or", "error": "e"}]}]}}
    session = {"messages": [prompt, answer], "threads": [{"id": "t", "name": "old", "messages": [prompt]}]}
    held = {**session, "messageForksHash": fork, "settings": {"modelId": "m"}, "createdAt": 5}
    return {"chat-sessions-list": [{"id": "s", "name": "Sky", "starred": True}], "session:s": held}


def chatbotui_export() -> Any:  # noqa: ANN401
    messages = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]
    return {
        "version": 4,
        "history": [{"id": 1, "name": "n", "model": {"id": "m"}, "prompt": "p", "messages": messages}],
    }


def big_agi_export() -> Any:  # noqa: ANN401
    fragments = [
        {"part": {"pt": "text", "text": "so"}},
        {"part": {"pt": "ma", "aText": "hm"}},
        {"part": {"pt": "doc", "meta": {"srcFileName": "a"}}, "title": "t"},
    ]
    generator = {"name": "gpt", "tokenStopReason": "client-abort"}
    messages = [
        {"id": "1", "role": "user", "text": "why?", "created": 1_700_000_000_000},
        {"id": "2", "role": "assistant", "fragments": fragments, "generator": generator},
    ]
    entry = {"id": "c", "userTitle": "Sky", "autoTitle": "x", "systemPurposeId": "y", "messages": messages}
    return {"conversations": [{**entry, "created": 5, "updated": 6, "isArchived": True}]}


def paragone_export() -> Any:  # noqa: ANN401
    draft = arbitrary(random.Random(7), 7)
    compared = Comparison(id="k", title="t", created_at=AT, updated_at=AT)
    whole = export([draft.conversation], AT)
    end = tail((), empty=False)
    assert whole.endswith(end)
    return json.loads(whole.removesuffix(end) + tail((compared,), empty=False))


def llm_row() -> Any:  # noqa: ANN401
    response = {
        "id": "r",
        "model": "m",
        "prompt": "why?",
        "system": "s",
        "response": "so",
        "duration_ms": 5,
        "datetime_utc": "2025-01-02T03:04:05",
        "input_tokens": 1,
        "output_tokens": 2,
    }
    more = {
        **response,
        "reasoning": "hm",
        "options_json": "{}",
        "prompt_fragments": [1],
        "tool_calls": [{"name": "look", "arguments": "{}", "tool_call_id": "1"}],
        "tool_results": 1,
        "attachments": ["a.png"],
    }
    turn = {**response, "parent_message_hash": "p", "tip_message_hash": "t"}
    parts = [
        {"position": 0, "type": "text", "payload": '{"text_ref": [{"fragment": 1}, {"literal": "x"}]}'},
        {"position": 1, "type": "tool_call", "payload": '{"name": "look", "arguments": {"a": 1}}'},
        {"position": 2, "type": "attachment", "attachments": ["a.png"]},
        {"position": 3, "type": "reasoning", "text": "hm"},
    ]
    messages = [
        {"number": 1, "hash": "p", "parent_hash": None, "role": "user", "parts": [{"type": "text", "text": "why?"}]},
        {"number": 2, "hash": "t", "parent_hash": "p", "role": "assistant", "parts": parts},
    ]
    newer = {"turns": [turn], "messages": messages, "tip": "t", "fragments": {1: "novel"}}
    return {"id": "c", "name": "n", "model": "m", "responses": [response, more], **newer}


EXPORTS = {
    each.__name__: each()
    for each in (
        chatgpt_export,
        deepseek_export,
        claude_export,
        open_webui_export,
        librechat_export,
        chatbox_export,
        chatbotui_export,
        big_agi_export,
        cherry_studio_export,
        gemini_export,
        gemini_history,
        jan_export,
        lm_studio_export,
        mistral_export,
        nextchat_export,
        paragone_export,
        typing_mind_export,
        witsy_export,
    )
}
KINDS: tuple[Any, ...] = (
    *(None, True, -1, 10**4200, 1e300, float("nan"), "", "x", "\ud83d"),
    *([], {}, [[]], [{}], {"a": {}}),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 1 << 53, 1 << 70, 10**4200, 1e300, -1e300, 5.5])
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8)
    | st.sampled_from(["\ud83d", "\0", "user", "assistant", "system", "text", "1", "p", "2025-01-02", "```"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["text", "type", "id", "messages", "content_type", "name"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to each value in some JSON."""
    yield path
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(cast("list[object]", value)):
            yield from places(inner, (*path, place))


def replaced(value: Any, path: tuple[Any, ...], by: object) -> Any:  # noqa: ANN401
    """Return the JSON with one value replaced."""
    if not path:
        return by
    whole = copy.deepcopy(value)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = by
    return whole


@functools.cache
def empty() -> bytes:
    """Return the database of an empty store."""
    with closing(apsw.Connection(":memory:")) as made:
        migrate(Sql(made))
        return made.serialize("main")


def keep(draft: Draft) -> None:
    """Save a draft in an empty store; an error with a sentence counts as refused."""
    sql = Sql(apsw.Connection(":memory:"))
    sql.connection.deserialize("main", empty())  # pyright: ignore[reportUnknownMemberType]
    try:
        with sql.transaction():
            insert.insert(sql, draft.conversation)
            tags.put_all(sql, {draft.conversation.id: draft.tags})
    except StoreError:
        pass
    finally:
        sql.close()


def bring(data: bytes, seen: Counter[str], name: str = "x.json") -> None:
    """Import a file into the store; named errors count as refused, others are raised."""
    try:
        source = detect(name, data)
    except TransferError:
        seen["no export"] += 1
        return
    for place in range(source.count):
        try:
            held = source.read(place)
            _title(held)
            for draft in source.format.drafts(held, AT):
                keep(draft)
                seen["kept"] += 1
        except Unreadable:
            seen["unreadable"] += 1
    for place in range(source.comparisons):
        assert source.format.comparison is not None
        try:
            source.format.comparison(source.comparison(place))
            seen["compared"] += 1
        except Unreadable:
            seen["unreadable"] += 1


@pytest.mark.parametrize("name", EXPORTS)
def test_a_whole_export_is_kept(name: str) -> None:
    seen: Counter[str] = Counter()
    bring(json.dumps(EXPORTS[name]).encode(), seen)
    assert seen["kept"]
    assert set(seen) <= {"kept", "compared"}


@pytest.mark.long
@pytest.mark.parametrize("name", EXPORTS)
def test_each_value_of_an_export_may_be_each_kind_of_json(name: str) -> None:
    seen: Counter[str] = Counter()
    for path in places(EXPORTS[name]):
        for by in KINDS:
            bring(json.dumps(replaced(EXPORTS[name], path, by)).encode(), seen)
    assert seen["kept"] > 50


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_value_of_an_export_may_be_any_json(name: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*places(EXPORTS[name])]))
    held = replaced(EXPORTS[name], path, data.draw(JSON))
    bring(json.dumps(held).encode(), Counter())


@given(data=st.data())
def test_a_cell_of_a_log_may_hold_anything(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*places(llm_row())]))
    cell = st.none() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
    for draft in llm_database.drafts(replaced(llm_row(), path, data.draw(cell | JSON)), AT):
        keep(draft)


@given(data=st.data())
def test_a_line_of_a_thread_of_jan_may_hold_anything(data: st.DataObject) -> None:
    messages: Any = EXPORTS["jan_export"]["messages"]
    first = {**messages[0], "object": "thread.message"}
    path = data.draw(st.sampled_from([*places(messages[1])]))
    lines = [json.dumps(each) for each in (first, replaced(messages[1], path, data.draw(JSON)))]
    bring("\n".join(lines).encode(), Counter())


def test_what_paragone_wrote_comes_back_whole() -> None:
    """The fuzzer starts from a readable export."""
    assert paragone.drafts(EXPORTS["paragone_export"]["conversations"][0], AT)
