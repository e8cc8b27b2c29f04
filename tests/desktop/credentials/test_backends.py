"""Backends: the operating systems' own and no other, whatever variables, files or installed packages say."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, Windows, kwallet, macOS

from desktop.credentials.backends import SystemKeyring, find_backend, untouched
from desktop.credentials.keys import Keys
from desktop.errors import KeyringMissing, KeyringTimeout
from tests.servers.secret_service import is_installed, secret_service

OWN = (SecretService.Keyring, kwallet.DBusKeyring, macOS.Keyring, Windows.WinVaultKeyring)
PROPERTIES = ("SCHEME", "APPID", "PREFERRED_COLLECTION", "KEYCHAIN", "PERSIST", "HANDLE", "PRIORITY")


@pytest.fixture
def loose() -> Iterator[type[KeyringBackend]]:
    """A backend that some package installed: it wants to be the first, and keeps secrets who knows where."""

    class Loose(KeyringBackend):
        priority = 99  # pyright: ignore[reportAssignmentType]

        def get_password(self, service: str, username: str) -> str | None:
            return "leaked"

        def set_password(self, service: str, username: str, password: str) -> None: ...

        def delete_password(self, service: str, username: str) -> None: ...

    yield Loose
    cast("Any", KeyringBackend)._classes.discard(Loose)


def test_an_installed_backend_is_never_taken(loose: type[KeyringBackend], monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    before = keyring.get_keyring()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    try:
        keyring.set_keyring(loose())
        with pytest.raises(KeyringMissing):
            find_backend("linux")
        for platform, own in (("darwin", macOS.Keyring), ("win32", Windows.WinVaultKeyring)):
            found = find_backend(platform)
            assert isinstance(found, SystemKeyring)
            assert type(found._library) is own
    finally:
        keyring.set_keyring(before)


@pytest.fixture
def silent_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus that takes calls and answers none, as one does whose process hangs."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "bus"))
        listening.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        yield


@pytest.mark.usefixtures("silent_bus")
def test_behind_a_silent_bus_a_keyring_may_be() -> None:
    with pytest.raises(KeyringTimeout):
        find_backend("linux")


@pytest.mark.usefixtures("silent_bus")
async def test_a_silent_bus_brings_no_header_to_a_file() -> None:
    assert await Keys(service="s", environ={}, find=lambda: find_backend("linux")).has_keyring()


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.__module__)
def test_variables_set_no_property_of_any_backend(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setenv("KEYRING_PROPERTY_SCHEME", "KeePassXC")
    heeded: Any = own()
    assert vars(heeded), "the package heeds these variables: else this shows nothing"
    for name in PROPERTIES:
        monkeypatch.setenv(f"KEYRING_PROPERTY_{name}", "hostile")
    assert vars(untouched(own)) == {}


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_what_is_found_has_no_property_of_a_variable(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROPERTIES:
        monkeypatch.setenv(f"KEYRING_PROPERTY_{name}", "hostile")
    found = find_backend(platform)
    assert isinstance(found, SystemKeyring)
    assert vars(found._library) == {}


@pytest.mark.skipif(not is_installed(), reason="needs gnome-keyring")
def test_a_real_keyring_works_whatever_variables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with secret_service(tmp_path / "s") as service:
        for name, value in service.environ.items():
            monkeypatch.setenv(name, value)
        for name in PROPERTIES:
            monkeypatch.setenv(f"KEYRING_PROPERTY_{name}", "hostile")
        found = find_backend("linux")
        found.write("Paragone", "n at https://h.example", "0123456789abcdef")
        for name in PROPERTIES:
            monkeypatch.delenv(f"KEYRING_PROPERTY_{name}")
        assert find_backend("linux").read("Paragone", "n at https://h.example") == "0123456789abcdef"
        gc.collect()
