"""A connection's own way: its time-outs, its headers, a server on IPv6."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ConnectTimeout, Redirected, Stalled
from desktop.net.options import NetworkOptions
from desktop.net.reach import reach
from desktop.providers.registry import Registry, default_factories
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import none_found
from tests.desktop.providers.asking import KEY, ask
from tests.desktop.providers.test_network import KINDS, ONCE, ask_once
from tests.desktop.session.fakes import Factory, ScriptedProvider
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_on_ipv6_is_reached(kind: Kind) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    async with FaultServer(key=KEY) as server:
        async with _relay6(server.port) as port:
            assert (await ask_once(kind, f"http://[::1]:{port}/openai/v1")).reason == "stop"
        assert server.requests[0].headers["host"] == f"[::1]:{port}"


def test_a_connections_own_time_outs_count_before_the_settings() -> None:
    gateway = Gateway(
        settings=CurrentSettings(Settings()),
        keys=Keys(service="test", environ={}, find=none_found),
        factory=Factory(ScriptedProvider()),
        options=NetworkOptions(connect_timeout_s=7, idle_timeout_s=8),
    )
    own = Connection(name="slow", kind=Kind.OPENAI_V1, url="https://x.example", first_token_timeout_s=900)
    assert gateway.options_for(own) == NetworkOptions(connect_timeout_s=7, idle_timeout_s=8, first_token_timeout_s=900)


def gateway_of(own: Connection) -> Gateway:
    """Real providers, whose settings alone would wait for a minute."""
    return Gateway(
        settings=CurrentSettings(Settings(connections=(own,))),
        keys=Keys(service="test", environ={}, find=none_found),
        factory=Registry(default_factories()),
        options=NetworkOptions(connect_timeout_s=60, first_token_timeout_s=60, idle_timeout_s=60, max_retries=0),
    )


async def test_a_connections_own_time_out_ends_its_check() -> None:
    async with ProxyServer(("127.0.0.1", 9), hang=True) as silent:
        own = Connection(
            name="slow", kind=Kind.OPENAI_V1, url=f"http://{silent.address}/v1", auth=Auth.NONE, connect_timeout_s=0.3
        )
        with pytest.raises(ConnectTimeout, match=r"within 0\.3 seconds"):
            await gateway_of(own).reach(own)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("limit", "model"),
    [
        ("first_token_timeout_s", "stall"),
        ("first_token_timeout_s", "stall-headers"),
        ("idle_timeout_s", "stall-middle"),
    ],
)
async def test_a_connections_own_time_outs_end_its_answers(
    kind: Kind, limit: str, model: str, server: FaultServer
) -> None:
    server.key = ""
    url = f"{server.origin}/openai/v1"
    own = msgspec.structs.replace(Connection(name="slow", kind=kind, url=url, auth=Auth.NONE), **{limit: 0.3})
    gateway = gateway_of(own)
    async with asyncio.timeout(20):
        found = await ask(await gateway.provider("slow"), model)
    await gateway.aclose()
    assert isinstance(found.error, Stalled)
    said = "in the middle of the response" if limit == "idle_timeout_s" else "within 0.3 seconds"
    assert said in found.error.message
    assert bool(found.text) == (model == "stall-middle")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connections_own_time_for_connecting_counts_for_tls_too(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes connections for it; nobody answers
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/openai/v1"
        own = Connection(name="slow", kind=kind, url=url, auth=Auth.NONE, connect_timeout_s=0.3)
        gateway = gateway_of(own)
        found = await ask(await gateway.provider("slow"), "plain")
        await gateway.aclose()
    assert type(found.error) is ConnectTimeout


@pytest.mark.parametrize("kind", KINDS)
async def test_own_headers_go_to_their_server_alone(kind: Kind, server: FaultServer) -> None:
    headers = {"X-Team": "blue", "X-Gateway-Key": "gateway-secret"}
    async with FaultServer() as other:
        found = await ask_once(
            kind, f"{server.origin}/openai/v1", model=f"redirect:{other.url}/chat/completions", headers=headers
        )
        assert type(found.error) is Redirected
        assert "gateway-secret" not in f"{found.error.message} {found.error.hint}"
        assert other.connections == 0
    assert server.requests[0].headers["x-team"] == "blue"
    assert server.requests[0].headers["x-gateway-key"] == "gateway-secret"


async def test_a_check_of_the_way_sends_no_header_of_the_connection(server: FaultServer) -> None:
    own = Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, headers={"X-Gateway-Key": "gateway-secret"})
    await reach(own, ONCE)
    assert not {"x-gateway-key", "authorization"} & server.requests[0].headers.keys()


def has_ipv6() -> bool:
    """Whether this machine has loopback of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@asynccontextmanager
async def _relay6(target: int) -> AsyncGenerator[int]:
    """A port on ::1 that leads to one on 127.0.0.1."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            back.transport.abort()
            writer.transport.abort()

    async with await asyncio.start_server(pass_on, "::1", 0) as listener:
        yield listener.sockets[0].getsockname()[1]


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
