"""HTTP for providers: trusted certificates, sessions with limits, validated headers and keys."""

from __future__ import annotations

import asyncio
import importlib
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import AddressInvalid, AuthenticationFailed, KeyUnset, TlsFailed
from desktop.net.options import Credential, NetworkOptions, Secret
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    import aiohttp

USER_AGENT = "Paragone"
ACCEPT_STREAM = "text/event-stream, application/json"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Return a context that trusts the system's certificates and those in a PEM file. Slow, so call it on a thread.

    Raises TlsFailed if the file cannot be used.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            open_plain(Path(ca_file)).close()  # reading a pipe would block this thread, and the program's exit, forever
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:  # SSLError is an OSError; ValueError is for an impossible path
            raise TlsFailed(
                phrase(
                    "The certificate file {ca_file} could not be used: {value}.",
                    ca_file=ca_file,
                    value=getattr(error, "strerror", "") or error,
                ),
                hint=phrase("`network.ca_file` must be set to a PEM file that contains certificates."),
            ) from error
    return context


async def new_session(url: str, options: NetworkOptions) -> aiohttp.ClientSession:
    """Open a session for one server: no cookies, environment variables, decompression or connection limit.

    Loads modules and certificates on a thread, since both take longer than a frame.
    """
    secure = url.startswith("https:")
    context = await asyncio.to_thread(_prepare, options.ca_file, secure=secure)
    import aiohttp

    from desktop.net.connector import BoundedConnector

    return aiohttp.ClientSession(
        connector=BoundedConnector(context, options.connect_timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        # No sock_read: aiohttp would discard the bytes that have arrived, so our own timeouts limit reads
        timeout=aiohttp.ClientTimeout(
            total=None, connect=options.connect_timeout_s, sock_connect=options.connect_timeout_s, sock_read=None
        ),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


def checked_headers(connection: Connection, extra: Mapping[str, str]) -> dict[str, str]:
    """Merge a connection's own headers over `extra`. Raises AddressInvalid if a header is invalid."""
    headers: dict[str, str] = {}
    for name, value in (*extra.items(), *connection.headers.items()):
        if not _HEADER_NAME.fullmatch(name) or not _printable(value):
            raise AddressInvalid(
                phrase(
                    "A header for the connection “{name}” contains characters that are not allowed in headers.",
                    name=connection.name,
                ),
                hint=phrase("Check the connection's headers."),
            )
        headers = {other: kept for other, kept in headers.items() if other.lower() != name.lower()}
        headers[name] = value
    return headers


async def key_of(connection: Connection, credential: Credential) -> Secret | None:
    """Return the current key or token; None if the connection needs none.

    Raises:
        KeyUnset: If the key is missing.
        AuthenticationFailed: If the value cannot be a key.
    """
    if credential is None:
        if connection.auth is Auth.NONE:
            return None
        raise KeyUnset(phrase("The connection “{name}” has no key.", name=connection.name))
    secret = credential if isinstance(credential, Secret) else await credential()
    value = secret.value.strip()
    if not value:
        raise KeyUnset(phrase("The key for the connection “{name}” is empty.", name=connection.name))
    if not value.isascii() or not value.isprintable() or " " in value:
        raise AuthenticationFailed(
            phrase(
                "The key for the connection “{name}” contains characters that are not allowed in keys.",
                name=connection.name,
            )
        )
    return Secret(value)


def _prepare(ca_file: str, *, secure: bool) -> ssl.SSLContext | None:
    importlib.import_module("aiohttp")  # slow, so it is done here on the thread
    return tls_context(ca_file) if secure else None


def _printable(value: str) -> bool:
    return value.isascii() and value.isprintable()
