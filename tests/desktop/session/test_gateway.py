"""Providers of connections: made once, made anew when the key changes, closed together."""

from __future__ import annotations

import ast
import asyncio
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.domain.events import Finished, ModelNamed, Notice, RetryWait, Started
from desktop.errors import ConnectionUnknown, KeyUnset, ParameterRejected, ProviderError, ProxyFailed, UsageError
from desktop.net.options import NetworkOptions, Secret
from desktop.providers.provider import ChatRequest, ModelInfo, Provider
from desktop.providers.registry import Registry, default_factories
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, english, phrase
from tests.desktop.credentials.fakes import SilentKeyring, none_found
from tests.desktop.session.fakes import LOOPBACK, Factory, ScriptedProvider, gateway
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer

KEYED = Connection(name="keyed", kind=Kind.OPENAI_V1, url="https://x.example/v1", key_env="THE_KEY")


def keyed(environ: dict[str, str], connection: Connection = KEYED) -> tuple[Gateway, Factory]:
    factory = Factory(ScriptedProvider())
    made = Gateway(
        settings=CurrentSettings(Settings(connections=(connection,))),
        keys=Keys(service="test", environ=environ, find=none_found),
        factory=factory,
        options=NetworkOptions(),
    )
    return made, factory


async def test_a_provider_is_made_once() -> None:
    made, factory = keyed({"THE_KEY": "one"})
    assert await made.provider("keyed") is await made.provider("keyed")
    assert factory.credentials == [Secret("one")]
    assert factory.warmed == [Kind.OPENAI_V1]


async def test_a_changed_key_makes_another_and_closes_the_old() -> None:
    environ = {"THE_KEY": "one"}
    made, factory = keyed(environ)
    await made.provider("keyed")
    environ["THE_KEY"] = "two"
    await made.provider("keyed")
    assert factory.credentials == [Secret("one"), Secret("two")]
    assert isinstance(factory.provider, ScriptedProvider)
    assert factory.provider.closed


async def test_a_keyring_that_waits_for_somebody_keeps_no_connection_without_a_key_waiting() -> None:
    keyring = SilentKeyring()
    kept = msgspec.structs.replace(KEYED, name="kept", key_env="")
    made = Gateway(
        settings=CurrentSettings(Settings(connections=(kept, LOOPBACK))),
        keys=Keys(service="test", environ={}, find=lambda: keyring, timeout_s=5),
        factory=Factory(ScriptedProvider()),
        options=NetworkOptions(),
    )
    waits = asyncio.create_task(made.provider("kept"))
    await asyncio.sleep(0)  # it has asked for its key
    await made.provider("lab")
    assert not waits.done()
    keyring.release.set()
    with pytest.raises(KeyUnset):
        await waits


async def test_keys_that_a_server_was_sent_over_other_connections_are_hidden_too() -> None:
    twin = msgspec.structs.replace(KEYED, name="twin", key_env="ITS_KEY", url="HTTPS://X.example:443/other")
    far = msgspec.structs.replace(KEYED, name="far", key_env="FAR_KEY", url="https://y.example/v1")
    port = msgspec.structs.replace(KEYED, name="port", key_env="PORT_KEY", url="https://x.example:8443/v1")
    environ = {
        "THE_KEY": "one-key-0123",
        "ITS_KEY": "its-key-4567",
        "FAR_KEY": "far-key-8901",
        "PORT_KEY": "port-key-23",
    }
    keys = Keys(service="test", environ=environ, find=none_found)
    made = Gateway(
        settings=CurrentSettings(Settings(connections=(KEYED, twin, far, port))),
        keys=keys,
        factory=Factory(ScriptedProvider()),
        options=NetworkOptions(),
    )
    await made.provider("keyed")
    assert keys.mask.hide("its-key-4567, far-key-8901, port-key-23") == "[secure], far-key-8901, [secure]"


async def test_a_missing_key_names_its_variable() -> None:
    made, _ = keyed({})
    with pytest.raises(KeyUnset, match="THE_KEY"):
        await made.provider("keyed")


async def test_an_unknown_connection_is_named() -> None:
    with pytest.raises(ConnectionUnknown, match="nowhere"):
        await gateway(ScriptedProvider()).provider("nowhere")


ENTRA = Connection(name="keyed", kind=Kind.AZURE_INFERENCE, url="https://x", auth=Auth.ENTRA)


async def test_entra_gets_its_tokens_from_who_signed_in() -> None:
    made, factory = keyed({}, ENTRA)

    async def token() -> Secret:
        return Secret("token")

    made.tokens = lambda _: token
    await made.provider("keyed")
    assert factory.credentials == [token]


async def test_without_a_way_to_sign_in_entra_is_refused_in_words() -> None:
    made, _ = keyed({}, ENTRA)
    with pytest.raises(UsageError, match="Entra"):
        await made.provider("keyed")


async def test_listed_models_are_remembered_and_typed_ones_added() -> None:
    provider = ScriptedProvider(infos=[ModelInfo(name="prod", base="gpt-4o", context_window=9)])
    typed = Connection(name="lab", kind=Kind.OPENAI_V1, url=LOOPBACK.url, auth=Auth.NONE, models=("typed", "prod"))
    made = gateway(provider, Settings(connections=(typed,)))
    assert [info.name for info in await made.models("lab")] == ["prod", "typed"]
    assert made.known(ModelRef(connection="lab", name="prod")).base == "gpt-4o"
    assert made.known(ModelRef(connection="lab", name="other")) == ModelInfo(name="other")


async def test_models_are_listed_by_name_whatever_its_case_and_the_servers_order() -> None:
    provider = ScriptedProvider(infos=[ModelInfo(name=name) for name in ("beta", "Zeta", "alpha")])
    made = gateway(provider, Settings(connections=(LOOPBACK,)))
    assert [info.name for info in await made.models("lab")] == ["alpha", "beta", "Zeta"]


async def test_closing_closes_all() -> None:
    provider = ScriptedProvider()
    made = gateway(provider)
    await made.provider("lab")
    await made.aclose()
    assert provider.closed


async def test_models_that_were_named_once_and_those_that_were_typed_are_known() -> None:
    connection = Connection(name="lab", kind=Kind.OPENAI_V1, url=LOOPBACK.url, auth=Auth.NONE, models=("typed",))
    made = gateway(ScriptedProvider(infos=(ModelInfo(name="listed"),)), Settings(connections=(connection,)))
    assert [ref.name for ref in made.known_of("lab")] == ["typed"]
    await made.models("lab")
    assert [ref.name for ref in made.known_of("lab")] == ["listed", "typed"]
    await made.aclose()


async def test_a_server_is_reached_without_its_key() -> None:
    async with FaultServer(key="secret") as server:
        connection = Connection(name="lab", kind=Kind.OPENAI_V1, url=server.url)
        made = gateway(ScriptedProvider())
        assert (await made.reach(connection)).tls is False
        await made.aclose()


@pytest.mark.parametrize("url", ["[::1", "https://u:p@x.example", "http://x.example", "https://ai.azure.com"])
async def test_where_an_address_is_none_no_provider_is_made_and_no_key_read(url: str) -> None:
    made, factory = keyed({"THE_KEY": "one"}, msgspec.structs.replace(KEYED, url=url))
    with pytest.raises(ProviderError):
        await made.provider("keyed")
    assert factory.credentials == []


async def gather(provider: Provider, into: list[object]) -> None:
    """Ask, and keep what came, also where an error comes after it."""
    async with aclosing(provider.stream(ChatRequest(model="m", messages=()))) as stream:
        async for event in stream:
            into.append(event)  # noqa: PERF401 - kept when an error follows


async def test_no_error_or_fact_of_a_server_tells_a_key_header_or_proxys_password() -> None:
    secrets = ("key-0123456789", "header/0123456789", "word@0123456789")
    said = "key-0123456789 header\\/0123456789 word%400123456789"
    told = ParameterRejected(phrase("no {said}", said=said), parameter=said)
    told.hint, told.request_id = english(said), said
    headers = {"X-Gateway-Key": "header/0123456789"}
    facts = (
        Started(model=said, request_id=said, headers={"x-ms-region": said}),
        ModelNamed(model=said),
        Notice(code=said, message=said),
        RetryWait(attempt=1, wait_s=0, reason=said),
        Finished(reason=said),
    )
    provider = ScriptedProvider([[*facts, told]])
    made = Gateway(
        settings=CurrentSettings(Settings(connections=(msgspec.structs.replace(KEYED, headers=headers),))),
        keys=Keys(service="test", environ={"THE_KEY": secrets[0]}, find=none_found),
        factory=Factory(provider),
        options=NetworkOptions(proxy="http://me:word%400123456789@proxy.example:1"),
    )
    asked = await made.provider("keyed")
    events: list[object] = []
    with pytest.raises(ParameterRejected) as failed:
        await gather(asked, events)
    assert len(events) == len(facts)
    error = failed.value
    shown = f"{error} {error.message} {error.hint} {error.parameter} {error.request_id} {error.args} {events}"
    assert "0123456789" not in shown
    assert shown.count("[secure]") == 3 * (6 + 8)


async def test_a_key_that_is_only_tried_is_hidden_too() -> None:
    made, _ = keyed({})
    provider = await made.trial(msgspec.structs.replace(KEYED, key_env=""), "tried-0123456789")
    assert made.mask.hide("no tried-0123456789") == "no [secure]"
    await provider.aclose()


async def test_a_proxy_that_the_system_names_gives_its_password_back_to_nobody() -> None:
    async def named(url: str) -> str:
        assert url == "https://x.example/v1/chat/completions"
        return f"http://me:word-0123456789@{proxy.address}"

    async with ProxyServer(("127.0.0.1", 9), sign_in="other:one", challenges=("word-0123456789",)) as proxy:
        made = Gateway(
            settings=CurrentSettings(Settings(connections=(KEYED,))),
            keys=Keys(service="test", environ={"THE_KEY": "one"}, find=none_found),
            factory=Registry(default_factories()),
            options=NetworkOptions(system_proxy=named, max_retries=0),
        )
        provider = await made.provider("keyed")
        with pytest.raises(ProxyFailed, match="407") as failed:
            async with aclosing(provider.stream(ChatRequest(model="m", messages=()))) as stream:
                [_ async for _ in stream]
        assert proxy.heads[0]["proxy-authorization"]
        await made.aclose()
    message = failed.value.message
    assert isinstance(message, Phrase)
    assert "[secure]" in message
    assert "0123456789" not in f"{failed.value} {message} {message.values}"


BESIDE = {
    "desktop.providers.masked_provider": "hides keys in what a provider says",
    "desktop.embedded.embedded_provider": "a provider over another one",
    "desktop.providers.http_provider": "a provider over its wire",
    "desktop.session.gateway": "the gate itself",
    "desktop.session.connection_probe": "asks with words of its own, before a connection is kept",
    "desktop.terminal.connections_command": "has a connection tried, with the probe's words",
    "desktop.terminal.selftest_command": "asks a server of its own, and the embedded model, with words of its own",
    "desktop.diagnosis.connection": "lists models, and probes",
    "desktop.tools.host.server_http": "streams responses of tool servers, which are no models",
}
"""Who reaches a provider's stream but through `Gateway.ask`."""


def test_nothing_but_the_gate_sends_what_people_say() -> None:
    root = Path(__file__).resolve().parents[3]
    reach: set[str] = set()
    for path in [*(root / "desktop").rglob("*.py"), *(root / "ui").rglob("*.py")]:
        source = path.read_text("utf-8")
        if ".stream" not in source and ".provider" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            reached = isinstance(node, ast.Attribute) and node.attr == "stream"
            given = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "provider"
            if reached or given:
                reach.add(".".join(path.relative_to(root).with_suffix("").parts))
    assert reach == {*BESIDE}


async def opened(made: Gateway, before: Settings, after: Settings) -> None:
    """Ask, with other settings between the look and the opening."""
    made.current.use(before)
    model = ModelRef.parse("keyed/m")
    async with made.ask(conversation="c", model=model, entry=Entry(id="m"), texts=["hi"]) as passage:
        made.current.use(after)
        await passage.open()
        await passage.pay(None)


async def test_what_opens_is_the_connection_that_was_looked_at() -> None:
    made, factory = keyed({"THE_KEY": "one"})
    elsewhere = msgspec.structs.replace(KEYED, url="https://other.example/v1")
    await opened(made, Settings(connections=(KEYED,)), Settings(connections=(elsewhere,)))
    assert [each for each, _, _ in made._providers.values()] == [KEYED]
    assert len(factory.credentials) == 1


async def test_a_connection_that_is_added_after_the_look_is_not_opened() -> None:
    made, factory = keyed({"THE_KEY": "one"})
    with pytest.raises(ConnectionUnknown):
        await opened(made, Settings(), Settings(connections=(KEYED,)))
    assert factory.credentials == []


@pytest.mark.parametrize("url", ["http://192.168.1.5:11434/v1", "[::1", "ftp://x", "", "https://x y", "http://"])
async def test_a_connection_whose_address_will_not_do_keeps_no_other_from_working(url: str) -> None:
    odd = Connection(name="odd", kind=Kind.OPENAI_V1, url=url)
    factory = Factory(ScriptedProvider())
    made = Gateway(
        settings=CurrentSettings(Settings(connections=(odd, KEYED))),
        keys=Keys(service="test", environ={"THE_KEY": "one"}, find=none_found),
        factory=factory,
        options=NetworkOptions(),
    )
    assert await made.provider("keyed")
    assert await made.trial(KEYED, "two")
