"""Rejected certificates, each with its own message and hint, and the file that makes one trusted."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Kind
from desktop.errors import TlsFailed
from desktop.net.connect_errors import certificate_refused
from tests.desktop.providers.asking import KEY
from tests.desktop.providers.test_network import KINDS, ONCE, ask_once
from tests.servers.faults import FaultServer
from tests.servers.proxy import ProxyServer

tls = pytest.importorskip("tests.servers.tls", reason="needs cryptography")
UNKNOWN = (
    "The certificate for {host} was issued by an authority that this computer does not trust.",
    "set `network.ca_file`",
)


async def refused(kind: Kind, context: ssl.SSLContext, ca_file: str) -> tuple[TlsFailed, str]:
    """Return the error for a server with this certificate, which must receive no request, and its host."""
    async with FaultServer(key=KEY, tls=context) as server:
        found = await ask_once(kind, f"https://localhost:{server.port}/openai/v1", replace(ONCE, ca_file=ca_file))
        assert type(found.error) is TlsFailed
        assert server.requests == []
    return found.error, f"localhost:{server.port}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("flaw", "message", "hint"),
    [
        ("expired", "The certificate for {host} has expired.", "clock"),
        ("early", "The certificate for {host} is not valid yet.", "clock"),
        ("another", "{host} presented a certificate for another host.", "do not continue"),
        ("alone", "The certificate for {host} is self-signed.", "If this is your own server"),
    ],
)
async def test_a_bad_certificate_is_named_with_its_own_cure(
    kind: Kind, flaw: str, message: str, hint: str, tmp_path: Path
) -> None:
    authority = tls.Authority(tmp_path)
    contexts = {
        "expired": authority.context("localhost", days=-1),
        "early": authority.context("localhost", begins=1),
        "another": authority.context("elsewhere.example"),
        "alone": authority.self_signed("localhost"),
    }
    error, host = await refused(kind, contexts[flaw], str(authority.ca_file))
    assert error.message == message.format(host=host)
    assert hint in error.hint


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("with_ca", [True, False])
async def test_an_unknown_authority_is_named_with_its_own_cure(kind: Kind, with_ca: bool, tmp_path: Path) -> None:
    error, host = await refused(kind, tls.Authority(tmp_path).context("localhost", with_ca=with_ca), "")
    assert error.message == UNKNOWN[0].format(host=host)
    assert UNKNOWN[1] in error.hint


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_signed_for_itself_is_trusted_by_its_own_file(kind: Kind, tmp_path: Path) -> None:
    context = tls.Authority(tmp_path).self_signed("localhost")
    async with FaultServer(key=KEY, tls=context) as server:
        shown = tmp_path / "server.pem"
        shown.write_text(_own(tmp_path))
        found = await ask_once(kind, f"https://localhost:{server.port}/v1", replace(ONCE, ca_file=str(shown)))
        assert found.reason == "stop"


def _own(folder: Path) -> str:
    """Return the certificate from the server's file, which holds its key too."""
    text = (folder / "server-1.pem").read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_looks_into_tls_is_trusted_by_its_ca_file_alone(
    kind: Kind, server: FaultServer, tmp_path: Path
) -> None:
    company = tls.Authority(tmp_path, "Contoso Inspection CA")
    far = "https://far.example/openai/v1"
    async with ProxyServer(("127.0.0.1", server.port), inspect=company.context("far.example")) as proxy:
        options = replace(ONCE, proxy=f"http://{proxy.address}")
        found = await ask_once(kind, far, options)
        assert type(found.error) is TlsFailed
        assert found.error.message == UNKNOWN[0].format(host="far.example")
        assert UNKNOWN[1] in found.error.hint
        assert server.requests == []
        assert b"authorization" not in proxy.seen.lower()
        found = await ask_once(kind, far, replace(options, ca_file=str(company.ca_file)))
        assert found.reason == "stop"
        assert KEY.encode() in proxy.seen  # it could read it, as such proxies can


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (0x800B0101, "The certificate for {host} has expired."),
        (-67818, "The certificate for {host} has expired."),
        (0x800B010F, "{host} presented a certificate for another host."),
        (-67602, "{host} presented a certificate for another host."),
        (0x800B0109, UNKNOWN[0]),
        (-67843, UNKNOWN[0]),
        (0x800B010C, "The certificate for {host} has been revoked."),
        (12345, "The certificate for {host} was rejected: Something else."),
    ],
)
def test_the_codes_of_windows_and_macos_are_known(code: int, message: str) -> None:
    error = ssl.SSLCertVerificationError("x")
    error.verify_code, error.verify_message = code, "Something else."
    assert certificate_refused(error, "host.example").message == message.format(host="host.example")
