"""The checks of a connection: each step timed, the first failure the last, named and with its cure."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from desktop.credentials.backends import Backend
from desktop.diagnosis.check import Check
from desktop.diagnosis.connection import WITHIN_S, _spoken, checks, models_to_ask
from desktop.diagnosis.diagnosis import run
from desktop.diagnosis.way import Way, handshake_of
from desktop.domain.conversation_types import Auth, Connection, Kind, now
from desktop.embedded import bundled_model
from desktop.embedded.bundled_model import is_left_out
from desktop.errors import AddressNotFound, EngineMissing
from desktop.providers.provider import ModelInfo
from desktop.redaction.redactor import HIDDEN
from desktop.services import Services
from desktop.settings.values import EMBEDDED, Settings
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, none_found
from tests.desktop.diagnosis.conftest import KEY
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from tests.desktop.settings.test_policy import policy
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer

tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")


def lab(url: str, **fields: object) -> Connection:
    made: dict[str, object] = {"auth": Auth.KEY, "key_env": "LAB_KEY", "models": ("plain",), **fields}
    return Connection(name="lab", kind=Kind.OPENAI_V1, url=url, **made)  # pyright: ignore[reportArgumentType]


async def found(services: Services, connection: Connection, within_s: float = WITHIN_S) -> list[Check]:
    if not services.settings.policy.entries:
        services.use(Settings(connections=(connection,)))
    return [check async for check in checks(services, connection, within_s=within_s)]


def steps(all_: list[Check]) -> list[tuple[str, str]]:
    return [(check.name.removeprefix("connection lab").removeprefix(": "), check.state) for check in all_]


async def test_a_good_connection_shows_each_step_with_its_time(services: Services, tmp_path: Path) -> None:
    authority = tls.Authority(tmp_path, "Contoso Root")
    async with FaultServer(key=KEY, tls=authority.context("localhost", days=200, with_ca=True)) as server:
        services.gateway.options = replace(services.gateway.options, ca_file=str(authority.ca_file))
        all_ = await found(services, lab(f"https://localhost:{server.port}/v1"))
    assert steps(all_) == [
        ("DNS", "ok"),
        ("TCP", "ok"),
        ("TLS", "ok"),
        ("certificate", "ok"),
        ("models", "ok"),
        ("TTFT", "ok"),
        ("", "ok"),
    ]
    assert all(re.search(r"\d ms\)$", check.detail) for check in all_)
    assert "localhost, issued by Contoso Root, valid until " in all_[2].detail
    assert "Contoso Root, issued by Contoso Root, valid until " in all_[2].detail
    assert "signed in" in all_[4].detail
    assert "plain responds (" in all_[5].detail


async def test_the_chain_is_shown_where_it_is_not_trusted_and_no_key_is_sent(
    services: Services, tmp_path: Path
) -> None:
    authority = tls.Authority(tmp_path, "Inspector CA")
    async with FaultServer(key=KEY, tls=authority.context("localhost")) as server:
        all_ = await found(services, lab(f"https://localhost:{server.port}/v1"))
        assert server.requests == []
    assert steps(all_)[-2:] == [("certificate", "failed"), ("", "failed")]
    assert "issued by Inspector CA" in all_[2].detail
    assert "network.ca_file" in all_[-1].hint


@pytest.mark.parametrize("keyring", [LockedKeyring, none_found, MemoryKeyring])
async def test_no_certificate_shows_a_key_that_its_server_was_sent(
    services: Services, tmp_path: Path, keyring: Callable[[], Backend]
) -> None:
    """Also while the keyring is locked or not there, so that nobody knows what the key is."""
    authority = tls.Authority(tmp_path, KEY)
    async with FaultServer(key=KEY, tls=authority.context(KEY, days=5)) as server:
        url = f"https://localhost:{server.port}/v1"
        in_keyring = Connection(name="first", kind=Kind.OPENAI_V1, url=url, auth=Auth.KEY)
        unset = msgspec.structs.replace(lab(url), name="unset", key_env="NOT_SET")
        headed = Connection(name="headed", kind=Kind.OPENAI_V1, url=url, auth=Auth.NONE, secret_headers=("X-Key",))
        services.keys._find = keyring
        services.use(Settings(connections=(in_keyring, unset, headed, lab(url))))
        told = {check.name: f"{check.detail} {check.hint}" async for check in run(services)}
    assert [name for name, said in told.items() if KEY in said] == []
    assert f"{HIDDEN}, issued by {HIDDEN}" in told["connection lab: TLS"]
    assert "expires on" in told["connection first: TLS"]
    assert "1 certificate, TLS" in told["connection first: TLS"]


async def test_a_certificate_that_ends_soon_is_a_warning_and_an_expired_one_fails(
    services: Services, tmp_path: Path
) -> None:
    authority = tls.Authority(tmp_path)
    services.gateway.options = replace(services.gateway.options, ca_file=str(authority.ca_file))
    for days, state, last in ((5, "warning", "ok"), (-1, "ok", "failed")):
        async with FaultServer(key=KEY, tls=authority.context("localhost", days=days)) as server:
            all_ = await found(services, lab(f"https://localhost:{server.port}/v1"))
        assert (all_[2].state, all_[-1].state) == (state, last)
    assert "expired" in all_[-1].detail


async def test_names_ports_and_keys_fail_at_their_step(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    all_ = await found(services, lab("https://nobody.invalid/v1"))
    assert steps(all_) == [("DNS", "failed"), ("", "failed")]
    assert "The host nobody.invalid was not found" in all_[-1].detail
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    all_ = await found(services, lab(f"http://127.0.0.1:{port}/v1"))
    assert steps(all_) == [("DNS", "ok"), ("TCP", "failed"), ("", "failed")]
    assert all_[-1].detail == f"127.0.0.1:{port} is not reachable: nothing is listening on this port."
    assert (all_[-2].hint, bool(all_[-1].hint)) == ("", True)
    async with FaultServer(key="another") as server:
        all_ = await found(services, lab(server.url))
    assert steps(all_)[-2:] == [("sign-in", "failed"), ("", "failed")]
    assert "key" in all_[-1].hint


async def test_what_does_not_speak_tls_fails_there(services: Services) -> None:
    async with FaultServer(key=KEY) as server:
        all_ = await found(services, lab(f"https://localhost:{server.port}/v1"))
    assert steps(all_)[2:] == [("TLS", "failed"), ("", "failed")]
    assert "does not speak TLS" in all_[-1].detail


async def test_a_proxy_is_part_of_the_way(services: Services) -> None:
    options = services.gateway.options
    async with ProxyServer(("127.0.0.1", 9), sign_in="me:secret") as proxy:
        address = proxy.address
        services.gateway.options = replace(options, proxy=f"http://{proxy.address}")
        all_ = await found(services, lab("https://far.example/v1"))
        assert steps(all_) == [("DNS", "ok"), ("TCP", "ok"), ("proxy", "failed"), ("", "failed")]
        assert "requires authentication (407)" in all_[-1].detail
    all_ = await found(services, lab("https://far.example/v1"))
    assert steps(all_)[1:] == [("TCP", "failed"), ("", "failed")]
    assert all_[-1].detail == f"The proxy {address} is not reachable: nothing is listening on this port."
    services.gateway.options = replace(options, proxy="http://no-proxy.invalid:3128")
    all_ = await found(services, lab("https://far.example/v1"))
    assert all_[-1].detail == "The proxy no-proxy.invalid:3128 was not found."
    assert not any("secret" in check.detail for check in all_)


@pytest.mark.parametrize("status", ["403", "²", "99999", ""])
async def test_whatever_a_proxy_refuses_with_is_told(services: Services, status: str) -> None:
    async with ProxyServer(("127.0.0.1", 9), refuse=f"{status} ²") as proxy:
        services.gateway.options = replace(services.gateway.options, proxy=f"http://{proxy.address}")
        all_ = await found(services, lab("https://far.example/v1"))
    assert steps(all_)[2:] == [("proxy", "failed"), ("", "failed")]


@pytest.mark.parametrize("until", ["Xyz 13 25:61:61 0000 GMT", "Jan  1 00:00:00 9999999 GMT", "\0"])
def test_a_certificate_whose_end_is_no_date_is_shown_without(until: str) -> None:
    certificate = SimpleNamespace(get_info=lambda: {"notAfter": until, "subject": ((("commonName", "host"),),)})
    connection = SimpleNamespace(_sslobj=SimpleNamespace(get_unverified_chain=lambda: [certificate]), version=str)
    (shown,) = handshake_of(cast("Any", connection)).chain
    assert (shown.subject, shown.until) == ("host", None)


async def test_a_proxy_that_looks_into_tls_shows_its_own_authority(services: Services, tmp_path: Path) -> None:
    company = tls.Authority(tmp_path, "Contoso Inspection CA")
    looking = company.context("far.example")
    async with FaultServer(key=KEY) as server, ProxyServer(("127.0.0.1", server.port), inspect=looking) as proxy:
        options = services.gateway.options
        services.gateway.options = replace(options, proxy=f"http://{proxy.address}", ca_file=str(company.ca_file))
        all_ = await found(services, lab("https://far.example/v1"))
    assert all_[-1].state == "ok", all_
    assert (
        "far.example, issued by Contoso Inspection CA"
        in next(each for each in all_ if each.name.endswith("TLS")).detail
    )


async def test_a_proxys_password_goes_over_tls_where_its_address_says_so(services: Services, tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        services.gateway.options = replace(services.gateway.options, proxy=f"https://me:secret@127.0.0.1:{port}")
        all_ = await found(services, lab("https://far.example/v1"))
    assert steps(all_)[-2:] == [("proxy", "failed"), ("", "failed")]
    assert heard == [b"\x16"]  # a handshake


async def test_a_proxy_spoken_to_in_tls_is_part_of_the_way_where_it_is_trusted(
    services: Services, tmp_path: Path
) -> None:
    proxys = tls.Authority(tmp_path / "proxys")
    async with (
        FaultServer(key=KEY) as server,
        ProxyServer(
            ("127.0.0.1", server.port), sign_in="me:secret", tls=proxys.context("localhost", "127.0.0.1")
        ) as proxy,
    ):
        services.gateway.options = replace(services.gateway.options, proxy=f"https://me:secret@{proxy.address}")
        all_ = await found(services, lab("https://far.example/v1"))
        assert steps(all_)[-2:] == [("proxy", "failed"), ("", "failed")]
        assert f"The certificate for {proxy.address} was issued by an authority" in all_[-1].detail
        assert proxy.connects == []
        services.gateway.options = replace(services.gateway.options, ca_file=str(proxys.ca_file))
        all_ = await found(services, lab("https://far.example/v1"))
        assert ("proxy", "ok") in steps(all_)
        assert proxy.heads[0]["proxy-authorization"]


async def test_a_model_that_nobody_chose_and_that_is_refused_is_only_a_warning(services: Services) -> None:
    async with FaultServer(key=KEY, models={"data": [{"id": "no-such"}]}) as server:
        all_ = await found(services, lab(server.url, models=("no-such",)))
        assert steps(all_)[-2:] == [("TTFT", "failed"), ("", "failed")]
        all_ = await found(services, lab(server.url, models=()))
    assert steps(all_)[-2:] == [("TTFT", "warning"), ("", "ok")]
    assert all_[-2].hint


async def test_a_server_that_hangs_costs_its_time_and_no_more(services: Services) -> None:
    async with ProxyServer(("127.0.0.1", 9), hang=True) as silent:
        all_ = await found(services, lab(f"http://{silent.address}/v1"), within_s=0.5)
    assert all_[-1].state == "failed"
    assert "within 0.5 seconds" in all_[-1].detail


async def test_what_the_policy_forbids_is_told_with_its_source(services: Services) -> None:
    services.use(Settings(connections=(lab("https://x.example/v1"),), policy=policy(AllowedHosts=[])))
    all_ = await found(services, lab("https://x.example/v1"))
    assert steps(all_) == [("", "failed")]
    assert "AllowedHosts (managed.json)" in all_[0].hint


@pytest.mark.parametrize(
    ("default", "typed", "asked"),
    [
        ("lab/mine", ("typed",), ("mine", True)),
        ("other/mine", ("typed",), ("typed", True)),
        ("no reference", (), ("gpt-4o", False)),
        ("other/mine", (), ("gpt-4o", False)),
    ],
)
async def test_the_modelmodels_to_ask_is_the_one_that_somebody_chose_else_a_known_one(
    services: Services, default: str, typed: tuple[str, ...], asked: tuple[str, bool]
) -> None:
    connection = lab("http://127.0.0.1:9/v1", models=typed)
    services.use(Settings(MappingProxyType({"chat.default_model": default}), (connection,)))
    listed = [ModelInfo(name="gpt-5", suggested=True), ModelInfo(name="unheard-of"), ModelInfo(name="gpt-4o")]
    assert [(info.name, chosen) for info, chosen in models_to_ask(services, connection, listed)] == [asked]


async def test_a_server_that_lists_nothing_is_well_but_for_a_modelmodels_to_ask(services: Services) -> None:
    services.gateway = gateway(ScriptedProvider(), Settings(connections=(LOOPBACK,)))
    checked = [check async for check in _spoken(services, LOOPBACK)]
    assert [(check.name, check.state) for check in checked] == [
        ("connection lab: models", "ok"),
        ("connection lab: TTFT", "warning"),
    ]
    assert "Specify one of this connection's models" in checked[-1].hint


async def test_a_server_without_a_list_is_well_and_a_typed_model_is_asked(services: Services) -> None:
    async def refuse() -> None:
        raise AddressNotFound(english("No list."))

    for typed, last in (((), "warning"), (("typed",), "ok")):
        provider = ScriptedProvider([said("One.")])
        provider.models = refuse  # pyright: ignore[reportAttributeAccessIssue]
        connection = msgspec.structs.replace(LOOPBACK, models=typed)
        services.gateway = gateway(provider, Settings(connections=(connection,)))
        checked = [check async for check in _spoken(services, connection)]
        assert steps(checked) == [("models", "ok"), ("TTFT", last)]
        assert "does not list its models" in checked[0].detail


async def test_no_check_tells_the_key_that_an_address_carries(services: Services) -> None:
    async with FaultServer(key=KEY) as server:
        connection = lab(f"{server.url}?subscription-key=query-0123456789")
        services.use(Settings(connections=(connection,)))
        all_ = [check async for check in run(services)]
    told = next(check for check in all_ if check.name == "connection lab")
    assert (told.state, "?subscription-key=[secure] responds" in told.detail) == ("ok", True), told
    assert not any("0123456789" in f"{check.detail} {check.hint}" for check in all_)


async def test_nor_does_one_of_a_server_that_hangs(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = checks.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "within_s", 0.2)
    async with ProxyServer(("127.0.0.1", 9), hang=True) as silent:
        services.use(Settings(connections=(lab(f"http://{silent.address}/v1?subscription-key=query-0123456789"),)))
        all_ = [check async for check in run(services)]
    told = next(check for check in all_ if check.name == "connection lab")
    assert "?subscription-key=[secure] within 0.2 seconds" in told.detail, told
    assert not any("0123456789" in f"{check.detail} {check.hint}" for check in all_)


async def test_of_two_loopback_addresses_the_check_uses_the_one_that_requests_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_up(_: str, port: int, *__: object, **___: object) -> list[object]:
        return [(0, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("::1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert await Way._nearest("localhost", 11434) == "127.0.0.1"


async def test_a_chosen_model_that_retires_soon_is_a_warning_with_the_command_that_compares_its_successor(
    services: Services,
) -> None:
    day = (now() + timedelta(days=9)).date()
    listed = [{"id": "plain", "shutdown_date": f"{day}"}, {"id": "other", "shutdown_date": f"{day}"}]
    async with FaultServer(key=KEY, models={"data": listed}) as server:
        all_ = await found(services, lab(server.url))
    (warning,) = (check for check in all_ if check.state == "warning" and "retires" in check.detail)
    assert warning.detail == f"retires in 9 days, on {day}, reported by the server"
    assert warning.hint.endswith("paragone successor lab/MODEL --of lab/plain")
    assert all_[-1].state == "ok"


@pytest.mark.parametrize(("left_out", "state"), [(True, "ok"), (False, "failed")])
async def test_an_engine_that_was_left_out_is_no_failure_and_one_that_is_damaged_is(
    services: Services, monkeypatch: pytest.MonkeyPatch, left_out: bool, state: str
) -> None:
    async def missing(_name: str) -> list[ModelInfo]:
        raise EngineMissing(english("Not here."))

    monkeypatch.setattr(services.gateway, "models", missing)

    def looked_for(_bundle: Path) -> bool:
        return left_out

    monkeypatch.setattr("desktop.diagnosis.connection.is_left_out", looked_for)
    (check,) = [check async for check in checks(services, EMBEDDED)]
    assert check.state == state


def test_a_model_that_is_nowhere_was_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_model, "_DISTRIBUTION", "no-such-package")
    assert is_left_out(tmp_path)
    (tmp_path / bundled_model.MODEL_FILE).touch()
    assert not is_left_out(tmp_path)
