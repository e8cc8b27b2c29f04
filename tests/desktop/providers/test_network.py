"""The way to the server: trust, signing in, headers, and each way of not getting there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import NoneType

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import (
    AddressInvalid,
    AnswerUnreadable,
    AuthenticationFailed,
    ConnectFailed,
    ConnectTimeout,
    KeyUnset,
    NameNotResolved,
    ProviderError,
    TlsFailed,
)
from desktop.net.connect_errors import connect_error
from desktop.net.headers import secret_values
from desktop.net.http import checked_headers
from desktop.net.options import Credential, NetworkOptions, Secret
from desktop.providers.http_provider import HttpProvider
from desktop.providers.provider import Provider
from desktop.text.phrases import english
from tests.desktop.providers.asking import KEY, QUICK, SECRET, Outcome, ask, at_once, make
from tests.servers.faults import FaultServer

KINDS = [Kind.OPENAI_V1, Kind.AZURE_INFERENCE]
ONCE = replace(QUICK, max_retries=0, first_token_timeout_s=5)


def provider_of(
    kind: Kind, url: str, options: NetworkOptions = ONCE, credential: Credential = SECRET, **fields: object
) -> Provider:
    connection = Connection(name="c", kind=kind, url=url, **fields)  # pyright: ignore[reportArgumentType]
    return HttpProvider(connection, credential, options, sleep=at_once)


async def ask_once(
    kind: Kind,
    url: str,
    options: NetworkOptions = ONCE,
    credential: Credential = SECRET,
    model: str = "plain",
    **fields: object,
) -> Outcome:
    provider = provider_of(kind, url, options, credential, **fields)
    try:
        return await ask(provider, model)
    finally:
        await provider.aclose()


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[FaultServer, str]]:
    """A server that speaks TLS, and the file of the authority that vouches for it."""
    tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")
    ca_file, context = tls.make_certificates(tmp_path)
    async with FaultServer(key=KEY, tls=context) as server:
        yield server, str(ca_file)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_ca_file_makes_it_trusted(kind: Kind, secure: tuple[FaultServer, str]) -> None:
    server, ca_file = secure
    assert (await ask_once(kind, server.origin + "/openai/v1", replace(ONCE, ca_file=ca_file))).reason == "stop"


@pytest.mark.parametrize("content", [None, "not a certificate"])
async def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    found = await ask_once(Kind.OPENAI_V1, "https://localhost:9/v1", replace(ONCE, ca_file=str(path)))
    assert type(found.error) is TlsFailed
    assert str(path) in found.error.message


@pytest.mark.parametrize("kind", KINDS)
async def test_tls_to_a_server_without_it_is_told(kind: Kind, server: FaultServer) -> None:
    found = await ask_once(kind, f"https://localhost:{server.port}/openai/v1")
    assert type(found.error) is TlsFailed
    assert "does not speak TLS" in found.error.message


@pytest.mark.parametrize("kind", KINDS)
async def test_a_port_where_nothing_listens_is_told_and_tried_again(kind: Kind) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = await ask_once(kind, f"http://127.0.0.1:{port}/openai/v1", replace(ONCE, max_retries=2))
    assert type(found.error) is ConnectFailed
    assert found.error.message == f"127.0.0.1:{port} is not reachable: nothing is listening on this port."
    assert len(found.events) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connection_that_is_never_taken_times_out(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> object:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    found = await ask_once(kind, "https://slow.example/openai/v1", replace(ONCE, connect_timeout_s=0.1, proxy="none"))
    assert type(found.error) is ConnectTimeout
    assert "slow.example" in found.error.message


@pytest.mark.parametrize("kind", KINDS)
async def test_a_name_that_is_not_known_is_told(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    options = replace(ONCE, max_retries=2, proxy="none")
    found = await ask_once(kind, "https://nobody.example/openai/v1", options)
    assert type(found.error) is NameNotResolved
    assert found.events == []


async def test_what_is_not_http_is_told() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        found = await ask_once(Kind.OPENAI_V1, f"http://127.0.0.1:{port}/v1")
    assert type(found.error) is AnswerUnreadable


ANSWER = (
    b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {"choices": [{"index": 0, '
    b'"delta": {"content": "Hello"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("hints", "kept"), [(3, True), (3_000, False)])
async def test_a_server_may_say_a_few_times_that_its_answer_is_under_way(kind: Kind, hints: int, *, kept: bool) -> None:
    async def hint(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * hints + ANSWER)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(hint, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        found = await ask_once(kind, f"http://127.0.0.1:{port}/openai/v1")
    assert (found.text, type(found.error)) == (("Hello", NoneType) if kept else ("", AnswerUnreadable))


async def test_the_environments_netrc_is_not_read(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for kind in KINDS:
        assert (await ask_once(kind, server.origin + "/openai/v1")).reason == "stop"
    assert {received.headers["authorization"] for received in server.requests} == {f"Bearer {KEY}"}


async def test_azure_sends_the_key_in_both_headers_and_openai_in_one(server: FaultServer) -> None:
    for kind in KINDS:
        await ask_once(kind, server.origin + "/openai/v1")
    openai, azure = (received.headers for received in server.requests)
    assert (openai["authorization"], openai.get("api-key")) == (f"Bearer {KEY}", None)
    assert (azure["authorization"], azure["api-key"]) == (f"Bearer {KEY}", KEY)
    for headers in (openai, azure):
        assert headers["user-agent"] == "Paragone"
        assert headers["accept-encoding"] == "identity"
        assert "cookie" not in headers


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fresh_token_signs_each_request(kind: Kind, server: FaultServer) -> None:
    server.key = ""
    tokens = iter(["token-1", "token-2"])

    async def source() -> Secret:
        return Secret(next(tokens))

    provider = provider_of(kind, server.origin + "/openai/v1", credential=source, auth=Auth.ENTRA)
    for _ in range(2):
        assert (await ask(provider, "plain")).reason == "stop"
    await provider.aclose()
    assert [received.headers["authorization"] for received in server.requests] == ["Bearer token-1", "Bearer token-2"]
    assert all("api-key" not in received.headers for received in server.requests)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_that_cannot_be_had_is_an_error_of_its_own(kind: Kind, server: FaultServer) -> None:
    async def source() -> Secret:
        raise AuthenticationFailed(english("Nobody is signed in."))

    found = await ask_once(kind, server.origin + "/openai/v1", credential=source, auth=Auth.ENTRA)
    assert found.error is not None
    assert found.error.message == "Nobody is signed in."
    assert server.requests == []


@pytest.mark.parametrize("kind", KINDS)
async def test_without_a_key_nothing_is_sent_unless_none_is_needed(kind: Kind, server: FaultServer) -> None:
    assert type((await ask_once(kind, server.origin + "/openai/v1", credential=None)).error) is KeyUnset
    assert server.requests == []
    server.key = ""
    assert (await ask_once(kind, server.origin + "/openai/v1", credential=None, auth=Auth.NONE)).reason == "stop"
    assert not {"authorization", "api-key"} & set(server.requests[0].headers)


@pytest.mark.parametrize(
    ("key", "kind"),
    [("", KeyUnset), (" ", KeyUnset), ("a\nb", AuthenticationFailed), ("schlüssel", AuthenticationFailed)],
)
async def test_what_cannot_be_a_key_is_not_sent(server: FaultServer, key: str, kind: type[ProviderError]) -> None:
    for adapter in KINDS:
        assert type((await ask_once(adapter, server.origin + "/openai/v1", credential=Secret(key))).error) is kind
    assert server.requests == []


async def test_a_key_pasted_with_spaces_around_is_sent_without(server: FaultServer) -> None:
    for kind in KINDS:
        assert (await ask_once(kind, server.origin + "/openai/v1", credential=Secret(f" {KEY}\n"))).reason == "stop"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connections_own_headers_are_sent_and_masked(kind: Kind, server: FaultServer) -> None:
    headers = {"X-Team": "blue", "X-Gateway-Key": "gateway-secret"}
    assert (await ask_once(kind, server.origin + "/openai/v1", headers=headers)).reason == "stop"
    assert server.requests[0].headers["x-team"] == "blue"
    assert server.requests[0].headers["x-gateway-key"] == "gateway-secret"
    assert "gateway-secret" in secret_values(headers)
    assert "blue" not in secret_values(headers)


@pytest.mark.parametrize("headers", [{"X": "a\r\nb"}, {"X y": "a"}, {"": "a"}, {"X": "ü"}])
def test_what_is_no_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(AddressInvalid):
        checked_headers(Connection(name="c", kind=Kind.OPENAI_V1, headers=headers), {})


def test_a_connections_header_takes_the_place_of_a_default() -> None:
    connection = Connection(name="c", kind=Kind.OPENAI_V1, headers={"connection": "keep-alive"})
    assert checked_headers(connection, {"Connection": "close"}) == {"connection": "keep-alive"}


async def test_cookies_are_not_kept(server: FaultServer) -> None:
    provider = make(server)
    for _ in range(2):
        await ask(provider, "cookie")
    await provider.aclose()
    assert all("cookie" not in received.headers for received in server.requests)


def test_an_unknown_failure_still_names_the_host() -> None:
    assert (
        connect_error(OSError(9999, "x"), "host").message
        == "host is not reachable: the connection failed (error 9999)."
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_no_dns_leads_a_key_for_this_machine_to_another(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 0))
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
    told = [elsewhere]

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        assert host == "localhost"
        return [(*each[:4], (each[4][0], port)) for each in told]

    async with FaultServer(key=KEY) as server:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = f"http://localhost:{server.port}/openai/v1"
        found = await ask_once(kind, url)
        assert type(found.error) is NameNotResolved
        told.append(here)
        assert (await ask_once(kind, url)).reason == "stop"
        assert server.requests
