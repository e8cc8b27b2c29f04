"""The services of one run: the store opened once, what the settings ask of it obeyed, and all closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.domain import ModelRef
from desktop.errors import KeyringMissing, UsageError
from desktop.paths import Paths
from desktop.services import Services
from desktop.session.answer import NoJournal
from desktop.session.session import new_conversation
from desktop.settings.schema import DEFAULT_MODEL, ENCRYPTION, RETENTION
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import MemoryKeyring, none_found
from tests.desktop.session.fakes import LOOPBACK, REF, ScriptedProvider, gateway, said
from tests.desktop.store import made

Make = Callable[..., Services]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the services of another run over the same folder."""
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    opened: list[Services] = []

    def services(settings: Settings | None = None, find: Callable[[], Backend] = none_found) -> Services:
        settings = settings or Settings(connections=(LOOPBACK,))
        found = Services(
            version="0",
            paths=paths,
            environ={},
            settings_file=SettingsFile(paths.settings_file),
            settings=settings,
            catalog=Catalog(),
            keys=Keys(service="test", environ={}, find=find),
            gateway=gateway(ScriptedProvider([said("An answer.")]), settings),
        )
        opened.append(found)
        return found

    yield services
    for each in opened:
        await each.aclose()


async def test_many_that_ask_at_once_get_the_one_store(make: Make) -> None:
    services = make()
    stores = await asyncio.gather(*(services.store() for _ in range(5)))
    assert len({id(each) for each in stores}) == 1


async def test_what_is_closed_opens_again_and_closing_twice_is_no_harm(make: Make) -> None:
    services = make()
    await (await services.store()).conversations.create(made.said("why?"))
    await services.aclose()
    await services.aclose()
    assert len(await (await services.store()).conversations.list()) == 1


async def test_a_session_is_kept_and_counted_in_what_was_spent(make: Make) -> None:
    services = make()
    session = await services.session(new_conversation(REF))
    await session.ask("why?")
    assert [each.title for each in await (await services.store()).conversations.list()] == ["why?"]
    assert await services._spent(made.START) == 0


async def test_encryption_that_the_settings_ask_for_is_there_before_anything_is_kept(make: Make) -> None:
    keyring = MemoryKeyring()
    wanted = Settings(connections=(LOOPBACK,)).set(ENCRYPTION, value=True)
    services = make(wanted, lambda: keyring)
    assert (await services.store()).encryption.on
    assert services.new_code
    assert len(keyring.items) == 1
    await services.aclose()
    again = make(wanted, lambda: keyring)
    assert (await again.store()).encryption.on
    assert again.new_code == ""


async def test_encryption_without_a_keyring_opens_nothing_and_leaves_nothing_open(make: Make) -> None:
    services = make(Settings().set(ENCRYPTION, value=True))
    with pytest.raises(KeyringMissing):
        await services.store()
    assert services.new_code == ""
    services.use(Settings())
    assert not (await services.store()).encryption.on


async def test_what_is_kept_for_one_run_is_gone_with_it_and_nothing_else_is(make: Make) -> None:
    for mode, left in (("run", 0), ("all", 1)):
        services = make(Settings().set(RETENTION, mode))
        await (await services.store()).conversations.create(made.said("why?", mode))
        await services.aclose()
        again = make()
        assert len(await (await again.store()).conversations.list()) == left
        await again.aclose()


async def test_text_that_lies_plain_beside_the_store_is_forgotten_by_all_who_keep_it(make: Make) -> None:
    services = make()
    services.paths.prompt_history_file.write_text("+why?\n")
    forgotten: list[int] = []
    services.plain_keepers += [lambda: forgotten.append(1), lambda: forgotten.append(2)]
    services.forget_plain_text()
    services.forget_plain_text()
    assert not services.paths.prompt_history_file.exists()
    assert forgotten == [1, 2, 1, 2]


async def test_where_nothing_can_be_written_answers_are_kept_nowhere(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make()
    store = await services.store()
    assert await services.journal() is store.conversations
    monkeypatch.setattr(type(store), "read_only", property(lambda _: True))
    assert isinstance(await services.journal(), NoJournal)


def test_a_model_is_the_one_that_was_named_else_the_settings_own(make: Make) -> None:
    services = make(Settings().set(DEFAULT_MODEL, "lab/mine"))
    assert services.model(None) == services.model("") == ModelRef(connection="lab", name="mine")
    assert services.model("a/b/c") == ModelRef(connection="a", name="b/c")
    with pytest.raises(UsageError):
        services.model("no reference")


async def test_changed_settings_hold_for_connections_and_sign_ins_alike(make: Make) -> None:
    services = make()
    changed = Settings(connections=()).set(RETENTION, "days")
    assert services.entra is services.entra
    services.use(changed)
    assert services.gateway.settings is services.entra.settings is services.settings is changed
