"""`successor` from its words to its lines and exit status: estimated, replayed, reviewed, reported and deleted."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, Status, new_id
from desktop.domain.message_parts import TextPart
from desktop.errors import PolicyForbids, RequestRejected, UsageError
from desktop.text.phrases import english
from tests.desktop.session.fakes import said
from tests.desktop.settings.test_policy import policy
from tests.desktop.terminal.conftest import Desk

OLD = ModelRef(connection="imported-chatgpt", name="gpt-old")
AT = datetime(2026, 5, 1, tzinfo=UTC)


def message(role: Role, text: str, parent: str | None) -> Message:
    model = OLD if role is Role.ASSISTANT else None
    return Message(
        id=new_id(), parent=parent, role=role, parts=(TextPart(text=text),), status=Status.COMPLETE,
        created_at=AT, model=model, imported=True,
    )  # fmt: skip


@pytest.fixture
async def chats(desk: Desk) -> None:
    """Three imported conversations with one turn each."""
    store = await desk.services.store()
    for number in range(3):
        asked = message(Role.USER, f"prompt {number}", None)
        answered = message(Role.ASSISTANT, "old answer", asked.id)
        await store.conversations.create(
            Conversation(
                id=new_id(),
                title=f"Chat {number}",
                model=OLD,
                created_at=AT,
                updated_at=AT,
                current=answered.id,
                messages=(asked, answered),
            )
        )
    desk.provider.scripts = [said("new answer")]


def lines(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in desk.out.splitlines()]


async def replayed(desk: Desk) -> str:
    """The id of a replay of all three turns."""
    assert await desk.run("successor", "lab/new", "--of", "imported-chatgpt/gpt-old", "--json") == 3
    run_id = str(lines(desk)[-1]["id"])
    desk.look()
    return run_id


def types(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("".join(f"{key}\n" for key in keys)))


@pytest.mark.usefixtures("chats")
async def test_each_answer_is_a_line_and_the_verdict_is_the_last_one(desk: Desk) -> None:
    assert await desk.run("successor", "lab/new", "--of", "gpt-old", "--json") == 3
    *answers, verdict = lines(desk)
    assert {each["item"] for each in answers} == {0, 1, 2}
    assert {(each["event"], each["model"], each["status"]) for each in answers} == {("answer", "lab/new", "answered")}
    told = {name: verdict[name] for name in ("event", "state", "verdict", "theta", "method", "n_own", "margin")}
    assert told == {
        "event": "verdict", "state": "complete", "verdict": "undecided", "theta": None, "method": None, "n_own": 0,
        "margin": 10.0,
    }  # fmt: skip
    assert {each["id"] for each in answers} == {verdict["id"]}


@pytest.mark.usefixtures("chats")
async def test_an_estimate_sends_nothing(desk: Desk) -> None:
    assert await desk.run("successor", "lab/new", "--of", "gpt-old", "--last", "2", "--estimate", "--json") == 0
    (told,) = lines(desk)
    assert (told["items"], told["rebuilt"], told["calls"], told["excluded"]) == (2, 2, 2, {"not_sampled": 1})
    assert told["cost_low"] is None
    assert 0 <= told["detectable"] <= 1
    assert not desk.provider.requests


@pytest.mark.parametrize(
    "words",
    [
        ("lab/new", "--of", "nothing-like-it"),
        ("lab/new",),
        ("new", "--of", "gpt-old"),
        ("nowhere/new", "--of", "gpt-old"),
        ("lab/a", "lab/b", "lab/c", "lab/d", "--of", "gpt-old"),
        ("show",),
    ],
)
@pytest.mark.usefixtures("chats")
async def test_wrong_use_and_nothing_to_replay_are_usage_errors(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run("successor", *words)
    assert not desk.provider.requests


@pytest.mark.usefixtures("chats")
async def test_a_review_is_blind_by_keys_can_be_left_and_ends_with_the_verdict(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await replayed(desk)
    types(monkeypatch, "3", "u", "3", "q")
    assert await desk.run("successor", "review", run_id) == 3
    assert "new answer" in desk.out
    assert "lab/new" not in desk.out + desk.err
    assert "gpt-old" not in desk.out + desk.err
    desk.look()
    types(monkeypatch, "4", "5")
    assert await desk.run("successor", "review", run_id[:20], "--json") == 3
    told = json.loads(desk.out.splitlines()[-1])
    (verdict,) = told["verdicts"]
    assert (told["reviewed"], told["to_review"]) == (3, 0)
    assert verdict["tally"] == {"wins": 0, "ties": 2, "losses": 0, "both_bad": 1, "skipped": 1}
    assert (verdict["method"], verdict["theta"]) == ("fixed", 0.5)


@pytest.mark.usefixtures("chats")
async def test_a_verdict_that_is_shown_early_makes_the_interval_one_for_any_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await replayed(desk)
    types(monkeypatch, "1", "q")
    await desk.run("successor", "review", run_id)
    desk.look()
    await desk.run("successor", "show", run_id)
    assert "valid at any time" in desk.out
    types(monkeypatch, "1", "1")
    desk.look()
    await desk.run("successor", "review", run_id, "--json")
    assert json.loads(desk.out.splitlines()[-1])["verdicts"][0]["method"] == "anytime"


@pytest.mark.usefixtures("chats")
async def test_replays_are_listed_and_deleted(desk: Desk) -> None:
    run_id = await replayed(desk)
    await desk.run("successor", "list", "--json")
    ((told,),) = [json.loads(line) for line in desk.out.splitlines()]
    assert (told["id"], told["of"], told["models"]) == (run_id, "imported-chatgpt/gpt-old", ["lab/new"])
    assert set(told) == {"id", "of", "models", "state", "created_at"}
    desk.look()
    assert await desk.run("successor", "delete", run_id, "--yes") == 0
    desk.look()
    await desk.run("successor", "list", "--json")
    assert lines(desk) == [[]]


@pytest.mark.usefixtures("chats")
async def test_a_resumed_replay_asks_only_what_failed(desk: Desk) -> None:
    desk.provider.scripts = [said("new answer"), [RequestRejected(english("No."))], said("new answer")]
    run_id = await replayed(desk)
    before = len(desk.provider.requests)
    desk.provider.scripts = [said("new answer")]
    await desk.run("successor", "resume", run_id, "--json")
    assert len(desk.provider.requests) - before == len(lines(desk)) - 1 <= 1


@pytest.mark.usefixtures("chats")
async def test_a_report_is_written_where_it_is_wanted(desk: Desk, tmp_path: Path) -> None:
    run_id = await replayed(desk)
    path = tmp_path / "report.md"
    assert await desk.run("successor", "report", run_id, "--format", "md", "--output", str(path)) == 0
    assert "gpt-old" in path.read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("chats")
async def test_a_pdf_needs_a_file_and_no_display(desk: Desk, tmp_path: Path) -> None:
    run_id = await replayed(desk)
    path = tmp_path / "report.pdf"
    assert await desk.run("successor", "report", run_id, "--format", "pdf", "--output", str(path)) == 0
    assert path.read_bytes().startswith(b"%PDF-")
    with pytest.raises(UsageError, match="PDF needs a file"):
        await desk.run("successor", "report", run_id, "--format", "pdf")


@pytest.mark.usefixtures("chats")
async def test_a_policy_that_forbids_exports_forbids_reports(desk: Desk, tmp_path: Path) -> None:
    run_id = await replayed(desk)
    desk.services.use(replace(desk.services.settings, policy=policy(Export=False)))
    with pytest.raises(PolicyForbids):
        await desk.run("successor", "report", run_id, "--output", str(tmp_path / "report.html"))
    assert not (tmp_path / "report.html").exists()
