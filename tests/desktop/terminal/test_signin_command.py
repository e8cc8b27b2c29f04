"""Signing in and out at a terminal: by a code where no browser can be shown, and what is said where it was not kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import pytest

from desktop.credentials.keys import KeyPlace
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import KeyringLocked, SignInFailed
from desktop.settings.values import Settings
from desktop.signin.cache import Account
from desktop.signin.entra import Code, Entra
from desktop.terminal import connections_command
from desktop.text.phrases import english
from tests.desktop.terminal.conftest import Desk

TENANT = Connection(name="work", kind=Kind.OPENAI_V1, url="https://work.example/v1", auth=Auth.ENTRA)
SOMEBODY = Account(id="1", name="somebody@example.org")


class Authority:
    """Stands for Entra ID: signs in whoever it is told, or refuses."""

    def __init__(self, account: Account | None = SOMEBODY, kept: KeyPlace | None = None) -> None:
        self._account = account
        self.kept = kept or KeyPlace(keyring="memory")
        self.settings = Settings()

    async def by_code(self, connection: Connection, show: Callable[[Code], None]) -> Account:
        show(Code(code="ABC123", page="https://sign.example"))
        if self._account is None:
            raise SignInFailed(english("Nobody typed the code."))
        return self._account

    async def sign_out(self, connection: Connection) -> Account | None:
        return self._account

    async def aclose(self) -> None:
        pass


def use(desk: Desk, authority: Authority) -> None:
    desk.services.use(Settings(connections=(TENANT,)))
    desk.services._entra = cast("Entra", authority)


async def test_without_a_screen_a_code_is_told_and_who_signed_in(desk: Desk) -> None:
    use(desk, Authority())
    assert await desk.run("connections", "sign-in", "work") == 0
    assert "open https://sign.example and enter the code ABC123" in desk.err
    assert desk.out == "Signed in as somebody@example.org for work.\n"


async def test_an_account_without_a_name_is_somebody(desk: Desk) -> None:
    use(desk, Authority(Account(id="1", name="")))
    assert await desk.run("connections", "sign-in", "work", "--device-code") == 0
    assert desk.out == "Signed in as somebody for work.\n"


async def test_a_sign_in_that_no_keyring_keeps_is_over_with_the_run_and_a_failure(desk: Desk) -> None:
    use(
        desk,
        Authority(
            kept=KeyPlace(keyring=None, problem=KeyringLocked(english("It is locked."), hint=english("Unlock it.")))
        ),
    )
    assert await desk.run("connections", "sign-in", "work", "--json") == 1
    assert json.loads(desk.out) == {"name": "work", "account": SOMEBODY.name, "kept_in": None}
    assert (
        "It is locked. The sign-in was only kept until the program ended and is now forgotten.\n  Unlock it."
        in desk.err
    )


async def test_a_code_that_nobody_typed_is_an_error(desk: Desk) -> None:
    use(desk, Authority(None))
    with pytest.raises(SignInFailed):
        await desk.run("connections", "sign-in", "work")


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (SOMEBODY, "Signed out somebody@example.org from all connections that used the account.\n"),
        (Account(id="1", name=""), "Signed out the account from all connections that used the account.\n"),
        (None, "Nobody is signed in for work.\n"),
    ],
)
async def test_signing_out_says_who_it_was_and_that_other_connections_used_it(
    desk: Desk, account: Account | None, said: str
) -> None:
    use(desk, Authority(account))
    assert await desk.run("connections", "sign-out", "work") == 0
    assert desk.out == said
    desk.look()
    assert await desk.run("connections", "sign-out", "work", "--json") == 0
    assert json.loads(desk.out)["account"] == (account.name if account else None)


@pytest.mark.parametrize(
    ("platform", "environ", "shown"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_browser_needs_a_screen(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], *, shown: bool
) -> None:
    monkeypatch.setattr(connections_command.sys, "platform", platform)
    assert connections_command.has_browser(environ) is shown
