"""`connections` in one process: what is refused before anything is written, and where keys go."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.diagnosis import machine
from desktop.domain.conversation_types import Auth, Kind
from desktop.errors import AddressInvalid, ConnectFailed, ConnectionUnknown, GgufInvalid, RequestRejected, UsageError
from desktop.providers.provider import ModelInfo
from desktop.text.phrases import english
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk, type_in

URL = ("--url", "http://127.0.0.1:9/v1")
ADD = ("connections", "add", "own", "--kind", "openai-v1")
KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


def saved(desk: Desk) -> set[str]:
    return {each.name for each in desk.services.settings_file.load().settings.connections}


@pytest.mark.parametrize(
    "words",
    [
        ADD,
        (*ADD, *URL, "--file", "x.gguf"),
        (*ADD, *URL, "--auth", "none", "--key-env", "LAB_KEY"),
        (*ADD, *URL, "--auth", "entra", "--key-env", "LAB_KEY"),
        (*ADD, *URL, "--tenant", "contoso.com"),
        (*ADD, *URL, "--auth", "entra", "--tenant", "not a tenant"),
        (*ADD, *URL, "--key-env", "no name"),
        ("connections", "add", "a/b", "--kind", "openai-v1", *URL),
        ("connections", "add", "lab", "--kind", "openai-v1", *URL),
        ("connections", "add", "own", "--kind", "embedded", "--file", "/not/there.gguf"),
        ("connections", "add", "own", "--kind", "embedded", *URL),
        ("connections", "add", "own", "--kind", "embedded", "--auth", "entra", "--file", "x"),
    ],
)
async def test_what_does_not_go_together_is_refused_and_nothing_is_added(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        await desk.run(*words)
    assert saved(desk) == {"lab"}


async def test_a_header_that_no_request_can_carry_is_refused(desk: Desk) -> None:
    for header in ("X Team: a", "X-Team: a\r\nHost: evil"):
        with pytest.raises(AddressInvalid):
            await desk.run(*ADD, *URL, "--header", header)
    assert saved(desk) == {"lab"}


async def test_a_file_that_is_no_model_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"not a model")
    with pytest.raises(GgufInvalid):
        await desk.run("connections", "add", "own", "--kind", "embedded", "--file", str(tmp_path / "x.gguf"))
    assert saved(desk) == {"lab"}


@pytest.mark.parametrize("typed", ["", "  ", "two words", "kéy", "tab\tkey"])
async def test_what_is_no_key_is_refused_before_the_connection_is_added(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    type_in(monkeypatch, typed)
    with pytest.raises(UsageError):
        await desk.run(*ADD, *URL, "--key-stdin")
    assert saved(desk) == {"lab"}
    assert not desk.keyring.items


async def test_a_program_without_standard_input_gets_no_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="There was no key"):
        await desk.run(*ADD, *URL, "--key-stdin")


async def test_a_key_goes_to_the_keyring_and_nowhere_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, f"  {KEY} ")
    assert await desk.run(*ADD, *URL, "--key-stdin", "--json") == 0
    assert json.loads(desk.out)["key_kept_in"] == "memory"
    assert list(desk.keyring.items.values()) == [KEY]
    assert KEY not in desk.out + desk.err + desk.services.paths.settings_file.read_text("utf-8")


async def test_another_key_takes_the_old_ones_place_and_a_keyring_that_refuses_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, KEY)
    await desk.run(*ADD, *URL, "--key-stdin")
    desk.services.use(desk.services.settings_file.load().settings)
    type_in(monkeypatch, "another")
    assert await desk.run("connections", "key", "own") == 0
    assert list(desk.keyring.items.values()) == ["another"]
    desk.keyring.fail_after = 0
    type_in(monkeypatch, "third")
    assert await desk.run("connections", "key", "own") == 1
    assert "only kept until the program ended and is now forgotten" in desk.err


async def test_a_connection_without_a_key_in_the_keyring_takes_none(desk: Desk) -> None:
    for name, error in (("lab", UsageError), ("nowhere", ConnectionUnknown)):
        with pytest.raises(error):
            await desk.run("connections", "key", name)
        with pytest.raises(error):
            await desk.run("connections", "sign-in", name)


async def test_all_that_was_said_of_a_connection_is_kept(desk: Desk) -> None:
    words = ("--auth", "entra", "--tenant", "contoso.com", "--header", "X-Team: a:b", "--keep-days", "0")
    seconds = ("--connect-timeout", "1.5", "--first-token-timeout", "20", "--idle-timeout", "30")
    assert await desk.run(*ADD, *URL, *words, *seconds) == 0
    connection = desk.services.settings_file.load().settings.connection("own")
    assert (connection.kind, connection.auth, connection.tenant) == (Kind.OPENAI_V1, Auth.ENTRA, "contoso.com")
    assert dict(connection.headers) == {"X-Team": "a:b"}
    assert connection.keep_days == 0
    assert (connection.connect_timeout_s, connection.first_token_timeout_s, connection.idle_timeout_s) == (1.5, 20, 30)
    assert "connections sign-in own" in desk.err


async def test_a_list_names_headers_without_their_values(desk: Desk) -> None:
    await desk.run(*ADD, *URL, "--header", "X-Team: hidden", "--key-env", "LAB_KEY")
    desk.look()
    assert await desk.run("connections", "list", "--json") == 0
    (own,) = [each for each in json.loads(desk.out) if each["name"] == "own"]
    assert own["headers"] == ["X-Team"]
    assert "hidden" not in desk.out
    desk.look()
    assert await desk.run("connections", "list") == 0
    assert [line.split("\t")[-1] for line in desk.out.splitlines()] == ["nothing", "nothing", "key in $LAB_KEY"]


async def test_no_list_tells_the_key_that_an_address_carries(desk: Desk) -> None:
    key = "aB3dE5fG7%2BhJ9kL1"
    url = ("--url", f"http://127.0.0.1:9/v1/?code={key}&user=anna")
    assert await desk.run(*ADD, *url) == 0
    assert await desk.run("connections", "add", "own-2", "--kind", "openai-v1", *url, "--json") == 0
    assert await desk.run("connections", "list") == 0
    assert await desk.run("connections", "list", "--json") == 0
    assert desk.out.count("code=[secure]&user=anna") == 6
    assert desk.err.count("The address contains a key") == 2
    own = desk.services.settings.connection("own")
    broken = msgspec.structs.replace(own, url=f"https://anna:{key}@lab.example/v1")
    desk.services.use(desk.services.settings.with_connection(broken))
    assert await desk.run("connections", "list") == 0
    assert "@lab.example/v1" in desk.out
    assert "aB3dE5" not in desk.out + desk.err


async def test_a_test_lists_what_is_served_or_says_in_both_ways_why_not(desk: Desk) -> None:
    desk.provider.infos = (ModelInfo(name="one"),)
    desk.provider.scripts = [said("One.")]
    assert await desk.run("connections", "test", "lab") == 0
    assert "lists 1 model.\n  one\nTTFT for one (" in desk.out
    desk.look()
    desk.provider.infos = ()
    assert await desk.run("connections", "test", "lab", "--json") == 0
    assert json.loads(desk.out)["models"] == []

    async def refuse() -> None:
        raise ConnectFailed(english("Nobody listens."), hint=english("Start it."))

    desk.provider.models = refuse  # pyright: ignore[reportAttributeAccessIssue]
    desk.look()
    assert await desk.run("connections", "test", "lab", "--json") == 1
    assert json.loads(desk.out)["hint"] == "Start it."
    assert "lab: Nobody listens." in desk.err


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_a_server_without_a_list_is_connected_and_the_named_model_is_asked(desk: Desk, status: int) -> None:
    async def refuse() -> None:
        raise RequestRejected(english("No such route."), status=status)

    desk.provider.models = refuse  # pyright: ignore[reportAttributeAccessIssue]
    desk.provider.scripts = [said("One.")]
    assert await desk.run("connections", "test", "lab") == 0
    assert "This server does not list its models." in desk.out
    assert "connections test lab --model MODEL" in desk.err
    desk.look()
    assert await desk.run("connections", "test", "lab", "--model", "one") == 0
    assert "TTFT for one (" in desk.out
    assert "--model" not in desk.err
    await desk.run("connections", "remove", "lab")
    await desk.run("connections", "add", "lab", "--kind", "openai-v1", *URL, "--auth", "none", "--model", "two")
    desk.look()
    assert await desk.run("connections", "test", "lab", "--json") == 0
    told = json.loads(desk.out)
    assert (told["state"], told["models"], told["wires"][0]["model"]) == ("ok", ["two"], "two")


async def test_a_key_that_cannot_be_taken_out_is_said_and_the_connection_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, KEY)
    await desk.run(*ADD, *URL, "--key-stdin")
    desk.keyring.fail_after = 0
    assert await desk.run("connections", "remove", "own") == 1
    assert "may still be in the keyring" in desk.err
    assert saved(desk) == {"lab"}


@pytest.mark.parametrize(
    "edit",
    [
        {"auth": Auth.NONE},
        {"auth": Auth.ENTRA},
        {"key_env": "OTHER_KEY"},
        {"secret_headers": ()},
        {"auth": Auth.NONE, "secret_headers": ()},
    ],
    ids=str,
)
async def test_a_removed_connection_leaves_no_key_also_where_it_signed_in_otherwise_by_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, edit: dict[str, Any]
) -> None:
    type_in(monkeypatch, KEY)
    await desk.run(*ADD, *URL, "--key-stdin", "--header", f"X-Api-Key: {KEY}")
    assert len(desk.keyring.items) == 2
    edited = msgspec.structs.replace(desk.services.settings.connection("own"), **edit)
    desk.services.use(desk.services.settings_file.update(lambda settings: settings.with_connection(edited)))
    assert await desk.run("connections", "remove", "own") == 0
    assert desk.keyring.items == {}


async def test_a_keyring_that_fails_keeps_no_connection_without_a_key(desk: Desk) -> None:
    desk.keyring.fail_after = 0
    assert await desk.run("connections", "remove", "lab") == 0
    assert saved(desk) == set()


@pytest.mark.parametrize(
    ("url", "item"),
    [("[::1", "hand at ://"), ("https://[::1", "hand at ://"), ("good.example/v1", "hand at ://")],
)
async def test_a_connection_of_any_address_can_be_listed_tested_and_removed_with_its_older_key(
    desk: Desk, url: str, item: str
) -> None:
    with desk.services.settings_file.path.open("a") as file:
        file.write(f'\n[connections.hand]\nkind = "openai-v1"\nurl = "{url}"\n')
    desk.services.use(desk.services.settings_file.load().settings)
    desk.services.keys.written = desk.services.settings.written
    desk.keyring.items["test", item] = KEY
    desk.look()
    assert await desk.run("connections", "list") == 0
    assert await desk.run("connections", "test", "hand") == 1
    assert desk.provider.requests == []
    checks = await machine.stray_keys(desk.services)
    assert [check.state for check in checks] == ["warning"]
    assert "hand at ://" in checks[0].detail
    assert "connections remove hand" in checks[0].hint
    assert await desk.run("connections", "remove", "hand") == 0
    assert desk.keyring.items == {}
    assert saved(desk) == {"lab"}
