"""Small exports of desktop programs, browser extensions and sites, with every kind of content they can have."""

# ruff: noqa: ANN401 - any JSON

from __future__ import annotations

import json
from typing import Any


def lm_studio_export() -> Any:
    stats: Any = {"stopReason": "eosFound", "timeToFirstTokenSec": 0.5, "totalTimeSec": 2, "promptTokensCount": 3}
    run: Any = {"identifier": "qwen", "stats": {**stats, "predictedTokensCount": 4}}
    thought: Any = {"type": "text", "text": "hm", "isStructural": True}
    steps: Any = [
        {"type": "contentBlock", "style": {"type": "thinking"}, "content": [thought], "stepIdentifier": f"{10**12}-0"},
        {"type": "contentBlock", "content": [{"type": "text", "text": "so"}], "genInfo": run},
        {"type": "toolStatus"},
    ]
    file: Any = {"type": "file", "fileIdentifier": "a.png"}
    asked: Any = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "why?"}, file]}
    answered: Any = {"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "q"}, "steps": steps}
    messages: Any = [
        {"versions": [asked, asked], "currentlySelected": 1},
        {"versions": [answered], "currentlySelected": 0},
    ]
    fields: Any = [{"key": "llm.prediction.systemPrompt", "value": "Be short."}]
    held: Any = {
        "name": "Sky",
        "pinned": True,
        "createdAt": 10**12,
        "lastUsedModel": {"identifier": "q"},
        "looseFiles": [],
    }
    return {**held, "messages": messages, "perChatPredictionConfig": {"fields": fields}, "userLastMessagedAt": 10**12}


def jan_export() -> Any:
    names = "why?\n[ATTACHED_FILES]\n- file_id: f, name: a.pdf, size: 5\n[/ATTACHED_FILES]"
    asked: Any = {"id": "1", "role": "user", "content": [{"type": "text", "text": {"value": names}}]}
    asked |= {
        "created_at": 1_700_000_000,
        "metadata": {"parentId": None, "activeChildId": "2"},
        "attachments": [{"file_id": "f"}],
    }
    said: Any = [{"type": "reasoning", "text": {"value": "hm"}}, {"type": "text", "text": {"value": "so"}}]
    said.append({"type": "tool_call", "tool_name": "look"})
    meta: Any = {
        "parentId": "1",
        "usage": {"inputTokens": 3, "outputTokens": 4},
        "stopped": True,
        "tool_calls": [{"id": "1"}],
    }
    answered: Any = {"id": "2", "role": "assistant", "content": said, "created_at": 1_700_000_001_000, "metadata": meta}
    return {"title": "Sky", "exported_at": "2026-01-01T00:00:00Z", "messages": [asked, answered]}


def nextchat_export() -> Any:
    pieces: Any = [{"type": "text", "text": "why?"}, {"type": "image_url", "image_url": {"url": "/api/cache/1"}}]
    messages: Any = [
        {"id": "1", "role": "user", "content": pieces, "date": "28.11.2025, 19:38:05"},
        {"id": "2", "role": "assistant", "content": "so", "date": "", "model": "m", "streaming": True, "tools": [{}]},
    ]
    mask: Any = {"context": [{"role": "system", "content": "Be short."}], "modelConfig": {"model": "m"}}
    chat: Any = {
        "id": "s",
        "topic": "Sky",
        "memoryPrompt": "x",
        "lastUpdate": 10**12,
        "mask": mask,
        "messages": messages,
    }
    return {"chat-next-web-store": {"sessions": [chat], "currentSessionIndex": 0}, "access-control": {}}


def typing_mind_export() -> Any:
    answer: Any = {"uuid": "2", "role": "assistant", "content": "so", "model": "m", "usage": {"prompt_tokens": 3}}
    thread: Any = {"messages": [{**answer, "uuid": "3"}], "userMessageContent": [{"type": "text", "text": "or?"}]}
    asked: Any = [{"type": "text", "text": "why?"}, {"type": "image_url", "image_url": {"url": "https://a.example"}}]
    prompt: Any = {
        "uuid": "1",
        "role": "user",
        "content": asked,
        "createdAt": "2025-01-02T03:04:05Z",
        "threads": [thread],
    }
    chat: Any = {"id": "c", "chatID": "c", "chatTitle": "Sky", "model": "m", "createdAt": "2025-01-02T03:04:05Z"}
    return {"data": {"chats": [{**chat, "messages": [prompt, answer], "deletedAt": None}], "folders": []}}


def cherry_studio_export() -> Any:
    link: Any = {"results": {"results": [{"url": "https://a.example", "title": "A"}]}}
    blocks: Any = [
        {"id": "b1", "type": "main_text", "content": "why?"},
        {"id": "b2", "type": "thinking", "content": "hm"},
        {"id": "b3", "type": "code", "content": "x", "language": "python"},
        {"id": "b4", "type": "citation", "response": link, "knowledge": [{}]},
        {"id": "b5", "type": "file", "file": {"id": "f", "origin_name": "a.txt", "ext": ".txt"}},
        {"id": "b6", "type": "image", "url": "x"},
    ]
    model: Any = {"id": "m", "name": "M"}
    messages: Any = [
        {"id": "1", "role": "user", "blocks": ["b1", "b5"], "createdAt": "2025-01-02T03:04:05Z"},
        {
            "id": "2",
            "role": "assistant",
            "askId": "1",
            "blocks": ["b2", "b3", "b4", "b6"],
            "model": model,
            "usage": {"prompt_tokens": 3, "completion_tokens": 4},
        },
        {
            "id": "3",
            "role": "assistant",
            "askId": "1",
            "content": "so",
            "files": [{}],
            "foldSelected": True,
        },
        {"id": "4", "role": "user", "type": "clear"},
    ]
    topics: Any = [{"id": "t", "name": "Sky", "pinned": True, "prompt": "p", "createdAt": "2025-01-02T03:04:05Z"}]
    state: Any = {"assistants": json.dumps({"assistants": [{"prompt": "Be short.", "topics": topics}]})}
    database: Any = {"topics": [{"id": "t", "messages": messages}], "message_blocks": blocks}
    return {"version": 5, "localStorage": {"persist:cherry-studio": json.dumps(state)}, "indexedDB": database}


def gemini_export() -> Any:
    chat = {"name": "x", "url": "https://gemini.google.com/app/aaaaaaaa1111"}
    held = {
        "header": "Gemini Apps",
        "title": "Prompted why?",
        "time": "2026-03-04T05:06:07Z",
        "products": ["Gemini Apps"],
        "safeHtmlItem": [{"html": "<p>so <b>it</b> is</p><img src='a'>"}],
        "subtitles": [{"name": "-  a", "url": "a-1"}],
        "attachedFiles": ["a-1", "b"],
    }
    return [{**held, "details": [chat]}, {**held, "time": "2026-03-04T05:10:00Z"}, {**held, "title": "Used x"}]


def gemini_history() -> Any:
    answer = {"turn_index": 1, "text": [{"data": "so"}, {"cards": [{"content": "x"}]}], "images": ["i"]}
    thought = {"headline": "Look", "description": "at it"}
    turns = [
        {"user_turn": {"prompt": "why?", "turn_index": 0, "turn_last_modified": "2026-03-04T05:00:01Z"}},
        {"system_turn": {**answer, "model_thoughts": [thought]}},
        {"system_turn": answer},
    ]
    return {"title": "Sky", "creation_time": "2026-03-04T05:00:00Z", "conversation_turns": turns}


def mistral_export() -> Any:
    chunks = [{"type": "text", "text": "so"}, {"type": "reference", "referenceIds": [1]}, {"type": "image_url"}]
    canvas = [{"type": "code/python", "title": "t", "content": "x"}]
    asked: Any = {"id": "1", "chatId": "c", "role": "user", "content": "why?", "createdAt": "2025-09-19T16:18:19.236Z"}
    answer = {**asked, "id": "2", "role": "assistant", "contentChunks": chunks, "canvas": canvas, "quotes": []}
    return [{**asked, "files": [{"type": "image", "name": "a"}]}, answer, {**answer, "id": "3"}]


def witsy_export() -> Any:
    asked: Any = {
        "uuid": "1",
        "role": "user",
        "content": "why?",
        "createdAt": 1_700_000_000_000,
        "attachments": [{"url": "file:///a", "title": "a"}],
        "expert": {"prompt": "p"},
    }
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 1}}
    answer: Any = {"uuid": "2", "role": "assistant", "type": "text", "content": "so", "reasoning": "hm", "usage": usage}
    messages: Any = [asked, {**answer, "model": "m", "toolCalls": [{}], "toolCall": {"calls": [{}]}}]
    chat = {"uuid": "u", "title": "Sky", "model": "m", "engine": "e", "createdAt": 5, "lastModified": 6}
    return {"folders": [{"name": "f", "chats": ["u"]}], "chats": [{**chat, "messages": messages}]}
