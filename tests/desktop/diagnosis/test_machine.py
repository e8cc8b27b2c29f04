"""The checks of the machine, and the file for support that holds no secret."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import apsw
import pytest

from desktop.diagnosis import bundle, machine
from desktop.diagnosis.check import Check
from desktop.diagnosis.diagnosis import run
from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import TransferError
from desktop.services import Services
from desktop.settings.values import Settings
from desktop.store.opening.store_opener import FILE
from desktop.system import log
from tests.desktop.diagnosis.conftest import KEY
from tests.desktop.settings.test_policy import policy


def secretive() -> Settings:
    values = MappingProxyType(
        {"network.proxy": "http://me:hunter22@proxy:1", "chat.system_prompt": "My private words", "log.level": "ERROR"}
    )
    headers = {"X-Api-Key": "gateway-secret-1"}
    connection = Connection(
        name="lab", kind=Kind.OPENAI_V1, url="http://127.0.0.1:9/v1", key_env="LAB_KEY", headers=headers
    )
    return Settings(values, (connection,), policy(Theme="dark", StartNotice="Be careful"))


async def test_checks_come_one_by_one_and_name_everything(services: Services) -> None:
    services.use(secretive())
    checks = [check async for check in run(services)]
    by_name = {check.name: check for check in checks}
    assert len(by_name) == len(checks)
    assert by_name["sqlite"].state == "ok"
    assert by_name["keyring"].state == "warning"
    assert by_name["policy Theme"].detail == "dark (managed, from managed.json)"
    assert by_name["connection lab"].state == "failed"
    assert "hunter22" not in by_name["network"].detail


def test_a_machine_without_policies_says_so(services: Services) -> None:
    (only,) = machine.policies(services)
    assert (only.name, only.state) == ("policy", "ok")


def test_a_folder_that_cannot_be_written_fails(services: Services) -> None:
    services.paths.cache.rmdir()
    services.paths.cache.write_text("")
    failed = [check for check in machine.folders(services) if check.state == "failed"]
    assert [check.name for check in failed] == ["cache folder"]
    assert failed[0].hint


def test_the_bundle_says_what_is_in_force_and_holds_no_secret(services: Services, tmp_path: Path) -> None:
    services.use(secretive())
    handler = log.set_up(services.paths.logs)
    assert handler is not None
    log.logger("test").error("something %s at %s", KEY, Path.home() / "secret-name")
    handler.close()
    log.logging.getLogger(log.ROOT).removeHandler(handler)
    checks = [Check(name="x", state="failed", detail=f"it said {KEY}", hint="Mend it.")]
    path = tmp_path / "bundle.zip"
    bundle.write(services, checks, path)
    with zipfile.ZipFile(path) as opened:
        held = {name: opened.read(name).decode() for name in opened.namelist()}
    everything = "\n".join(held.values())
    for secret in (KEY, "hunter22", "gateway-secret-1", "My private words", str(Path.home())):
        assert secret not in everything
    settings = json.loads(held["settings.json"])
    assert settings["options"]["appearance.theme"] == {"value": "dark", "set by": "policy Theme"}
    assert settings["options"]["log.level"] == {"value": "ERROR", "set by": "user"}
    assert settings["options"]["network.ca_file"]["set by"] == "default"
    assert settings["connections"][1]["headers"] == ["X-Api-Key"]
    assert json.loads(held["policies.json"])["policies"][0]["source"] == "managed.json"
    assert json.loads(held["versions.json"])["paragone"] == "1.2.3"
    assert "something [secure]" in held["paragone.log"]
    assert "Mend it." in held["checks.txt"]
    assert path.stat().st_mode & 0o077 == 0


def test_the_bundle_holds_no_key_of_this_run_and_no_number_of_a_card(services: Services) -> None:
    services.keys.mask.add("correct-horse")
    said = "It said correct-horse and 4111 1111 1111 1111."
    (services.paths.logs / "paragone.log").write_text(f"2026 INFO {said}\n")
    held = bundle.contents(services, [Check(name="x", state="failed", detail=said)])
    for name in ("checks.txt", "checks.json", "paragone.log"):
        assert "It said [secure] and [secure]." in held[name]


def test_a_bundle_that_cannot_be_written_leaves_nothing(services: Services, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(TransferError):
        bundle.write(services, [], tmp_path / "taken")
    with pytest.raises(TransferError):
        bundle.write(services, [], tmp_path / "nowhere" / "bundle.zip")
    assert [*(tmp_path / "taken").iterdir()] == []
    assert not [*tmp_path.glob(".taken*")]


async def test_a_connection_that_the_policy_forbids_is_told_and_not_asked(services: Services) -> None:
    mine = Connection(name="mine", kind=Kind.OPENAI_V1, url="https://mine.example/v1")
    services.use(Settings(connections=(mine,), policy=policy(UserConnections=False, EmbeddedModel=False)))
    found = [check async for check in run(services) if check.name.startswith("connection")]
    assert [(check.name, check.state) for check in found] == [("connection mine", "warning")]
    assert "UserConnections" in found[0].hint


async def test_a_store_that_was_broken_is_a_warning_with_what_became_of_it(services: Services) -> None:
    (services.paths.data / FILE).write_bytes(b"no database" * 999)
    check = await machine.store(services)
    assert check.state == "warning"
    assert "0 conversations" in check.detail
    assert len(check.detail) > len(str(services.paths.data)) + 60


async def test_a_store_of_a_newer_version_fails_with_its_cure(services: Services) -> None:
    store = await services.store()
    await store.aclose()
    services._store = None
    sql = apsw.Connection(str(services.paths.data / FILE))
    sql.execute("PRAGMA user_version = 9999")  # pyright: ignore[reportUnknownMemberType]
    sql.close()
    check = await machine.store(services)
    assert (check.state, bool(check.hint)) == ("failed", True)


@pytest.mark.parametrize(
    ("environ", "state", "detail"),
    [
        ({"DISPLAY": ":0"}, "ok", "DISPLAY=:0"),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "ok", "WAYLAND_DISPLAY=w, DISPLAY=:0"),
        ({"DISPLAY": ""}, "warning", "none"),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a screen")
def test_without_a_screen_the_terminal_chat_is_named(
    services: Services, environ: dict[str, str], state: str, detail: str
) -> None:
    services.environ = environ
    check = machine.display(services)
    assert (check.state, check.detail) == (state, detail)
    assert bool(check.hint) is (state == "warning")


@pytest.mark.parametrize(
    ("can_leave", "state"), [(True, "ok"), (False, "warning" if sys.platform == "linux" else "ok")]
)
def test_a_kernel_that_blocks_no_network_access_is_named(can_leave: bool, state: str) -> None:
    check = machine.children(lambda: can_leave)
    assert (check.state, "has no network access" in check.detail) == (state, can_leave)
    assert bool(check.hint) is (state == "warning")


def test_certificates_that_cannot_be_read_fail_and_readable_ones_are_named(services: Services, tmp_path: Path) -> None:
    for file, state in ((tmp_path / "not there.pem", "failed"), (tmp_path, "ok"), (Path("a\0"), "failed")):
        services.use(Settings(MappingProxyType({"network.ca_file": str(file)})))
        check = machine.network(services)
        assert check.state == state
        assert str(file) in check.detail


def test_a_proxy_whose_address_is_no_utf_8_can_be_shown(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://h\udcff:1")
    assert machine.network(services).detail.encode()


def test_settings_that_were_set_aside_are_a_warning_in_their_own_words(services: Services) -> None:
    assert "not exist yet" in machine.settings(services).detail
    services.settings_file.update(lambda settings: settings)
    assert machine.settings(services).detail == str(services.paths.settings_file)
    services.notices = ("One thing.", "And another.")
    check = machine.settings(services)
    assert (check.state, check.detail) == ("warning", "One thing. And another.")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"Links": False}, "false (managed, from managed.json)"),
        ({"AllowedModels": ()}, "– (managed, from managed.json)"),
        ({"AllowedModels": ("a*", "b")}, "a*, b (managed, from managed.json)"),
        ({"StartNotice": "two\nlines"}, "two lines (managed, from managed.json)"),
    ],
)
def test_a_policy_is_shown_on_one_line_whatever_it_holds(
    services: Services, values: dict[str, Any], shown: str
) -> None:
    services.use(Settings(policy=policy(**values)))
    (check,) = machine.policies(services)
    assert check.detail == shown


def test_the_file_for_support_has_no_query_of_an_address(services: Services) -> None:
    asked = "https://gw.example/v1?subscription-key=0123456789&user=anna"
    connections = (
        Connection(name="lab", kind=Kind.OPENAI_V1, url=asked, secret_headers=("X-Api-Key",)),
        Connection(name="bad", kind=Kind.OPENAI_V1, url="[::1/v1?user=anna"),
    )
    services.use(Settings(connections=connections))
    (services.paths.logs / "paragone.log").write_text(f"2026 INFO asked {asked}, failed\n")
    checks = [Check(name="x", state="failed", detail=f"{asked} does not answer.")]
    held = bundle.contents(services, checks)
    assert len(held) == 7
    for text in held.values():
        assert "anna" not in text
        assert "0123456789" not in text
    assert "https://gw.example/v1?… failed" in held["paragone.log"]
    assert "X-Api-Key" in held["settings.json"]


@pytest.mark.parametrize("part", ["9f3c1d7a5b2e48609c4d8e7f1a2b3c4d", "HS4Z-8QKD-X2M7-PLT9", "Zx9yW8%2FvU7tS6rQ5pO4n2"])
def test_the_file_for_support_has_no_part_of_a_path_that_may_be_a_key(services: Services, part: str) -> None:
    url = f"https://gw.example/proxy/{part}/openai/gpt-4o-2024-08-06/v1"
    services.use(Settings(connections=(Connection(name="lab", kind=Kind.OPENAI_V1, url=url),)))
    (services.paths.logs / "paragone.log").write_text(f"2026 INFO asked {url}, failed\n")
    said = f"{url} does not answer: no route /{unquote(part)}."
    for text in bundle.contents(services, [Check(name="x", state="failed", detail=said)]).values():
        assert part not in text
        assert unquote(part) not in text
        assert "gw.example" not in text or "/openai/gpt-4o-2024-08-06/v1" in text


def test_keys_in_headers_that_stay_in_the_file_are_a_warning(services: Services) -> None:
    services.use(secretive())
    (check,) = machine.plain_keys(services)
    assert (check.state, "X-Api-Key" in check.detail, bool(check.hint)) == ("warning", True, True)
    assert "gateway-secret" not in check.detail


def test_a_key_in_an_address_is_warned_of_and_not_repeated(services: Services) -> None:
    url = "https://x.example/v1?subscription-key=9f3c1d7a5b2e48609c4d"
    services.use(Settings(connections=(Connection(name="gateway", kind=Kind.OPENAI_V1, url=url),)))
    (check,) = machine.plain_keys(services)
    assert check.state == "warning"
    assert "gateway" in check.name
    assert "9f3c1d7a" not in f"{check.name} {check.detail} {check.hint}"


@pytest.mark.parametrize(
    ("proxy", "password"),
    [
        ("me:hunter22@proxy.example:1", "hunter22"),
        ("http://hunter22@proxy.example:1", "hunter22"),
        ("http://me:a/hunter22@proxy.example:1", "a/hunter22"),
        ("http://me:a@hunter22@proxy.example:1", "a@hunter22"),
        ("http://me:hunter%3222@proxy.example:1", "hunter222"),
    ],
)
def test_a_proxys_sign_in_is_in_no_check_and_in_no_file_for_support(
    services: Services, proxy: str, password: str
) -> None:
    services.use(Settings(MappingProxyType({"network.proxy": proxy})))
    (services.paths.logs / "paragone.log").write_text(f"2026 INFO asked {proxy}, failed\n")
    check = machine.network(services)
    held = bundle.contents(services, [check, Check(name="x", state="failed", detail=f"It said {password}.")])
    assert len(held) == 7
    for text in (check.detail, *held.values()):
        assert "hunter" not in text
    assert "proxy.example:1" in check.detail
    assert "[secure]@proxy.example:1" in held["settings.json"]


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://proxy.example:1/hunter22", "http://proxy.example:1/[secure]"),
        ("http://proxy.example:1?password=hunter22", "http://proxy.example:1/[secure]"),
        ("proxy.example:1/?user=me&password=hunter%3222", "proxy.example:1/[secure]"),
        ("http://proxy.example:1#hunter22", "http://proxy.example:1/[secure]"),
        ("http://proxy.example:1/a@hunter22", "http://proxy.example:1/[secure]"),
        ("http://proxy.example/a@hunter22", "http://[secure]@[secure]"),
        ("http://me:other@proxy.example:1/hunter22?a=b", "http://[secure]@proxy.example:1/[secure]"),
        ("http://proxy.example:1/", "http://proxy.example:1/"),
    ],
)
def test_a_proxys_path_and_query_are_in_no_check_and_in_no_file_for_support(
    services: Services, proxy: str, shown: str
) -> None:
    services.use(Settings(MappingProxyType({"network.proxy": proxy})))
    (services.paths.logs / "paragone.log").write_text(f"2026 INFO asked {proxy}, failed\n")
    check = machine.network(services)
    held = bundle.contents(services, [check, Check(name="x", state="failed", detail="It said hunter22.")])
    assert f"proxy: {shown};" in check.detail
    assert f'"{shown}"' in held["settings.json"]
    for text in (check.detail, held["settings.json"], held["paragone.log"]):
        assert "hunter" not in text


@pytest.mark.parametrize(
    "address",
    [
        "https://hunter22@h.example/v1",
        "me:hunter22@h.example",
        "h h/v1#key=hunter22",
        "https://h.example:hunter22/v1",
        "hunter22://h.example/v1",
    ],
)
def test_an_address_that_is_none_shows_no_sign_in_in_the_file_for_support(services: Services, address: str) -> None:
    services.use(Settings(connections=(Connection(name="bad", kind=Kind.OPENAI_V1, url=address),)))
    held = bundle.contents(services, [Check(name="x", state="failed", detail="It said hunter22.")])
    assert '"name": "bad"' in held["settings.json"]
    assert "hunter22" not in held["settings.json"]


def test_the_systems_proxies_are_named_without_their_sign_ins(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "getproxies", lambda: {"http": "http://me:hunter22@a:1", "https": "hunter22@b:2"})
    detail = machine.network(services).detail
    assert "http by http://[secure]@a:1, https by [secure]@b:2" in detail
