"""`conversations` in one process: what is listed, tagged, exported, imported, undone and deleted, and what is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from desktop.domain.events import TextDelta
from desktop.errors import ConversationUnknown, TransferError, UsageError
from desktop.terminal.prompt_lines import PipedPrompts, forget
from desktop.text.phrases import english
from desktop.transfer import last_import
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk, type_in
from tests.desktop.transfer.made import chatgpt_chat


async def keep(desk: Desk, prompt: str = "why?", answer: str = "because") -> str:
    """A conversation in the store; its id."""
    desk.provider.scripts = [said(answer)]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", prompt) == 0
    desk.look()
    return (await (await desk.services.store()).conversations.list(limit=1))[0].id


def written(folder: Path, *chats: object) -> str:
    path = folder / "conversations.json"
    path.write_text(json.dumps(chats))
    return str(path)


async def test_an_empty_store_is_an_empty_list_and_a_remark(desk: Desk) -> None:
    assert await desk.run("conversations", "list") == 0
    assert (desk.out, "There are no conversations yet." in desk.err) == ("", True)
    desk.look()
    assert await desk.run("conversations", "list", "--json") == 0
    assert json.loads(desk.out) == []


async def test_one_is_shown_by_the_beginning_of_its_id_with_what_went_wrong(desk: Desk) -> None:
    desk.provider.scripts = [[TextDelta(text="half"), TransferError(english("It broke."))]]
    await desk.run("ask", "--save", "--system", "Be brief.", "--model", "lab/scripted", "why?")
    desk.look()
    (kept,) = await (await desk.services.store()).conversations.list()
    assert await desk.run("conversations", "show", kept.id[:12]) == 0
    assert "\nSystem:\nBe brief.\n" in desk.out
    assert "\nYou:\nwhy?\n" in desk.out
    assert desk.out.endswith("half\n[It broke.]\n")
    with pytest.raises(ConversationUnknown):
        await desk.run("conversations", "show", "no such id")


async def test_tags_are_put_on_all_or_none(desk: Desk) -> None:
    first, second = await keep(desk, "a"), await keep(desk, "b")
    with pytest.raises(ConversationUnknown):
        await desk.run("conversations", "tag", "work", first, "no such id")
    with pytest.raises(UsageError, match="needs a name"):
        await desk.run("conversations", "tag", "  ", first)
    assert await desk.run("conversations", "tag", "work", first, second, "--json") == 0
    assert [each["tags"] for each in json.loads(desk.out)] == [["work"], ["work"]]
    desk.look()
    assert await desk.run("conversations", "tag", "Work", first, "--remove") == 0
    assert desk.out == "Removed tag from: a\n"


@pytest.mark.parametrize("words", [(), ("--all", "an id")])
async def test_an_export_is_of_those_named_or_of_all(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run("conversations", "export", *words)


async def test_an_export_of_all_says_how_many_were_written(desk: Desk, tmp_path: Path) -> None:
    await keep(desk, "a")
    await keep(desk, "b")
    desk.look(fancy=True)
    target = tmp_path / "out.json"
    assert await desk.run("conversations", "export", "--all", "--output", str(target)) == 0
    assert len(json.loads(target.read_bytes())["conversations"]) == 2
    assert "Wrote 2 of 2" in desk.err
    assert f"Wrote 2 to {target}." in desk.err


@pytest.mark.parametrize(
    "words",
    [
        ("--limit", "0", "x"),
        ("--since", "tomorrowish", "x"),
        ("--until", "2026-13", "x"),
        (),
        ("--tag", "x", "--limit", "-1"),
    ],
)
async def test_a_search_for_nothing_or_until_no_day_is_wrong_use(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run("conversations", "search", *words)


async def test_what_was_found_stands_out_on_a_terminal_and_nothing_found_is_said(desk: Desk) -> None:
    await keep(desk, "why is the sky blue?")
    desk.look(fancy=True)
    assert await desk.run("conversations", "search", "blue", "--model", "scripted", "--connection", "lab") == 0
    assert "\x1b[1mblue\x1b[0m" in desk.out
    desk.look()
    assert await desk.run("conversations", "search", "blue", "--has-code") == 0
    assert (desk.out, desk.err) == ("", "No message contains all these words.\n")


async def test_a_look_at_an_import_adds_nothing_and_cannot_be_undone(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path, chatgpt_chat("a"), {"title": "Empty one"})
    assert await desk.run("conversations", "import", "--dry-run", path) == 0
    assert "1 new, 1 without messages" in desk.out
    assert "  Empty one: The conversation has no messages.\n" in desk.out
    assert desk.out.endswith("1 conversation, 2 messages would be imported. Nothing was changed.\n")
    with pytest.raises(TransferError, match="no import to undo"):
        await desk.run("conversations", "import", "--undo")


async def test_an_import_is_undone_but_for_what_was_gone_on_with(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path, chatgpt_chat("a"), chatgpt_chat("b"))
    assert await desk.run("conversations", "import", "--json", path) == 0
    told = json.loads(desk.out)
    assert (told["dry_run"], told["stopped"], len(told["files"][0]["items"])) == (False, False, 2)
    conversations = (await desk.services.store()).conversations
    first = (await conversations.list())[0]
    await conversations.purge([first.id])
    desk.look()
    assert await desk.run("conversations", "import", "--undo") == 0
    assert "Removed 1 of the last import." in desk.out
    assert "Kept 1: continued since the import, or removed before." in desk.err
    assert await conversations.list() == ()


async def test_files_of_one_zip_are_one_line(desk: Desk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(30):
            messages = [{"messageId": "1", "isCreatedByUser": True, "text": "a"}, {"sender": "GPT", "text": ""}]
            held = {"conversationId": f"{number}", "title": "Sky", "messages": messages}
            archive.writestr(f"{number}.json", json.dumps(held))
    assert await desk.run("conversations", "import", str(tmp_path / "x.zip")) == 0
    told = "Messages without visible content are left out (30): 30 conversations"
    assert [line.strip() for line in desk.out.splitlines()] == [
        "x.zip: 30 files (LibreChat): 30 new",
        told,
        "30 conversations, 30 messages added.",
    ]


async def test_what_an_import_says_names_comparisons(desk: Desk, tmp_path: Path) -> None:
    whole = {"id": "k", "title": "Two", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    path = tmp_path / "compared.json"
    path.write_text(json.dumps({"schema": "paragone/1", "conversations": [], "comparisons": [whole, {}]}))
    assert await desk.run("conversations", "import", str(path)) == 1
    assert "compared.json (Paragone): 1 comparison new, 1 comparison unreadable\n" in desk.out
    assert desk.out.endswith("0 conversations, 0 messages, 1 comparison added.\n")


@pytest.mark.parametrize(("answer", "status"), [("n", 1), ("y", 0)])
async def test_whoever_sits_at_a_terminal_is_asked_before_a_file_is_replaced(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    target = tmp_path / "out.json"
    target.write_text("important")
    type_in(monkeypatch, answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert await desk.run("conversations", "export", "--all", "--output", str(target)) == status
    assert "out.json already exists. Replace it?" in desk.err
    assert (target.read_text() == "important") == bool(status)


async def test_a_script_that_replaces_a_file_is_told_so(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    assert await desk.run("conversations", "export", "--all", "--output", str(target)) == 0
    assert "replacing the existing file" in desk.err


async def test_a_file_that_is_no_export_is_named_and_leaves_the_others(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1,")
    path = written(tmp_path, chatgpt_chat("a"))
    assert await desk.run("conversations", "import", str(tmp_path / "x.json"), path) == 1
    assert "x.json" in desk.err
    assert "1 conversation, 2 messages added." in desk.out


@pytest.mark.parametrize("words", [(), ("--undo", "x.json"), ("--undo", "--dry-run")])
async def test_an_import_of_nothing_and_an_undoing_of_a_file_are_wrong_use(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run("conversations", "import", *words)


@pytest.mark.parametrize("held", [b"", b"{", b'{"items": 3}', b'{"items": [{"title": "\xff"}]}'])
def test_a_damaged_record_of_the_last_import_is_none(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "last-import.json").write_bytes(held)
    with pytest.raises(TransferError, match="no import to undo"):
        last_import.recall(tmp_path)


async def test_a_purge_takes_its_prompts_out_of_the_history_and_no_others(desk: Desk) -> None:
    id_ = await keep(desk, "gone\nfor good")
    history = desk.services.paths.prompt_history_file
    history.write_text("\n# 2026\n+stays\n\n# 2026\n+gone\n+for good\n\n# 2026\n+stays too\n")
    assert await desk.run("conversations", "delete", "--purge", "--json", id_) == 0
    assert json.loads(desk.out) == {"id": id_, "state": "purged"}
    assert "gone" not in history.read_text()
    assert [line for line in history.read_text().splitlines() if line.startswith("+")] == ["+stays", "+stays too"]


async def test_a_deleted_one_lies_in_the_trash(desk: Desk) -> None:
    id_ = await keep(desk, "why?")
    assert await desk.run("conversations", "delete", id_) == 0
    assert desk.out == "Moved to the trash: why?\n"
    assert [each.id for each in await (await desk.services.store()).conversations.list(trashed=True)] == [id_]


def test_a_history_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    forget(tmp_path / "history", ["x"])
    assert not (tmp_path / "history").exists()


async def test_lines_of_a_pipe_keep_all_but_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b" a \r\n\r\nb")
    with path.open(newline="") as stream:
        source = PipedPrompts(stream)
        assert [await source.next() for _ in range(4)] == [" a ", "", "b", None]


@pytest.mark.parametrize("kept", ['retention = "days"\nretention_days = 1', 'retention = "run"'])
def test_where_there_is_no_room_to_delete_what_is_due_all_is_read(small_disk: Path, tmp_path: Path, kept: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps([chatgpt_chat(turns=240)]))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "main.py", "--data-dir", str(small_disk / "home"), *words]
        return subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)

    run("conversations", "import", str(file))
    (small_disk / "home" / "config" / "settings.toml").write_text(f"[store]\n{kept}\n")
    with (small_disk / "ballast").open("wb") as ballast:
        ballast.write(bytes(shutil.disk_usage(small_disk).free - 64_000))
    ended = run("conversations", "list", "--json")
    assert (ended.returncode, len(json.loads(ended.stdout))) == (0, 1)
    assert "could not be deleted yet: The disk is full" in ended.stderr


def test_an_import_that_finds_no_more_room_says_so_and_how_much_is_there(small_disk: Path, tmp_path: Path) -> None:
    """Also where there is no room either for what would undo it."""
    file = tmp_path / "many.json"
    chats = [json.dumps(chatgpt_chat(f"c{number}", turns=50)) for number in range(60)]
    apart = [re.sub(r'"id": "([pa]\d+)"', rf'"id": "{number}-\1"', chat) for number, chat in enumerate(chats)]
    file.write_text(f"[{','.join(apart)}]")
    command = [sys.executable, "main.py", "--data-dir", str(small_disk / "home"), "conversations", "import", str(file)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "The disk is full" in ended.stderr
    assert "The import was interrupted: " in ended.stderr
    assert "bug" not in ended.stderr
