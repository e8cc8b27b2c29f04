"""Exports: the documented JSON, readable Markdown, and atomic files."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from desktop.domain.comparison import Comparison, PaneState
from desktop.domain.conversation_types import (
    Conversation,
    Figures,
    Message,
    ModelRef,
    Problem,
    Role,
    Status,
    Usage,
)
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.errors import TransferError
from desktop.pages import markdown_page
from desktop.system.private_files import write_private
from desktop.transfer.export import export_writer, paragone_json

AT = datetime(2026, 11, 24, 12, 0, 0, 123000, tzinfo=UTC)
REF = ModelRef(connection="foundry", name="grok-3-mini")


def conversation() -> Conversation:
    prompt = Message(
        id="p", parent=None, role=Role.USER, parts=(TextPart(text="Why?"),), status=Status.COMPLETE, created_at=AT
    )
    answer = Message(
        id="a",
        parent="p",
        role=Role.ASSISTANT,
        parts=(ReasoningPart(text="hm\nwell"), TextPart(text="Because …")),
        status=Status.INTERRUPTED,
        created_at=AT,
        model=REF,
        usage=Usage(input_tokens=3, output_tokens=5),
        figures=Figures(ttft_ms=412.0, finish_reason=None),
        problem=Problem(code="interrupted", message="The answer broke off."),
    )
    other = msgspec.structs.replace(answer, id="b", parts=(TextPart(text="other branch"),))
    return Conversation(
        id="c",
        title="Why?",
        model=REF,
        created_at=AT,
        updated_at=AT,
        current="a",
        system="Be brief.",
        messages=(prompt, answer, other),
    )


def test_times_have_milliseconds_whatever_they_are() -> None:
    whole = msgspec.structs.replace(conversation(), updated_at=AT.replace(microsecond=0))
    text = paragone_json.export([whole], AT.astimezone(timezone(timedelta(hours=2))))
    times = re.findall(r'"[a-z_]+_at": "([^"]+)"', text)
    assert len(times) > 4
    assert [each for each in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", each)] == []
    assert set(times) == {"2026-11-24T12:00:00.123Z", "2026-11-24T12:00:00.000Z"}


def test_json_holds_the_documented_fields() -> None:
    whole = json.loads(paragone_json.export([conversation()], AT))
    assert [*whole] == ["schema", "exported_at", "conversations", "comparisons"]
    assert whole["schema"] == "paragone/1"
    one = whole["conversations"][0]
    assert {"id", "title", "model", "created_at", "updated_at", "current", "messages"} <= {*one}
    assert one["model"] == "foundry/grok-3-mini"
    assert one["created_at"] == "2026-11-24T12:00:00.123Z"
    answer = one["messages"][1]
    assert {"id", "parent", "role", "parts", "status", "model", "usage", "figures", "created_at"} <= {*answer}
    assert answer["parts"] == [{"type": "reasoning", "text": "hm\nwell"}, {"type": "text", "text": "Because …"}]
    assert (answer["status"], answer["parent"]) == ("interrupted", "p")
    assert [message["id"] for message in one["messages"]] == ["p", "a", "b"]


def test_every_field_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "export-format.md").read_text()
    for kind in (
        paragone_json.Export,
        paragone_json.ExportedConversation,
        paragone_json.ExportedMessage,
        paragone_json.ExportedFile,
        Comparison,
        PaneState,
        Usage,
        Figures,
    ):
        written = [name for name in kind.__struct_fields__ if name != "left_out" or kind is not Comparison]
        missing = [name for name in written if f"`{name}`" not in page]
        assert missing == [], kind


def test_markdown_shows_the_current_branch_with_its_marks() -> None:
    text = markdown_page.export([conversation()])
    assert text.startswith("# Why?\n")
    assert "## You\n\nWhy?\n" in text
    assert "## foundry/grok-3-mini (interrupted)" in text
    assert "> hm\n> well" in text
    assert "other branch" not in text


def test_several_are_parted_by_a_rule() -> None:
    assert markdown_page.export([conversation(), conversation()]).count("\n---\n") == 1


def test_a_file_replaces_an_older_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    export_writer.write(path, "new")
    assert path.read_text() == "new"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["out.json"]


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="missing"):
        export_writer.write(tmp_path / "missing" / "out.json", "x")
    with pytest.raises(TransferError, match="folder"):
        export_writer.write(tmp_path, "x")


def test_an_export_goes_into_no_other_file_whatever_stands_under_its_name_meanwhile(tmp_path: Path) -> None:
    """Others who can write to the folder may replace the file by a link while it is written."""
    treasure, target = tmp_path / "conversations.db", tmp_path / "out.json"
    treasure.write_text("mine")

    def export() -> None:
        with export_writer.pieces(target) as add:
            (unfinished,) = tmp_path.glob(".out.json.*")
            unfinished.unlink()
            unfinished.symlink_to(treasure)
            add("secret")

    with pytest.raises(TransferError):
        export()
    assert treasure.read_text() == "mine"
    assert not target.exists()
    assert not [*tmp_path.glob(".out.json.*")]


def test_an_export_takes_no_device_s_place(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TransferError, match="is not a file"):
        export_writer.write(pipe, "x")
    assert pipe.is_fifo()
    with pytest.raises(OSError, match="exists"):
        write_private(pipe, "x")
    assert pipe.is_fifo()
