"""Values of headers in the keyring: what other runs keep there at the same time stays."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from desktop.credentials.accounts import headers_account_of
from desktop.credentials.keys import Keys
from desktop.errors import CredentialError, KeyringTimeout, SecretTorn
from desktop.system.private_files import private_lock
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring
from tests.desktop.credentials.slow_keyring import CONNECTION, SlowKeyring

ROOT = Path(__file__).resolve().parents[3]
BOTH = msgspec.structs.replace(CONNECTION, secret_headers=("X-One", "X-Two"))


def keys(keyring: MemoryKeyring, lock_file: Path | None = None, timeout_s: float = 60) -> Keys:
    return Keys(service="s", environ={}, timeout_s=timeout_s, find=lambda: keyring, lock_file=lock_file)


async def test_two_processes_that_keep_headers_at_once_keep_both(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.desktop.credentials.slow_keyring", str(tmp_path))
    started = [
        await asyncio.create_subprocess_exec(*command, header, value, cwd=ROOT)
        for header, value in (("X-One", "value-1"), ("X-Two", "value-2"))
    ]
    assert [await each.wait() for each in started] == [0, 0]
    held = Keys(service="s", environ={}, find=lambda: SlowKeyring(tmp_path))
    assert await held.headers(BOTH) == {"X-One": "value-1", "X-Two": "value-2"}
    assert (tmp_path / "keyring.lock").exists()


async def test_what_a_run_does_not_know_of_stays_and_what_it_takes_out_goes() -> None:
    keyring = MemoryKeyring()
    await keys(keyring).keep_headers(CONNECTION, {"X-One": "value-1"})
    await keys(keyring).keep_headers(CONNECTION, {"X-Two": "value-2"})
    assert await keys(keyring).headers(BOTH) == {"X-One": "value-1", "X-Two": "value-2"}
    await keys(keyring).keep_headers(CONNECTION, {"x-two": "value-3"}, gone=("X-ONE",))
    (text,) = keyring.items.values()
    assert msgspec.json.decode(text) == {"x-two": "value-3"}


@pytest.mark.parametrize("text", ["", "no JSON", "[" * 100_000, '{"X-One": 1}'])
async def test_an_item_that_is_none_of_ours_is_as_none(text: str) -> None:
    keyring = MemoryKeyring()
    await keys(keyring).keep_headers(CONNECTION, {"X-One": "value-1"})
    keyring.items = dict.fromkeys(keyring.items, text)
    await keys(keyring).keep_headers(CONNECTION, {"X-Two": "value-2"})
    assert [msgspec.json.decode(each) for each in keyring.items.values()] == [{"X-Two": "value-2"}]


async def test_a_keyring_that_another_process_changes_for_too_long_is_silent(tmp_path: Path) -> None:
    held = keys(MemoryKeyring(), tmp_path / "keyring.lock", timeout_s=0.2)
    with private_lock(tmp_path / "keyring.lock"):
        place = await held.keep_headers(CONNECTION, {"X-One": "value-1"})
    assert isinstance(place.problem, KeyringTimeout)
    assert await held.headers(BOTH) == {"X-One": "value-1"}
    assert (await held.keep_headers(CONNECTION, {"X-Two": "value-2"})).keyring == "memory"
    assert await held.headers(BOTH) == {"X-One": "value-1", "X-Two": "value-2"}


async def test_a_folder_that_takes_no_lock_keeps_no_key_out_of_the_keyring(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    held = keys(MemoryKeyring(), tmp_path / "file" / "keyring.lock")
    assert (await held.keep_headers(CONNECTION, {"X-One": "value-1"})).keyring == "memory"


async def test_a_torn_item_is_replaced_only_where_all_of_it_is_known() -> None:
    keyring = MemoryKeyring()
    keyring.items["s", headers_account_of(CONNECTION)] = f"paragone-pieces:abcd:2:{'0' * 64}"
    with pytest.raises(SecretTorn):
        await keys(keyring).keep_headers(BOTH, {"X-One": "value-1"})
    await keys(keyring).keep_headers(BOTH, {"X-One": "value-1", "X-Two": "value-2"})
    assert await keys(keyring).headers(BOTH) == {"X-One": "value-1", "X-Two": "value-2"}


async def test_a_locked_keyring_with_unknown_values_is_an_error() -> None:
    with pytest.raises(CredentialError):
        await keys(LockedKeyring()).keep_headers(BOTH, {"X-One": "value-1"})
