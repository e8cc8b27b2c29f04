"""Several runs of the program with one keyring: what one of them renews takes nothing of the others' back or away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from desktop.credentials.keys import Keys
from desktop.errors import KeyringLocked, SignInRequired
from desktop.signin.cache import Account
from desktop.signin.entra import Entra
from desktop.signin.msal_library import Json
from desktop.text.phrases import english
from tests.desktop.signin.conftest import FOUNDRY, World

OTHER = msgspec.structs.replace(FOUNDRY, name="other", url="https://models.example/v1")
THIRD = msgspec.structs.replace(FOUNDRY, name="third", url="https://third.example/v1")


class Slow(Entra):
    """A run whose answers from the authority take so long that somebody acts in another run before they come."""

    async def _ask(self, work: Callable[[], object]) -> Json:
        answer = await super()._ask(work)
        if "access_token" in answer:
            await self.meanwhile()
        return answer

    meanwhile: Callable[[], Awaitable[object]]


async def at_work(world: World) -> Entra:
    """A run that is signed in, whose token is renewed whenever one is asked for."""
    world.authority.expires_in = 60
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    await run.token(FOUNDRY)
    return run


async def test_who_was_signed_out_by_another_run_does_not_come_back_with_a_renewal(world: World) -> None:
    run = await at_work(world)
    assert await world.new().sign_out(FOUNDRY) is not None
    with pytest.raises(SignInRequired, match="Nobody is signed in"):
        await run.token(FOUNDRY)
    assert world.keyring.items == {}


async def test_a_connection_that_another_run_removed_does_not_come_back_with_a_renewal(world: World) -> None:
    run = await at_work(world)
    await world.new().leave(FOUNDRY)
    with pytest.raises(SignInRequired):
        await run.token(FOUNDRY)
    assert world.keyring.items == {}


async def test_a_renewal_keeps_who_signed_in_by_another_run(world: World) -> None:
    run = await at_work(world)
    world.authority.user = "ben@contoso.example"
    await world.new().by_browser(OTHER, world.visitor.visit)
    renewed = await run.token(FOUNDRY)
    later = world.new()
    ben = await later.account(OTHER)
    assert ben is not None
    assert ben.name == "ben@contoso.example"
    world.authority.expires_in = 3600
    assert (await later.token(OTHER)).value != renewed.value
    assert (await later.token(FOUNDRY)).value


async def test_who_is_signed_out_while_another_run_ends_a_sign_in_does_not_come_back(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    renewals = {*world.authority.alive}
    run = world.new_of(Slow)
    run.meanwhile = lambda: world.new().sign_out(FOUNDRY)
    world.authority.user = "ben@contoso.example"
    await run.by_browser(OTHER, world.visitor.visit)
    kept = msgspec.json.decode(world.keyring_item())["accounts"]
    assert [msgspec.convert(each, Account).name for each in kept.values()] == ["ben@contoso.example"]
    assert not any(renewal in world.keyring_item() for renewal in renewals)


async def test_two_who_sign_in_at_once_in_two_runs_are_both_kept(world: World) -> None:
    async def meanwhile() -> None:
        world.authority.user = "cleo@contoso.example"
        await world.new().by_browser(THIRD, world.visitor.visit)

    run = world.new_of(Slow)
    run.meanwhile = meanwhile
    world.authority.user = "ben@contoso.example"
    await run.by_browser(OTHER, world.visitor.visit)
    later = world.new()
    for connection, name in ((OTHER, "ben"), (THIRD, "cleo")):
        account = await later.account(connection)
        assert account is not None
        assert account.name == f"{name}@contoso.example"
    assert (await later.token(OTHER)).value != (await later.token(THIRD)).value


async def test_somebody_who_signed_in_in_anothers_place_is_who_a_renewal_is_for(world: World) -> None:
    run = await at_work(world)
    world.authority.user = "ben@contoso.example"
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    world.authority.expires_in = 3600
    assert (await run.token(FOUNDRY)).value
    account = await run.account(FOUNDRY)
    assert account is not None
    assert account.name == "ben@contoso.example"
    kept = msgspec.json.decode(world.keyring_item())["accounts"]
    assert [msgspec.convert(each, Account).name for each in kept.values()] == ["ben@contoso.example"]


async def test_what_a_keyring_does_not_take_of_a_renewal_is_for_this_run(world: World) -> None:
    run = await at_work(world)
    before = dict(world.keyring.items)
    world.keyring.fail_after = 0
    assert (await run.token(FOUNDRY)).value
    assert isinstance(run.kept.problem, KeyringLocked)
    assert world.keyring.items == before


async def test_where_only_the_keyring_will_do_a_renewal_that_it_does_not_take_fails(world: World) -> None:
    world.authority.expires_in = 60
    run = world.new(Keys(service="test", environ={}, find=lambda: world.keyring, keyring_only=True))
    await run.by_browser(FOUNDRY, world.visitor.visit)
    world.keyring.fail_after = 0
    with pytest.raises(KeyringLocked):
        await run.token(FOUNDRY)


def at_one_place(world: World, folder: Path) -> Entra:
    """A run that can tell when another one changes the keyring, as the program's own do."""
    return world.new(Keys(service="test", environ={}, find=lambda: world.keyring, lock_file=folder / "keys.lock"))


async def test_a_token_that_is_good_for_long_is_not_sent_for_who_signed_out_in_another_run(
    world: World, tmp_path: Path
) -> None:
    run, another = at_one_place(world, tmp_path), at_one_place(world, tmp_path)
    await run.by_browser(OTHER, world.visitor.visit)
    assert (await run.token(OTHER)).value
    await another.sign_out(OTHER)
    with pytest.raises(SignInRequired, match="Nobody is signed in"):
        await run.token(OTHER)
    assert await run.account(OTHER) is None


async def test_who_signs_in_in_another_run_is_who_is_signed_in(world: World, tmp_path: Path) -> None:
    run, another = at_one_place(world, tmp_path), at_one_place(world, tmp_path)
    await run.by_browser(OTHER, world.visitor.visit)
    before = (await run.token(OTHER)).value
    world.authority.user = "ben@contoso.example"
    await another.by_browser(OTHER, world.visitor.visit)
    assert (await run.token(OTHER)).value == (await another.token(OTHER)).value != before
    found = await run.account(OTHER)
    assert found is not None
    assert found.name == "ben@contoso.example"


async def test_a_keyring_that_is_locked_by_now_is_asked_once_and_who_signed_in_goes_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, another = at_one_place(world, tmp_path), at_one_place(world, tmp_path)
    await run.by_browser(OTHER, world.visitor.visit)
    token = (await run.token(OTHER)).value
    await another.by_browser(THIRD, world.visitor.visit)
    asked: list[str] = []

    def locked(service: str, account: str) -> str | None:
        asked.append(f"{service} {account}")
        raise KeyringLocked(english("The keyring is locked."))

    monkeypatch.setattr(world.keyring, "read", locked)
    assert {(await run.token(OTHER)).value for _ in range(3)} == {token}
    assert len(asked) == 1


async def test_tokens_that_are_renewed_all_day_are_not_all_held(world: World) -> None:
    """What is looked for of each took so much memory that a window that was open for days had none left."""
    world.authority.expires_in = 60
    keys = Keys(service="test", environ={}, find=lambda: world.keyring)
    run = world.new(keys)
    await run.by_browser(OTHER, world.visitor.visit)
    tokens = [(await run.token(OTHER)).value for _ in range(40)]
    assert len({*tokens}) == len(tokens)
    assert {*tokens[-5:]} <= keys.mask.secrets
    assert len(keys.mask.secrets) < len(tokens)
