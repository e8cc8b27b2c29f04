"""Policies from the registry, in the shapes that the policy editor and Intune write."""

from __future__ import annotations

import json
from collections.abc import Iterable

from desktop.settings.managed import windows
from desktop.settings.managed.policy_sources import policy_of
from desktop.settings.managed.windows import KEY, REG_DWORD, REG_MULTI_SZ, REG_QWORD, REG_SZ, Value
from desktop.settings.policy import ALLOWED_HOSTS, CONNECTIONS, EXPORT, SIGN_IN, START_NOTICE, Policy
from desktop.settings.schema import CONNECT_TIMEOUT, NOTIFY, PROXY, RETENTION_DAYS, THEME
from tests.desktop.settings.managed.made import declarations

REG_BINARY = 3


def policy(managed: Iterable[Value] | None, recommended: Iterable[Value] | None = None) -> Policy:
    keys = {rf"HKLM\{KEY}": managed, rf"HKLM\{KEY}\Recommended": recommended}
    return policy_of(windows.read(declarations, keys.get), declarations())


def test_a_users_policies_hold_unless_the_computer_has_its_own() -> None:
    keys: dict[str, list[Value]] = {
        rf"HKCU\{KEY}": [("Export", 0, REG_DWORD), ("Theme", "dark", REG_SZ)],
        rf"HKLM\{KEY}": [("Theme", "light", REG_SZ)],
        rf"HKLM\{KEY}\Recommended": [("Proxy", "none", REG_SZ)],
        rf"HKCU\{KEY}\Recommended": [("Proxy", "http://x:1", REG_SZ)],
    }
    found = policy_of(windows.read(declarations, keys.get), declarations())
    assert found.get(EXPORT) is False
    assert found.entries["Export"].source == r"HKCU\SOFTWARE\Policies\Paragone"
    assert found.options[THEME.key].value == "light"
    assert found.options[PROXY.key].value == "none"


def test_each_type_of_the_registry_becomes_its_policys() -> None:
    found = policy(
        [
            ("Proxy", "http://proxy:3128", REG_SZ),
            ("Notifications", 0, REG_DWORD),
            ("Export", 0, REG_DWORD),
            ("RetentionDays", 30, REG_QWORD),
            ("ConnectTimeout", "12.5", REG_SZ),
            ("AllowedHosts", ["*.example.com", ""], REG_MULTI_SZ),
            ("StartNotice", ["Line one", "Line two"], REG_MULTI_SZ),
            ("GuardPatterns", ["block x: y", "flag z: w"], REG_MULTI_SZ),
        ]
    )
    assert found.notices == ()
    values = {key: fixed.value for key, fixed in found.options.items()}
    assert values[PROXY.key] == "http://proxy:3128"
    assert values[NOTIFY.key] is False
    assert values[RETENTION_DAYS.key] == 30
    assert values[CONNECT_TIMEOUT.key] == 12.5
    assert values["guards.patterns"] == "block x: y\nflag z: w"
    assert found.get(EXPORT) is False
    assert found.get(ALLOWED_HOSTS) == ("*.example.com",)
    assert found.get(START_NOTICE) == "Line one\nLine two"
    assert found.entries["Proxy"].source == r"HKLM\SOFTWARE\Policies\Paragone"


def test_connections_come_as_one_array_or_as_an_object_a_line() -> None:
    one = {"name": "a", "kind": "openai-v1", "url": "https://a.example/v1"}
    two = {"name": "b", "kind": "azure-inference", "url": "https://b.example", "auth": "entra"}
    for data, kind in (
        (json.dumps([one, two]), REG_SZ),
        (json.dumps([one, two], indent=1).splitlines(), REG_MULTI_SZ),
        ([json.dumps(one), json.dumps(two)], REG_MULTI_SZ),
    ):
        found = policy([("Connections", data, kind)])
        assert [each.name for each in found.get(CONNECTIONS)] == ["a", "b"]


def test_the_subkey_recommends() -> None:
    found = policy([("Proxy", "none", REG_SZ)], [("Theme", "dark", REG_SZ), ("Proxy", "http://x:1", REG_SZ)])
    assert found.locked == {PROXY.key}
    assert found.options[THEME.key].value == "dark"


def test_wrong_types_are_named_with_their_key() -> None:
    found = policy(
        [
            ("Export", 2, REG_DWORD),
            ("ConnectTimeout", "soon", REG_SZ),
            ("ConnectTimeout", "nan", REG_SZ),
            ("Proxy", b"\0", REG_BINARY),
            ("AllowedHosts", 1, REG_DWORD),
            ("Connections", "{broken", REG_SZ),
            ("Unheard", 1, REG_DWORD),
        ]
    )
    assert found.entries == {}
    assert len(found.notices) == 7
    assert all(r"HKLM\SOFTWARE\Policies\Paragone" in each for each in found.notices)


def test_without_keys_nothing_is_read_and_a_failure_is_said() -> None:
    assert not windows.read(declarations, lambda _key: None)

    def denied(_key: str) -> None:
        raise PermissionError(13, "Access is denied")

    assert len(windows.read(declarations, denied).notices) == 4


def test_a_list_that_was_written_as_one_text_limits_all_the_same() -> None:
    found = policy([("AllowedHosts", "*.contoso.com\r\n b.example", REG_SZ), ("SignIn", "entra", REG_SZ)])
    assert found.get(ALLOWED_HOSTS) == ("*.contoso.com", "b.example")
    assert found.get(SIGN_IN) == ("entra",)
    assert found.notices == ()
