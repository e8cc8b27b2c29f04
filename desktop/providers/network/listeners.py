"""Who listens at the addresses of this machine, as Linux tells it; where nothing is told, nothing is left out."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from desktop.origin import is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TABLES = ("tcp", "tcp6")
_MOST_BYTES = 1 << 20
"""Of a table so much is read: what listens stands before what is connected."""

_LISTENING = "0A"
_FIRST_OF_PEOPLE = 1000
"""Users below this are the system's."""


class Listener(NamedTuple):
    """A socket that takes connections, and the user whose it is."""

    address: Address
    port: int
    uid: int


def listeners(table: str) -> list[Listener]:
    """The sockets of a table of the kernel's that take connections; rows that cannot be read are none."""
    found: list[Listener] = []
    for line in table.splitlines():
        row = line.split()
        if len(row) > 7 and row[3] == _LISTENING:
            try:
                address, _, port = row[1].partition(":")
                found.append(Listener(_address(address), int(port, 16), int(row[7])))
            except ValueError:
                continue
    return found


def trusted(hosts: Iterable[str], port: int, listening: Sequence[Listener], uid: int) -> list[str]:
    """Of several loopback addresses of one name those at which this user's or the system's programs listen.

    All of them where there are none such, as a colleague's server is one too. 127.0.0.1 comes first.
    """
    known = sorted(dict.fromkeys(hosts), key=lambda host: ":" in host)
    at_port = [each for each in listening if each.port == port]
    ours = [host for host in known if _is_ours(ipaddress.ip_address(host), at_port, uid)]
    return ours or known


def trusted_here(hosts: Sequence[str], port: int) -> list[str]:
    """`trusted`, by what listens now. Only loopback addresses are looked at, any others stay as they are.

    Reads files of the kernel: call it on a thread. Raises nothing.
    """
    if len(set(hosts)) < 2 or not all(map(is_loopback, hosts)):
        return list(hosts)
    return trusted(hosts, port, _listening_here(), os.getuid() if hasattr(os, "getuid") else -1)


def _listening_here() -> list[Listener]:
    found: list[Listener] = []
    for name in _TABLES if sys.platform == "linux" else ():
        try:
            with Path("/proc/net", name).open("rb") as table:
                found += listeners(table.read(_MOST_BYTES).decode("ascii", "replace"))
        except OSError:
            continue  # a sandbox without it, or a kernel without IPv6
    return found


def _is_ours(address: Address, at_port: Sequence[Listener], uid: int) -> bool:
    """Whether what takes connections to an address is this user's or the system's: the nearest socket takes them."""
    owners = {each.uid for each in at_port if each.address == address}
    owners = owners or {each.uid for each in at_port if each.address == type(address)(0)}
    if not owners and isinstance(address, ipaddress.IPv4Address):  # a socket for all of IPv6 takes IPv4 as well
        owners = {each.uid for each in at_port if each.address == ipaddress.IPv6Address(0)}
    return bool(owners) and all(owner == uid or owner < _FIRST_OF_PEOPLE for owner in owners)


def _address(text: str) -> Address:
    """An address as the kernel writes it: words of four bytes, each as this machine holds numbers."""
    written = bytes.fromhex(text)
    words = [written[start : start + 4] for start in range(0, len(written), 4)]
    if sys.byteorder == "little":
        words = [word[::-1] for word in words]
    address = ipaddress.ip_address(b"".join(words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
