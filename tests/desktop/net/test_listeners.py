"""Of several addresses of this machine that one name has, those of one's own server are used."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import aiohttp
import pytest

from desktop.errors import ConnectFailed
from desktop.net import listeners as module
from desktop.net.connect_errors import connect_error
from desktop.net.connector import BoundedConnector, BoundedResolver
from desktop.net.listeners import Listener, SeveralOwners, listeners, trusted, trusted_here

PORT, OWN, OTHER, SYSTEM = 11434, 1000, 1001, 33
BOTH = ("::1", "127.0.0.1")
V4, V6 = "0100007F", "00000000000000000000000001000000"
ALL4, ALL6 = "00000000", "0" * 32
MAPPED = "0000000000000000FFFF00000100007F"

little = pytest.mark.skipif(sys.byteorder != "little", reason="the rows are written as little machines do")


def row(address: str, uid: int, state: str = "0A", port: int = PORT) -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5} 0 1 1 0"


@little
@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ((), ["127.0.0.1"]),
        ((row(V4, OWN), row(V6, OTHER)), ["127.0.0.1"]),
        ((row(V6, OWN), row(V4, OTHER)), ["::1"]),
        ((row(V4, SYSTEM), row(V6, OTHER)), ["127.0.0.1"]),
        ((row(V4, SYSTEM), row(V6, OWN)), ["::1"]),
        ((row(V4, SYSTEM), row(V6, 0)), ["::1"]),
        ((row(V4, 0), row(V6, OWN)), ["::1"]),
        ((row(V4, OWN), row(V6, OWN)), ["127.0.0.1", "::1"]),
        ((row(V6, OWN),), ["::1"]),
        ((row(V4, OTHER),), ["127.0.0.1"]),
        ((row(V6, OTHER),), ["::1"]),
        ((row(V4, OTHER), row(V6, OTHER)), ["127.0.0.1", "::1"]),
        ((row(ALL4, OWN), row(V6, OTHER)), ["127.0.0.1"]),
        ((row(ALL6, OWN),), ["127.0.0.1", "::1"]),
        ((row(ALL6, OWN), row(V6, OTHER)), ["127.0.0.1"]),
        ((row(MAPPED, OWN), row(V6, OTHER)), ["127.0.0.1"]),
        ((row(ALL6, OTHER), row(V4, OWN)), ["127.0.0.1"]),
        ((row(V4, OWN, "01"), row(V6, OTHER)), ["::1"]),
        ((row(V4, OWN, port=1), row(V6, OTHER)), ["::1"]),
        ((row(V4, 65534), row(V6, OWN)), ["::1"]),
    ],
)
def test_where_ones_own_or_the_systems_server_listens_no_other_address_is_used(
    rows: tuple[str, ...], kept: list[str]
) -> None:
    assert trusted(BOTH, PORT, listeners("\n".join(("  sl  local_address", *rows))), OWN) == kept


@little
@pytest.mark.parametrize(("one", "other"), [(OTHER, 1002), (SYSTEM, 34), (OTHER, 65534)])
def test_of_two_strangers_none_is_chosen(one: int, other: int) -> None:
    with pytest.raises(SeveralOwners):
        trusted(BOTH, PORT, listeners("\n".join((row(V4, one), row(V6, other)))), OWN)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_one_listener_among_very_many_sockets_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "\n".join(("  sl", *(row(V6, OTHER, port=1) for _ in range(20_000)), row(V4, os.getuid()), ""))
    (tmp_path / "tcp").write_text(table)

    def place(_: str, name: str) -> Path:
        return tmp_path / name

    monkeypatch.setattr(module, "Path", place)
    assert trusted_here(BOTH, PORT) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "table", ["", "\0", "  sl", row("zz", 0), row("0100", 0), row(V4, 0).replace(":2CAA", ":xyz"), "a " * 20, "x" * 99]
)
def test_what_the_kernel_never_writes_is_no_listener(table: str) -> None:
    assert listeners(table) == []


def test_other_hosts_stay_in_their_order() -> None:
    for hosts in (["192.0.2.7", "192.0.2.1"], ["::1", "192.0.2.1"], ["::1"], []):
        assert trusted_here(hosts, PORT) == hosts


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_ones_own_listener_is_seen() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        found = module._at(port, "0A")
        assert found is not None
        assert [(str(each.address), each.uid) for each in found] == [("127.0.0.1", os.getuid())]
        assert trusted_here(BOTH, port) == ["127.0.0.1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
async def test_a_name_with_two_addresses_leads_to_ones_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(_: str, port: int, *__: object, **___: object) -> list[object]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        resolver = BoundedResolver(5)
        found = await resolver.resolve("localhost", port, socket.AF_UNSPEC)
        assert [each["host"] for each in found] == ["127.0.0.1"]

        def strangers(_: int, __: str) -> list[Listener]:
            return [Listener(ipaddress.ip_address(host), port, 70_000 + at) for at, host in enumerate(BOTH)]

        monkeypatch.setattr(module, "_at", strangers)
        with pytest.raises(OSError, match="several users"):
            await resolver.resolve("localhost", port, socket.AF_UNSPEC)
        await resolver.close()
        async with aiohttp.ClientSession(connector=BoundedConnector(None, 5)) as session:
            with pytest.raises(aiohttp.ClientError) as refused:
                await session.get(f"http://localhost:{port}/")
        error = connect_error(refused.value, "localhost")
        assert isinstance(error, ConnectFailed)
        assert "several other users are listening" in error.message


_PORT_RANGE = 51
"""IP_LOCAL_PORT_RANGE, which this Python has no name for: Linux 6.3."""


def asking(family: socket.AddressFamily, address: tuple[str, int], uid: int) -> int:
    """A process of a user that has a connection until the other end closes it; its id."""
    if child := os.fork():
        return child
    try:
        os.setuid(uid)
        with socket.socket(family) as connection:
            connection.connect(address)
            connection.recv(1)
    finally:
        os._exit(0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize(("somebody", "mine"), [(None, True), (54_321, False)])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_connects_from_this_machine_is_known(host: str, somebody: int | None, mine: bool) -> None:
    if somebody and os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.create_server((host, 0), family=family)) as server:
        server.settimeout(10)
        child = asking(family, (host, server.getsockname()[1]), os.getuid() if somebody is None else somebody)
        connection, peer = server.accept()
        with connection:
            assert module.is_mine(peer[:2], connection.getsockname()[:2]) is mine
        os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_connection_that_is_closed_by_now_is_nobodys() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        with socket.create_connection(server.getsockname()) as gone:
            gone.shutdown(socket.SHUT_RDWR)  # at once, whoever else holds it for a moment
        connection, peer = server.accept()
        with connection:
            assert not module.is_mine(peer, connection.getsockname())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_another_connection_from_the_same_port_does_not_vouch_for_one_that_was_shut() -> None:
    """Somebody else's, from the port of one of ours to another place, which says at once that it has said all."""
    at = ("127.0.0.1", 0)
    with ExitStack() as stack:
        landing, elsewhere = (stack.enter_context(closing(socket.create_server(at))) for _ in range(2))
        ours = stack.enter_context(socket.create_connection(elsewhere.getsockname()))
        theirs = stack.enter_context(socket.socket())
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        theirs.setsockopt(socket.IPPROTO_IP, _PORT_RANGE, struct.pack("I", ours.getsockname()[1] * 0x10001))
        try:
            theirs.connect(landing.getsockname())
        except OSError:
            pytest.skip("this kernel shares no port so")
        theirs.shutdown(socket.SHUT_WR)
        connection, peer = landing.accept()
        stack.enter_context(connection)
        assert peer == ours.getsockname()
        assert not module.is_mine(peer, connection.getsockname())
