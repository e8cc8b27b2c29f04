"""Attached files in the store: each once, gone with the last message that has it, encrypted and moved."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from desktop.attachments.attachment import Attachment, fingerprint
from desktop.attachments.decode_wire import Decoded
from desktop.attachments.media_kind import Media, MediaKind
from desktop.domain.conversation_types import (
    Conversation,
    FileLeftOut,
    Message,
    ModelRef,
    Role,
    Status,
    bounded_left_out,
    new_id,
    now,
)
from desktop.domain.message_parts import FilePart
from desktop.errors import StoreCorrupt, StoreNewer, StoreReadOnly
from desktop.store.files import attached_schema
from desktop.store.files.attached_files import DRAFT_SPARED, DRAFTS_KEPT
from desktop.store.opening.exchange import ATTACHED
from desktop.store.opening.store_opener import Options
from desktop.store.retention import RetentionRule
from desktop.store.sqlite.database import Access, connect
from desktop.store.store import Store
from desktop.text.phrases import english, phrase
from tests.desktop.store.other_kinds import call_another_kind
from tests.desktop.store.vaults import MemoryVault

DATA = b"What nobody may read in the file. " * 50


def attachment(data: bytes = DATA, name: str = "a.txt") -> Attachment:
    decoded = Decoded(text=data.decode())
    media = Media(MediaKind.TEXT, "text/plain")
    return Attachment(sha256=fingerprint(data), name=name, media=media, size=len(data), decoded=decoded)


def asked(*files: Attachment) -> tuple[Conversation, Message, Message]:
    """A conversation, its prompt with files, and the answer that is waited for."""
    at, ref = now(), ModelRef(connection="c", name="m")
    parts = tuple(each.part for each in files)
    prompt = Message(id=new_id(), parent=None, role=Role.USER, parts=parts, status=Status.COMPLETE, created_at=at)
    answer = Message(
        id=new_id(), parent=prompt.id, role=Role.ASSISTANT, parts=(), status=Status.STREAMING, created_at=at
    )
    return Conversation(id=new_id(), title="t", model=ref, created_at=at, updated_at=at), prompt, answer


async def test_what_was_kept_is_found_after_a_restart(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
        await store.files.keep(made, DATA)
        assert await store.files.figures() == (1, len(DATA))
    async with await Store.open(tmp_path) as store:
        assert await store.files.find(made.part) == made
        assert await store.files.data(made.sha256) == DATA
        assert await store.files.find(FilePart(sha256="0" * 64, media_type="text/plain")) is None
    assert (tmp_path / ATTACHED).stat().st_mode & 0o777 == 0o600


async def test_a_file_goes_with_the_last_message_that_refers_to_it(tmp_path: Path) -> None:
    made, draft = attachment(), attachment(b"draft")
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
        await store.files.keep(draft, b"draft")
        conversations = [asked(made), asked(made)]
        for conversation, prompt, answer in conversations:
            await store.conversations.begin(conversation, prompt, answer)
        for (conversation, _, _), left in zip(conversations, (2, 1), strict=True):
            await store.conversations.purge([conversation.id])
            assert (await store.files.figures())[0] == left
        assert await store.files.data(draft.sha256) == b"draft"
    assert DATA[:30] not in (tmp_path / ATTACHED).read_bytes()


async def test_what_was_never_sent_goes_after_its_time(tmp_path: Path) -> None:
    at = [now()]

    def clock() -> datetime:
        return at[0]

    async with await Store.open(tmp_path, clock=clock) as store:
        await store.files.keep(attachment(), DATA)
        assert await store.files.clear() == 0
        at[0] += DRAFTS_KEPT + timedelta(seconds=1)
        assert await store.files.clear() == 1


async def test_files_are_encrypted_with_the_conversations_and_plain_again(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path, vault=MemoryVault()) as store:
        await store.files.keep(made, DATA)
        await store.encryption.turn_on(await store.encryption.prepare())
        assert DATA[:30] not in (tmp_path / ATTACHED).read_bytes()
        assert await store.files.data(made.sha256) == DATA
        more = attachment(b"another")
        await store.files.keep(more, b"another")
        await store.encryption.turn_off()
        assert await store.files.data(more.sha256) == b"another"
    assert DATA[:30] in (tmp_path / ATTACHED).read_bytes()


async def test_files_move_with_the_data_folder(tmp_path: Path) -> None:
    made = attachment()
    old, new = tmp_path / "old", tmp_path / "new"
    async with await Store.open(old) as store:
        await store.files.keep(made, DATA)
        await store.safety.move(new, tmp_path / "pointer")
        assert await store.files.data(made.sha256) == DATA
        assert store.files.path.parent == new


async def test_a_file_whose_bytes_are_others_is_told_as_damaged(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
    sql = connect(tmp_path / ATTACHED)
    sql.run("UPDATE files SET data = ?", (b"forged",))
    sql.close()
    async with await Store.open(tmp_path) as store:
        with pytest.raises(StoreCorrupt):
            await store.files.data(made.sha256)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("size", "CAST(size AS TEXT)"),
        ("decoded", "'x'"),
        ("kind", "CAST(kind AS BLOB)"),
        ("data", "CAST(data AS TEXT)"),
    ],
)
async def test_a_cell_that_a_flipped_bit_calls_another_kind_keeps_no_other_file_from_being_read(
    tmp_path: Path, column: str, value: str
) -> None:
    whole, struck = attachment(), attachment(b"struck", "b.txt")
    async with await Store.open(tmp_path) as store:
        await store.files.keep(whole, DATA)
        await store.files.keep(struck, b"struck")
    call_another_kind(tmp_path / ATTACHED, "files", column, value)
    async with await Store.open(tmp_path) as store:
        sizes = await store.files.sizes([whole.sha256, struck.sha256])
        assert {type(size) for size in sizes.values()} == {int}
        assert sizes[whole.sha256] == len(DATA)
        await store.files.find(struck.part)
        assert await store.files.data(whole.sha256) == DATA
        assert await store.files.data(struck.sha256) == b"struck"


async def test_a_file_that_was_attached_anew_and_not_sent_goes_a_day_after_its_messages(tmp_path: Path) -> None:
    at = [now()]

    def clock() -> datetime:
        return at[0]

    made = attachment()
    async with await Store.open(tmp_path, clock=clock) as store:
        await store.files.keep(made, DATA)
        conversation, prompt, answer = asked(made)
        await store.conversations.begin(conversation, prompt, answer)
        await store.files.keep(made, DATA)  # a draft's again, which may be given up
        await store.conversations.purge([conversation.id])
        assert await store.files.data(made.sha256) == DATA
        at[0] += DRAFT_SPARED + timedelta(seconds=1)
        assert await store.files.clear() == 1
        assert await store.files.clear() == 0


async def test_what_a_backup_or_a_new_database_knows_nothing_of_stays(tmp_path: Path) -> None:
    made, later = attachment(), attachment(b"later")
    async with await Store.open(tmp_path) as store:
        backup = tmp_path / "backup.db"
        await store.files.keep(made, DATA)
        await store.conversations.begin(*asked(made))
        await store.backup(backup)
        await store.files.keep(later, b"later")
        await store.conversations.begin(*asked(later))
        await store.safety.restore(backup)
        assert await store.files.clear() == 0
        assert await store.files.data(later.sha256) == b"later"
        assert await store.files.data(made.sha256) == DATA
    (tmp_path / "conversations.db").write_bytes(b"no database" * 1_000)
    async with await Store.open(tmp_path) as store:
        assert store.aside is not None
        await store.retention.tidy(RetentionRule())
        assert await store.files.data(made.sha256) == DATA


async def test_files_of_a_newer_version_are_left_alone_and_keep_nothing_from_starting(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
    sql = connect(tmp_path / ATTACHED)
    sql.run("ALTER TABLE files RENAME TO pictures")
    sql.pragma("user_version", 99)
    sql.close()
    async with await Store.open(tmp_path) as store:
        await store.retention.tidy(RetentionRule())
        with pytest.raises(StoreNewer):
            await store.files.find(made.part)


async def test_damaged_files_are_set_aside_and_new_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / ATTACHED).write_bytes(b"no database at all " * 500)
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
        assert await store.files.data(made.sha256) == DATA
    assert set_aside(tmp_path).startswith(b"no database")


def set_aside(folder: Path) -> bytes:
    """What lies in the only folder that something was set aside in."""
    (aside,) = folder.glob("broken-*")
    return (aside / ATTACHED).read_bytes()


async def test_the_same_bytes_under_another_name_are_another_kind_and_the_older_prompt_keeps_its_own(
    tmp_path: Path,
) -> None:
    text = attachment()
    mail = structs.replace(
        text, name="m.eml", media=Media(MediaKind.TEXT, "message/rfc822"), decoded=Decoded(text="Subject")
    )
    async with await Store.open(tmp_path) as store:
        for each in (text, mail, text):
            await store.files.keep(each, DATA)
        assert [await store.files.find(each.part) for each in (text, mail)] == [text, mail]
        assert (await store.files.figures())[0] == 1


async def test_a_file_that_came_with_an_import_is_looked_at_when_it_is_described(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.bring(made.sha256, made.media, DATA)
        assert await store.files.find(made.part) is None
        assert await store.files.data(made.sha256) == DATA
        await store.files.describe(made)
        assert await store.files.find(made.part) == made


async def test_files_of_the_first_version_are_found(tmp_path: Path) -> None:
    made = attachment()
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, DATA)
    sql = connect(tmp_path / ATTACHED)
    sql.run("DROP TABLE readings")
    sql.pragma("user_version", 1)
    sql.close()
    full = Options(hinders=StoreReadOnly(english("It is not to be written.")))
    async with await Store.open(tmp_path, options=full) as store:
        assert await store.files.find(made.part) == made
    async with await Store.open(tmp_path) as store:
        await store.files.sent([])
        await store.files.clear()
        assert await store.files.find(made.part) == made


async def test_what_a_model_got_nothing_of_is_kept_with_its_answer(tmp_path: Path) -> None:
    conversation, prompt, answer = asked(attachment())
    answer = structs.replace(answer, left_out=(FileLeftOut(name="a.txt", model="M"),) * 300)
    async with await Store.open(tmp_path) as store:
        await store.conversations.begin(conversation, prompt, answer)
        await store.conversations.finish(structs.replace(answer, status=Status.COMPLETE))
        (_, kept) = (await store.conversations.get(conversation.id)).messages
    assert [each.sentence for each in kept.left_out] == ["M cannot read a.txt: not sent."]


@pytest.mark.parametrize("logged", [False, True])
async def test_files_are_read_where_nothing_can_be_made_beside_them(tmp_path: Path, logged: bool) -> None:
    made = attachment()
    async with await Store.open(tmp_path / "before") as store:
        await store.files.keep(made, DATA)
        if logged:
            shutil.copytree(tmp_path / "before", tmp_path / "after")
    folder = tmp_path / ("after" if logged else "before")
    (folder / f"{ATTACHED}-shm").unlink(missing_ok=True)
    (folder / f"{ATTACHED}-shm").mkdir()  # what a full disk or one that is read only does not let be made
    assert (folder / f"{ATTACHED}-wal").exists() is logged
    async with await Store.open(
        folder, options=Options(hinders=StoreReadOnly(phrase("It cannot be written.")))
    ) as store:
        assert await store.files.find(made.part) == made
        assert await store.files.data(made.sha256) == DATA


async def test_a_file_is_written_once_and_gives_its_room_back(tmp_path: Path) -> None:
    data = bytes(range(256)) * 20_000
    made = structs.replace(attachment(), sha256=fingerprint(data))
    conversation, prompt, answer = asked(made)
    async with await Store.open(tmp_path) as store:
        await store.files.keep(made, data)
        await store.conversations.begin(conversation, prompt, answer)
        await store.files.keep(made, data)
        await store.files.describe(structs.replace(made, decoded=Decoded(text="better")))
        await store.files.sent([made.sha256])
        found = await store.files.find(made.part)
        assert found is not None
        assert found.decoded.text == "better"
    assert len(data) < size_of(tmp_path / ATTACHED) < len(data) + 200_000
    async with await Store.open(tmp_path) as store:
        await store.conversations.purge([conversation.id])
    assert size_of(tmp_path / ATTACHED) < 100_000


async def test_tables_of_somebody_else_under_our_names_keep_nothing_from_starting(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        await store.files.keep(attachment(), DATA)
    sql = connect(tmp_path / ATTACHED)
    sql.run("ALTER TABLE files RENAME COLUMN data TO bytes")
    sql.close()
    async with await Store.open(tmp_path) as store:
        assert len(store.notices) == 1
        await store.files.keep(attachment(), DATA)


def size_of(path: Path) -> int:
    return path.stat().st_size


def test_runs_that_begin_the_files_at_the_same_moment_have_the_same_ones(tmp_path: Path) -> None:
    access = Access(path=tmp_path / ATTACHED)
    barrier = threading.Barrier(8)

    def begin(number: int) -> None:
        barrier.wait()
        sql = attached_schema.connected(access)
        with sql.transaction():
            sql.run("INSERT INTO readings VALUES (?, '', '', x'')", (str(number),))
        sql.close()

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(begin, range(8))] == [None] * 8
    sql = connect(access.path)
    assert sql.integer("SELECT count(*) FROM readings") == 8
    assert sql.pragma("auto_vacuum") == 2
    sql.close()
    assert [each.name for each in tmp_path.glob("*attachments*")] == [ATTACHED]


def test_a_name_of_several_lines_is_one_where_it_is_said() -> None:
    (said,) = bounded_left_out([FileLeftOut(name="a\n# b\n" * 900, model="M\n\n- c")])
    assert "\n" not in said.sentence
    assert len(said.sentence) < 500


async def test_on_a_network_disk_files_are_kept_without_a_log_as_conversations_are(tmp_path: Path) -> None:
    async with await Store.open(tmp_path, options=Options(network=lambda _: "nfs")) as store:
        await store.files.keep(attachment(), DATA)
        assert not (tmp_path / f"{ATTACHED}-wal").exists()
        assert await store.files.data(attachment().sha256) == DATA


@pytest.mark.parametrize("cut", [0, 3584])
async def test_a_damaged_index_costs_no_file(tmp_path: Path, cut: int) -> None:
    """It is made of the rows: a bad sector in it ends reading, or hides rows without a word."""
    several = [attachment(DATA + bytes([number]) * 9, f"{number}.txt") for number in range(65, 73)]
    async with await Store.open(tmp_path) as store:
        for number, made in enumerate(several, 65):
            await store.files.keep(made, DATA + bytes([number]) * 9)
        conversation, prompt, answer = asked(*several)
        await store.conversations.begin(conversation, prompt, answer)
    sql = connect(tmp_path / ATTACHED)
    ((page,),) = sql.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_files_1'")
    sql.close()
    with (tmp_path / ATTACHED).open("r+b") as file:
        file.seek((page - 1) * 4096 + cut)
        file.write(b"\0" * 512)
    async with await Store.open(tmp_path) as store:
        with suppress(StoreCorrupt):
            assert len(await store.files.sizes([each.sha256 for each in several])) == len(several)
    async with await Store.open(tmp_path) as store:
        await store.backup_daily()
        for made in several:
            assert fingerprint(await store.files.data(made.sha256) or b"") == made.sha256
