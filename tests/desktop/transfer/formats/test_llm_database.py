"""Logs of several versions of the program llm, and malformed ones: everything is imported or reported."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.formats import llm_database
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, said
from tests.real_imports.expected import DATABASES, conversations, wrong

MANY = (
    "INSERT INTO prompt_fragments WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 100) "
    "SELECT response_id, fragment_id, i FROM prompt_fragments, n"
)
"""Repeats each fragment a hundred times."""

DATA = Path(__file__).resolve().parents[3] / "data" / "llm"


def log(folder: Path, name: str, *statements: str, encoding: str = "UTF-8") -> Path:
    """Return a log that a version of llm wrote, changed by some statements."""
    path = folder / f"{name}.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.executescript((DATA / f"{name}.sql").read_text("utf-8"))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def named(path: Path, first: str) -> Draft:
    """Return the conversation whose first prompt ends in this way."""
    (found,) = (each for each in conversations(path) if each.conversation.messages[0].text.endswith(first))
    return found


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("name", DATABASES)
def test_what_llm_logged_comes_over_in_full_and_once(tmp_path: Path, name: str, encoding: str) -> None:
    found = conversations(log(tmp_path, name, encoding=encoding))
    assert len(found) == len(DATABASES[name][0]) > 5
    assert wrong(name, found) == []


def test_what_an_older_version_logged_has_the_same_ids_once_it_is_upgraded(tmp_path: Path) -> None:
    before, after = (
        {message.id for draft in conversations(log(tmp_path, name)) for message in draft.conversation.messages}
        for name in ("0.28", "upgraded")
    )
    assert len(before) == 14
    # The two were written in one run of llm 0.28 or in two: in one, no message changed.
    assert before <= after


def test_rows_that_newer_tables_hold_as_well_count_once(tmp_path: Path) -> None:
    """Version 0.32 wrote to both sets of tables, with the same IDs."""
    copied = (
        "INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc) "
        "SELECT id, model, 'plain', 'You said', thread_id, datetime_utc FROM turns"
    )
    assert wrong("0.36", conversations(log(tmp_path, "0.36", copied))) == []


def test_answers_whose_conversation_is_gone_are_found(tmp_path: Path) -> None:
    path = log(
        tmp_path, "0.28", "DELETE FROM conversations", "UPDATE responses SET conversation_id = 'x' WHERE rowid = 1"
    )
    found = conversations(path)
    assert sum(len(each.conversation.messages) for each in found) == 14
    assert len(conversations(log(tmp_path, "0.36", "DELETE FROM threads"))) == 6


def test_turns_and_answers_of_no_conversation_are_each_their_own(tmp_path: Path) -> None:
    path = log(tmp_path, "0.28", "UPDATE responses SET conversation_id = NULL")
    found = [each for each in conversations(path) if each.conversation.messages]
    assert len(found) == 8
    assert sum(len(each.conversation.messages) for each in found) == 15  # one prompt was a tool's result
    found = conversations(log(tmp_path, "0.36", "UPDATE turns SET thread_id = NULL", "DELETE FROM threads"))
    assert len(found) == 8
    assert len({each.conversation.id for each in found}) == 8


def test_one_byte_that_is_no_utf_8_costs_one_character(tmp_path: Path) -> None:
    spoilt = "UPDATE {table} SET {column} = CAST(x'70fc78' AS TEXT) WHERE rowid = {row}"
    columns = (("responses", "response", 1), ("conversations", "name", 1), ("responses", "datetime_utc", 2))
    path = log(tmp_path, "0.28", *(spoilt.format(table=a, column=b, row=c) for a, b, c in columns))
    found = named(path, "plain one").conversation
    assert [text.replace("\udcfc", "?") for _, text in said(found)][1] == "p?x"
    assert len(conversations(path)) == 6


def test_ids_that_are_no_utf_8_still_belong_together(tmp_path: Path) -> None:
    spoil = "CAST(x'70fc' AS TEXT) WHERE {column} = (SELECT {column} FROM {table} WHERE rowid = 1)"
    path = log(
        tmp_path,
        "0.28",
        f"UPDATE conversations SET id = {spoil.format(column='id', table='conversations')}",
        f"UPDATE responses SET conversation_id = {spoil.format(column='conversation_id', table='responses')}",
    )
    assert wrong("0.28", conversations(path)) == []


def test_a_part_of_a_later_version_is_told_of(tmp_path: Path) -> None:
    path = log(tmp_path, "0.36", "UPDATE parts SET type = 'hologram' WHERE text = 'Thought about it.'")
    draft = named(path, "think")
    assert draft.losses == ("Content of an unknown type is left out (1)",)
    assert draft.conversation.messages[1].parts == (ReasoningPart(text="Let me think."),)


def test_messages_that_lead_to_each_other_end(tmp_path: Path) -> None:
    ring = "UPDATE messages SET parent_hash = (SELECT tip_message_hash FROM threads WHERE name = 'plain one')"
    path = log(tmp_path, "0.36", f"{ring} WHERE parent_hash IS NULL AND role = 'system'")
    (source,) = open_file(path)
    drafts = [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]
    source.close()
    assert any("reply to each other in a loop" in loss for draft in drafts for loss in draft.losses)


def test_a_fragment_in_many_prompts_is_bounded(tmp_path: Path) -> None:
    grown = (
        "UPDATE fragments SET content = replace(hex(zeroblob(2000000)), '00', 'ab') WHERE id = 1",
        MANY,
    )
    (source,) = open_file(log(tmp_path, "0.28", *grown))
    reasons: list[str] = []
    for place in range(source.count):
        try:
            source.format.drafts(source.read(place), AT)
        except Unreadable as error:
            reasons.append(error.reason)
    source.close()
    assert reasons == ["The conversation is larger than 256 MB."]


def test_times_at_the_end_of_all_times_do_no_harm(tmp_path: Path) -> None:
    late = "UPDATE responses SET datetime_utc = '9999-12-31T23:59:59', duration_ms = 9e15"
    found = named(log(tmp_path, "0.28", late), "think").conversation
    assert found.updated_at - found.created_at < timedelta(days=1)


def test_prompts_of_the_first_versions_are_told_of(tmp_path: Path) -> None:
    path = log(tmp_path, "0.28", "CREATE TABLE logs (id, prompt)", "INSERT INTO logs VALUES (1, 'a'), (2, 'b')")
    (source,) = open_file(path)
    source.close()
    assert source.notice == "Prompts from llm versions before 0.10 are left out (2)."


def test_a_system_prompt_that_comes_again_is_no_loss(tmp_path: Path) -> None:
    path = log(tmp_path, "0.28", "UPDATE responses SET system = 'Be short.' WHERE system = 'Be long.'")
    draft = named(path, "plain one")
    assert draft.conversation.system == "Be short."
    assert not any("System" in each for each in draft.losses)
    assert all(isinstance(part, TextPart) for message in draft.conversation.messages for part in message.parts)


def test_a_system_fragment_of_a_later_turn_is_told() -> None:
    """The program llm stores it beside the turn only: no message of the chain has it."""

    def message(hash_: str, above: str, role: str, said: str) -> dict[str, object]:
        return {"hash": hash_, "parent_hash": above, "role": role, "parts": [{"type": "text", "text": said}]}

    entry: dict[str, object] = {
        "id": "t",
        "messages": [
            message("u1", "", "user", "One?"),
            message("a1", "u1", "assistant", "One."),
            message("u2", "a1", "user", "Two?"),
            message("a2", "u2", "assistant", "Two."),
        ],
        "turns": [
            {"id": "1", "parent_message_hash": "u1", "tip_message_hash": "a1"},
            {"id": "2", "parent_message_hash": "u2", "tip_message_hash": "a2", "system_fragments": [7]},
        ],
        "tip": "a2",
        "fragments": {7: "Rules of mine"},
    }
    (found,) = llm_database.drafts(entry, AT)
    assert [each.text for each in found.conversation.messages] == ["One?", "One.", "Two?", "Two."]
    assert found.losses == ("System messages in the middle of a conversation are left out (1)",)
