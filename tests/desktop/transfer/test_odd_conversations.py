"""One odd conversation is one line of the report: the others are imported."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation_types import Value
from desktop.errors import StoreFull
from desktop.store.store import Store
from desktop.system.log import set_up
from desktop.text.phrases import english
from desktop.transfer.archives.loose_json import table
from desktop.transfer.archives.zip_archive import Limits
from desktop.transfer.formats import chatgpt
from desktop.transfer.import_drafts import Draft, Format
from desktop.transfer.import_report import ItemState, Report
from desktop.transfer.importer import Importer
from desktop.transfer.source import Source
from tests.desktop.store.new_database import put_database
from tests.desktop.transfer.made import chatgpt as chatgpt_entry
from tests.desktop.transfer.made import chatgpt_chat, chatgpt_node
from tests.examples import examples

UNREAD = "The contents are in an unknown format."
SECRET = "what the user wrote"
ERRORS: Sequence[Callable[[], Exception]] = (
    lambda: ValueError(SECRET),
    lambda: KeyError(SECRET),
    lambda: AssertionError(SECRET),
    lambda: RecursionError(SECRET),
    lambda: MemoryError(SECRET),
    lambda: OverflowError(SECRET),
    lambda: UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    lambda: OSError(5, "Input/output error"),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "one")) as made:
        yield made


def source(read: Callable[[int], object], drafts: Callable[[object, datetime], Sequence[Draft]]) -> Source:
    """Return a source of three conversations."""
    return Source(name="x.json", format=Format(name="ChatGPT", drafts=drafts), count=3, read=read)


async def brought(store: Store, *sources: Source) -> Report:
    def opener(path: Path, limits: Limits) -> Sequence[Source]:
        """Return the same source for any file."""
        del path, limits
        return sources

    importing = Importer(store, [Path("x.json")], opener=opener)
    done = await importing.run()
    importing.close()
    return done


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("where", ["read", "drafts"])
async def test_any_error_while_one_is_read_is_its_line(
    store: Store, tmp_path: Path, error: Callable[[], Exception], where: str
) -> None:
    def fail(now: str, place: object) -> None:
        """Fail at the second conversation."""
        if now == where and place == 1:
            raise error()

    def read(place: int) -> object:
        """Return a conversation."""
        fail("read", place)
        return {**chatgpt_chat(str(place)), "place": place}

    def drafts(item: object, now: datetime) -> Sequence[Draft]:
        """Return its draft."""
        fail("drafts", table(item)["place"])
        return chatgpt.drafts(item, now)

    (tmp_path / "log").mkdir()
    handler = set_up(tmp_path / "log")
    assert handler is not None
    try:
        report = await brought(store, source(read, drafts))
    finally:
        handler.close()
        logging.getLogger("paragone").removeHandler(handler)
        logging.getLogger("paragone").propagate = True
    assert [each.state for each in report.items] == [ItemState.NEW, ItemState.BROKEN, ItemState.NEW]
    assert [each.reasons for each in report.items if each.state is ItemState.BROKEN] == [(UNREAD,)]
    assert len(await store.conversations.list()) == 2
    logged = (tmp_path / "log" / "paragone.log").read_text("utf-8")
    assert type(error()).__name__ in logged
    assert SECRET not in logged


async def test_any_error_while_one_is_kept_is_its_line(store: Store) -> None:
    """A number that no database can store, which an importer accepted."""

    def drafts(item: object, now: datetime) -> Sequence[Draft]:
        """Return drafts of which the second cannot be saved."""
        (draft,) = chatgpt.drafts(item, now)
        if draft.conversation.title == "odd":
            return [changed(draft)]
        return [draft]

    held = [chatgpt_chat(str(place)) for place in range(3)]
    held[1]["title"] = "odd"
    report = await brought(store, source(held.__getitem__, drafts))
    assert report.count(ItemState.NEW) == len(await store.conversations.list()) == 2
    assert [(each.title, each.state) for each in report.items][1][0] == "odd"


def changed(draft: Draft) -> Draft:
    """Return a draft with a tag that is not text."""
    import msgspec

    broken: Value = msgspec.structs.replace(draft, tags=(b"\xff",))
    assert isinstance(broken, Draft)
    return broken


async def test_a_full_disk_still_ends_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreFull(english("full"))

    monkeypatch.setattr(type(store.conversations), "create_all", full)
    one = source(lambda place: chatgpt_chat(str(place)), chatgpt.drafts)
    importing = Importer(store, [Path("x.json")], opener=lambda _path, _limits: [one])
    with pytest.raises(StoreFull):
        await importing.run()
    importing.close()


async def test_a_file_that_cannot_even_be_opened_leaves_the_others(store: Store) -> None:
    one = source(lambda place: chatgpt_chat(str(place)), chatgpt.drafts)

    def opener(path: Path, limits: Limits) -> Sequence[Source]:
        """Fail to open the first file."""
        del limits
        if path.name == "bad":
            raise ZeroDivisionError
        return [one]

    importing = Importer(store, [Path("bad"), Path("good")], opener=opener)
    report = await importing.run()
    importing.close()
    assert [each.problem for each in report.files] == [UNREAD, ""]
    assert report.count(ItemState.NEW) == 3


ODD: Sequence[object] = (
    {"content": "cut \ud83d"},
    int("9" * 400),
    float("nan"),
    float("inf"),
    "9999-12-31T23:59:59-14:00",
    -62_135_596_801,
    253_402_300_800,
    "\ud83d",
    "\0",
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@settings(
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_odd_values_anywhere_leave_the_others(
    tmp_path_factory: pytest.TempPathFactory, odd: object, data: st.DataObject
) -> None:
    field = data.draw(
        st.sampled_from(["title", "create_time", "update_time", "conversation_id", "current_node", "mapping"])
    )
    node = chatgpt_node("p", "root", parts=["why", odd], create_time=odd, metadata={"model_slug": odd}, status=odd)
    spoilt = chatgpt_entry(node, **{"conversation_id": "odd", field: odd})
    tool = {"type": "tool_use", "name": odd, "id": odd, "input": odd}
    claude = {
        "uuid": "c",
        "name": odd,
        "created_at": odd,
        "chat_messages": [{"sender": "assistant", "uuid": odd, "created_at": odd, "content": [tool]}],
    }
    folder = tmp_path_factory.mktemp("odd")
    chats, others = folder / "a.json", folder / "b.json"
    chats.write_text(json.dumps([chatgpt_chat("a"), spoilt, chatgpt_chat("b")]))
    others.write_text(json.dumps([claude, {**claude, "uuid": "d", "name": "plain"}]))
    async with await Store.open(folder / "store") as store:
        importing = Importer(store, [chats, others])
        report = await importing.run()
        importing.close()
        assert [report.files[0].items[at].state for at in (0, 2)] == [ItemState.NEW, ItemState.NEW]
        assert not any(each.problem for each in report.files)
        assert UNREAD not in [reason for each in report.items for reason in each.reasons]
