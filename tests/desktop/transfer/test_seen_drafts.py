"""What becomes of an import's conversations: what is older than conversations are kept is told before it is deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.domain.conversation_types import now
from desktop.store.retention import RetentionRule
from desktop.store.store import Store
from desktop.transfer.import_report import ItemState
from desktop.transfer.importer import Importer
from tests.desktop.transfer.made import chatgpt_chat

TELLS = "Older than the retention period"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (RetentionRule(), set[str]()),
        (RetentionRule(30), {"old"}),
        (RetentionRule(30, strict=True), {"old", "pinned"}),
        (RetentionRule(None, {"imported-chatgpt": 30}), {"old"}),
        (RetentionRule(0), {"old", "new"}),
        (RetentionRule(36_500), set[str]()),
    ],
)
async def test_what_is_to_be_deleted_soon_is_told(tmp_path: Path, rule: RetentionRule, told: set[str]) -> None:
    ages = {"old": 40, "new": 1, "pinned": 40}
    at = {name: (now() - timedelta(days=days)).timestamp() for name, days in ages.items()}
    chats = [{**chatgpt_chat(name), "title": name, "create_time": at[name], "update_time": at[name]} for name in ages]
    chats[2]["is_starred"] = True
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps(chats), "utf-8")
    async with await Store.open(tmp_path / "data") as store:
        importing = Importer(store, [path], rule=rule)
        looked = await importing.look()
        kept = await importing.run()
        assert looked == kept
        assert all(each.state is ItemState.NEW for each in kept.items)
        assert {each.title for each in kept.items if any(TELLS in reason for reason in each.reasons)} == told
        importing.close()
        assert {each.title for each in await store.conversations.list()} == set(ages)
        assert await store.retention.tidy(rule, ending=True) == len(told)
