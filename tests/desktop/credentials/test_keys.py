"""Keys: to the keyring whole, to the right origin alone, and never to a file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import msgspec
import pytest

from desktop.credentials import long_secrets
from desktop.credentials.accounts import account_of
from desktop.credentials.backends import WINDOWS_LIMIT, Backend
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import (
    CredentialError,
    KeyringLocked,
    KeyringMissing,
    KeyringTimeout,
    PolicyForbids,
    SecretTorn,
)
from tests.desktop.credentials.fakes import ForgetfulKeyring, LockedKeyring, MemoryKeyring, SilentKeyring, none_found

FOUNDRY = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url="https://x.openai.azure.com/openai/v1")
KEY = "0123456789abcdef0123"
LONG = "".join(chr(33 + index % 90) for index in range(5000))


def keys(
    backend: Backend | Callable[[], Backend], environ: dict[str, str] | None = None, timeout_s: float = 60
) -> Keys:
    find = backend if callable(backend) else lambda: backend
    return Keys(service="Paragone", environ=environ or {}, timeout_s=timeout_s, find=find)


async def test_a_kept_key_comes_back_in_another_run() -> None:
    keyring = MemoryKeyring()
    kept = await keys(keyring).keep(FOUNDRY, KEY)
    assert kept.keyring == "memory"
    assert await keys(keyring).get(FOUNDRY) == KEY


async def test_a_key_and_a_header_are_hidden_from_when_they_are_kept_on() -> None:
    held = keys(MemoryKeyring())
    await held.keep(FOUNDRY, KEY)
    assert held.mask.hide(f"no {KEY}") == "no [secure]"
    headed = msgspec.structs.replace(FOUNDRY, secret_headers=("X-Api-Key",))
    await held.keep_headers(headed, {"X-Api-Key": "header-0123456789"})
    assert held.mask.hide("no header-0123456789") == "no [secure]"


async def test_another_address_gets_no_key() -> None:
    keyring = MemoryKeyring()
    await keys(keyring).keep(FOUNDRY, KEY)
    moved = msgspec.structs.replace(FOUNDRY, url="https://evil.example/openai/v1")
    assert await keys(keyring).get(moved) is None


async def test_the_same_origin_keeps_its_key_when_only_the_path_changes() -> None:
    keyring = MemoryKeyring()
    await keys(keyring).keep(FOUNDRY, KEY)
    other_path = msgspec.structs.replace(FOUNDRY, url="https://X.openai.azure.com/models")
    assert await keys(keyring).get(other_path) == KEY


async def test_a_key_that_the_keyring_takes_and_does_not_keep_is_held_for_this_run() -> None:
    held = keys(ForgetfulKeyring())
    place = await held.keep(FOUNDRY, KEY)
    assert place.keyring is None
    assert "did not return it" in str(place.problem)
    assert await held.get(FOUNDRY) == KEY


async def test_a_removed_connections_key_is_gone() -> None:
    keyring = MemoryKeyring()
    held = keys(keyring)
    await held.keep(FOUNDRY, KEY)
    await held.forget(FOUNDRY)
    assert keyring.items == {}
    assert await held.get(FOUNDRY) is None


@pytest.mark.parametrize(
    ("find", "problem"), [(none_found, KeyringMissing), (LockedKeyring, KeyringLocked)], ids=["missing", "locked"]
)
async def test_without_a_keyring_a_key_is_for_this_run_only_and_said_so(
    find: Callable[[], Backend], problem: type[Exception]
) -> None:
    held = keys(find)
    kept = await held.keep(FOUNDRY, KEY)
    assert kept.keyring is None
    assert isinstance(kept.problem, problem)
    assert await held.get(FOUNDRY) == KEY


async def test_locked_is_not_the_same_as_missing() -> None:
    assert await keys(none_found).get(FOUNDRY) is None
    with pytest.raises(KeyringLocked):
        await keys(LockedKeyring).get(FOUNDRY)


async def test_a_silent_keyring_costs_its_time_out_and_the_loop_lives() -> None:
    silent = SilentKeyring()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    with pytest.raises(KeyringTimeout):
        await keys(silent, timeout_s=0.2).get(FOUNDRY)
    ticking.cancel()
    silent.release.set()
    for thread in [each for each in threading.enumerate() if each.name == "keyring"]:
        thread.join(5)
    assert ticks > 5


async def test_a_variable_is_read_at_each_use_and_nothing_is_kept() -> None:
    keyring = MemoryKeyring()
    environ = {"THE_KEY": f" {KEY}\n"}
    held = keys(keyring, environ)
    named = msgspec.structs.replace(FOUNDRY, key_env="THE_KEY")
    assert await held.get(named) == KEY
    environ["THE_KEY"] = "another"
    assert await held.get(named) == "another"
    del environ["THE_KEY"]
    assert await held.get(named) is None
    assert keyring.items == {}


async def test_a_connection_without_a_key_asks_no_keyring() -> None:
    assert await keys(LockedKeyring).get(msgspec.structs.replace(FOUNDRY, auth=Auth.NONE)) is None


def test_a_long_key_comes_back_whole_through_short_secrets() -> None:
    keyring = MemoryKeyring(WINDOWS_LIMIT)
    long_secrets.write(keyring, "s", "a", LONG)
    assert len(keyring.items) == 6
    assert long_secrets.read(keyring, "s", "a") == LONG


def test_replacing_and_erasing_leave_no_pieces() -> None:
    keyring = MemoryKeyring(WINDOWS_LIMIT)
    long_secrets.write(keyring, "s", "a", LONG)
    long_secrets.write(keyring, "s", "a", LONG[::-1])
    assert len(keyring.items) == 6
    long_secrets.write(keyring, "s", "a", KEY)
    assert keyring.items == {("s", "a"): KEY}
    long_secrets.write(keyring, "s", "a", LONG)
    long_secrets.erase(keyring, "s", "a")
    assert keyring.items == {}


def test_a_key_that_looks_like_a_manifest_is_still_a_key() -> None:
    keyring = MemoryKeyring()
    long_secrets.write(keyring, "s", "a", "paragone-pieces:x:2:y")
    assert long_secrets.read(keyring, "s", "a") == "paragone-pieces:x:2:y"


def test_a_torn_key_is_noticed() -> None:
    keyring = MemoryKeyring(WINDOWS_LIMIT)
    long_secrets.write(keyring, "s", "a", LONG)
    piece = next(account for _, account in keyring.items if account.endswith(".2]"))
    whole = keyring.items["s", piece]
    keyring.items["s", piece] = whole[:-1] + "?"
    with pytest.raises(SecretTorn):
        long_secrets.read(keyring, "s", "a")
    del keyring.items["s", piece]
    with pytest.raises(SecretTorn):
        long_secrets.read(keyring, "s", "a")


@pytest.mark.parametrize("steps", range(7))
def test_broken_off_anywhere_the_old_or_the_new_key_is_there_whole(steps: int) -> None:
    keyring = MemoryKeyring(WINDOWS_LIMIT)
    long_secrets.write(keyring, "s", "a", KEY)
    keyring.fail_after = steps
    with pytest.raises(KeyringLocked) if steps < 6 else _nothing():
        long_secrets.write(keyring, "s", "a", LONG)
    assert long_secrets.read(keyring, "s", "a") in (KEY, LONG)


class _nothing:  # noqa: N801 - stands where a context manager is wanted
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_the_account_names_connection_and_origin_and_nothing_else_of_the_address() -> None:
    connection = msgspec.structs.replace(FOUNDRY, url="https://Host.example:8443/v1?x=1")
    assert account_of(connection) == "foundry at https://host.example:8443"


async def test_the_keyring_is_named_without_being_asked_for_anything() -> None:
    assert await keys(LockedKeyring()).keyring_found() == "memory"
    with pytest.raises(KeyringMissing):
        await keys(none_found).keyring_found()


async def test_a_key_for_this_run_only_is_told_from_a_kept_one() -> None:
    for backend, only_this_run in ((MemoryKeyring(), False), (none_found, True)):
        held = keys(backend)
        await held.keep(FOUNDRY, KEY)
        assert held.only_this_run(FOUNDRY) is only_this_run


async def test_where_policy_wants_the_keyring_a_key_is_there_or_nowhere() -> None:
    def strict(find: Callable[[], Backend]) -> Keys:
        return Keys(service="Paragone", environ={"V": KEY}, keyring_only=True, find=find)

    with pytest.raises(PolicyForbids):
        await strict(MemoryKeyring).get(msgspec.structs.replace(FOUNDRY, key_env="V"))
    without = strict(none_found)
    with pytest.raises(KeyringMissing):
        await without.keep(FOUNDRY, KEY)
    assert not without.only_this_run(FOUNDRY)
    assert await without.get(FOUNDRY) is None
    keyring = MemoryKeyring()
    await strict(lambda: keyring).keep(FOUNDRY, KEY)
    assert await strict(lambda: keyring).get(FOUNDRY) == KEY


def test_what_could_not_be_read_again_is_not_kept() -> None:
    """Headers that left the settings file for the keyring would be lost."""
    keyring = MemoryKeyring(limit=1200)
    most = "x" * 1200 * 64
    long_secrets.write(keyring, "s", "a", most)
    before = dict(keyring.items)
    with pytest.raises(CredentialError, match="too long"):
        long_secrets.write(keyring, "s", "a", f"{most}x")
    assert keyring.items == before
    assert long_secrets.read(keyring, "s", "a") == most


@pytest.mark.parametrize("torn", ["paragone-pieces:x:65:y", "paragone-pieces:x", "paragone-pieces:x:²:y"])
def test_what_is_torn_can_be_replaced_and_erased(torn: str) -> None:
    keyring = MemoryKeyring(limit=1200)
    keyring.items["s", "a"] = torn
    with pytest.raises(SecretTorn):
        long_secrets.read(keyring, "s", "a")
    long_secrets.write(keyring, "s", "a", KEY)
    assert keyring.items == {("s", "a"): KEY}
    keyring.items["s", "a"] = torn
    long_secrets.erase(keyring, "s", "a")
    assert keyring.items == {}
