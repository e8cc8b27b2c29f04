"""Corporate proxies: authentication, refusals, hangs, crashes, TLS to the proxy; tinyproxy and squid too."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from desktop.domain.conversation_types import Kind
from desktop.errors import ConnectFailed, ConnectTimeout, Interrupted, ProxyFailed, TlsFailed
from desktop.net.options import NetworkOptions
from desktop.net.proxies import offered, parse_proxy, proxy_secrets
from desktop.redaction.redactor import hide
from tests.desktop.providers.asking import KEY
from tests.desktop.providers.test_network import KINDS, ONCE, ask_once
from tests.desktop.providers.test_ways import has_ipv6
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer
from tests.servers.real_proxies import squid, squid_helper, tinyproxy

tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")
FAR = "https://far.example/openai/v1"
NOWHERE = ("127.0.0.1", 9)
USERS = "me:$apr1$0123abcd$ZhxDsRyyreDGtwnr3O.BU1\n"  # s@cret, as htpasswd writes it
Far = tuple[FaultServer, NetworkOptions]


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Far]:
    """Server that is far.example behind a proxy, and options that trust it."""
    authority = tls.Authority(tmp_path / "ca")
    async with FaultServer(key=KEY, tls=authority.context("far.example")) as server:
        yield server, replace(ONCE, ca_file=str(authority.ca_file))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_asks_for_a_sign_in_is_named_with_its_cure(kind: Kind) -> None:
    async with ProxyServer(NOWHERE, sign_in="me:secret", challenges=['Basic realm="Contoso"']) as proxy:
        found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://{proxy.address}", max_retries=2))
        assert type(found.error) is ProxyFailed
        assert found.error.message == f"The proxy {proxy.address} requires authentication (407)."
        assert "http://NAME:PASSWORD@HOST:PORT" in found.error.hint
        found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://me:wrong@{proxy.address}", max_retries=2))
        assert type(found.error) is ProxyFailed
        assert found.error.message == f"The proxy {proxy.address} rejected the user name or password (407)."
        assert "%40" in found.error.hint
        assert proxy.connects == ["far.example:443"] * 2  # neither is tried again


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sign_in_goes_to_the_proxy_and_a_key_to_the_server(kind: Kind, far: Far) -> None:
    server, trusting = far
    async with ProxyServer(("127.0.0.1", server.port), sign_in="me:p@ss") as proxy:
        options = replace(trusting, proxy=f"me:p%40ss@{proxy.address}")
        found = await ask_once(kind, FAR, options, headers={"X-Gateway-Key": "gateway-secret"})
        assert found.reason == "stop"
        (told,) = proxy.heads
        assert told["proxy-authorization"].startswith("Basic ")
        assert not {"authorization", "api-key", "x-gateway-key"} & told.keys()
        assert server.requests[0].headers["x-gateway-key"] == "gateway-secret"
        assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_takes_no_basic_sign_in_is_named_with_what_it_takes(kind: Kind) -> None:
    async with ProxyServer(NOWHERE, challenges=["Negotiate", "NTLM"]) as proxy:
        for sign_in in ("", "me:secret@"):
            found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://{sign_in}{proxy.address}"))
            assert type(found.error) is ProxyFailed
            assert (
                found.error.message == f"The proxy {proxy.address} only accepts Negotiate, NTLM authentication (407)."
            )
            assert "only supports Basic" in found.error.hint


@pytest.mark.parametrize(
    ("challenges", "schemes"),
    [
        (["Negotiate", "NTLM"], ("Negotiate", "NTLM")),
        (['Basic realm="a, NTLM", charset="UTF-8", Negotiate, NTLM abcd=='], ("Basic", "Negotiate", "NTLM")),
        (['Digest realm="x", nonce="y", qop="auth"', "basic realm=x"], ("Digest", "basic")),
        (["Negotiate", "negotiate"], ("negotiate",)),
        (['realm = "x"', "", ", ,", '"'], ()),
    ],
)
def test_the_schemes_of_a_challenge_are_read(challenges: list[str], schemes: tuple[str, ...]) -> None:
    assert offered(challenges) == schemes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("status", "hint"), [(403, "to allow far.example"), (502, "cannot reach far.example")])
async def test_a_proxy_that_refuses_is_named_with_its_cure(kind: Kind, status: int, hint: str) -> None:
    async with ProxyServer(NOWHERE, refuse=str(status)) as proxy:
        found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://{proxy.address}"))
        assert type(found.error) is ProxyFailed
        said = f"The proxy {proxy.address} does not forward connections to far.example ({status})."
        assert found.error.message == said
        assert hint in found.error.hint


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_is_not_there_is_named(kind: Kind) -> None:
    async with ProxyServer(NOWHERE) as proxy:
        address = proxy.address
    found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://{address}"))
    assert type(found.error) is ProxyFailed
    assert found.error.message == f"The proxy {address} is not reachable: nothing is listening on this port."


@pytest.mark.parametrize("host", ["proxy..corp", ".", f"{'a' * 64}.corp"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_whose_name_cannot_be_is_named(kind: Kind, host: str) -> None:
    found = await ask_once(kind, "https://far.example/v1", replace(ONCE, proxy=f"http://{host}:8080"))
    assert isinstance(found.error, ConnectFailed | ProxyFailed)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_hangs_costs_the_time_for_connecting_and_is_named(kind: Kind) -> None:
    async with ProxyServer(NOWHERE, hang=True) as proxy:
        options = replace(ONCE, proxy=f"http://{proxy.address}", connect_timeout_s=0.5, first_token_timeout_s=30)
        found = await ask_once(kind, FAR, options)
        assert type(found.error) is ConnectTimeout
        assert found.error.message == f"The proxy {proxy.address} did not connect to far.example in time."
    assert found.events == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_goes_away_is_named(kind: Kind) -> None:
    async with ProxyServer(NOWHERE, hang_up=True) as proxy:
        found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://{proxy.address}"))
        assert type(found.error) is ConnectFailed
        assert (
            found.error.message
            == f"The connection through the proxy {proxy.address} was closed before far.example responded."
        )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_came_before_a_proxy_died_is_kept(kind: Kind, far: Far) -> None:
    server, trusting = far
    async with ProxyServer(("127.0.0.1", server.port), dies_after=6_000) as proxy:
        found = await ask_once(kind, FAR, replace(trusting, proxy=f"http://{proxy.address}"), model="slow:300:300")
    assert type(found.error) is Interrupted
    assert found.error.message == "The connection to far.example was lost in the middle of the response."
    assert found.text


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_on_ipv6_passes_on_and_is_named(kind: Kind, far: Far) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    server, trusting = far
    async with ProxyServer(("127.0.0.1", server.port), host="::1") as proxy:
        assert proxy.address.startswith("[::1]:")
        assert (await ask_once(kind, FAR, replace(trusting, proxy=f"http://{proxy.address}"))).reason == "stop"
    found = await ask_once(kind, FAR, replace(trusting, proxy="http://me:secret@[::1]:9"))
    assert type(found.error) is ProxyFailed
    assert found.error.message == "The proxy [::1]:9 is not reachable: nothing is listening on this port."


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_spoken_to_in_tls_passes_on_and_its_certificate_counts(
    kind: Kind, far: Far, tmp_path: Path
) -> None:
    server, trusting = far
    authority = tls.Authority(tmp_path / "proxys")
    async with ProxyServer(("127.0.0.1", server.port), tls=authority.context("localhost", "127.0.0.1")) as proxy:
        options = replace(trusting, proxy=f"https://{proxy.address}")
        found = await ask_once(kind, FAR, options)
        assert type(found.error) is TlsFailed
        assert found.error.message.startswith(f"The certificate for {proxy.address} was issued by an authority")
        both = tmp_path / "both.pem"
        both.write_bytes((tmp_path / "ca" / "ca.pem").read_bytes() + authority.ca_file.read_bytes())
        assert (await ask_once(kind, FAR, replace(options, ca_file=str(both)))).reason == "stop"


@pytest.mark.parametrize("kind", KINDS)
async def test_loopback_is_never_proxied(kind: Kind, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ProxyServer(NOWHERE) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        for options in (ONCE, replace(ONCE, proxy=f"http://{proxy.address}")):
            assert (await ask_once(kind, server.origin + "/openai/v1", options)).reason == "stop"
        assert proxy.connects == []


@pytest.mark.parametrize("text", ["socks5://h:1", "http://", "http://h:port", "http://[", ""])
def test_what_is_no_http_proxy_is_refused(text: str) -> None:
    with pytest.raises(ProxyFailed):
        parse_proxy(text)


def test_a_sign_in_of_a_variable_in_another_encoding_is_sent_as_it_stands_there() -> None:
    made = parse_proxy(os.fsdecode(b"http://u\xe4:p\xfc@127.0.0.1:9")).headers["Proxy-Authorization"]
    assert base64.b64decode(made.removeprefix("Basic ")) == b"u\xe4:p\xfc"
    assert parse_proxy("http://\ud800:x@127.0.0.1:9").headers


def test_a_proxys_sign_in_is_not_shown() -> None:
    found = parse_proxy("u:p%40@proxy.example:3128")
    assert (found.url, found.host) == ("http://proxy.example:3128", "proxy.example:3128")
    assert found.headers == {"Proxy-Authorization": "Basic dTpwQA=="}
    assert "dTpwQA" not in repr(found)


@pytest.mark.parametrize(
    "proxy", ["me:p%40ssw@h:1", "http://me:p%40ssw@h:1", "http://p%40ssw@h:1", "me:p/x:p%40ssw@h", "socks5://p%40ssw@h"]
)
def test_a_proxys_password_is_secret_in_each_form_of_its_address(proxy: str) -> None:
    assert "ssw" not in hide(f"It was {proxy}, {unquote(proxy)}.", proxy_secrets(proxy))
    assert proxy_secrets("http://h:1") == proxy_secrets("none") == proxy_secrets("") == ()


@pytest.fixture
async def near(tmp_path: Path) -> AsyncIterator[Far]:
    """Server under this machine's host name, which real proxies can resolve and which does not count as loopback."""
    authority = tls.Authority(tmp_path / "ca")
    name = socket.gethostname()
    if not _resolves_to_loopback(name):
        pytest.skip("this machine's name does not lead to 127.0.0.1")
    async with FaultServer(key=KEY, tls=authority.context(name)) as server:
        yield server, replace(ONCE, ca_file=str(authority.ca_file))


@pytest.mark.parametrize("kind", KINDS)
async def test_tinyproxy_asks_passes_on_and_refuses(kind: Kind, near: Far, tmp_path: Path) -> None:
    server, trusting = near
    here = f"https://{socket.gethostname()}:{server.port}/openai/v1"
    async with tinyproxy(tmp_path, "BasicAuth me secret", f"ConnectPort {server.port}") as address:
        found = await ask_once(kind, here, replace(trusting, proxy=f"http://{address}"))
        assert found.error is not None
        assert found.error.message == f"The proxy {address} requires authentication (407)."
        found = await ask_once(kind, here, replace(trusting, proxy=f"http://me:wrong@{address}"))
        assert type(found.error) is ProxyFailed
        assert (await ask_once(kind, here, replace(trusting, proxy=f"http://me:secret@{address}"))).reason == "stop"
    async with tinyproxy(tmp_path, "ConnectPort 1") as address:
        found = await ask_once(kind, here, replace(trusting, proxy=f"http://{address}"))
        assert type(found.error) is ProxyFailed
        assert found.error.status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_squid_signs_in_passes_on_and_refuses(host: str, near: Far) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    server, trusting = near
    here = f"https://{socket.gethostname()}:{server.port}/openai/v1"
    rules = (
        f"auth_param basic program {squid_helper('basic_ncsa_auth')} {{users}}",
        "auth_param basic realm Contoso",
        "acl known proxy_auth REQUIRED",
        f"acl ours port {server.port}",
        "http_access deny !ours",
        "http_access allow known",
        "http_access deny all",
    )
    async with squid(*rules, host=host, users=USERS) as address:
        for kind in KINDS:
            found = await ask_once(kind, here, replace(trusting, proxy=f"http://{address}"))
            assert found.error is not None
            assert found.error.message == f"The proxy {address} requires authentication (407)."
            found = await ask_once(kind, here, replace(trusting, proxy=f"http://me:wrong@{address}"))
            assert found.error is not None
            assert found.error.message == f"The proxy {address} rejected the user name or password (407)."
            found = await ask_once(kind, here, replace(trusting, proxy=f"http://me:s%40cret@{address}"))
            assert found.reason == "stop"
            found = await ask_once(kind, FAR, replace(trusting, proxy=f"http://me:s%40cret@{address}"))
            assert found.error is not None
            assert found.error.message == f"The proxy {address} does not forward connections to far.example (403)."


async def test_squid_with_another_sign_in_than_basic_is_named_with_it() -> None:
    ntlm = squid_helper("ntlm_fake_auth")
    rules = (
        f"auth_param negotiate program {squid_helper('negotiate_wrapper_auth')} --ntlm {ntlm} --kerberos {ntlm}",
        f"auth_param ntlm program {ntlm}",
        "acl known proxy_auth REQUIRED",
        "http_access allow known",
        "http_access deny all",
    )
    async with squid(*rules) as address:
        for kind in KINDS:
            found = await ask_once(kind, FAR, replace(ONCE, proxy=f"http://me:secret@{address}"))
            assert found.error is not None
            assert found.error.message == f"The proxy {address} only accepts Negotiate, NTLM authentication (407)."


def _resolves_to_loopback(name: str) -> bool:
    try:
        return socket.gethostbyname(name).startswith("127.0.0.1")
    except OSError:
        return False


def test_a_proxys_sign_in_is_secret_as_it_is_sent() -> None:
    sent = parse_proxy("http://me:p%40ssw@h:1").headers["Proxy-Authorization"]
    assert hide(f"It was {sent}.", proxy_secrets("http://me:p%40ssw@h:1")) == "It was Basic [secure]."
