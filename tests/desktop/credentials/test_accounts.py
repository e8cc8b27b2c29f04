"""Names of keys: by the origin of today, never another server's; older names moved once where they are certain."""

from __future__ import annotations

import msgspec
import pytest

from desktop.credentials.accounts import account_of, accounts_of
from desktop.credentials.backends import WINDOWS_LIMIT
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import AddressInsecure, AddressInvalid
from desktop.settings.settings_file import parse
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring

KEY = "0123456789abcdef0123"
LONG = KEY * 100


def loaded(url: str, auth: str = "key") -> tuple[Connection, str]:
    """The connection `n` as it is loaded from a settings file, and its address as it stands there."""
    settings = parse({"connections": {"n": {"kind": "openai-v1", "url": url, "auth": auth}}}, "the file").settings
    (connection,) = settings.connections
    return connection, settings.written.get("n", "")


def keys(keyring: MemoryKeyring, written: str = "") -> Keys:
    held = Keys(service="Paragone", environ={"V": KEY}, find=lambda: keyring)
    held.written = {"n": written}
    return held


def item(keyring: MemoryKeyring, account: str) -> str | None:
    return keyring.items.get(("Paragone", account))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good.example/v1", "evil.example/v1"),
        ("localhost:1/v1", "localhost:2/v1"),
        ("//good.example", "//evil.example"),
        ("https://busineß.com", "https://business.com"),
        ("good.example:443", "good.example:444"),
    ],
)
async def test_a_key_never_goes_to_another_server_however_its_address_is_written(one: str, other: str) -> None:
    keyring = MemoryKeyring()
    first, written = loaded(one)
    await keys(keyring, written).keep(first, KEY)
    second, written = loaded(other)
    assert account_of(first) != account_of(second)
    assert await keys(keyring, written).get(second) is None
    assert await keys(keyring, one).get(first) == KEY


@pytest.mark.parametrize("url", ["[::1", "https://[::1", "https://u:p@good.example", "ftp://good.example", "a b", ""])
@pytest.mark.parametrize("key_env", ["", "V"])
async def test_where_an_address_is_none_there_is_no_key(url: str, key_env: str) -> None:
    keyring = MemoryKeyring()
    connection = msgspec.structs.replace(loaded(url)[0], key_env=key_env)
    held = keys(keyring, url)
    with pytest.raises(AddressInvalid):
        await held.get(connection)
    with pytest.raises(AddressInvalid):
        await held.keep(connection, KEY)
    assert keyring.items == {}
    assert not held.only_this_run(connection)
    await held.forget(connection)


async def test_http_to_another_machine_gets_no_key() -> None:
    with pytest.raises(AddressInsecure):
        await keys(MemoryKeyring()).get(loaded("http://good.example")[0])


@pytest.mark.parametrize(
    ("url", "older"),
    [
        ("https://Bücher.example/v1", "n at https://bücher.example"),
        ("https://good.example:443/v1", "n at https://good.example:443"),
        ("http://[0:0:0:0:0:0:0:1]:99/v1", "n at http://[0:0:0:0:0:0:0:1]:99"),
    ],
)
@pytest.mark.parametrize(("secret", "limit"), [(KEY, None), (LONG, WINDOWS_LIMIT)], ids=["short", "in pieces"])
async def test_an_older_name_of_the_very_origin_is_moved_once_and_erased(
    url: str, older: str, secret: str, limit: int | None
) -> None:
    from desktop.credentials import long_secrets

    keyring = MemoryKeyring(limit)
    long_secrets.write(keyring, "Paragone", older, secret)
    connection, written = loaded(url)
    held = keys(keyring, written)
    assert await held.get(connection) == secret
    assert not [account for _, account in keyring.items if account.startswith(older + " [") or account == older]
    assert long_secrets.read(keyring, "Paragone", account_of(connection)) == secret
    assert await held.strays(connection) == ()
    assert await held.get(connection) == secret


async def test_a_newer_key_is_not_replaced_by_an_older_one() -> None:
    keyring = MemoryKeyring()
    connection, written = loaded("https://good.example:443/v1")
    keyring.items |= {("Paragone", "n at https://good.example:443"): "old", ("Paragone", account_of(connection)): KEY}
    assert await keys(keyring, written).get(connection) == KEY
    assert keyring.items == {("Paragone", account_of(connection)): KEY}


@pytest.mark.parametrize("steps", range(3))
async def test_a_move_that_is_broken_off_loses_no_key(steps: int) -> None:
    keyring = MemoryKeyring()
    keyring.items["Paragone", "n at https://good.example:443"] = KEY
    connection, written = loaded("https://good.example:443/v1")
    keyring.fail_after = steps
    assert await keys(keyring, written).get(connection) == KEY
    keyring.fail_after = None
    assert await keys(keyring, written).get(connection) == KEY
    assert keyring.items == {("Paragone", account_of(connection)): KEY}


@pytest.mark.parametrize(
    ("url", "older"),
    [
        ("good.example/v1", "n at ://"),
        ("localhost:1/v1", "n at localhost://"),
        ("//good.example/v1", "n at ://good.example"),
        ("https://u:p@good.example/v1", "n at https://good.example"),
    ],
)
async def test_a_key_of_no_certain_server_is_not_used_and_is_erased_with_the_connection(url: str, older: str) -> None:
    keyring = MemoryKeyring()
    keyring.items["Paragone", older] = KEY
    keyring.items["Paragone", "another at ://"] = KEY
    connection, written = loaded(url)
    held = keys(keyring, written or url)
    if accounts_of(connection).current is not None:
        assert await held.get(connection) is None
    assert item(keyring, older) == KEY
    assert await held.strays(connection) == (older,)
    await held.forget(connection)
    assert keyring.items == {("Paragone", "another at ://"): KEY}


async def test_a_key_entered_again_takes_the_place_of_all_older_ones() -> None:
    keyring = MemoryKeyring()
    keyring.items["Paragone", "n at ://"] = "old"
    connection, written = loaded("good.example/v1")
    held = keys(keyring, written)
    await held.keep(connection, KEY)
    assert keyring.items == {("Paragone", "n at https://good.example"): KEY}


async def test_who_signs_in_otherwise_is_asked_for_nothing() -> None:
    held = keys(LockedKeyring())
    connection = msgspec.structs.replace(loaded("[::1")[0], auth=Auth.NONE)
    assert await held.get(connection) is None
    assert await held.strays(connection) == ()
    assert await held.get(Connection(name="n", kind=Kind.EMBEDDED, file="/m.gguf")) is None


async def test_what_takes_a_connections_place_keeps_its_own_key() -> None:
    keyring = MemoryKeyring()
    broken, _ = loaded("https://u:p@good.example/v1")
    keyring.items["Paragone", "n at https://good.example"] = "old"
    held = keys(keyring)
    mended = msgspec.structs.replace(broken, url="https://good.example/v1")
    await held.keep(mended, KEY)
    await held.forget(broken, mended)
    assert await held.get(mended) == KEY
