"""The certificates that a server shows, whether they are trusted or not; looked at before anything secret is sent."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from msgspec import Struct


class CertificateChain(Struct, frozen=True):
    """One certificate: whom it is for, who issued it, until when it holds (None where that is not told)."""

    subject: str
    issuer: str
    until: datetime | None


class Handshake(Struct, frozen=True):
    """What TLS agreed on, and the certificates from the server's own to the last that it sent."""

    version: str
    chain: tuple[CertificateChain, ...]


def curious_context() -> ssl.SSLContext:
    """A context that trusts everybody: only to look at the certificates; nothing may be sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def handshake_of(connection: ssl.SSLObject) -> Handshake:
    """What a connection's handshake brought."""
    inner = getattr(connection, "_sslobj", None)  # until Python 3.13 only here, and the only one that reads them
    certificates = cast("Iterable[Any]", getattr(inner, "get_unverified_chain", tuple)() or ())
    return Handshake(connection.version() or "", tuple(_shown(each.get_info()) for each in certificates))


def _shown(info: dict[str, Any]) -> CertificateChain:
    until = None
    if info.get("notAfter"):
        with contextlib.suppress(ValueError, OverflowError, OSError):  # a month 13, a year 0
            until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(info["notAfter"])), UTC)
    return CertificateChain(_name(info.get("subject", ())), _name(info.get("issuer", ())), until)


def _name(parts: Iterable[Iterable[tuple[str, str]]]) -> str:
    """The common name, else the organisation's; text of a server's, for plain text only."""
    held = {key: value for part in parts for key, value in part}
    name = held.get("commonName") or held.get("organizationName") or "?"
    return "".join(char for char in name if char.isprintable())[:100]
