"""Files of a zip or folder that are exports, and those that only belong to one."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from desktop.store.store import Store
from desktop.text.phrases import Phrase, english
from desktop.transfer import import_zips
from desktop.transfer.archives import zip_archive
from desktop.transfer.archives.zip_archive import Archive, ZipPlace
from desktop.transfer.formats import chatbox, jan
from desktop.transfer.importer import Importer, open_file, undo
from desktop.transfer.source import Source, apart, together
from tests.cpu_time import within
from tests.desktop.transfer.app_exports import cherry_studio_export, jan_export
from tests.desktop.transfer.made import AT, chatgpt_chat

CLAUDE = json.dumps(
    [{"uuid": "1", "name": "Sea", "chat_messages": [{"uuid": "2", "sender": "human", "text": "where?"}]}]
)
CHATGPT = json.dumps([chatgpt_chat("a")])
CHAT = "## User\n\nwhy?\n\n## Assistant\n\nso\n"
SESSION = json.dumps({"id": "s", "name": "Stone", "messages": [{"id": "1", "role": "user", "content": "what?"}]})


def jan_files() -> dict[str, str]:
    messages: Any = [{**each, "object": "thread.message"} for each in jan_export()["messages"]]
    return {
        "thread.json": json.dumps({"id": "t", "object": "thread", "title": "Sun", "assistants": []}),
        "messages.jsonl": "\n".join(map(json.dumps, messages)),
    }


MIXED = {
    "conversations.json": CLAUDE,
    "vault/sky.md": CHAT,
    "vault/é: no.md": CHAT.replace("so", "no"),
    "vault/note.md": "# milk\n",
    "vault/.obsidian/app.json": CLAUDE,
    "__MACOSX/a.json": CLAUDE,
    "chatgpt/conversations.json": CHATGPT,
    "chatgpt/user.json": "{}",
    "chatgpt/file-abc.json": CLAUDE,
    "chatgpt/below/file-def.md": CHAT,
    "cherry/data.json": json.dumps(cherry_studio_export()),
    "cherry/Data/Files/x.json": CLAUDE,
    "box/manifest.json": json.dumps({"sessions": [{"path": "sessions/s/session.json", "meta": {"name": "Stone"}}]}),
    "box/sessions/s/session.json": SESSION,
    "box/settings.json": CLAUDE,
    **{f"jan/threads/t/{name}": held for name, held in jan_files().items()},
    "jan/settings.json": "{}",
    "broken.json": "{",
    "loose.jsonl": jan_files()["messages.jsonl"],
    "old.zip": "PK",
    "llm/logs.db": "SQLite format 3",
}


def laid(path: Path, files: dict[str, str], *, packed: bool) -> Path:
    """Write the files to a folder or a zip."""
    if packed:
        with zipfile.ZipFile(path / "all.zip", "w") as archive:
            for name, held in files.items():
                archive.writestr(name, held)
        return path / "all.zip"
    for name, held in files.items():
        if not name.startswith("__MACOSX"):
            (path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
            (path / "all" / name).write_text(held)
    return path / "all"


def opened(path: Path) -> list[Source]:
    found = open_file(path)
    for each in found:
        each.close()
    return [*found]


@pytest.mark.parametrize("packed", [False, True])
def test_exports_of_several_programs_and_markdown_stand_beside_each_other(tmp_path: Path, *, packed: bool) -> None:
    found = opened(laid(tmp_path, MIXED, packed=packed))
    formats = [each.format.name for each in found]
    assert sorted(formats) == sorted(
        ["Chatbox", "Jan", "Claude", "ChatGPT", "Cherry Studio", "Jan", "Markdown", "Markdown"]
    )
    assert {each.archive for each in found} == {"all.zip" if packed else "all"}
    told = [*apart(found[0].notice)]
    assert told == [
        "Files without conversations are left out (3).",
        "Zip archives and databases inside the archive are left out (2): import each of them separately.",
    ]
    assert all(isinstance(each, Phrase) for each in told)
    assert not any(each.notice for each in found[1:])


@pytest.mark.parametrize("packed", [False, True])
async def test_all_of_it_comes_over_once_and_goes_again(tmp_path: Path, *, packed: bool) -> None:
    async with await Store.open(tmp_path / "store") as store:
        importing = Importer(store, [laid(tmp_path, MIXED, packed=packed)], clock=lambda: AT)
        await importing.run()
        added = importing.added
        again = Importer(store, [laid(tmp_path, MIXED, packed=not packed)], clock=lambda: AT)
        await again.run()
        titles = sorted(each.title for each in await store.conversations.list())
        assert titles == sorted(["Sea", "Sky", "Sky", "Stone", "Sun", "sky", "why?", "é: no"])
        assert again.added == ()
        assert await undo(store, added) == len(titles)
        for each in (importing, again):
            each.close()


@pytest.mark.parametrize("said", [[], ["a."], ["a.", "b. b."], ["a.", "b.", "c.", "d."]])
def test_sentences_that_were_put_together_come_apart(said: list[str]) -> None:
    phrases = [english(each) for each in said]
    whole = together(["", *phrases, ""])
    assert whole == " ".join(said)
    assert [*apart(whole)] == phrases


def test_one_backup_alone_is_called_as_what_holds_it(tmp_path: Path) -> None:
    (source,) = opened(laid(tmp_path, jan_files(), packed=True))
    assert (source.name, source.archive, source.notice) == ("all.zip", "", "")


def test_what_is_said_of_a_canvas_is_said_beside_the_rest(tmp_path: Path) -> None:
    files = {"a/conversations.json": CHATGPT, "a/textdocs/b.md": CHAT, "note.md": "# x\n"}
    (source,) = opened(laid(tmp_path, files, packed=True))
    assert source.notice == ("Files without conversations are left out (1). Canvas documents are left out (1).")


def test_the_manifest_of_another_program_is_not_taken_for_a_backups(tmp_path: Path) -> None:
    files = {name: held for name, held in MIXED.items() if name.startswith("box/")}
    found = opened(laid(tmp_path, {"a/manifest.json": "{}", "a/sky.md": CHAT, **files}, packed=True))
    assert [each.format.name for each in found] == ["Chatbox", "Markdown"]


def test_names_of_many_folders_and_much_depth_take_time_in_proportion(tmp_path: Path) -> None:
    deep = "Data/" * 500
    files = {f"{deep}{number}/conversations-{number}.json": "[1]" for number in range(400)}
    files |= {f"{number}/data.json": "[1]" for number in range(400)} | {"sky.md": CHAT}
    path = laid(tmp_path, files, packed=True)
    for attempt in within(2):
        with attempt:
            (source,) = opened(path)
        assert source.format.name == "Markdown"


def test_pictures_beside_the_chats_are_passed_over_by_the_ends_of_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    class Counted(PurePosixPath):
        def __new__(cls, *parts: str) -> PurePosixPath:  # pyright: ignore[reportIncompatibleMethodOverride]
            looked_at.extend(parts[-1:])
            return PurePosixPath(*parts)

    for module in (import_zips, jan, chatbox, zip_archive):
        monkeypatch.setattr(module, "PurePosixPath", Counted)
    pictures = {f"{number}/file-{number}.png": "" for number in range(500)}
    assert opened(laid(tmp_path, {"conversations.json": CHATGPT, **pictures}, packed=True))
    assert not [name for name in looked_at if name.endswith(".png")]


def test_a_zip_is_opened_once_for_all_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = laid(tmp_path, {f"{number}.md": CHAT.replace("so", f"so {number}") for number in range(50)}, packed=True)
    times: list[ZipPlace] = []
    really = ZipPlace.opened

    def counted(place: ZipPlace, *most: int) -> Archive:
        times.append(place)
        return really(place, *most)

    monkeypatch.setattr(ZipPlace, "opened", counted)
    found = open_file(path)
    for each in found:
        (draft,) = each.format.drafts(each.read(0), AT)
        assert draft.conversation.messages[1].text.startswith("so ")
        each.rest()
    for each in found:
        each.close()
    assert len(times) == 2
    path.unlink()
