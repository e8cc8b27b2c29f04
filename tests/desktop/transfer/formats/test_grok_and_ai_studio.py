"""Grok's account export, and prompts of Google AI Studio, alone and in a Takeout."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from desktop.domain.message_parts import ReasoningPart
from desktop.transfer.format_detection import detect
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from desktop.transfer.source import Source
from tests.desktop.transfer.made import AT, said

GROK = {
    "conversations": [
        {
            "conversation": {"id": "c", "title": "Tides", "create_time": "2024-01-15T09:00:00Z", "starred": True},
            "responses": [
                {"response": {"_id": "1", "sender": "human", "message": "why?", "file_attachments": ["f"]}},
                {"response": {"_id": "2", "sender": "ASSISTANT", "message": "moon", "parent_response_id": "1"}},
                {
                    "response": {
                        "_id": "3",
                        "sender": "grok-3",
                        "message": "the moon",
                        "model": "grok-3",
                        "thinking_trace": "hm",
                        "cited_web_search_results": [{"url": "https://example.org"}],
                        "parent_response_id": "1",
                        "create_time": {"$date": {"$numberLong": "1705312200000"}},
                    }
                },
            ],
        }
    ],
    "projects": [],
}
PROMPT = {
    "runSettings": {"model": "models/gemini-2.5-pro"},
    "systemInstruction": {"text": "Be short."},
    "chunkedPrompt": {
        "chunks": [
            {"role": "user", "text": "", "driveDocument": {"id": "d"}},
            {"role": "user", "text": "why?"},
            {"role": "model", "text": "hm", "isThought": True},
            {"role": "model", "text": "so"},
        ]
    },
}


def of(source: Source) -> Draft:
    (draft,) = source.format.drafts(source.read(0), AT)
    return draft


def test_grok_keeps_branches_times_models_thoughts_and_the_mark() -> None:
    draft = of(detect("prod-grok-backend.json", json.dumps(GROK).encode()))
    asked, first, second = draft.conversation.messages
    assert (first.parent, second.parent, draft.conversation.current) == (asked.id, asked.id, second.id)
    assert second.created_at == datetime(2024, 1, 15, 9, 50, tzinfo=UTC)
    assert str(second.model) == "imported-grok/grok-3"
    assert second.parts[0] == ReasoningPart(text="hm")
    assert (draft.pinned, draft.conversation.title) == (True, "Tides")
    assert draft.losses == (
        "Attachments: only their names are imported (1)",
        "Content of an unknown type is left out (1)",
    )


def test_prompts_of_a_takeout_are_read_by_their_folder_and_have_their_names(tmp_path: Path) -> None:
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("Why tides", "On v1.2 of it", "Other.json"):
            archive.writestr(f"Takeout/Drive/Google AI Studio/{name}", json.dumps(PROMPT))
    drafts = [of(source) for source in open_file(path)]
    assert sorted(draft.conversation.title for draft in drafts) == ["On v1.2 of it", "Other", "Why tides"]
    found = drafts[0].conversation
    assert said(found) == [("user", "[Attachment: driveDocument]\n\nwhy?"), ("assistant", "so")]
    assert found.messages[1].parts[0] == ReasoningPart(text="hm")
    assert (found.system, str(found.model)) == ("Be short.", "imported-ai-studio/gemini-2.5-pro")
