"""The services of one run: the store opened once, what the settings ask of it obeyed, and all closed at the end."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import msgspec
import pytest

import main
from desktop.catalog.catalog import Catalog
from desktop.credentials.accounts import account_of
from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.errors import KeyringLocked, UsageError
from desktop.guards.budget import Ledger
from desktop.presets.preset import Preset
from desktop.services import Services
from desktop.session.journal import NoJournal
from desktop.session.session import new_conversation
from desktop.settings.schema import BUDGET, DEFAULT_MODEL, ENCRYPTION, RETENTION
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.signin.cache import Account, KeptTokens
from desktop.store.encryption import recode
from desktop.store.opening.store_opener import opening_lock
from desktop.store.sqlite.cipher import Key
from desktop.store.store import Store
from desktop.system import log
from desktop.system.paths import Paths
from desktop.text.phrases import Phrase
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, none_found
from tests.desktop.session.fakes import LOOPBACK, REF, ScriptedProvider, gateway, said
from tests.desktop.store import made

Make = Callable[..., Services]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the services of another run over the same folder."""
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    opened: list[Services] = []

    def services(settings: Settings | None = None, find: Callable[[], Backend] = none_found) -> Services:
        settings = settings or Settings(connections=(LOOPBACK,))
        found = Services(
            version="0",
            paths=paths,
            environ={},
            settings_file=SettingsFile(paths.settings_file),
            catalog=Catalog(),
            keys=Keys(service="test", environ={}, find=find),
            gateway=gateway(ScriptedProvider([said("An answer.")]), settings),
        )
        opened.append(found)
        return found

    yield services
    for each in opened:
        await each.aclose()


async def test_many_that_ask_at_once_get_the_one_store(make: Make) -> None:
    services = make()
    stores = await asyncio.gather(*(services.store() for _ in range(5)))
    assert len({id(each) for each in stores}) == 1


async def test_what_is_closed_opens_again_and_closing_twice_is_no_harm(make: Make) -> None:
    services = make()
    await (await services.store()).conversations.create(made.said("why?"))
    await services.aclose()
    await services.aclose()
    assert len(await (await services.store()).conversations.list()) == 1


async def test_a_session_is_kept_and_counted_in_what_was_spent(make: Make) -> None:
    services = make()
    session = await services.session(new_conversation(REF))
    await session.ask("why?")
    assert [each.title for each in await (await services.store()).conversations.list()] == ["why?"]
    assert await services._spent(made.START) == 0


async def test_encryption_that_the_settings_ask_for_is_there_before_anything_is_kept(make: Make) -> None:
    keyring = MemoryKeyring()
    wanted = Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True)
    services = make(wanted, lambda: keyring)
    assert (await services.store()).encryption.on
    assert services.new_code
    assert len(keyring.items) == 1
    await services.aclose()
    again = make(wanted, lambda: keyring)
    assert (await again.store()).encryption.on
    assert again.new_code == ""


async def test_an_encryption_that_was_cancelled_and_still_completed_is_obeyed_at_the_next_start(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, recoded = threading.Event(), recode.recode

    def slow(
        path: Path, key: Key | None, keys: Mapping[str, Key], step: Callable[[str], None], *, beside: Path
    ) -> tuple[Phrase, ...]:
        """Say that it began."""
        begun.set()
        return recoded(path, key, keys, step, beside=beside)

    monkeypatch.setattr(recode, "recode", slow)
    keyring = MemoryKeyring()
    services = make(None, lambda: keyring)
    services.paths.prompt_history_file.write_text("+a prompt\n")
    store = await services.store()
    new = await store.encryption.prepare()
    encrypting = asyncio.create_task(store.encryption.turn_on(new))
    assert await asyncio.to_thread(begun.wait, 10)
    encrypting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await encrypting
    await store.encryption.give_up(new)
    assert not services.settings_file.load().settings.get(ENCRYPTION)
    await services.aclose()
    again = make(None, lambda: keyring)
    assert (await again.store()).encryption.on
    assert again.settings.get(ENCRYPTION)
    assert again.settings_file.load().settings.get(ENCRYPTION)
    assert not again.paths.prompt_history_file.exists()


async def test_a_start_that_cannot_write_the_settings_opens_what_is_encrypted(make: Make) -> None:
    keyring = MemoryKeyring()
    services = make(None, lambda: keyring)
    store = await services.store()
    await store.encryption.turn_on(await store.encryption.prepare())
    await services.aclose()
    services.settings_file.path.write_text("broken = [")
    again = make(None, lambda: keyring)
    assert (await again.store()).encryption.on


async def test_encryption_without_a_keyring_lets_all_be_read_and_nothing_be_kept(make: Make) -> None:
    services = make()
    await (await services.store()).conversations.create(made.said("kept"))
    await services.aclose()
    services = make(Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True))
    store = await services.store()
    assert services.new_code == ""
    assert store.read_only
    assert "no keyring" in store.notices[0]
    assert len(await store.search("kept")) == 1
    assert isinstance(await services.journal(), NoJournal)
    await services.aclose()
    assert not (await make(Settings()).store()).encryption.on


async def test_encryption_without_room_for_it_lets_all_be_read_and_nothing_be_kept(
    small_disk: Path, make: Make
) -> None:
    """A full disk at the start (check 27), where a policy asks for encryption since the last one."""
    keyring = MemoryKeyring()
    services = make()
    services.paths.data_pointer.write_text(str(small_disk / "data"))
    (small_disk / "data").mkdir()
    await (await services.store()).conversations.create(made.said("kept " * 12_000))
    await services.aclose()
    wanted = Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True)
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free - 150_000))
    services = make(wanted, lambda: keyring)
    store = await services.store()
    assert store.read_only
    assert "The disk is full" in store.notices[0]
    assert len(await store.search("kept")) == 1
    assert keyring.items == {}
    assert isinstance(await services.journal(), NoJournal)
    await services.aclose()
    (small_disk / "ballast").unlink()
    services = make(wanted, lambda: keyring)
    assert (await services.store()).encryption.on
    assert len(await (await services.store()).search("kept")) == 1


async def test_an_encryption_that_cannot_be_lets_all_be_read_and_says_why(make: Make) -> None:
    keyring = MemoryKeyring()
    services = make()
    await (await services.store()).conversations.create(made.said("kept"))
    await services.aclose()
    keys = services.paths.data / "keys"
    keys.write_text("no folder")
    services = make(Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True), lambda: keyring)
    store = await services.store()
    assert store.read_only
    assert ["could not be" in each and str(keys) in each for each in store.notices] == [True]
    assert len(await store.search("kept")) == 1
    assert keyring.items == {}
    await services.aclose()
    keys.unlink()
    damaged = services.paths.data / "backups" / "conversations-20251224.db"
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(b"SQLite format 3\0" + bytes(84))
    services = make(Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True), lambda: keyring)
    store = await services.store()
    assert store.encryption.on
    assert [str(damaged) in each for each in store.notices] == [True]


async def test_what_is_kept_for_one_run_is_gone_with_it_and_nothing_else_is(make: Make) -> None:
    for mode, left in (("run", 0), ("all", 1)):
        services = make(Settings().set(RETENTION, mode))
        await (await services.store()).conversations.create(made.said("why?", mode))
        await services.aclose()
        again = make()
        assert len(await (await again.store()).conversations.list()) == left
        await again.aclose()


async def test_text_that_lies_plain_beside_the_store_is_forgotten_by_all_who_keep_it(make: Make) -> None:
    services = make()
    services.paths.prompt_history_file.write_text("+why?\n")
    forgotten: list[int] = []
    services.plain_keepers += [lambda: forgotten.append(1), lambda: forgotten.append(2)]
    services.forget_plain_text()
    services.forget_plain_text()
    assert not services.paths.prompt_history_file.exists()
    assert forgotten == [1, 2, 1, 2]


async def test_where_nothing_can_be_written_answers_are_kept_nowhere(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make()
    store = await services.store()
    assert await services.journal() is store.conversations
    monkeypatch.setattr(type(store), "read_only", property(lambda _: True))
    assert isinstance(await services.journal(), NoJournal)


def test_a_model_is_the_one_that_was_named_else_the_settings_own(make: Make) -> None:
    services = make(Settings().set(DEFAULT_MODEL, "lab/mine"))
    assert services.model(None) == services.model("") == ModelRef(connection="lab", name="mine")
    assert services.model("a/b/c") == ModelRef(connection="a", name="b/c")
    with pytest.raises(UsageError):
        services.model("no reference")


async def test_changed_settings_hold_for_connections_and_sign_ins_alike(make: Make) -> None:
    services = make()
    changed = Settings(connections=()).set(RETENTION, "days")
    assert services.entra is services.entra
    services.use(changed)
    assert services.gateway.settings is services.settings is changed


async def test_a_run_that_began_before_the_data_were_moved_goes_on_where_they_are(make: Make, tmp_path: Path) -> None:
    """Else what it keeps would lie in the old folder, where nobody looks any more."""
    mover, before = make(), make()
    followed: list[Path] = []

    async def follow(paths: Paths) -> None:
        followed.append(paths.drafts_file)

    before.followers.append(follow)
    await (await mover.store()).conversations.create(made.said("moved"))
    old, new = mover.paths.data, tmp_path / "new"
    await mover.move_data(new)
    await mover.aclose()
    shutil.rmtree(old)
    await (await before.store()).conversations.create(made.said("said later"))
    await before.aclose()
    assert before.paths.data == new.resolve()
    assert followed == [new.resolve() / "drafts.json"]
    assert not old.exists()
    async with await Store.open(new) as store:
        assert len(await store.conversations.list()) == 2


@pytest.mark.skipif(os.name != "posix", reason="names end otherwise there")
@pytest.mark.parametrize("name", ["blank ", "全角\u3000", "line end\n", "two\r\nlines\r", "\ufeff"])
async def test_data_are_found_again_in_a_folder_whatever_its_name_ends_with(
    make: Make, tmp_path: Path, name: str
) -> None:
    services, new = make(), tmp_path / name
    await (await services.store()).conversations.create(made.said("moved"))
    await services.move_data(new)
    await services.aclose()
    again = make()
    assert again.paths.followed().data == new.resolve()
    again.paths = again.paths.followed()
    again.paths.make()
    assert len(await (await again.store()).search("moved")) == 1
    assert (await again.store()).path.parent == new.resolve()


async def test_a_run_that_waits_while_the_data_are_moved_goes_on_where_they_are(make: Make, tmp_path: Path) -> None:
    services, new = make(), tmp_path / "new"
    old = services.paths.data
    async with await Store.open(old) as store:
        await store.conversations.create(made.said("moved"))
        await store.safety.move(new, services.paths.data_pointer)
    pointer = services.paths.data_pointer
    pointed = pointer.read_text()
    pointer.unlink()
    held = opening_lock(old)
    held.acquire()
    opening = asyncio.create_task(services.store())
    await asyncio.sleep(0.3)  # it waits for whoever moves
    pointer.write_text(pointed)
    held.release()
    assert (await opening).path == new.resolve() / "conversations.db"


async def test_presets_spending_and_drafts_are_kept_where_the_data_were_moved_to(tmp_path: Path) -> None:
    arguments = argparse.Namespace(data_dir=tmp_path / "paragone")
    services = main.assemble(arguments)
    try:
        await asyncio.to_thread(services.presets.add, Preset(id="a", title="before", system="s"))
        await services.move_data(tmp_path / "new")
        await asyncio.to_thread(services.presets.add, Preset(id="b", title="after", system="s"))
        services.use(services.settings.set(BUDGET, 10.0))
        await services.gateway.pay(1.5)
    finally:
        await services.aclose()
        log.close()
    shutil.rmtree(tmp_path / "paragone" / "data")
    again = main.assemble(arguments)
    try:
        assert [each.title for each in again.presets.own] == ["before", "after"]
        assert Ledger(again.paths.spending_file).spent() == 1.5
    finally:
        await again.aclose()
        log.close()


@pytest.mark.parametrize("auth", [Auth.ENTRA, Auth.KEY, Auth.NONE])
async def test_a_removed_connection_leaves_no_sign_in_whatever_it_signs_in_by_now(make: Make, auth: Auth) -> None:
    services, keyring = make(), MemoryKeyring()
    services.keys = Keys(service="test", environ={}, find=lambda: keyring)
    url = "https://contoso.services.ai.azure.com/openai/v1"
    signed_in = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url=url, auth=Auth.ENTRA)
    tokens = KeptTokens(services.keys)
    await tokens.read()
    await tokens.assign(account_of(signed_in), Account("id", "anna@contoso.example"))
    assert keyring.items
    await services.forget_secrets(msgspec.structs.replace(signed_in, auth=auth))
    assert keyring.items == {}


async def test_a_keyring_that_fails_is_an_error_only_where_somebody_signed_in(make: Make) -> None:
    services = make()
    services.keys = Keys(service="test", environ={}, find=LockedKeyring)
    await services.forget_secrets(LOOPBACK)
    with pytest.raises(KeyringLocked):
        await services.forget_secrets(msgspec.structs.replace(LOOPBACK, auth=Auth.ENTRA))
