"""Route to a server: host name, connection and certificates. Each step is timed; the first failure is identified."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from msgspec import Struct

from desktop.errors import ConnectFailed, ConnectTimeout, NameNotResolved, ParagoneError, ProxyFailed, TlsFailed
from desktop.net.addresses import Address
from desktop.net.connect_errors import connect_error, reason
from desktop.net.http import tls_context
from desktop.net.options import NetworkOptions
from desktop.net.origin import is_loopback, split
from desktop.net.proxies import Proxy, not_passed_on, proxy_for, sign_in_wanted
from desktop.text.phrases import Phrase, counted, phrase


class CertificateChain(Struct, frozen=True):
    """One certificate: subject, issuer and expiry, which is None if unknown."""

    subject: str
    issuer: str
    until: datetime | None


class Handshake(Struct, frozen=True):
    """Result of a TLS handshake: version and certificates, from the server's own to the last one sent."""

    version: str
    chain: tuple[CertificateChain, ...]


def curious_context() -> ssl.SSLContext:
    """Return a context that trusts every server, only for inspecting certificates. Never send anything over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def handshake_of(connection: ssl.SSLObject) -> Handshake:
    """Return the result of a connection's handshake."""
    inner = getattr(connection, "_sslobj", None)  # before Python 3.13 the only way to read unverified certificates
    certificates = cast("Iterable[Any]", getattr(inner, "get_unverified_chain", tuple)() or ())
    return Handshake(connection.version() or "", tuple(_shown(each.get_info()) for each in certificates))


def _shown(info: dict[str, Any]) -> CertificateChain:
    until = None
    if info.get("notAfter"):
        with contextlib.suppress(ValueError, OverflowError, OSError):  # invalid dates such as month 13
            until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(info["notAfter"])), UTC)
    return CertificateChain(_name(info.get("subject", ())), _name(info.get("issuer", ())), until)


def _name(parts: Iterable[Iterable[tuple[str, str]]]) -> str:
    """Return the common name, or else the organization. The text is untrusted and only for plain-text use."""
    held = {key: value for part in parts for key, value in part}
    name = held.get("commonName") or held.get("organizationName") or "?"
    return "".join(char for char in name if char.isprintable())[:100]


T = TypeVar("T")

_SOON = timedelta(days=21)
"""Remaining lifetime of a certificate below which a warning is shown."""


_STATUS = re.compile("[1-5][0-9]{2}")


class RouteStep(Struct, frozen=True):
    """One step of the route: its name, result, duration, and error or doubt."""

    name: str
    detail: str
    took_ms: float
    error: ParagoneError | None = None
    doubt: str = ""


class Way:
    """Route to one address. Iterate over `steps`; if a step fails, it is the last one.

    Args:
        quoting: Whether to include names from certificates.
    """

    def __init__(
        self,
        address: Address,
        options: NetworkOptions,
        *,
        quoting: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = split(address.url)
        self._host = parts.host
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._address = address
        self._options = options
        self._quoting = quoting
        self._clock = clock
        self._proxy: Proxy | None = None
        self._failed = False

    async def steps(self) -> AsyncGenerator[RouteStep, None]:
        """Yield the steps for host name, connection and certificates."""
        try:
            self._proxy = await proxy_for(self._address.url, self._options)
        except ParagoneError as error:
            yield RouteStep("proxy", error.message, 0.0, error)
            return
        host, port = self._first
        step = await self._timed("DNS", lambda: self._resolve(host, port))
        yield step
        if step.error is None:
            async with contextlib.AsyncExitStack() as stack:
                async for step in self._connected(host, port, stack):
                    yield step

    @property
    def _first(self) -> tuple[str, int]:
        """Host and port of the first connection, which is the proxy's if there is a proxy."""
        if self._proxy is None:
            return self._host, self._port
        parts = urlsplit(self._proxy.url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def _in_tls(self) -> bool:
        """Whether the connection to the proxy itself uses TLS."""
        return self._proxy is not None and self._proxy.url.startswith("https:")

    async def _connected(
        self, host: str, port: int, stack: contextlib.AsyncExitStack
    ) -> AsyncGenerator[RouteStep, None]:
        streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

        async def connect() -> str:
            """Open a connection that lasts as long as the stack. Returns a sentence with the address reached."""
            streams.append(await asyncio.open_connection(await self._nearest(host, port), port))
            stack.callback(_abort, streams[0][1])
            return phrase("connected to {address}", address=_peer(streams[0][1]))

        step = await self._timed("TCP", connect)
        yield step
        if step.error is None and self._proxy is not None and self._secure:
            step = await self._timed("proxy", lambda: self._through(*streams[0]))
            yield step
        # A failed TLS handshake within a proxy's TLS breaks asyncio, so the certificate is only checked by the request
        if step.error is None and self._secure and not self._in_tls:
            step = await self._timed("TLS", lambda: self._shake_hands(streams[0][1]))
            yield step

    async def _resolve(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = ", ".join(dict.fromkeys(str(each[4][0]) for each in found))
        return phrase("{host} resolves to {addresses}", host=host, addresses=addresses)

    @staticmethod
    async def _nearest(host: str, port: int) -> str:
        """Return 127.0.0.1 for a loopback name that also has ::1, like requests do, or else the host itself."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        hosts = sorted({str(each[4][0]) for each in found}, key=lambda each: ":" in each)
        return hosts[0] if len(hosts) > 1 and all(map(is_loopback, hosts)) else host

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Phrase:
        """Request a tunnel from the proxy, as a normal request would. Credentials use TLS if the address does.

        Raises:
            ProxyFailed: If the proxy rejects the request.
            SSLError: If the proxy's certificate is not trusted.
        """
        assert self._proxy is not None
        if self._in_tls:
            context = await asyncio.to_thread(tls_context, self._options.ca_file)
            await writer.start_tls(context, server_hostname=self._first[0])
        target = f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"
        head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        head += [f"{name}: {value}" for name, value in self._proxy.headers.items()]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode("ascii", "replace"))
        await writer.drain()
        try:
            head_of_answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ProxyFailed(phrase("The proxy {proxy} does not speak HTTP.", proxy=self._proxy.host)) from error
        first, *fields = head_of_answer
        status = first.split(" ")[1] if first.count(" ") else ""
        if status == "407":
            pairs = (line.partition(":") for line in fields)
            challenges = [value.strip() for name, _, value in pairs if name.strip().lower() == "proxy-authenticate"]
            raise sign_in_wanted(self._proxy.host, challenges, signed_in=bool(self._proxy.headers))
        if status != "200":
            raise not_passed_on(self._proxy.host, self._host, int(status) if _STATUS.fullmatch(status) else 0)
        return phrase("{proxy} forwards the connection", proxy=self._proxy.host)

    async def _shake_hands(self, writer: asyncio.StreamWriter) -> Handshake:
        await writer.start_tls(curious_context(), server_hostname=self._host)
        return handshake_of(writer.get_extra_info("ssl_object"))

    async def _timed(self, name: str, work: Callable[[], Awaitable[str | Handshake]]) -> RouteStep:
        started = self._clock()
        doubt = ""
        try:
            async with asyncio.timeout(self._options.connect_timeout_s):
                found = await work()
            detail = told(found, quoting=self._quoting) if isinstance(found, Handshake) else found
            doubt = ""
            if isinstance(found, Handshake):
                doubt = doubts(found, datetime.now(UTC), self._address.host if not self._quoting else "")
            error = None
        except ParagoneError as raised:
            error, detail = raised, raised.message
        except (OSError, TimeoutError, UnicodeError) as raised:
            error = self._named(name, raised)
            detail = error.message
        return RouteStep(name, detail, round((self._clock() - started) * 1000, 1), error, doubt)

    def _named(self, name: str, error: Exception) -> ParagoneError:
        """Return the error for a failed step, attributed to the proxy if the proxy caused it."""
        host = self._first[0]
        if self._proxy is not None and name == "proxy" and isinstance(error, ssl.SSLError):
            return connect_error(error, self._proxy.host)
        unknown = isinstance(error, (socket.gaierror, UnicodeError))
        if self._proxy is not None and name != "TLS":
            proxy = self._proxy.host
            if unknown:
                return ProxyFailed(phrase("The proxy {proxy} was not found.", proxy=proxy))
            why = phrase("no response") if isinstance(error, TimeoutError) else reason(error)
            return ProxyFailed(phrase("The proxy {proxy} is not reachable: {reason}.", proxy=proxy, reason=why))
        if unknown:
            return NameNotResolved(phrase("The host {host} was not found.", host=host))
        if isinstance(error, TimeoutError):
            return ConnectTimeout(
                phrase(
                    "{host} did not respond within {seconds} seconds.",
                    host=host,
                    seconds=f"{self._options.connect_timeout_s:g}",
                )
            )
        if name == "TLS" and isinstance(error, ConnectionError):
            return TlsFailed(phrase("{host} closed the connection during the TLS handshake.", host=host))
        if name == "TCP":
            return ConnectFailed(
                phrase("{host} is not reachable: {reason}.", host=self._address.host, reason=reason(error))
            )
        made = connect_error(error, self._address.host)
        return made if isinstance(made, ConnectFailed) else ConnectFailed(made.message)


def told(handshake: Handshake, *, quoting: bool) -> str:
    """Return a description of the certificates with issuer and expiry, or only their number without `quoting`."""
    if not quoting:
        return counted(
            "1 certificate, {version}", "{n} certificates, {version}", len(handshake.chain), version=handshake.version
        )
    chain = [
        phrase(
            "{subject}, issued by {issuer}, valid until {until}",
            subject=each.subject,
            issuer=each.issuer,
            until=f"{each.until:%Y-%m-%d}" if each.until else "?",
        )
        for each in handshake.chain
    ]
    return phrase("{version}: {chain}", version=handshake.version, chain=" ← ".join(chain) or "–")


def doubts(handshake: Handshake, now: datetime, called: str) -> str:
    """Return a sentence about doubts concerning trusted certificates, such as an early expiry.

    `called` replaces the subject's name.
    """
    for each in handshake.chain[:1]:
        if each.until is not None and now < each.until < now + _SOON:
            return phrase(
                "The certificate for {name} expires on {day}.",
                name=called or each.subject,
                day=f"{each.until:%Y-%m-%d}",
            )
    return ""


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()  # may have been replaced by start_tls


def _peer(writer: asyncio.StreamWriter) -> str:
    host, port = writer.get_extra_info("peername")[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
