"""Entra ID with the real program: signed in by browser or code, asked with a token, renewed, refused, signed out."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.program import ROOT, Ended, Program
from tests.servers.authority import StandIn, refusal
from tests.servers.faults import FaultServer
from tests.servers.secret_service import is_installed, secret_service
from tests.servers.signed import running_authority
from tests.servers.threaded import fault_server

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not is_installed(), reason="needs dbus-daemon and gnome-keyring"
)
_HEADLESS = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


@dataclass
class World:
    """The program with a connection `corp` that signs in, the authority, and the server that is asked."""

    program: Program
    authority: StandIn
    server: FaultServer
    environ: dict[str, str]

    def __call__(self, *words: str, **environ: str) -> Ended:
        return self.program(*words, environ={**self.environ, **environ})

    def sent(self) -> list[str]:
        """What the answers were asked for with."""
        return [each.headers.get("authorization", "") for each in self.server.requests if each.method == "POST"]


@pytest.fixture
def world(paragone: Program, tmp_path: Path) -> Generator[World]:
    with (
        secret_service(tmp_path / "bus") as keyring,
        running_authority(tmp_path / "tls") as running,
        fault_server() as server,
    ):
        config = paragone.folder / "data" / "config"
        config.mkdir(parents=True)
        (config / "settings.toml").write_text(
            f'[entra]\nauthority = "{running.authority.authority}"\n[network]\nca_file = "{running.ca_file}"\n'
        )
        opener = tmp_path / "bin" / "xdg-open"
        opener.parent.mkdir()
        opener.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.servers.browser {running.ca_file} "$1"\n')
        opener.chmod(0o700)
        path = f"{opener.parent}{os.pathsep}{os.environ['PATH']}"
        environ = {**keyring.environ, "PATH": path, "DISPLAY": ":none", "PYTHONPATH": str(ROOT)}
        made = World(paragone, running.authority, server, environ)
        url = f"{server.origin}/openai/v1"
        words = ("connections", "add", "corp", "--kind", "azure-inference", "--url", url, "--auth", "entra")
        ended = made(*words, "--tenant", "contoso.example")
        assert ended.status == 0, ended.err
        assert "connections sign-in corp" in ended.err
        yield made


def test_before_a_sign_in_nothing_is_sent_and_the_way_is_told(world: World) -> None:
    ended = world("ask", "--model", "corp/grok-3", "hello")
    assert ended.status == 1
    assert "Nobody is signed in to “corp”" in ended.err
    assert "sign-in" in ended.err
    assert world.sent() == []


def test_the_browser_signs_in_once_for_all_runs(world: World) -> None:
    ended = world("connections", "sign-in", "corp", "--json")
    assert (ended.status, ended.json["account"]) == (0, "anna@contoso.example"), ended.err
    for _ in range(2):
        assert world("ask", "--model", "corp/grok-3", "hello").status == 0
    (token,) = world.authority.tokens["https://ai.azure.com/.default"]
    assert world.sent() == [f"Bearer {token}"] * 2
    assert all(token.encode() not in data for data in world.program.files().values())


def test_without_a_browser_a_code_is_told(world: World) -> None:
    ended = world("connections", "sign-in", "corp", **_HEADLESS)
    assert ended.status == 0, ended.err
    assert "https://microsoft.example/devicelogin" in ended.err
    assert "ABCD-1234" in ended.err


def test_a_sign_in_that_ends_between_two_answers_loses_nothing(world: World) -> None:
    world.authority.expires_in = 60
    assert world("connections", "sign-in", "corp", "--device-code").status == 0
    assert world("ask", "--model", "corp/grok-3", "--save", "first").status == 0
    world.authority.alive.clear()
    ended = world("ask", "--model", "corp/grok-3", "--model", "corp/echo", "--save", "--json", "second")
    assert ended.status == 1
    assert {line["code"] for line in ended.lines if line["event"] == "error"} == {"sign_in_required"}
    kept = [each["title"] for each in world("conversations", "list", "--json").json]
    assert sorted(kept) == ["first", "second", "second"]


def test_what_the_authority_refuses_is_a_sentence_with_its_number(world: World) -> None:
    world.authority.refuse = [refusal(53003, words="Access has been blocked by Conditional Access policies.")]
    ended = world("connections", "sign-in", "corp", "--device-code")
    assert ended.status == 1
    assert "Your organization's Conditional Access policy blocked this sign-in: AADSTS53003" in ended.err
    assert "Traceback" not in ended.err


def test_signed_out_nothing_is_sent(world: World) -> None:
    assert world("connections", "sign-in", "corp", "--device-code").status == 0
    assert "anna@contoso.example" in world("connections", "sign-out", "corp").out
    assert world("ask", "--model", "corp/grok-3", "hello").status == 1
    assert world.sent() == []


def test_a_role_that_is_missing_is_told_apart_from_a_wrong_account(world: World) -> None:
    assert world("connections", "sign-in", "corp", "--device-code").status == 0
    ended = world("ask", "--model", "corp/401", "hello")
    assert "rejected the sign-in (401)" in ended.err
    assert "tenant" in ended.err


def test_a_connection_with_a_key_does_not_sign_in(world: World) -> None:
    world("connections", "add", "keyed", "--kind", "openai-v1", "--url", world.server.url, "--key-env", "K")
    ended = world("connections", "sign-in", "keyed")
    assert ended.status == 2
    assert "--auth entra" in ended.err
