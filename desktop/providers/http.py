"""What both adapters need of HTTP: trust, proxies, a session with limits, headers that are safe to send."""

from __future__ import annotations

import asyncio
import base64
import importlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from desktop.domain import Auth, Connection
from desktop.errors import AddressInvalid, AuthenticationFailed, KeyUnset, ProxyFailed, TlsFailed
from desktop.phrases import phrase
from desktop.providers.addresses import is_loopback
from desktop.providers.base import Credential, NetworkOptions, Secret

if TYPE_CHECKING:
    import aiohttp

USER_AGENT = "Paragone"
ACCEPT_STREAM = "text/event-stream, application/json"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy without its sign-in in the address; the sign-in is in `headers` (of the CONNECT alone)."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def host(self) -> str:
        """Its host and port, for sentences."""
        return urlsplit(self.url).netloc


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Trust in what the operating system trusts, plus the certificates of a PEM file. Slow: call it on a thread.

    Raises TlsFailed where the file cannot be used.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError too
            raise TlsFailed(
                phrase(
                    "The certificate file {ca_file} cannot be used: {value}.",
                    ca_file=ca_file,
                    value=error.strerror or error,
                ),
                hint=phrase("`network.ca_file` must name a PEM file with certificates."),
            ) from error
    return context


async def new_session(url: str, options: NetworkOptions) -> aiohttp.ClientSession:
    """A session for one server: no cookies, no environment, no decompression, as many connections as asked for.

    Imports and certificates are loaded on a thread, since both take longer than a frame.
    """
    secure = url.startswith("https:")
    context = await asyncio.to_thread(_prepare, options.ca_file, secure=secure)
    import aiohttp

    from desktop.providers.resolver import BoundedResolver

    connector = aiohttp.TCPConnector(
        ssl=context if context is not None else True,
        limit=0,
        resolver=BoundedResolver(options.connect_timeout_s),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        # Our own limits bound the wait for bytes: aiohttp's would throw away what has arrived
        timeout=aiohttp.ClientTimeout(
            total=None, connect=options.connect_timeout_s, sock_connect=options.connect_timeout_s, sock_read=None
        ),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


async def proxy_for(url: str, options: NetworkOptions) -> Proxy | None:
    """The proxy for an address: never for loopback, else the options', else the system's. Raises ProxyFailed."""
    if options.proxy == "none" or is_loopback(urlsplit(url).hostname or ""):
        return None
    if options.proxy:
        return parse_proxy(options.proxy)
    # On a thread: Windows reads its registry for this and macOS may ask DNS
    found = await asyncio.to_thread(_system_proxy, url)
    return parse_proxy(found) if found else None


def parse_proxy(text: str) -> Proxy:
    """A proxy's address with its sign-in taken out. Raises ProxyFailed where it is none or of another kind."""
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise ProxyFailed(
            phrase("The proxy's address is not one of an HTTP proxy."),
            hint=phrase("Give it as http://HOST:PORT in `network.proxy`; SOCKS proxies are not supported."),
        )
    name = f"[{host}]" if ":" in host else host
    address = f"{parts.scheme}://{name}" + (f":{port}" if port else "")
    if not parts.username:
        return Proxy(address)
    sign_in = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    coded = base64.b64encode(sign_in.encode()).decode("ascii")
    return Proxy(address, {"Proxy-Authorization": f"Basic {coded}"})


def checked_headers(connection: Connection, extra: Mapping[str, str]) -> dict[str, str]:
    """A connection's own headers over `extra`. Raises AddressInvalid for what is no header."""
    found: dict[str, str] = {}
    for name, value in (*extra.items(), *connection.headers.items()):
        if not _HEADER_NAME.fullmatch(name) or not _printable(value):
            raise AddressInvalid(
                phrase(
                    "A header of the connection “{name}” holds characters that no header can.", name=connection.name
                ),
                hint=phrase("Check the connection's headers."),
            )
        found = {key: kept for key, kept in found.items() if key.lower() != name.lower()}
        found[name] = value
    return found


def secret_headers(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values among headers that are keys, with and without their scheme (Bearer)."""
    values = [value for name, value in headers.items() if _SECRET_HEADER.search(name)]
    return tuple({*values, *(value.rpartition(" ")[2] for value in values)})


async def key_of(connection: Connection, credential: Credential) -> Secret | None:
    """The key or token to sign in with now; None where the connection signs in with none.

    Raises KeyUnset, and AuthenticationFailed for what cannot be a key.
    """
    if credential is None:
        if connection.auth is Auth.NONE:
            return None
        raise KeyUnset(phrase("The connection “{name}” has no key.", name=connection.name))
    secret = credential if isinstance(credential, Secret) else await credential()
    value = secret.value.strip()
    if not value:
        raise KeyUnset(phrase("The key of the connection “{name}” is empty.", name=connection.name))
    if not value.isascii() or not value.isprintable() or " " in value:
        raise AuthenticationFailed(
            phrase("The key of the connection “{name}” holds characters that no key has.", name=connection.name)
        )
    return Secret(value)


def _prepare(ca_file: str, *, secure: bool) -> ssl.SSLContext | None:
    importlib.import_module("aiohttp")  # the slow part, done here once
    return tls_context(ca_file) if secure else None


def _system_proxy(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname and proxy_bypass(parts.hostname):
        return ""
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def _printable(value: str) -> bool:
    return value.isascii() and value.isprintable()
