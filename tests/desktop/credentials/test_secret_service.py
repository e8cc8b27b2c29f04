"""Keys in a real Secret Service: gnome-keyring in a D-Bus session of the test's own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.credentials.accounts import account_of
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import KeyringLocked, KeyringMissing
from tests.servers.secret_service import SecretService, is_installed, lock, secret_service, session_bus

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not is_installed(), reason="needs dbus-daemon and gnome-keyring"
)

FOUNDRY = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url="https://x.openai.azure.com/openai/v1")
KEY = "0123456789abcdef0123"
NOBODY = 65534
"""A user who is not the one that the tests run as."""


def keys() -> Keys:
    return Keys(service="Paragone", environ={}, timeout_s=10)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[SecretService]:
    with secret_service(tmp_path / "s") as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running
        gc.collect()


async def test_a_key_is_kept_found_by_another_run_and_removed(service: SecretService) -> None:
    kept = await keys().keep(FOUNDRY, KEY * 250)
    assert kept.keyring == "GNOME Keyring"
    assert await keys().get(FOUNDRY) == KEY * 250
    await keys().forget(FOUNDRY)
    assert await keys().get(FOUNDRY) is None


def put_beside(account: str, secret: str) -> None:
    """Another item of the same name, as one that was copied from another keyring: with other attributes beside."""
    import secretstorage  # Linux alone has it

    with closing(secretstorage.dbus_init()) as bus:
        collection = secretstorage.get_default_collection(bus)
        attributes = {"service": "Paragone", "username": account, "KeePass:copied": "yes"}
        collection.create_item("copied", attributes, secret.encode())


def all_kept() -> list[str]:
    """All secrets of the keyring."""
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        return [each.get_secret().decode() for each in secretstorage.get_default_collection(bus).get_all_items()]


async def test_items_of_one_name_that_came_from_elsewhere_are_replaced_and_removed_together(
    service: SecretService,
) -> None:
    for number in range(3):
        put_beside(account_of(FOUNDRY), f"{KEY}{number}")
    await keys().keep(FOUNDRY, "another")
    assert await keys().get(FOUNDRY) == "another"
    assert all_kept() == ["another"]
    put_beside(account_of(FOUNDRY), KEY)
    await keys().forget(FOUNDRY)
    assert all_kept() == []


async def test_a_locked_keyring_is_named_and_nothing_in_it_changes(service: SecretService) -> None:
    await keys().keep(FOUNDRY, KEY)
    lock(service.environ)
    with pytest.raises(KeyringLocked):
        await keys().get(FOUNDRY)
    held = keys()
    assert isinstance((await held.keep(FOUNDRY, "another")).problem, KeyringLocked)
    assert await held.get(FOUNDRY) == "another"


async def test_a_session_without_a_keyring_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with session_bus(tmp_path / "b") as environ:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(KeyringMissing):
            await keys().keyring_name()


@pytest.mark.parametrize(
    "backend",
    ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "keyring.backends.chainer.ChainerBackend"],
)
async def test_neither_variables_nor_files_choose_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("KEYRING_PROPERTY_PRIORITY", "9")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    rc = tmp_path / "python_keyring" / "keyringrc.cfg"
    rc.parent.mkdir()
    rc.write_text(f"[backend]\ndefault-keyring={backend}\nkeyring-path={tmp_path}\n")
    kept = await keys().keep(FOUNDRY, KEY)
    assert kept.keyring is None
    assert isinstance(kept.problem, KeyringMissing)
