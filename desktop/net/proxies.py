"""Proxy for an address: none for loopback, otherwise the settings', otherwise the system's; its secrets and errors."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from desktop.errors import ProxyFailed
from desktop.net.options import NetworkOptions
from desktop.net.origin import host_of, is_loopback
from desktop.net.proxy_lookups import from_environment, from_settings, in_order
from desktop.redaction.redactor import Mask
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import NOTHING, phrase

_SCHEME = late_pattern(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40})(?=\s+(?![\s=])|$)")
_QUOTED = late_pattern(r'"(?:[^"\\]|\\.)*"')

_BEYOND, _SIGNS = late_pattern(r"[/?#]"), late_pattern(r"[/?#&=]")
_PORTED = late_pattern(r"[^/?#@]+:[0-9]{1,5}")
_LEAST_PIECE = 8
"""Minimum length of a part of a path or query that is a secret by itself; shorter parts are words."""

_SYSTEM = (from_environment, from_settings)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. Its credentials are not in the address but in `headers`, which are sent only with CONNECT."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.url).netloc


async def proxy_for(url: str, options: NetworkOptions) -> Proxy | None:
    """Return the proxy for an address, or None for a direct connection. Raises ProxyFailed."""
    if options.proxy == "none" or is_loopback(host_of(url)):
        return None
    if options.proxy:
        return parse_proxy(options.proxy)
    if options.system_proxy is not None:
        address = await options.system_proxy(url)
    else:  # on a thread: Windows reads its registry, and macOS may ask DNS
        address = await asyncio.to_thread(in_order, url, _SYSTEM)
    return parse_proxy(address) if address else None


def parse_proxy(text: str) -> Proxy:
    """Separate a proxy's address from its credentials. Raises ProxyFailed if it is not an HTTP proxy."""
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise ProxyFailed(
            phrase("The proxy address is not a valid HTTP proxy address."),
            hint=phrase("Enter the address as http://HOST:PORT in `network.proxy`. SOCKS proxies are not supported."),
        )
    name = f"[{host}]" if ":" in host else host
    address = f"{parts.scheme}://{name}" + (f":{port}" if port else "")
    if not parts.username:
        return Proxy(address)
    sign_in = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    coded = base64.b64encode(_bytes(sign_in)).decode("ascii")
    return Proxy(address, {"Proxy-Authorization": f"Basic {coded}"})


def _bytes(text: str) -> bytes:
    """Encode in UTF-8; bytes of environment variables in another encoding are restored unchanged."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="replace")


def proxy_secrets(text: str) -> tuple[str, ...]:
    """Return the secret parts of a proxy's address: its credentials, and its path and query, which no proxy needs."""
    parts = _parts(text)
    beyond = {parts.tail.lstrip("/"), *(each for each in _SIGNS.split(parts.tail) if len(each) >= _LEAST_PIECE)} - {""}
    if parts.is_unclear:
        beyond.add(parts.host)
    return tuple({*sign_in_secrets(text), *beyond, *map(unquote, beyond)})


def sign_in_secrets(text: str) -> tuple[str, ...]:
    """Return the password in an address, as written and decoded, and the header value that contains it.

    A user name alone counts as a password. The address may be mistyped and invalid.
    """
    sign_in = _parts(text).sign_in
    if not sign_in:
        return ()
    try:
        headers = parse_proxy(text).headers
    except ProxyFailed:
        headers = dict[str, str]()
    password = sign_in.partition(":")[2] or sign_in
    written = {sign_in, password, unquote(sign_in), unquote(password)}
    return tuple({*written, *(value.rpartition(" ")[2] for value in headers.values())})


def masked_options(options: NetworkOptions, mask: Mask) -> NetworkOptions:
    """Return options that add the passwords of all proxies, including the system's, to the redactor."""
    mask.add(*proxy_secrets(options.proxy))
    find = options.system_proxy

    async def known_proxy(url: str) -> str:
        address = await asyncio.to_thread(in_order, url, _SYSTEM) if find is None else await find(url)
        mask.add(*proxy_secrets(address))
        return address

    return replace(options, system_proxy=known_proxy)


def without_sign_in(text: str) -> str:
    """Return a proxy's address for display, with its credentials, path and query redacted."""
    parts = _parts(text)
    sign_in = "[secure]@" if parts.sign_in else ""
    tail = "/[secure]" if parts.tail.strip("/") else parts.tail
    return f"{parts.scheme}{sign_in}{'[secure]' if parts.is_unclear else parts.host}{tail}"


class _Parts(NamedTuple):
    """Parts of a proxy's address as typed. `is_unclear` is whether the apparent host may be part of a password."""

    scheme: str
    sign_in: str
    host: str
    tail: str
    is_unclear: bool


def _parts(text: str) -> _Parts:
    """Split an address, even without a scheme or with characters in the password that should have been encoded."""
    before, scheme, rest = text.strip().partition("://")
    address = rest if scheme else before
    head = _BEYOND.split(address, maxsplit=1)[0]
    is_loose = "@" in address[len(head) :] and not _PORTED.fullmatch(head.rpartition("@")[2])
    sign_in, _, behind = (address if is_loose else head).rpartition("@")
    host = _BEYOND.split(behind, maxsplit=1)[0]
    tail = behind[len(host) :] if is_loose else address[len(head) :]
    is_unclear = is_loose and not _PORTED.fullmatch(host)
    return _Parts(before + scheme if scheme else "", sign_in, host, tail, is_unclear)


def sign_in_wanted(proxy: str, challenges: Iterable[str], *, signed_in: bool) -> ProxyFailed:
    """Return the error for status 407.

    Args:
        proxy: Host and port.
        challenges: Values of the Proxy-Authenticate headers.
        signed_in: Whether credentials were sent.
    """
    schemes = offered(challenges)
    if schemes and "basic" not in {each.casefold() for each in schemes}:
        return ProxyFailed(
            phrase(
                "The proxy {proxy} only accepts {schemes} authentication (407).",
                proxy=proxy,
                schemes=", ".join(schemes),
            ),
            hint=phrase(
                "Paragone only supports Basic authentication. Set `network.proxy` to a local proxy that "
                "signs in to this proxy for you, such as Px or Cntlm, or ask the proxy's administrator "
                "for an exception."
            ),
            status=407,
        )
    if signed_in:
        return ProxyFailed(
            phrase("The proxy {proxy} rejected the user name or password (407).", proxy=proxy),
            hint=phrase("Check both in `network.proxy`. Write @ as %40, : as %3A and / as %2F."),
            status=407,
        )
    return ProxyFailed(
        phrase("The proxy {proxy} requires authentication (407).", proxy=proxy),
        hint=phrase("Enter the user name and password in `network.proxy` as http://NAME:PASSWORD@HOST:PORT."),
        status=407,
    )


def not_passed_on(proxy: str, host: str, status: int | str) -> ProxyFailed:
    """Return the error for a response to CONNECT other than 200 and 407."""
    hint = NOTHING
    if str(status) == "403":
        hint = phrase("Check the address, or ask the proxy's administrator to allow {host}.", host=host)
    elif str(status).startswith("5"):
        hint = phrase("The proxy cannot reach {host}. Check the address.", host=host)
    return ProxyFailed(
        phrase(
            "The proxy {proxy} does not forward connections to {host} ({status}).",
            proxy=proxy,
            host=host,
            status=status,
        ),
        hint=hint,
        status=status if isinstance(status, int) else None,
    )


def offered(challenges: Iterable[str]) -> tuple[str, ...]:
    """Return the schemes in Proxy-Authenticate values (RFC 9110, section 11.6.1), without duplicates and in order."""
    parts = (part.strip() for value in challenges for part in _QUOTED.sub('""', value).split(","))
    schemes = (match[1] for part in parts if (match := _SCHEME.match(part)) is not None)
    return tuple({scheme.casefold(): scheme for scheme in schemes}.values())[:8]
