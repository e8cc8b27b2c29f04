"""A server is reachable if it responds at all; no key is sent to it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import ConnectFailed, ConnectTimeout, TlsFailed
from desktop.net.options import NetworkOptions
from desktop.net.reach import reach
from tests.servers.faults import FaultServer


def at(url: str) -> Connection:
    return Connection(name="lab", kind=Kind.OPENAI_V1, url=url)


async def test_any_answer_will_do_and_no_key_is_sent() -> None:
    async with FaultServer(key="k") as server:
        reached = await reach(at(server.url), NetworkOptions(), clock=iter((1.0, 1.5)).__next__)
    assert (reached.took_ms, reached.tls) == (500, False)
    assert [(request.method, "authorization" in request.headers) for request in server.requests] == [("GET", False)]


async def test_a_certificate_is_trusted_or_said_not_to_be(tmp_path: Path) -> None:
    tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")
    ca_file, context = tls.make_certificates(tmp_path)
    async with FaultServer(tls=context) as server:
        assert (await reach(at(server.url), NetworkOptions(ca_file=str(ca_file)))).tls
        with pytest.raises(TlsFailed):
            await reach(at(server.url), NetworkOptions())


async def test_nobody_there_is_said() -> None:
    async with FaultServer() as server:
        pass
    with pytest.raises(ConnectFailed):
        await reach(at(server.url), NetworkOptions())


async def test_a_server_that_is_silent_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ConnectTimeout):
            await reach(at(url), NetworkOptions(connect_timeout_s=0.1))
