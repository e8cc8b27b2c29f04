"""Keys of encrypted databases in the keyring."""

from __future__ import annotations

import pytest

from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.credentials.vault import KeyringVault
from desktop.errors import CredentialError, KeyringLocked, KeyringMissing
from tests.desktop.credentials.fakes import ForgetfulKeyring, LockedKeyring, MemoryKeyring, none_found


def vault(keyring: MemoryKeyring | None) -> KeyringVault:
    def find() -> Backend:
        return none_found() if keyring is None else keyring

    keys = Keys(service="test", environ={}, timeout_s=5, find=find)
    return KeyringVault(lambda: keys)


async def test_a_key_is_kept_read_and_forgotten() -> None:
    keyring = MemoryKeyring()
    kept = vault(keyring)
    assert await kept.read("one") is None
    await kept.write("one", "secret")
    assert await kept.read("one") == "secret"
    assert await kept.read("two") is None
    await kept.erase("one")
    await kept.erase("one")
    assert keyring.items == {}


async def test_a_keyring_that_does_not_keep_what_it_took_is_noticed() -> None:
    with pytest.raises(CredentialError, match="did not return it"):
        await vault(ForgetfulKeyring()).write("one", "secret")


async def test_without_a_keyring_nothing_is_kept_and_a_recovered_key_is_for_this_run() -> None:
    kept = vault(None)
    with pytest.raises(KeyringMissing):
        await kept.write("one", "secret")
    assert await kept.read("one") is None
    assert not await kept.hold("one", "secret")
    assert await kept.read("one") == "secret"
    await kept.erase("one")
    assert await kept.read("one") is None


async def test_locked_is_not_missing() -> None:
    with pytest.raises(KeyringLocked):
        await vault(LockedKeyring()).read("one")
    assert not await vault(LockedKeyring()).hold("one", "secret")


async def test_a_recovered_key_goes_into_the_keyring() -> None:
    keyring = MemoryKeyring()
    assert await vault(keyring).hold("one", "secret")
    assert list(keyring.items.values()) == ["secret"]
