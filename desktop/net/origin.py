"""Origin of an address (scheme, host in IDNA 2008, port), the only one to which a key is sent. Pure functions."""

from __future__ import annotations

import functools
import ipaddress
import re
import unicodedata
from typing import NamedTuple

from desktop.errors import AddressInsecure, AddressInvalid, ProviderError
from desktop.text.phrases import phrase

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d{1,5}(?:[/?#]|$))")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?")
_ZONE = re.compile(r"[A-Za-z0-9._-]{0,64}")  # a network interface's name; Python accepts any characters
_DEFAULT_PORTS = {"https": 443, "http": 80}
_REMEMBERED = 300  # longest address that is cached


class Split(NamedTuple):
    """Parts of an address.

    Attributes:
        host: ASCII host name in lower case, or an IPv6 address without brackets.
        port: The port in the address, or None.
        repairs: Sentences that describe the corrections.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str
    repairs: tuple[str, ...]

    @property
    def written(self) -> str:
        """Scheme, host and the port in the address, which together begin the address."""
        return f"{self.scheme}://{self.host_and_port}"

    @property
    def host_and_port(self) -> str:
        """Host and the port in the address, for messages."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port is None else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """Origin. Two addresses have equal origins if and only if their scheme, host and port are the same."""
        port = None if self.port == _DEFAULT_PORTS[self.scheme] else self.port
        return self._replace(port=port).written


def split(text: str) -> Split:
    """Split an address into its parts; correct its scheme, host and port.

    Raises:
        AddressInvalid: If the text is not the address of a server.
        AddressInsecure: If it uses `http` for another machine.
    """
    return _split_once(text) if len(text) <= _REMEMBERED else _split(text)


def _split(text: str) -> Split:
    repairs: list[str] = []
    stripped = text.strip()
    if stripped != text:
        repairs.append("Spaces around the address were removed.")
    _refuse_characters(stripped)
    scheme, rest = _scheme(stripped, repairs)
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    host, port = _authority(authority, repairs)
    if not scheme:
        scheme = "http" if is_loopback(host) else "https"
        repairs.append(f"{scheme}:// was put in front.")
    if scheme == "http" and not is_loopback(host):
        raise AddressInsecure(phrase("Using http for {host} would send the key and the prompt unencrypted.", host=host))
    return Split(scheme, host, port, slash + path, query, fragment, tuple(repairs))


_split_once = functools.lru_cache(maxsize=128)(_split)
"""Cached, because each prompt splits its address nine times: all code that sends something checks the origin."""


def origin_of(text: str) -> str:
    """Return the origin of an address, the only server that may receive its key. Raises the same errors as `split`."""
    return split(text).origin


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same origin; False if either is invalid."""
    try:
        return origin_of(one) == origin_of(other)
    except ProviderError:
        return False


def server_of(text: str) -> str:
    """Return host and port of an address for messages; if it is invalid, the truncated text itself."""
    try:
        return split(text).host_and_port
    except ProviderError:
        return " ".join(text.split())[:80]


def host_of(text: str) -> str:
    """Return the host of an address as requests use it; empty if the address is invalid."""
    try:
        return split(text).host
    except ProviderError:
        return ""


def ascii_host(text: str) -> str:
    """Return a host name in IDNA 2008, or an IP address. Raises AddressInvalid."""
    if text.startswith("["):
        try:
            machine = ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            machine = None
        if machine is None or not _ZONE.fullmatch(machine.scope_id or ""):
            raise AddressInvalid(phrase("{text} is not a valid IP address.", text=text))
        return str(machine)
    if "%" in text:
        raise AddressInvalid(phrase("{text} is not a valid host name.", text=text))
    if not text.isascii():
        import idna  # comes with aiohttp

        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except UnicodeError:
            raise AddressInvalid(phrase("{text} is not a valid host name.", text=text)) from None
    host = text.lower()
    if not _NAME.fullmatch(host) or ".." in host or len(host) > 253 or any(len(part) > 63 for part in host.split(".")):
        raise AddressInvalid(phrase("{text} is not a valid host name.", text=text))
    return host


def is_loopback(host: str) -> bool:
    """Whether a host is certainly this machine: localhost, 127.0.0.0/8 with all four numbers, or ::1."""
    host = host.strip("[]").lower()
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_loopback
    return address == ipaddress.IPv6Address("::1")


def _refuse_characters(text: str) -> None:
    if not text:
        raise AddressInvalid(phrase("The address is empty."))
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} or character in '\\<>"^`{|}':
            raise AddressInvalid(
                phrase("The address contains a space or a character that is not allowed in addresses.")
            )


def _scheme(text: str, repairs: list[str]) -> tuple[str, str]:
    match = _SCHEME.match(text)
    if match is None:
        if text.startswith("//"):
            return "", text[2:]
        if _OTHER_SCHEME.match(text):
            raise AddressInvalid(phrase("The address must begin with https://."))
        return "", text
    scheme = match.group(1).lower()
    if scheme not in _DEFAULT_PORTS:
        raise AddressInvalid(phrase("The address must begin with https://, not {scheme}://.", scheme=scheme))
    if scheme != match.group(1):
        repairs.append("The scheme was written in lower case.")
    return scheme, text[match.end() :]


def _authority(text: str, repairs: list[str]) -> tuple[str, int | None]:
    if "@" in text:
        raise AddressInvalid(phrase("The address contains a user name. Enter keys in the key field."))
    match = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?", text)
    if match is None or not match.group(1):
        raise AddressInvalid(phrase("The address has no host name, or its port is not a number."))
    host = ascii_host(match.group(1))
    if host != match.group(1).strip("[]"):
        repairs.append(f"The host was written as {host}.")
    port = match.group(2) or ""
    if not port:
        return host, None
    if not (len(port) <= 5 and 0 < int(port) < 65536):
        raise AddressInvalid(phrase("{port} is not a valid port.", port=port))
    if port.startswith("0"):
        repairs.append(f"The port was written as {int(port)}.")
    return host, int(port)
