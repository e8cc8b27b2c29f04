"""Ways to a server as companies have them: proxies that look into TLS, hang or are real, bad certificates, IPv6."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.credentials.keys import Keys
from desktop.domain import Auth, Connection, Kind
from desktop.errors import ConnectTimeout, ProviderError, ProxyFailed, TlsFailed
from desktop.providers.base import NetworkOptions
from desktop.session.gateway import Gateway
from desktop.settings.values import Settings
from tests.desktop.credentials.fakes import none_found
from tests.desktop.providers.asking import KEY
from tests.desktop.providers.test_network import KINDS, ONCE, ask_once
from tests.desktop.session.fakes import Factory, ScriptedProvider
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer

tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")
FAR = "https://far.example/openai/v1"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_looks_into_tls_is_trusted_by_its_ca_file_alone(
    kind: Kind, server: FaultServer, tmp_path: Path
) -> None:
    company = tls.Authority(tmp_path, "Contoso Inspection CA")
    async with ProxyServer(("127.0.0.1", server.port), inspect=company.context("far.example")) as proxy:
        options = replace(ONCE, proxy=f"http://{proxy.address}")
        found = await ask_once(kind, FAR, options)
        assert type(found.error) is TlsFailed
        assert "set `network.ca_file`" in found.error.hint
        assert server.requests == []
        assert b"authorization" not in proxy.seen.lower()
        found = await ask_once(kind, FAR, replace(options, ca_file=str(company.ca_file)))
        assert found.reason == "stop"
        assert KEY.encode() in proxy.seen  # it could read it, as such proxies can


@pytest.mark.parametrize(
    ("hosts", "days", "reason", "hint"),
    [
        (("localhost",), -1, "certificate has expired", "clock"),
        (("elsewhere.example",), 2, "Hostname mismatch", "another host"),
    ],
)
async def test_a_bad_certificate_is_named_with_its_own_cure(
    hosts: tuple[str, ...], days: int, reason: str, hint: str, tmp_path: Path
) -> None:
    authority = tls.Authority(tmp_path)
    async with FaultServer(key=KEY, tls=authority.context(*hosts, days=days)) as server:
        for kind in KINDS:
            options = replace(ONCE, ca_file=str(authority.ca_file))
            found = await ask_once(kind, f"https://localhost:{server.port}/openai/v1", options)
            assert type(found.error) is TlsFailed
            assert reason in found.error.message
            assert hint in found.error.hint
        assert server.requests == []


async def test_an_unknown_authority_is_named_with_its_own_cure(tmp_path: Path) -> None:
    async with FaultServer(key=KEY, tls=tls.Authority(tmp_path).context("localhost", with_ca=True)) as server:
        found = await ask_once(Kind.OPENAI_V1, f"https://localhost:{server.port}/openai/v1")
    assert type(found.error) is TlsFailed
    assert "self-signed certificate in certificate chain" in found.error.message
    assert "root certificate" in found.error.hint


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_hangs_costs_its_time_and_no_more(kind: Kind) -> None:
    async with ProxyServer(("127.0.0.1", 9), hang=True) as proxy:
        started = time.monotonic()
        options = replace(ONCE, proxy=f"http://{proxy.address}", connect_timeout_s=0.5, first_token_timeout_s=2)
        found = await ask_once(kind, FAR, options)
    assert isinstance(found.error, ProviderError)
    assert time.monotonic() - started < 4
    assert found.events == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_on_ipv6_is_reached(kind: Kind) -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    async with FaultServer(key=KEY) as server:
        async with _relay6(server.port) as port:
            assert (await ask_once(kind, f"http://[::1]:{port}/openai/v1")).reason == "stop"
        assert server.requests[0].headers["host"] == f"[::1]:{port}"


def test_a_connections_own_time_outs_count_before_the_settings() -> None:
    gateway = Gateway(
        settings=Settings(),
        keys=Keys(service="test", environ={}, find=none_found),
        factory=Factory(ScriptedProvider()),
        options=NetworkOptions(connect_timeout_s=7, idle_timeout_s=8),
    )
    own = Connection(name="slow", kind=Kind.OPENAI_V1, url="https://x.example", first_token_timeout_s=900)
    assert gateway.options_for(own) == NetworkOptions(connect_timeout_s=7, idle_timeout_s=8, first_token_timeout_s=900)


async def test_a_connections_own_time_out_ends_its_request() -> None:
    async with ProxyServer(("127.0.0.1", 9), hang=True) as silent:
        own = Connection(
            name="slow", kind=Kind.OPENAI_V1, url=f"http://{silent.address}/v1", auth=Auth.NONE, connect_timeout_s=0.3
        )
        gateway = Gateway(
            settings=Settings(connections=(own,)),
            keys=Keys(service="test", environ={}, find=none_found),
            factory=Factory(ScriptedProvider()),
            options=NetworkOptions(connect_timeout_s=60),
        )
        with pytest.raises(ConnectTimeout, match=r"within 0\.3 seconds"):
            await gateway.reach(own)


@asynccontextmanager
async def tinyproxy(folder: Path, *lines: str) -> AsyncGenerator[str]:
    """A real proxy on a port of its own, as Debian packages it."""
    program = shutil.which("tinyproxy")
    if program is None:
        pytest.skip("tinyproxy is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "tinyproxy.conf"
    settings.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", "Timeout 20", "MaxClients 20", *lines, "")))
    process = await asyncio.create_subprocess_exec(
        program, "-d", "-c", str(settings), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listens(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_real_proxy_asks_passes_on_and_refuses(kind: Kind, tmp_path: Path) -> None:
    authority = tls.Authority(tmp_path / "ca")
    # A name of this machine that is not loopback's own, which is never proxied
    async with FaultServer(key=KEY, tls=authority.context(socket.gethostname(), "127.0.0.1")) as server:
        here = f"https://{socket.gethostname()}:{server.port}/openai/v1"
        trusting = replace(ONCE, ca_file=str(authority.ca_file))
        async with tinyproxy(tmp_path, "BasicAuth me secret", f"ConnectPort {server.port}") as address:
            found = await ask_once(kind, here, replace(trusting, proxy=f"http://{address}"))
            assert type(found.error) is ProxyFailed
            assert found.error.message == f"The proxy {address} asks for a sign-in (407)."
            if _resolves_to_loopback():
                found = await ask_once(kind, here, replace(trusting, proxy=f"http://me:secret@{address}"))
                assert found.reason == "stop"
        async with tinyproxy(tmp_path, "ConnectPort 1") as address:
            found = await ask_once(kind, here, replace(trusting, proxy=f"http://{address}"))
            assert type(found.error) is ProxyFailed
            assert "(403)" in found.error.message


def _resolves_to_loopback() -> bool:
    """Whether the server, which listens on 127.0.0.1, is found by the machine's name."""
    try:
        return socket.gethostbyname(socket.gethostname()).startswith("127.0.0.1")
    except OSError:
        return False


def _has_ipv6() -> bool:
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


async def _listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
