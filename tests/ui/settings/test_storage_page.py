"""The page about storage: folders, encryption with its code, backups with a preview, and moving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.credentials.keys import Keys
from desktop.errors import RecoveryCodeWrong, StoreFull
from desktop.services import Services
from desktop.settings.schema import ENCRYPTION, RETENTION
from desktop.store.backup.restore import Preview, Some
from desktop.store.search.index_renewal import IndexRenewal, RenewalState
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, none_found
from tests.desktop.store import made
from tests.desktop.store.files.test_attached_files import DATA, asked, attachment
from tests.desktop.store.test_traces import traces
from tests.ui import finding
from ui.base.tasks import Tasks
from ui.settings.backups_box import preview_sentences
from ui.settings.option_saver import OptionSaver
from ui.settings.sizes import size_text
from ui.settings.storage_page import StoragePage, measure
from ui.settings.store_maintenance import StoreMaintenance
from ui.widgets.notice_bar import NoticeBar, NoticeStack


@pytest.fixture
def keyring(services: Services) -> MemoryKeyring:
    kept = MemoryKeyring()
    services.keys = Keys(service="test", environ={}, find=lambda: kept)
    return kept


async def storage(services: Services, tasks: Tasks, qtbot: QtBot, opened: list[Path] | None = None) -> StoragePage:
    page = StoragePage(
        services,
        tasks,
        OptionSaver(services, tasks),
        locked=lambda _: "",
        opener=(opened if opened is not None else []).append,
    )
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    assert await tasks.settle(10)
    return page


@pytest.fixture
def opened() -> list[Path]:
    """The folders that were opened."""
    return []


@pytest.fixture
async def page(
    services: Services, tasks: Tasks, qtbot: QtBot, keyring: MemoryKeyring, opened: list[Path]
) -> StoragePage:
    await (await services.store()).conversations.create(made.said("Zanzibar", title="old"))
    return await storage(services, tasks, qtbot, opened)


async def ended(page: StoragePage) -> None:
    """Wait for what was begun, and for what that begins."""
    while page._tasks.names:
        assert await page._tasks.settle(10) or page._tasks.names


async def press(page: StoragePage, name: str) -> None:
    names = {each.accessibleName(): each for each in page.findChildren(QPushButton)}
    (names.get(name) or next(each for said, each in names.items() if said.startswith(name))).click()
    await ended(page)


async def test_folders_are_measured_and_opened(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    paths = services.paths
    (paths.data / "big").write_bytes(bytes(5_000_000))
    opened: list[Path] = []
    page = await storage(services, tasks, qtbot, opened)
    text = finding.said(page)
    assert str(paths.logs) in text
    assert "5 MB" in text
    assert "free on this disk" in page.free.text()
    for name in ("Conversations", "Settings", "Cache", "Logs"):
        finding.button(page, f"Open folder {name}").click()
    assert opened == [paths.data, paths.config, paths.cache, paths.logs]
    assert finding.unreachable(page) == []


def test_a_look_at_nothing_finds_nothing(tmp_path: Path) -> None:
    found = measure((tmp_path / "a",), tmp_path / "nowhere")
    assert (found.used, found.free) == ({tmp_path / "a": 0}, None)


def test_sizes_are_spoken_of_in_few_digits() -> None:
    assert [size_text(size) for size in (0, 10, 4_200_000, 1_400_000_000)] == ["empty", "1 kB", "4 MB", "1.4 GB"]


async def test_a_code_is_shown_and_counts_only_once_it_is_written_down(
    page: StoragePage, services: Services, keyring: MemoryKeyring
) -> None:
    await press(page, "Encrypt conversations…")
    assert finding.unreachable(page) == []
    now = finding.button(page, "Encrypt now")
    assert not now.isEnabled()
    QApplication.clipboard().clear()
    await press(page, "Copy code")
    code = QApplication.clipboard().text()
    assert code in finding.said(page)
    finding.named(page, QCheckBox, "I have written down the code").click()
    assert now.isEnabled()
    now.click()
    await ended(page)
    assert "Conversations are encrypted." in finding.said(page)
    assert code not in finding.said(page)
    assert services.settings_file.load().settings.get(ENCRYPTION)
    assert traces(services.paths.data) == set()
    assert len(keyring.items) == 1
    await press(page, "Turn off encryption…")
    await press(page, "Turn off encryption")
    assert "Conversations are not encrypted." in finding.said(page)
    assert keyring.items == {}
    assert not services.settings_file.load().settings.get(ENCRYPTION)


async def test_another_code_counts_only_once_it_is_written_down(
    page: StoragePage, services: Services, keyring: MemoryKeyring
) -> None:
    assert keyring.items == {}
    store = await services.store()
    new = await store.encryption.prepare()
    await store.encryption.turn_on(new)
    page.refresh()
    await ended(page)
    await press(page, "New recovery code…")
    assert "stays valid until" in finding.said(page)
    assert not finding.button(page, "Use this code").isEnabled()
    await press(page, "Cancel")
    assert "Nothing was changed." in finding.said(page)
    await press(page, "New recovery code…")
    await press(page, "Copy code")
    code = QApplication.clipboard().text()
    assert await services.unlock(new.code)
    finding.named(page, QCheckBox, "I have written down the code").click()
    await press(page, "Use this code")
    assert "is no longer valid" in finding.said(page)
    assert code not in finding.said(page)
    with pytest.raises(RecoveryCodeWrong):
        await services.unlock(new.code)
    assert await services.unlock(code)


async def test_giving_up_leaves_nothing(page: StoragePage, services: Services, keyring: MemoryKeyring) -> None:
    await press(page, "Encrypt conversations…")
    await press(page, "Cancel")
    assert "Nothing was changed." in finding.said(page)
    assert keyring.items == {}
    assert list((services.paths.data / "keys").iterdir()) == []


async def test_without_a_keyring_it_says_why(page: StoragePage, services: Services) -> None:
    services.keys = Keys(service="test", environ={}, find=none_found)
    await press(page, "Encrypt conversations…")
    assert "Conversations cannot be encrypted without a keyring." in finding.said(page)


async def test_where_the_key_is_lost_the_code_opens_them(
    page: StoragePage, services: Services, keyring: MemoryKeyring, tasks: Tasks, qtbot: QtBot
) -> None:
    store = await services.store()
    new = await store.encryption.prepare()
    await store.encryption.turn_on(new)
    await services.aclose()
    keyring.items.clear()
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    wanted: list[bool] = []
    care.storage_wanted.connect(lambda: wanted.append(True))
    assert not await care.settle()
    finding.button(notices, "Open…").click()
    assert wanted == [True]
    opened: list[bool] = []
    locked = await storage(services, tasks, qtbot)
    locked.reopened.connect(lambda: opened.append(True))
    field = finding.field(locked, "Recovery code")
    QTest.keyClicks(field, "wrong")
    await press(locked, "Open")
    assert "incomplete" in finding.said(locked)
    assert opened == []
    field.setText(new.code)
    await press(locked, "Open")
    assert opened == [True]
    assert len(await (await services.store()).conversations.list()) == 1
    assert len(keyring.items) == 1


async def test_typed_prompts_that_cannot_be_overwritten_hide_no_conversation(
    services: Services, tasks: Tasks, qtbot: QtBot
) -> None:
    services.paths.prompt_history_file.mkdir(parents=True)  # what no run may write, not even root's
    services.use(services.settings.set(RETENTION, "run"))
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    opened: list[bool] = []
    care.opened.connect(lambda: opened.append(True))
    await care.settle()
    assert opened == [True]
    assert str(services.paths.prompt_history_file) in finding.said(notices)
    assert await tasks.settle(10)


async def test_a_backup_is_restored_after_one_question(
    page: StoragePage, services: Services, opened: list[Path]
) -> None:
    store = await services.store()
    await store.backup_daily()
    await store.conversations.create(made.said("Quokka", title="new <b>one</b>"))
    page.refresh()
    assert await page._tasks.settle(10)
    assert "1 conversation, " in finding.said(page)
    restored: list[bool] = []
    page.reopened.connect(lambda: restored.append(True))
    await press(page, "Restore backup from ")
    assert "1 newer conversation will be removed: new <b>one</b>" in finding.said(page)
    await press(page, "Cancel")
    assert restored == []
    await press(page, "Restore backup from ")
    await press(page, "Replace everything")
    assert restored == [True]
    assert [found.title for found in await store.conversations.list()] == ["old"]
    (aside,) = services.paths.data.glob("replaced-*")
    page.refresh()
    await ended(page)
    assert "Replaced by a backup on " in finding.said(page)
    finding.button(page, f"Open folder {aside.name}").click()
    assert opened == [aside]


async def test_only_what_is_missing_is_brought_back(page: StoragePage, services: Services) -> None:
    store = await services.store()
    await store.backup_daily()
    (kept,) = await store.conversations.list()
    await store.conversations.purge([kept.id])
    await store.conversations.create(made.said("Quokka", title="new"))
    page.refresh()
    assert await page._tasks.settle(10)
    await press(page, "Restore backup from ")
    await press(page, "Restore only missing conversations")
    assert "1 conversation was restored." in finding.said(page)
    assert {found.title for found in await store.conversations.list()} == {"old", "new"}


def test_a_preview_names_the_first_titles() -> None:
    none = Some(0, ())
    assert preview_sentences(Preview(none, none, none)) == ["The backup has the same contents: nothing would change."]
    assert preview_sentences(Preview(Some(7, ("a", "")), Some(1, ("b",)), none)) == [
        "7 conversations will be restored: a, Untitled, …",
        "1 conversation will be reset to its earlier state: b",
    ]


async def test_attached_files_are_counted_and_those_of_a_backup_too(
    services: Services, tasks: Tasks, qtbot: QtBot
) -> None:
    page = await storage(services, tasks, qtbot)
    assert not page.files.isVisible()
    store = await services.store()
    file = attachment()
    await store.files.keep(file, DATA)
    await store.conversations.begin(*asked(file))
    await store.conversations.begin(*asked(attachment(b"never kept")))
    await store.backup_daily()
    page = await storage(services, tasks, qtbot)
    assert page.files.text() == f"1 attached file, {size_text(len(DATA))}. 1 attached file is missing."
    assert any(
        each.startswith("2 conversations, ") and each.endswith(", 2 attached files")
        for each in finding.said(page).splitlines()
    )
    none = Some(0, ())
    assert preview_sentences(Preview(none, none, none, files=2, files_gone=1)) == [
        "2 attached files will be restored.",
        "1 attached file is missing.",
    ]


async def test_everything_is_moved(page: StoragePage, services: Services, tmp_path: Path) -> None:
    target = tmp_path / "new place"
    page.ask_to_move(str(services.paths.data))
    await press(page, "Move")
    assert "is the current location" in page.moved.text()
    page.ask_to_move(str(target))
    await press(page, "Move")
    assert services.paths.data == target
    assert services.paths.data_pointer.read_text() == f"{target}\n"
    assert str(target) in finding.said(page)
    store = await services.store()
    assert store.path.parent == target
    assert len(await store.conversations.list()) == 1
    await store.conversations.create(made.said("there"))


async def no_rounds() -> None:
    """None were left."""


async def test_a_damaged_store_is_said_with_its_cure(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    (services.paths.data / "conversations.db").write_bytes(b"broken")
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    opened: list[bool] = []
    wanted: list[bool] = []
    care.opened.connect(lambda: opened.append(True))
    care.storage_wanted.connect(lambda: wanted.append(True))
    assert await care.settle()
    await care.begin(no_rounds)
    assert await tasks.settle(10)
    assert opened == [True]
    assert "was moved to" in notices.texts[0]
    finding.button(notices, "Restore…").click()
    assert wanted == [True]
    assert len(await (await services.store()).safety.backups()) == 1


async def test_a_day_later_it_is_tidied_and_backed_up_again(services: Services, tasks: Tasks, qtbot: QtBot) -> None:
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    assert await care.settle()
    await care.begin(no_rounds)
    assert await tasks.settle(10)
    (backup,) = await (await services.store()).safety.backups()
    backup.path.unlink()
    care.look()
    assert await tasks.settle(10)
    assert await (await services.store()).safety.backups() == ()
    care._day = "20200101"
    care.look()
    assert await tasks.settle(10)
    assert len(await (await services.store()).safety.backups()) == 1
    assert notices.findChildren(NoticeBar) == []


async def test_an_index_that_a_full_disk_broke_off_goes_on_at_the_next_look(
    services: Services, tasks: Tasks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    whole, ends = IndexRenewal.run, ["full", "whole"]

    async def run(renewal: IndexRenewal, progress: Callable[[RenewalState], None]) -> None:
        """Break off the first time."""
        if ends.pop(0) == "full":
            raise StoreFull(english("The disk is full."))
        await whole(renewal, progress)

    monkeypatch.setattr(IndexRenewal, "run", run)
    assert await care.settle()
    await care.begin(no_rounds)
    assert await tasks.settle(10)
    assert len(notices.texts) == 1
    care.look()
    assert await tasks.settle(10)
    assert ends == []


async def test_a_locked_keyring_is_asked_again(
    page: StoragePage, services: Services, keyring: MemoryKeyring, tasks: Tasks, qtbot: QtBot
) -> None:
    store = await services.store()
    await store.encryption.turn_on(await store.encryption.prepare())
    await services.aclose()
    kept, services.keys = services.keys, Keys(service="test", environ={}, find=LockedKeyring)
    locked = await storage(services, tasks, qtbot)
    assert "is locked" in finding.said(locked)
    opened_again: list[bool] = []
    locked.reopened.connect(lambda: opened_again.append(True))
    await press(locked, "Try keyring again")
    assert opened_again == []
    services.keys = kept
    await press(locked, "Try keyring again")
    assert opened_again == [True]
    assert "Conversations are encrypted." in finding.said(locked)
    assert len(keyring.items) == 1


async def test_a_day_whose_work_a_full_disk_refused_is_looked_after_again(
    services: Services, tasks: Tasks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, backup = [True], Store.backup_daily

    async def backed_up(store: Store) -> None:
        if full:
            raise StoreFull(english("The disk is full."))
        await backup(store)

    monkeypatch.setattr(Store, "backup_daily", backed_up)
    notices = NoticeStack()
    qtbot.addWidget(notices)
    care = StoreMaintenance(services, tasks, notices)
    assert await care.settle()
    await care.begin(no_rounds)
    assert await tasks.settle(10)
    assert "The disk is full." in finding.said(notices)
    full.clear()
    care.look()
    assert await tasks.settle(10)
    assert len(await (await services.store()).safety.backups()) == 1
