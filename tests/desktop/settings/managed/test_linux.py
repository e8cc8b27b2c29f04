"""Policy files of Linux: order, owners and modes, and every kind of broken file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from desktop.settings.managed import linux
from desktop.settings.managed.machine_policy import read_policy
from desktop.settings.managed.policy_places import LINUX
from desktop.settings.policy import ALLOWED_HOSTS, CONNECTIONS, EXPORT, NO_POLICY, START_NOTICE
from desktop.settings.schema import CONNECT_TIMEOUT, PROXY, THEME
from desktop.system.paths import resources
from tests.desktop.settings.managed.made import ME, Folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and owners")


def test_later_files_win_key_by_key(folder: Folder) -> None:
    folder.say("10.json", Proxy="http://one:1", Theme="dark")
    last = folder.say("20.json", Proxy="http://two:2")
    policy = folder.policy
    fixed = policy.locks(PROXY.key)
    assert fixed is not None
    assert (fixed.value, fixed.source) == ("http://two:2", str(last))
    theme = policy.locks(THEME.key)
    assert theme is not None
    assert theme.value == "dark"
    assert policy.notices == ()


def test_recommended_ones_lock_nothing_and_yield_to_managed_ones(folder: Folder) -> None:
    folder.say("zz.json", "recommended", Theme="dark", Proxy="http://recommended:1")
    folder.say("10.json", Proxy="http://managed:1")
    policy = folder.policy
    assert policy.locks(THEME.key) is None
    assert policy.options[THEME.key].value == "dark"
    assert policy.options[PROXY.key].value == "http://managed:1"
    assert policy.locked == {PROXY.key}


def test_what_others_can_write_is_ignored_and_named(folder: Folder) -> None:
    for mode in (0o666, 0o664, 0o646):
        file = folder.say("10.json", Proxy="http://evil:1")
        file.chmod(mode)
        policy = folder.policy
        assert dict(policy.entries) == {}
        assert str(file) in policy.notices[0]
        assert "users other than the owner can write to the path" in policy.notices[0]


def test_what_another_user_owns_is_ignored_and_named(folder: Folder) -> None:
    folder.say(Proxy="http://evil:1")
    found = linux.read(folder.path, owner=ME + 1)
    assert found.pieces == []
    assert "the path is not owned by the administrator" in found.notices[0]


@pytest.mark.parametrize("which", ["paragone", "paragone/policies", "paragone/policies/managed"])
def test_a_folder_that_others_can_write_makes_its_files_ignored(folder: Folder, which: str) -> None:
    folder.say(Proxy="http://evil:1")
    (folder.path.parent.parent / which).chmod(0o777)
    policy = folder.policy
    assert dict(policy.entries) == {}
    assert which in policy.notices[0]


def test_links_pipes_and_folders_are_not_followed(folder: Folder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text('{"Theme": "dark"}')
    (folder.path / "managed" / "10.json").symlink_to(elsewhere)
    (folder.path / "managed" / "20.json").mkdir()
    os.mkfifo(folder.path / "managed" / "30.json", 0o644)
    folder.say("40.json", Proxy="http://good:1")
    policy = folder.policy
    assert policy.locked == {PROXY.key}
    assert ["10.json" in policy.notices[0], "20.json" in policy.notices[1], "30.json" in policy.notices[2]] == [
        True
    ] * 3


def test_a_folder_that_is_a_link_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    real = Folder(tmp_path / "real")
    real.say(Theme="dark")
    (folder.path / "managed").rmdir()
    (folder.path / "managed").symlink_to(real.path / "managed")
    assert folder.policy.entries == {}
    assert "the path is not a folder" in folder.policy.notices[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"text"',
        '{"Proxy": NaN}',
        b"\xff\xfe{}",
        '{"Proxy": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"RetentionDays": ' + "9" * 10_000 + "}",
        " " * (1 << 20) + "{}",
    ],
)
def test_a_broken_or_hostile_file_is_named_and_the_rest_counts(folder: Folder, text: str | bytes) -> None:
    broken = folder.put(text, "10.json")
    folder.say("20.json", Theme="dark")
    policy = folder.policy
    assert policy.locked == {THEME.key}
    assert len(policy.notices) == 1
    assert str(broken) in policy.notices[0]


def test_an_unreadable_file_is_named(folder: Folder) -> None:
    file = folder.say(Theme="dark")
    file.chmod(0o000)
    if os.access(file, os.R_OK):
        pytest.skip("root reads everything")
    assert str(file) in folder.policy.notices[0]


def test_a_key_that_stands_twice_in_a_file_counts_not_at_all(folder: Folder) -> None:
    file = folder.put('{"Theme": "dark", "Proxy": "none", "Theme": "light"}')
    policy = folder.policy
    assert policy.locked == {PROXY.key}
    assert policy.notices == (f"The policy Theme in {file} is ignored: it occurs twice.",)


def test_values_of_the_wrong_kind_are_named_one_by_one(folder: Folder) -> None:
    folder.say(
        Theme="pink",
        ConnectTimeout="soon",
        RetentionDays=0,
        Size=101,
        Export=1,
        MostPanes=True,
        Proxy=None,
        LogLevel="INFO",
    )
    policy = folder.policy
    assert set(policy.entries) == {"LogLevel"}
    assert len(policy.notices) == 7
    assert any("Theme" in each and "one of system, light, dark, high-contrast" in each for each in policy.notices)


def test_an_unknown_name_is_named(folder: Folder) -> None:
    folder.say(Prxoy="http://x:1")
    assert "there is no such policy" in folder.policy.notices[0]


def test_what_can_only_be_managed_is_not_recommended(folder: Folder) -> None:
    folder.say("10.json", "recommended", Export=False, StartNotice="hello")
    policy = folder.policy
    assert policy.get(EXPORT)
    assert policy.get(START_NOTICE) == ""
    assert len(policy.notices) == 2


def test_a_whole_number_stands_for_a_decimal_one(folder: Folder) -> None:
    folder.say(ConnectTimeout=20)
    assert folder.policy.options[CONNECT_TIMEOUT.key].value == 20.0


def test_a_number_of_hundreds_of_digits_is_named(folder: Folder) -> None:
    folder.say(ConnectTimeout=10**400)
    policy = folder.policy
    assert (policy.options, len(policy.notices)) == ({}, 1)


def test_bad_hosts_are_left_out_and_what_remains_never_allows_more(folder: Folder) -> None:
    folder.say(AllowedHosts=["*.example.com", "*", "https://x/", 7, ""])
    policy = folder.policy
    assert policy.get(ALLOWED_HOSTS) == ("*.example.com",)
    assert len(policy.notices) == 4
    folder.say(AllowedHosts=["*"])
    assert folder.policy.get(ALLOWED_HOSTS) == ()


def test_a_proxy_with_a_password_is_refused(folder: Folder) -> None:
    folder.say(Proxy="http://me:secret@proxy:3128")
    assert folder.policy.entries == {}
    assert "secret" not in folder.policy.notices[0]


def test_connections_with_secrets_or_without_a_server_are_left_out(folder: Folder) -> None:
    server = {"kind": "openai-v1", "url": "https://x.example/v1"}
    folder.say(
        Connections=[
            {"name": "good", **server},
            {"name": "good", **server},
            {"name": "keyed", **server, "headers": {"X-Api-Key": "hunter2"}},
            {"name": "travels", **server, "headers": {"Transfer-Encoding": "chunked"}},
            {"name": "embedded", **server},
            {"name": "a/b", **server},
            {"name": "nowhere", "kind": "openai-v1"},
            {"name": "odd", "kind": "telepathy", "url": "https://x.example"},
            "text",
        ]
    )
    policy = folder.policy
    assert [each.name for each in policy.get(CONNECTIONS)] == ["good"]
    assert len(policy.notices) == 8
    assert not any("hunter2" in each for each in policy.notices)


def test_history_off_and_managed_days_fix_how_long_is_kept(folder: Folder) -> None:
    folder.say(RetentionDays=30)
    assert folder.policy.options["store.retention"].value == "days"
    folder.say(RetentionDays=30, Retention="all")
    assert folder.policy.options["store.retention"].value == "all"
    folder.say(History=False, Retention="all")
    assert folder.policy.options["store.retention"].value == "run"
    assert folder.policy.options["store.retention"].name == "History"


def test_a_machine_without_policies_costs_under_a_millisecond(tmp_path: Path) -> None:
    assert linux.read(tmp_path / "nothing").pieces == []
    if LINUX.exists():
        pytest.skip("this machine has policies")
    took: list[float] = []
    for _ in range(50):
        started = time.perf_counter()
        assert read_policy(resources() / "policies.toml", "linux") is NO_POLICY
        took.append(time.perf_counter() - started)
    assert min(took) < 0.001
