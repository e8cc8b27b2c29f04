"""Power cut at any write (check 26), and a disk that fails at random (check 28), plain and encrypted."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Message, Status
from desktop.domain.message_parts import PartKind
from desktop.errors import StoreError
from desktop.store.opening.keyfiles import seal
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite import backups
from desktop.store.sqlite.cipher import Key
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.disks import CutDisk, ShakyDisk
from tests.desktop.store.vaults import MemoryVault

CUTS = int(os.environ.get("PARAGONE_TEST_CUTS", "25"))


async def talk(store: Store, promised: dict[str, str], number: int) -> None:
    """A prompt, its answer in pieces; `promised` holds text by id of what the store said is kept."""
    question = made.prompt(f"question {number} " + "x" * 3000)
    streaming = made.answer(question)
    await store.conversations.begin(made.conversation(title=str(number)), question, streaming)
    promised[question.id] = question.text
    for piece in range(3):
        await store.conversations.append(streaming.id, [(PartKind.TEXT, f"{piece} " * 200)])
    done = made.finished(streaming, f"answer {number} " + "y" * 3000)
    await store.conversations.finish(done)
    promised[done.id] = done.text


async def kept(store: Store) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for summary in await store.conversations.list():
        found |= {message.id: message for message in (await store.conversations.get(summary.id)).messages}
    return found


KEYS = [None, pytest.param(Key.make(), marks=pytest.mark.long)]


@pytest.mark.slow
@pytest.mark.timeout(720)
@pytest.mark.parametrize("key", KEYS, ids=["plain", "encrypted"])
async def test_a_power_cut_never_loses_a_prompt_nor_a_finished_answer(tmp_path: Path, key: Key | None) -> None:
    vault = MemoryVault()
    chance = random.Random(5)
    cut = lost_pieces = 0
    for seed in range(CUTS):
        folder, after = tmp_path / f"before-{seed}", tmp_path / f"after-{seed}"
        if key is not None:
            vault.items[key.id] = key.text
            seal(after, key, "0000")
        async with await Store.open(folder, vault=vault, new_key=key):
            pass  # so that what is cut are conversations, not the making of an empty store
        disk = CutDisk(seed, chance.randrange(1, 160))
        promised: dict[str, str] = {}
        at_cut: dict[str, str] = {}
        disk.at_cut = lambda at=at_cut, so_far=promised: at.update(so_far)
        name = disk.name if key is None else f"multipleciphers-{disk.name}"
        try:
            async with await Store.open(folder, vault=vault, options=Options(vfs=name), new_key=key) as store:
                for number in range(4):
                    await talk(store, promised, number)
        finally:
            disk.unregister()
        if disk.survivors is None:
            continue
        cut += 1
        after.mkdir(exist_ok=True)
        for file, held in disk.survivors.items():
            if not file.endswith("-shm"):
                (after / file).write_bytes(held)
        (after / "runs").mkdir()
        (after / "runs" / "dead.lock").touch()
        async with await Store.open(after, vault=vault) as store:
            assert store.notices == (), seed
            found = await kept(store)
            assert {id_: found[id_].text for id_ in at_cut} == at_cut, seed
            lost_pieces += any(message.status is Status.INTERRUPTED for message in found.values())
            await store._database.read(lambda sql: backups.check(sql, "integrity_check"))
    assert cut > CUTS // 2
    assert lost_pieces


@pytest.mark.slow
@pytest.mark.timeout(480)
@pytest.mark.parametrize("key", KEYS, ids=["plain", "encrypted"])
async def test_a_disk_that_fails_at_random_loses_nothing_that_was_kept(tmp_path: Path, key: Key | None) -> None:
    vault = MemoryVault()
    failed = 0
    for seed in range(20):
        folder = tmp_path / str(seed)
        if key is not None:
            vault.items[key.id] = key.text
            seal(folder, key, "0000")
        disk = ShakyDisk(seed)
        name = disk.name if key is None else f"multipleciphers-{disk.name}"
        promised: dict[str, str] = {}
        try:
            async with await Store.open(folder, vault=vault, options=Options(vfs=name), new_key=key) as store:
                for number in range(6):
                    question = made.prompt(f"question {number} " + "x" * 3000)
                    conversation = made.conversation(question, title=str(number))
                    disk.chance = 0.05
                    while not await went_well(lambda one=conversation: store.conversations.create(one)):
                        pass
                    promised[question.id] = question.text
                    await went_well(lambda: store.search("question"))
                    disk.chance = 0.0
        finally:
            disk.unregister()
        failed += disk.failed
        async with await Store.open(folder, vault=vault) as store:
            assert store.notices == (), seed
            assert {id_: message.text for id_, message in (await kept(store)).items()} == promised, seed
            await store._database.read(lambda sql: backups.check(sql, "integrity_check"))
    assert failed > 20


async def went_well(work: Callable[[], Awaitable[object]]) -> bool:
    try:
        await work()
    except StoreError:
        return False
    return True
