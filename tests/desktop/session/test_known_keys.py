"""Keys of connections that a run does not ask: known before what an earlier run was answered goes on to others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from desktop.credentials.accounts import account_of, headers_account_of
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, Role
from desktop.errors import CredentialError
from desktop.net.options import NetworkOptions
from desktop.providers import masked_provider
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.redaction import redactor as mask
from desktop.redaction.redactor import Mask
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import ALLOWED_HOSTS, CONNECTIONS, Fixed, Policy
from desktop.settings.schema import LOG_LEVEL
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring
from tests.desktop.session.fakes import LOOPBACK, Factory, ScriptedProvider, said

FAR = Connection(name="far", kind=Kind.OPENAI_V1, url="https://far.example/v1", secret_headers=("X-Pass",))
KEY, HEADER, IN_PATH = "9f3c1d7a5b2e48609c4d8e7f1a2b3c4d", "header-9876543210-fedcba", "0123456789abcdef01234567"
SAID = f"You sent {KEY} and {HEADER}."


class CountedKeyring(MemoryKeyring):
    """In memory; says which items were read."""

    def __init__(self) -> None:
        super().__init__()
        self.write("test", account_of(FAR), KEY)
        self.write("test", headers_account_of(FAR), msgspec.json.encode({"X-Pass": HEADER}).decode())
        self.asked: list[str] = []

    def read(self, service: str, account: str) -> str | None:
        self.asked.append(account)
        return super().read(service, account)


class CountedLock(LockedKeyring):
    """Locked; says how often somebody was asked to open it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def read(self, service: str, account: str) -> str | None:
        self.asked += 1
        return super().read(service, account)


def a_run(
    provider: ScriptedProvider,
    find: Callable[[], MemoryKeyring],
    *others: Connection,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Gateway:
    """A program that has just started, with a connection that needs no key, and others on other servers."""
    return Gateway(
        settings=CurrentSettings(Settings(connections=(LOOPBACK, FAR, *others))),
        keys=Keys(service="test", environ=environ, find=find),
        factory=Factory(provider),
        options=NetworkOptions(),
    )


async def test_keys_are_looked_for_in_long_answers_while_the_window_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []

    def hide(text: str, _secrets: Collection[str]) -> str:
        threads.append(threading.current_thread() is threading.main_thread())
        return text

    provider = ScriptedProvider([said("1"), said("2")])
    made = a_run(provider, CountedKeyring)
    for module in (mask, masked_provider):
        monkeypatch.setattr(module, "hide_plain", hide)
    long = "x" * (masked_provider.LONG + 1)
    await asked(made, ChatRequest(model="m", messages=(ChatMessage(role=Role.ASSISTANT, text=long),)))
    assert await made.without_keys(long) == long
    assert threads == [False, False]
    await asked(made, ChatRequest(model="m", messages=(ChatMessage(role=Role.ASSISTANT, text="x"),)))
    assert threads == [False, False, True]


class TwoProcesses:
    """A run that has read all keys, and another process that enters keys into the same keyring."""

    def __init__(
        self,
        folder: Path,
        provider: ScriptedProvider,
        *others: Connection,
        environ: Mapping[str, str] = MappingProxyType({}),
        far: str = KEY,
    ) -> None:
        self.keyring = CountedKeyring()
        self.keyring.write("test", account_of(FAR), far)
        self.settings_file = SettingsFile(folder / "settings.toml")
        self.other = Keys(service="test", environ={}, find=lambda: self.keyring, lock_file=folder / "keyring.lock")
        self.mask = Mask()
        self.run = Gateway(
            settings=CurrentSettings(Settings(connections=(LOOPBACK, FAR, *others))),
            keys=Keys(
                service="test",
                environ=environ,
                find=lambda: self.keyring,
                lock_file=folder / "keyring.lock",
                mask=self.mask,
            ),
            factory=Factory(provider),
            options=NetworkOptions(),
            elsewhere=self.settings_file,
        )


def going_on(*more: ChatMessage) -> ChatRequest:
    """A prompt after an answer that another server gave in an earlier run."""
    told = ChatMessage(role=Role.ASSISTANT, text=SAID)
    return ChatRequest(model="m", messages=(told, ChatMessage(role=Role.USER, text="And now?"), *more))


async def asked(gateway: Gateway, request: ChatRequest) -> None:
    provider = await gateway.provider("lab")
    assert len([each async for each in provider.stream(request)]) == 2


async def test_a_key_that_an_earlier_run_was_given_back_goes_to_no_other_server() -> None:
    provider = ScriptedProvider([said("Well.")])
    await asked(a_run(provider, CountedKeyring), going_on())
    assert provider.requests[0].messages[0].text == "You sent [secure] and [secure]."


async def test_what_is_made_of_earlier_answers_holds_no_key_either() -> None:
    made = a_run(ScriptedProvider(), CountedKeyring)
    assert not made.known_keys.are_all_read
    assert await made.without_keys(SAID) == "You sent [secure] and [secure]."
    assert made.known_keys.are_all_read


async def test_keys_of_others_are_read_once_and_only_where_an_answer_goes_on() -> None:
    keyring = CountedKeyring()
    provider = ScriptedProvider([said("1"), said("2"), said("3")])
    made = a_run(provider, lambda: keyring)
    await asked(made, ChatRequest(model="m", messages=(ChatMessage(role=Role.USER, text="Hello"),)))
    assert keyring.asked == []
    for _ in range(2):
        await asked(made, going_on())
    assert sorted(keyring.asked) == sorted((account_of(FAR), headers_account_of(FAR)))


async def test_a_keyring_that_is_left_locked_is_asked_once_and_keeps_nobody_from_asking() -> None:
    keyring = CountedLock()
    provider = ScriptedProvider([said("1"), said("2")])
    twin = msgspec.structs.replace(FAR, name="twin")
    made = a_run(provider, lambda: keyring, twin)
    for _ in range(2):
        await asked(made, going_on())
    assert keyring.asked == 1
    assert not made.known_keys.are_all_read


async def test_a_locked_keyring_is_asked_once_for_all_servers_of_one_machine() -> None:
    keyring = CountedLock()
    beside = [msgspec.structs.replace(FAR, name=f"b{port}", url=f"http://localhost:{port}/v1") for port in range(1, 4)]
    made = a_run(ScriptedProvider(), lambda: keyring, *beside)
    await made.provider("lab")
    assert keyring.asked == 1


async def test_keys_that_lie_in_no_keyring_are_known_though_it_is_left_locked() -> None:
    keyring = CountedLock()
    in_variable = Connection(name="var", kind=Kind.OPENAI_V1, url="https://var.example/v1", key_env="VAR_KEY")
    in_address = Connection(name="zip", kind=Kind.OPENAI_V1, url=f"https://zip.example/v1?key={IN_PATH}")
    made = a_run(ScriptedProvider(), lambda: keyring, in_variable, in_address, environ={"VAR_KEY": KEY})
    assert await made.without_keys(f"{KEY} {IN_PATH}") == "[secure] [secure]"
    assert keyring.asked == 1


async def test_an_item_that_cannot_be_read_keeps_nobody_from_asking() -> None:
    class Odd(CountedKeyring):
        def read(self, service: str, account: str) -> str | None:
            if account == account_of(FAR):
                raise CredentialError(english("The keyring (memory) failed."))
            return super().read(service, account)

    provider = ScriptedProvider([said("Well.")])
    await asked(a_run(provider, Odd), going_on())
    assert len(provider.requests) == 1


async def test_one_that_cannot_be_used_keeps_no_other_from_being_known() -> None:
    wrong = Connection(name="wrong", kind=Kind.OPENAI_V1, url=f"https://host.example:port/{IN_PATH}")
    made = a_run(ScriptedProvider(), CountedKeyring, wrong)
    assert await made.without_keys(SAID) == "You sent [secure] and [secure]."


@pytest.mark.parametrize(
    "fixed",
    [
        Fixed(ALLOWED_HOSTS.name, ("127.0.0.1",), locked=True, source="test"),
        Fixed(
            CONNECTIONS.name,
            (Connection(name="far", kind=Kind.OPENAI_V1, url="https://corp.example/v1", key_env="CORP_KEY"),),
            locked=True,
            source="test",
        ),
    ],
)
async def test_keys_of_connections_that_a_policy_forbids_by_now_are_known_as_well(fixed: Fixed) -> None:
    provider = ScriptedProvider([said("Well.")])
    made = a_run(provider, CountedKeyring)
    made.current.use(replace(made.settings, policy=Policy(entries={fixed.name: fixed})))
    assert FAR not in made.settings.all_connections
    await asked(made, going_on())
    assert provider.requests[0].messages[0].text == "You sent [secure] and [secure]."


async def test_a_key_that_another_process_enters_is_known_before_an_answer_goes_on(tmp_path: Path) -> None:
    provider = ScriptedProvider([said("1"), said("2")])
    two = TwoProcesses(tmp_path, provider)
    await asked(two.run, going_on())
    assert two.run.known_keys.are_all_read
    await two.other.keep(FAR, IN_PATH)
    assert not two.run.known_keys.are_all_read
    await asked(two.run, going_on(ChatMessage(role=Role.ASSISTANT, text=f"Now you sent {IN_PATH}.")))
    assert provider.requests[1].messages[2].text == "Now you sent [secure]."
    reads = len(two.keyring.asked)
    assert two.run.known_keys.are_all_read
    await asked(two.run, going_on())
    assert len(two.keyring.asked) == reads


async def test_for_a_key_that_is_not_there_the_keyring_is_asked_again_once_one_was_entered(tmp_path: Path) -> None:
    without = Connection(name="without", kind=Kind.OPENAI_V1, url="https://without.example/v1")
    two = TwoProcesses(tmp_path, ScriptedProvider(), without)
    await two.other.keep(FAR, KEY)
    for _ in range(2):
        assert await two.run.without_keys(IN_PATH) == IN_PATH
    assert two.keyring.asked.count(account_of(without)) == 1
    await two.other.keep(without, IN_PATH)
    assert await two.run.without_keys(IN_PATH) == "[secure]"


async def test_so_is_that_of_a_connection_which_another_process_adds(tmp_path: Path) -> None:
    two = TwoProcesses(tmp_path, ScriptedProvider())
    added = Connection(name="new", kind=Kind.OPENAI_V1, url="https://new.example/v1")
    assert await two.run.without_keys(IN_PATH) == IN_PATH
    two.settings_file.update(lambda settings: settings.with_connection(added))
    await two.other.keep(added, IN_PATH)
    assert await two.run.without_keys(IN_PATH) == "[secure]"
    assert two.run.settings.names == {"embedded", "lab", "far"}


@pytest.mark.parametrize(
    "added",
    [
        Connection(name="new", kind=Kind.OPENAI_V1, url="https://new.example/v1", key_env="NEW_KEY"),
        Connection(name="new", kind=Kind.OPENAI_V1, url=f"https://new.example/v1?key={KEY}", auth=Auth.NONE),
        Connection(
            name="new", kind=Kind.OPENAI_V1, url="https://new.example/v1", auth=Auth.NONE, headers={"X-Api-Key": KEY}
        ),
    ],
)
async def test_so_is_one_that_the_keyring_never_sees(tmp_path: Path, added: Connection) -> None:
    provider = ScriptedProvider([said("1"), said("2")])
    two = TwoProcesses(tmp_path, provider, environ={"NEW_KEY": KEY}, far="")
    await asked(two.run, going_on())
    assert KEY in provider.requests[0].messages[0].text
    reads = len(two.keyring.asked)
    two.settings_file.update(lambda settings: settings.with_connection(added))
    assert not two.run.known_keys.are_all_read
    await asked(two.run, going_on())
    assert KEY not in provider.requests[1].messages[0].text
    assert two.run.known_keys.are_all_read
    assert [*filter(account_of(FAR).__eq__, two.keyring.asked[reads:])] == []


async def test_settings_that_change_no_connection_have_no_key_read_again(tmp_path: Path) -> None:
    two = TwoProcesses(tmp_path, ScriptedProvider())
    await two.run.provider("lab")
    await two.run.without_keys(SAID)
    reads = len(two.keyring.asked)
    two.settings_file.update(lambda settings: settings.set(LOG_LEVEL, "DEBUG"))
    await two.run.provider("lab")
    await two.run.without_keys(SAID)
    assert len(two.keyring.asked) == reads


async def test_of_a_connection_that_another_process_changes_the_keyring_is_asked_once_more(tmp_path: Path) -> None:
    two = TwoProcesses(tmp_path, ScriptedProvider())
    changed = msgspec.structs.replace(FAR, keep_days=7)
    two.settings_file.update(lambda settings: settings.with_connection(changed))
    assert await two.run.without_keys(SAID) == "You sent [secure] and [secure]."
    reads = len(two.keyring.asked)
    assert two.run.known_keys.are_all_read
    await two.run.without_keys(SAID)
    assert len(two.keyring.asked) == reads


async def test_what_a_server_gives_back_of_a_key_that_another_process_entered_for_it_is_hidden(tmp_path: Path) -> None:
    beside = Connection(name="beside", kind=Kind.OPENAI_V1, url="http://localhost:9/v1")
    two = TwoProcesses(tmp_path, ScriptedProvider(), beside)
    made = await two.run.provider("lab")
    await two.other.keep(beside, IN_PATH)
    assert await two.run.provider("lab") is made
    assert two.mask.hide(IN_PATH) == "[secure]"
