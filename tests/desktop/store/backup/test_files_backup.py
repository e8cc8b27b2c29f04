"""Attached files in backups: taken in once, back with a restore and with the way back, gone once nothing names them."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desktop.attachments.attachment import Attachment
from desktop.domain.conversation_types import now
from desktop.errors import StoreCorrupt, StoreFull
from desktop.store.backup.files_backup import LEFT_FREE
from desktop.store.backup.safety import DAILY_BACKUPS
from desktop.store.opening.exchange import ATTACHED
from desktop.store.opening.store_opener import FILE
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from tests.desktop.store.conftest import Children
from tests.desktop.store.files.test_attached_files import DATA, asked, attachment, set_aside
from tests.desktop.store.other_kinds import call_another_kind
from tests.desktop.store.vaults import FileVault, MemoryVault

MOST_STEPS = 40


class Clock:
    """A time that is set."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at

    def days(self, number: int) -> None:
        self.at += timedelta(days=number)


async def said(store: Store, *files: tuple[Attachment, bytes]) -> str:
    """A conversation whose prompt has these files; its id."""
    for each, data in files:
        await store.files.keep(each, data)
    conversation, prompt, answer = asked(*(each for each, _ in files))
    await store.conversations.begin(conversation, prompt, answer)
    return conversation.id


def backed_up(folder: Path) -> list[bytes]:
    sql = connect(folder / "backups" / ATTACHED)
    found = [bytes(data) for (data,) in sql.rows("SELECT data FROM files ORDER BY size")]
    sql.close()
    return found


async def test_each_day_takes_in_what_is_new_and_no_draft(tmp_path: Path) -> None:
    one, two, draft = attachment(b"1"), attachment(b"22"), attachment(b"draft")
    clock = Clock()
    async with await Store.open(tmp_path, clock=clock) as store:
        await store.files.keep(draft, b"draft")
        await said(store, (one, b"1"))
        await store.backup_daily()
        assert backed_up(tmp_path) == [b"1"]
        await said(store, (one, b"1"), (two, b"22"))
        clock.days(1)
        await store.backup_daily()
        assert backed_up(tmp_path) == [b"1", b"22"]
        assert [each.files for each in await store.safety.backups()] == [2, 1]
        assert await store.safety.files_backup.take() == 0


@pytest.mark.parametrize("carried", [False, True])
async def test_a_restore_brings_the_files_that_its_messages_name(tmp_path: Path, *, carried: bool) -> None:
    made = attachment()
    folder, elsewhere = tmp_path / "data", tmp_path / "stick"
    async with await Store.open(folder) as store:
        id_ = await said(store, (made, DATA))
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge([id_])
        assert await store.files.data(made.sha256) is None
        if carried:
            shutil.move(folder / "backups", elsewhere)
            backup = elsewhere / backup.name
        change = await store.safety.preview(backup)
        assert (change.files, change.files_gone) == (1, 0)
        await store.safety.restore(backup)
        assert await store.files.data(made.sha256) == DATA
        assert await store.files.clear() == 0
        (listed,) = await store.conversations.list()
        await store.conversations.purge([listed.id])
        assert await store.files.data(made.sha256) is None


async def test_going_back_brings_the_files_of_what_was_replaced(tmp_path: Path) -> None:
    old, new = attachment(b"old"), attachment(b"new")
    async with await Store.open(tmp_path) as store:
        await said(store, (old, b"old"))
        backup = await store.backup_daily()
        assert backup is not None
        await said(store, (new, b"new"))
        kept = await store.safety.restore(backup)
        await store.safety.files_backup.sweep()
        await said(store, (new, b"new"))
        for each in await store.conversations.list():
            await store.conversations.purge([each.id])
        assert (await store.files.figures())[0] == 0
        await store.safety.restore(kept / FILE)
        assert [await store.files.data(each.sha256) for each in (old, new)] == [b"old", b"new"]


async def test_bringing_back_only_what_lacks_brings_its_files(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        id_ = await said(store, (made, DATA))
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge([id_])
        assert await store.safety.add_missing(backup) == 1
        assert await store.files.data(made.sha256) == DATA


async def test_what_was_deleted_for_good_leaves_the_backup_with_the_last_backup_that_names_it(tmp_path: Path) -> None:
    made, stays = attachment(), attachment(b"stays")
    clock = Clock()
    async with await Store.open(tmp_path, clock=clock) as store:
        id_ = await said(store, (made, DATA))
        await said(store, (stays, b"stays"))
        await store.backup_daily()
        await store.conversations.purge([id_])
        for left in range(DAILY_BACKUPS, 0, -1):
            assert len(backed_up(tmp_path)) == 2, left
            clock.days(1)
            await store.backup_daily()
        assert backed_up(tmp_path) == [b"stays"]
        assert DATA[:30] not in (tmp_path / "backups" / ATTACHED).read_bytes()


async def test_a_backup_that_cannot_be_read_may_name_any_file(tmp_path: Path) -> None:
    made = attachment()
    clock = Clock()
    async with await Store.open(tmp_path, clock=clock) as store:
        id_ = await said(store, (made, DATA))
        await store.backup_daily()
        await store.conversations.purge([id_])
        (tmp_path / "backups" / "conversations-odd.db").write_bytes(b"no database")
        for _ in range(DAILY_BACKUPS + 1):
            clock.days(1)
            await store.backup_daily()
        assert backed_up(tmp_path) == [DATA]


async def test_files_of_what_a_restore_replaced_go_once_nothing_names_them(tmp_path: Path) -> None:
    new = attachment()
    clock = Clock()
    async with await Store.open(tmp_path, clock=clock) as store:
        backup = await store.backup_daily()
        assert backup is not None
        await said(store, (new, DATA))
        kept = await store.safety.restore(backup)
        assert await store.files.data(new.sha256) == DATA
        shutil.rmtree(kept)
        clock.days(1)
        await store.backup_daily()
        assert await store.files.data(new.sha256) is None
        assert backed_up(tmp_path) == []


async def test_the_backup_of_files_is_encrypted_with_the_conversations(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path, vault=MemoryVault()) as store:
        id_ = await said(store, (made, DATA))
        backup = await store.backup_daily()
        assert backup is not None
        await store.encryption.turn_on(await store.encryption.prepare())
        assert DATA[:30] not in (tmp_path / "backups" / ATTACHED).read_bytes()
        await store.conversations.purge([id_])
        await store.safety.restore(backup)
        assert await store.files.data(made.sha256) == DATA
        await store.encryption.turn_off()
        assert await store.safety.files_backup.take() == 0
    assert backed_up(tmp_path) == [DATA]


async def test_a_damaged_backup_of_files_is_set_aside_and_made_anew(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await said(store, (made, DATA))
        (tmp_path / "backups").mkdir()
        (tmp_path / "backups" / ATTACHED).write_bytes(b"no database at all " * 500)
        await store.backup_daily()
    assert backed_up(tmp_path) == [DATA]
    assert set_aside(tmp_path).startswith(b"no database")


async def test_a_backup_of_files_that_proves_damaged_while_it_is_used_is_taken_anew(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await said(store, (made, DATA))
        await store.safety.files_backup.take()
        path = tmp_path / "backups" / ATTACHED
        sql = connect(path)
        (root,) = sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_files_1'")[0]
        sql.close()
        data = bytearray(path.read_bytes())
        data[(root - 1) * 4096 : (root - 1) * 4096 + 64] = b"\xff" * 64
        path.write_bytes(data)
        assert await store.safety.files_backup.take() == 1
    assert backed_up(tmp_path) == [DATA]


async def test_a_backup_of_files_with_tables_of_somebody_else_is_made_anew(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await said(store, (made, DATA))
        (tmp_path / "backups").mkdir()
        (tmp_path / "backups" / ATTACHED).touch()
        sql = connect(tmp_path / "backups" / ATTACHED)
        sql.run("CREATE TABLE files (x); CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END")
        sql.close()
        await store.backup_daily()
    assert backed_up(tmp_path) == [DATA]


async def test_bytes_in_a_backup_that_are_others_do_not_come_back(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        id_ = await said(store, (made, DATA))
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge([id_])
        sql = connect(tmp_path / "backups" / ATTACHED)
        sql.run("UPDATE files SET data = ?", (b"forged",))
        sql.close()
        await store.safety.restore(backup)
        assert await store.files.data(made.sha256) is None


async def test_a_file_that_a_flipped_bit_calls_a_text_keeps_nothing_from_coming_back(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        whole, struck = attachment(), attachment(b"struck")
        ids = [await said(store, (whole, DATA)), await said(store, (struck, b"struck"))]
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge(ids)
    call_another_kind(tmp_path / "backups" / ATTACHED, "files", "data", "CAST(data AS TEXT)")
    async with await Store.open(tmp_path) as store:
        await store.safety.restore(backup)
        assert len(await store.conversations.list()) == 2
        assert await store.files.data(whole.sha256) == DATA


async def test_a_restore_needs_no_more_room_than_what_it_backs_up(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        backup = tmp_path / "before.db"
        await store.backup(backup)
        await said(store, (attachment(), DATA))
        store.safety.files_backup.free = lambda _: len(DATA)
        await store.safety.restore(backup)
        assert await store.conversations.list() == ()


async def test_a_backup_of_files_leaves_room_for_what_is_said(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await said(store, (made, DATA))
        store.safety.files_backup.free = lambda _: LEFT_FREE
        with pytest.raises(StoreFull):
            await store.backup_daily()
        assert [each.conversations for each in await store.safety.backups()] == [1]
        assert backed_up(tmp_path) == []
        store.safety.files_backup.free = lambda _: LEFT_FREE + len(DATA)
        assert await store.safety.files_backup.take() == 1


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    """A folder with three files, of which one is gone for good from it and named by its backup alone."""
    folder = tmp_path / "source"
    clock = Clock()
    clock.days(-1)
    async with await Store.open(folder, clock=clock) as store:
        gone = await said(store, (attachment(b"gone"), b"gone"))
        await said(store, (attachment(b"old"), b"old"))
        await store.backup_daily()
        await store.conversations.purge([gone])
        await said(store, (attachment(b"a new one"), b"a new one"))
    return folder


async def test_backing_up_killed_at_each_step_goes_on_the_next_time(
    source: Path, tmp_path: Path, children: Children
) -> None:
    steps = 0
    for step in range(1, MOST_STEPS):
        steps = step
        folder = tmp_path / str(step)
        shutil.copytree(source, folder)
        done = children.start("back_up_files", folder, str(step)).communicate()[0].endswith("done\n")
        async with await Store.open(folder) as store:
            await store.safety.files_backup.take()
            assert store.notices == ()
        assert backed_up(folder) == [b"old", b"gone", b"a new one"]
        if done:
            break
    assert steps > 1


async def test_restoring_killed_at_each_step_has_the_files_of_what_is_there_and_of_the_way_back(
    source: Path, tmp_path: Path, children: Children
) -> None:
    ended: list[bool] = []
    for step in range(1, MOST_STEPS):
        folder = tmp_path / str(step)
        shutil.copytree(source, folder)
        (backup,) = (folder / "backups").glob("*.db")
        done = children.start("restore", folder, backup, str(step)).communicate()[0].endswith("done\n")
        async with await Store.open(folder) as store:
            ended.append(len(list(folder.glob(f"replaced-*/{FILE}"))) == 1)
            named = [b"old", b"gone"] if ended[-1] else [b"old", b"a new one"]
            assert [await store.files.data(attachment(each).sha256) for each in named] == named
            if ended[-1]:
                await store.safety.restore(next(folder.glob(f"replaced-*/{FILE}")))
                assert await store.files.data(attachment(b"a new one").sha256) == b"a new one"
        if done:
            break
    assert ended[-1]
    assert ended == sorted(ended)
    assert len(ended) > 6


def pages_of(path: Path, data: bytes) -> None:
    """Overwrite the pages of a database where some bytes stand."""
    whole = path.read_bytes()
    at = whole.rindex(data) // 4096 * 4096 - 8192
    path.write_bytes(whole[:at] + b"\xff" * 4096 + whole[at + 4096 :])


async def test_damaged_files_are_set_aside_said_once_and_come_back(tmp_path: Path) -> None:
    one, two = attachment(DATA), attachment(b"two" * 3_000)
    async with await Store.open(tmp_path) as store:
        await said(store, (one, DATA))
        await store.backup_daily()
        await said(store, (two, b"two" * 3_000))
    (tmp_path / ATTACHED).write_bytes(b"no database at all " * 500)
    async with await Store.open(tmp_path) as store:
        assert [each.startswith("The attached files were damaged") for each in store.notices] == [True]
        assert await store.files.data(one.sha256) is None
        await store.files.keep(attachment(b"again"), b"again")
    async with await Store.open(tmp_path) as store:
        assert store.notices == ()
        assert await store.files.missing() == 2
        await store.backup_daily()
        assert await store.files.data(one.sha256) == DATA
        assert await store.files.missing() == 1
    assert not (tmp_path / f"{ATTACHED}-lacking").exists()


async def test_what_is_found_damaged_later_is_looked_through_at_the_next_start_and_the_rest_comes_back(
    tmp_path: Path,
) -> None:
    one, two = attachment(b"one" * 9_000), attachment(b"two" * 9_000)
    async with await Store.open(tmp_path) as store:
        await said(store, (one, b"one" * 9_000))
        await said(store, (two, b"two" * 9_000))
    pages_of(tmp_path / ATTACHED, b"two" * 1_000)
    async with await Store.open(tmp_path) as store:
        assert store.notices == ()
        await store.safety.files_backup.take()
        store.files.doubt()
    async with await Store.open(tmp_path) as store:
        assert len(store.notices) == 1
        await store.backup_daily()
        assert await store.files.data(one.sha256) == b"one" * 9_000
        assert await store.files.data(two.sha256) is None


async def test_a_damaged_file_keeps_nothing_from_being_encrypted_for_good(tmp_path: Path) -> None:
    made = attachment(b"one" * 90_000)
    vault = MemoryVault()
    async with await Store.open(tmp_path, vault=vault) as store:
        await said(store, (made, b"one" * 90_000))
    pages_of(tmp_path / ATTACHED, b"one" * 1_000)
    async with await Store.open(tmp_path, vault=vault) as store:
        new = await store.encryption.prepare()
        with pytest.raises(StoreCorrupt, match="attachments"):
            await store.encryption.turn_on(new)
    async with await Store.open(tmp_path, vault=vault) as store:
        await store.encryption.turn_on(await store.encryption.prepare())
        assert store.encryption.on


async def test_encrypting_and_decrypting_killed_at_each_step_keep_all_files(
    source: Path, tmp_path: Path, children: Children
) -> None:
    folder, vault = source, tmp_path / "vault-source"
    for way in ("on", "off"):
        begun, keyring = folder, vault
        for step in range(1, MOST_STEPS):
            folder, vault = tmp_path / f"{way}-{step}", tmp_path / f"vault-{way}-{step}"
            shutil.copytree(begun, folder)
            if keyring.exists():
                shutil.copy(keyring, vault)
            done = children.start("encrypt", folder, vault, str(step)).communicate()[0].endswith("done\n")
            async with await Store.open(folder, vault=FileVault(vault)) as store:
                found = [await store.files.data(attachment(each).sha256) for each in (b"old", b"a new one")]
                assert found == [b"old", b"a new one"]
                (backup,) = [each.path for each in await store.safety.backups()]
                assert (await store.safety.preview(backup)).files == 1
            if done:
                break
        plain = [b"gone" in each.read_bytes() for each in folder.rglob(ATTACHED)]
        assert any(plain) == (way == "off")


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END",
        "DROP TABLE readings; CREATE VIEW readings AS SELECT 1",
        "ALTER TABLE files ADD COLUMN more TEXT",
        "PRAGMA user_version = 99",
    ],
)
async def test_files_beside_a_foreign_backup_are_asked_only_where_nothing_else_is_in_their_database(
    tmp_path: Path, planted: str
) -> None:
    made = attachment()
    folder, elsewhere = tmp_path / "data", tmp_path / "stick"
    async with await Store.open(folder) as store:
        id_ = await said(store, (made, DATA))
        backup = await store.backup_daily()
        assert backup is not None
        await store.conversations.purge([id_])
        shutil.move(folder / "backups", elsewhere)
        sql = connect(elsewhere / ATTACHED)
        sql.run(planted)
        sql.close()
        before = (elsewhere / ATTACHED).read_bytes()
        change = await store.safety.preview(elsewhere / backup.name)
        assert (change.files, change.files_gone) == ((1, 0) if "user_version" in planted else (0, 1))
        await store.safety.restore(elsewhere / backup.name)
        assert (elsewhere / ATTACHED).read_bytes() == before
