"""Imports: preview, all or nothing, no duplicates, stop and undo; exports survive a round trip."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.domain.comparison import Arrangement, Comparison, ContextRule, PaneState
from desktop.domain.conversation_types import ModelRef, Parameters, now
from desktop.errors import StoreFull, TransferError
from desktop.store.conversation_list import Wanted
from desktop.store.conversations import Conversations
from desktop.store.retention import RetentionRule
from desktop.store.store import Store
from desktop.text.phrases import english
from desktop.transfer import importer, last_import
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.paragone_json import head, tail
from desktop.transfer.import_report import ItemState, Report, ReportItem, notes
from desktop.transfer.importer import Importer, undo
from tests.desktop.store import made as stored
from tests.desktop.store.new_database import put_database
from tests.desktop.transfer.made import AT, arbitrary, chatgpt, chatgpt_chat, chatgpt_node
from ui.sidebar.entries import periods


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "one")) as made:
        yield made


def written(folder: Path, *held: object, name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(held), "utf-8")
    return path


def left_over(folder: Path) -> list[str]:
    """Return unfinished files of exports."""
    return [each.name for each in folder.glob(".*")]


async def brought(store: Store, *paths: Path) -> Report:
    importing = Importer(store, paths)
    try:
        return await importing.run()
    finally:
        importing.close()


async def test_a_look_changes_nothing_and_says_what_a_run_does(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, chatgpt_chat("a"), chatgpt_chat("b", 3), {"title": "Empty one"}, 7)
    importing = Importer(store, [path])
    looked = await importing.look()
    assert await store.conversations.list() == ()
    assert (looked.count(ItemState.NEW), looked.count(ItemState.EMPTY), looked.messages) == (2, 2, 8)
    assert [each.title for each in looked.items if each.state is ItemState.EMPTY] == ["Empty one", "Conversation 4"]
    done: list[tuple[int, int]] = []
    assert await importing.run(lambda count, total: done.append((count, total))) == looked
    assert (done[0], done[-1]) == ((0, 4), (4, 4))
    assert len(await store.conversations.list()) == 2


async def test_the_same_file_twice_adds_nothing_and_trash_stays_trash(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, chatgpt_chat("a"), chatgpt_chat("b"), chatgpt_chat("b"))
    assert (await brought(store, path)).count(ItemState.NEW) == 2
    first = (await store.conversations.list())[0]
    await store.conversations.trash([first.id])
    again = await brought(store, path)
    assert (again.count(ItemState.NEW), again.count(ItemState.TRASHED)) == (
        0,
        1 + (first.id == again.files[0].items[1].id),
    )
    assert len(await store.conversations.list()) == 1
    assert not again.failed


async def test_what_holds_no_message_says_what_was_left_out(store: Store, tmp_path: Path) -> None:
    answer = chatgpt_node("a", "root", "tool", content={"content_type": "text", "parts": ["found"]})
    thread = {"id": "t", "messages": [{"id": "x", "role": "assistant", "contentParts": [{"type": "tool-call"}]}]}
    session = {"id": "s", "messages": [{"id": "u", "role": "user", "content": "why?"}], "threads": [thread]}
    (tmp_path / "chatbox.json").write_text(json.dumps({"chat-sessions": [session]}))
    report = await brought(store, written(tmp_path, chatgpt(answer)), tmp_path / "chatbox.json")
    tools = "Tool calls and their results are left out (1)"
    empty = "Messages without visible content are left out (1)"
    assert [(item.state, item.reasons) for item in report.items] == [
        (ItemState.EMPTY, ("The conversation has no messages.", tools)),
        (ItemState.NEW, ()),
        (ItemState.EMPTY, (empty, tools)),
    ]


async def test_conversations_without_dates_are_counted(store: Store, tmp_path: Path) -> None:
    dated = written(tmp_path, chatgpt_chat("a"), name="dated.json")
    texts = [tmp_path / f"{name}.md" for name in ("one", "two")]
    for path in texts:
        path.write_text(f"## User\n\n{path.stem}?\n\n## Assistant\n\nso\n", "utf-8")
    report = await brought(store, dated, *texts)
    said = "Conversations without a date are assigned the import date (2 of 3)."
    assert [english(file.notice) for file in report.files] == ["", said, ""]
    assert [file.notice for file in (await brought(store, dated)).files] == [""]


async def test_messages_that_came_since_are_told(store: Store, tmp_path: Path) -> None:
    await brought(store, written(tmp_path, chatgpt_chat("a", 1)))
    (item,) = (await brought(store, written(tmp_path, chatgpt_chat("a", 2)))).items
    assert item.state is ItemState.HERE
    assert item.reasons == ("The existing conversation stays unchanged; newer messages were not imported (2)",)


async def test_a_file_that_cannot_be_read_leaves_the_others(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1,")
    report = await brought(store, tmp_path / "x.json", written(tmp_path, chatgpt_chat()), tmp_path / "gone")
    assert report.failed
    assert [bool(file.problem) for file in report.files] == [True, False, True]
    assert report.count(ItemState.NEW) == 1


async def test_one_that_cannot_be_kept_leaves_the_others_and_no_half(store: Store, tmp_path: Path) -> None:
    drafts = [arbitrary(random.Random(3), number) for number in range(3)]
    for draft in drafts:
        await store.conversations.create(draft.conversation)
    choice = await export.choose_all(store)
    path = tmp_path / "all.json"
    await export.export(store, choice, ExportFormat.JSON, path)
    held: dict[str, Any] = json.loads(path.read_text())
    held["conversations"][1]["messages"][0]["parent"] = "nowhere"
    held["conversations"].append({"id": 1})
    path.write_text(json.dumps(held))
    async with await Store.open(tmp_path / "two") as other:
        report = await brought(other, path)
        assert [each.state for each in report.items] == [
            ItemState.NEW,
            ItemState.BROKEN,
            ItemState.NEW,
            ItemState.BROKEN,
        ]
        assert {each.id for each in await other.conversations.list()} == {"c0", "c2"}


async def test_a_stop_keeps_what_is_whole_and_a_second_run_goes_on(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, *(chatgpt_chat(str(number)) for number in range(60)))
    importing = Importer(store, [path])
    report = await importing.run(lambda done, _of: importing.stop() if done >= 25 else None)
    assert report.stopped
    assert report.count(ItemState.NEW) == len(await store.conversations.list()) == 25
    assert (await importing.run()).count(ItemState.NEW) == 35
    assert len(importing.added) == 60


async def test_a_full_disk_ends_it_and_what_was_added_is_known(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, *(chatgpt_chat(str(number)) for number in range(60)))
    whole, calls = Conversations.create_all, 0

    async def full(self: Conversations, *args: Any, **others: Any) -> frozenset[str]:  # noqa: ANN401
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StoreFull(english("The disk is full."))
        return await whole(self, *args, **others)

    monkeypatch.setattr(Conversations, "create_all", full)
    importing = Importer(store, [path])
    with pytest.raises(StoreFull):
        await importing.run()
    assert len(importing.added) == len(await store.conversations.list()) == 25


async def test_undo_removes_what_was_added_and_nobody_went_on_with(store: Store, tmp_path: Path) -> None:
    kept = arbitrary(random.Random(1), 9).conversation
    await store.conversations.create(kept)
    importing = Importer(store, [written(tmp_path, *(chatgpt_chat(str(number)) for number in range(3)))])
    await importing.run()
    last_import.remember(tmp_path, importing.added)
    touched = await store.conversations.get(importing.added[0].id)
    answer = touched.messages[-1]
    more = type(answer)(
        id="new", parent=answer.id, role=answer.role, parts=(), status=answer.status, created_at=answer.created_at
    )
    await store.conversations.begin(touched, None, more)
    await store.conversations.trash([importing.added[1].id])
    assert await undo(store, last_import.recall(tmp_path)) == 2
    assert {each.id for each in await store.conversations.list()} == {kept.id, touched.id}
    assert await store.conversations.list(trashed=True) == ()
    (tmp_path / "last-import.json").write_text('{"a":' * 100_000)
    with pytest.raises(TransferError):
        last_import.recall(tmp_path)
    last_import.forget(tmp_path)
    with pytest.raises(TransferError):
        last_import.recall(tmp_path)


async def test_what_is_about_to_be_kept_is_on_file_before_in_the_place_of_the_import_before(
    store: Store, tmp_path: Path
) -> None:
    def import_of(*words: str) -> Importer:
        path = written(tmp_path, *map(chatgpt_chat, words))
        return Importer(store, [path], begins=last_import.ImportRecord(tmp_path).note)

    first = import_of("before")
    await first.run()
    last_import.remember(tmp_path, first.added)
    await import_of(*(str(number) for number in range(60))).run()  # as if killed at its end: not recorded
    assert len(last_import.recall(tmp_path)) == 60
    await import_of("before").run()  # nothing is new
    assert (tmp_path / "last-import.json").stat().st_mode & 0o077 == 0
    assert await undo(store, last_import.recall(tmp_path)) == 60
    assert [each.id for each in await store.conversations.list()] == [first.added[0].id]


def test_a_note_that_a_full_disk_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    record, items = last_import.ImportRecord(tmp_path), [new(f"c{number}") for number in range(4)]
    record.note(items[:1])
    path = tmp_path / "last-import.json"
    with path.open("ab") as file:
        file.write(b'\n{"items": [{"ti')
    record.note(items[1:3])
    record.note(items[2:])
    assert last_import.recall(tmp_path) == tuple(items)


def test_an_import_that_ended_meanwhile_is_not_undone_with_one_that_was_killed(tmp_path: Path) -> None:
    killed, ended = last_import.ImportRecord(tmp_path), last_import.ImportRecord(tmp_path)
    killed.note([new("k1")])
    ended.note([new("e")])
    last_import.remember(tmp_path, [new("e")])
    killed.note([new("k2")])
    assert last_import.recall(tmp_path) == (new("k2"),)


def test_what_cannot_be_noted_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "last-import.json").mkdir()
    with pytest.raises(TransferError, match="The import could not be recorded"):
        last_import.ImportRecord(tmp_path).note([new("c")])


def new(id_: str) -> ReportItem:
    return ReportItem(title="", state=ItemState.NEW, id=id_)


def comparison() -> Comparison:
    ref = ModelRef(connection="lab", name="x")
    panes = (
        PaneState(conversation="c1", model=ref, size=2.0),
        PaneState(conversation="unsaid", model=ref, system="s", parameters=Parameters(values={"seed": 1}), on=False),
    )
    return Comparison(
        id="k",
        title="Two",
        created_at=AT,
        updated_at=AT,
        panes=panes,
        rule=ContextRule.SHARED,
        arrangement=Arrangement.GRID,
        maximised=1,
        draft="so",
    )


@pytest.mark.parametrize("seed", range(8))
async def test_an_export_of_everything_gives_the_same_store_back(store: Store, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(6):
        draft = arbitrary(rng, number)
        await store.conversations.create(draft.conversation)
        await store.conversations.pin([draft.conversation.id], pinned=draft.pinned)
        await store.conversations.archive([draft.conversation.id], archived=draft.archived)
    await store.comparisons.save(comparison())
    path = tmp_path / "all.json"
    await export.export(store, await export.choose_all(store), ExportFormat.JSON, path, at=AT)
    async with await Store.open(tmp_path / "two") as other:
        report = await brought(other, path)
        assert not report.failed
        assert await other.conversations.list() == await store.conversations.list()
        for each in await store.conversations.list():
            assert await other.conversations.get(each.id) == await store.conversations.get(each.id)
        assert await other.comparisons.get("k") == await store.comparisons.get("k")
        again = tmp_path / "again.json"
        await export.export(other, await export.choose_all(other), ExportFormat.JSON, again, at=AT)
        assert again.read_bytes() == path.read_bytes()
        assert (await brought(other, path)).added == ()


async def test_a_comparison_of_nothing_that_is_there_is_told_and_not_kept(store: Store, tmp_path: Path) -> None:
    panes = (PaneState(conversation="gone", model=ModelRef(connection="lab", name="x"), said=True),)
    path = tmp_path / "one.json"
    path.write_text(head(AT) + tail([msgspec.structs.replace(comparison(), panes=panes)], empty=True), "utf-8")
    report = await brought(store, path)
    assert [(each.state, each.reasons) for each in report.items] == [
        (ItemState.BROKEN, ("None of the conversations in this comparison exist.",))
    ]
    assert report.added == ()
    assert not await store.comparisons.list()


@pytest.mark.parametrize("bound", ["MOST_COMPARISONS", "MOST_OF_COMPARISONS"])
async def test_a_file_brings_no_more_comparisons_than_a_start_can_list(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(importer, bound, {"MOST_COMPARISONS": 3, "MOST_OF_COMPARISONS": 2_000}[bound])
    many = [msgspec.structs.replace(comparison(), id=f"k{number}") for number in range(20)]
    path = tmp_path / "many.json"
    path.write_text(head(AT) + tail(many, empty=True), "utf-8")
    importing = Importer(store, [path])
    report = await importing.run()
    importing.close()
    kept = len(await store.comparisons.list())
    assert 2 < kept < 10
    (left,) = [each for each in report.items if each.state is ItemState.BROKEN]
    assert left.reasons == (f"Comparisons beyond the limit for one file are left out ({20 - kept})",)
    assert report.failed


async def test_an_import_brings_no_more_tags_and_models_than_a_list_can_carry(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "MOST_TAGS", 5)
    monkeypatch.setattr(importer, "MOST_MODELS", 2)
    path = tmp_path / "many.json"
    talks = [
        msgspec.structs.replace(stored.said("x"), title=f"{each}", model=ModelRef(connection="a", name=f"m{each}"))
        for each in range(6)
    ]
    async with await Store.open(tmp_path / "two") as other:
        names = {each.id: [f"T{each.title}", f"t{each.title} too", "all"] for each in talks}
        await other.conversations.create_all(talks, tags=names)
        await export.export(other, await export.choose_all(other), ExportFormat.JSON, path, at=AT)
    report = await brought(store, path)
    assert len(report.added) == 6
    kept = {each.title: each for each in await store.conversations.list()}
    assert len({each.model for each in kept.values()}) == 3
    assert len(await store.tags.list()) == 5
    assert {each.tags[0] for each in kept.values()} == {"all"}
    said = {note.reason: note.items for note in notes(report.items)}
    assert {reason: len(items) for reason, items in said.items()} == {
        "Too many tags for one import: the rest are left out": 4,
        "Too many models for one import: the conversation is not listed under its model": 4,
    }


async def test_a_comparison_is_one_file_with_its_conversations(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        await store.conversations.create(arbitrary(random.Random(2), number).conversation)
    await store.comparisons.save(comparison())
    choice = await export.choose(store, ["k"])
    assert choice.conversations == ("c1",)
    await export.export(store, choice, ExportFormat.JSON, tmp_path / "k.json")
    async with await Store.open(tmp_path / "two") as other:
        importing = Importer(other, [tmp_path / "k.json"])
        await importing.run()
        assert (await other.comparisons.get("k")).panes == comparison().panes
        assert await undo(other, importing.added) == 2
        assert await other.comparisons.list() == ()
        assert [each.state for each in (await brought(other, tmp_path / "k.json")).items] == [
            ItemState.NEW,
            ItemState.NEW,
        ]


async def test_an_export_that_fails_leaves_what_was_there(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    await brought(store, written(tmp_path, chatgpt_chat("a")))

    def fail(_done: int, _of: int) -> None:
        raise TransferError(english("no more"))

    choice = await export.choose_all(store)
    with pytest.raises(TransferError):
        await export.export(store, choice, ExportFormat.HTML, path, progress=fail)
    assert path.read_text() == "old"
    assert left_over(tmp_path) == []


_ODD_TIMES = [
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1969-07-20T20:17:00Z",
]


@pytest.mark.parametrize("at", _ODD_TIMES)
@pytest.mark.parametrize("field", ["created_at", "updated_at", "messages", "comparison"])
async def test_a_time_at_the_ends_of_the_calendar_locks_nothing(
    store: Store, tmp_path: Path, at: str, field: str
) -> None:
    await brought(store, written(tmp_path, chatgpt_chat("a")))
    await store.comparisons.save(comparison())
    path = tmp_path / "all.json"
    await export.export(store, await export.choose_all(store), ExportFormat.JSON, path, at=AT)
    held = json.loads(path.read_text("utf-8"))
    conversation, compared = held["conversations"][0], held["comparisons"][0]
    if field == "messages":
        conversation["messages"][0]["created_at"] = at
    elif field == "comparison":
        compared["created_at"] = compared["updated_at"] = at
    else:
        conversation[field] = at
    path.write_text(json.dumps(held), "utf-8")
    async with await Store.open(tmp_path / "two") as other:
        report = await brought(other, path)
        assert [each.state for each in report.items] == [ItemState.NEW, ItemState.NEW]
        local = [each.updated_at.astimezone(timezone(timedelta(hours=14))) for each in await other.conversations.list()]
        assert len(local) == 1
        listed = await other.listings.by_date(Wanted(), periods(now()))
        assert [group.count for group in listed.groups] == [1]
        again = tmp_path / "again.json"
        await export.export(other, await export.choose_all(other), ExportFormat.JSON, again)
        assert len(json.loads(again.read_text("utf-8"))["comparisons"]) == 1
        assert await undo(other, tuple(report.items)) == 2


async def test_times_that_are_in_a_store_already_lock_nothing(store: Store, tmp_path: Path) -> None:
    await brought(store, written(tmp_path, chatgpt_chat("a")))
    for ms in (9 * 10**17, -(9 * 10**17)):
        await store.conversations._database.write(
            lambda sql, ms=ms: sql.run("UPDATE conversations SET updated_at = ?, created_at = ?", (ms, ms))
        )
        assert len(await store.conversations.list()) == 1
        listed = await store.listings.by_date(Wanted(), periods(now()))
        assert [group.count for group in listed.groups] == [1]
        choice = await export.choose_all(store)
        await export.export(store, choice, ExportFormat.MARKDOWN, tmp_path / "all.md")


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
