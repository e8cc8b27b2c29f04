"""Who listens at the addresses of this machine, as Linux tells it; where nothing is told, nothing is left out."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from desktop.net.origin import is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
End = tuple[Address, int]
"""Of a connection: address and port."""

_TABLES = ("tcp", "tcp6")
_CONNECTED, _LISTENING = "01", "0A"
_FIRST_OF_PEOPLE = 1000
"""Users below this are the system's."""


class Listener(NamedTuple):
    """A socket at an address, which takes connections or has one, and the user whose it is."""

    address: Address
    port: int
    uid: int
    peer: End | None = None
    """The other end of its connection."""
    is_held: bool = True
    """Whether a program holds it; else the kernel tells root as its owner, whoever made it."""


def listeners(table: str, state: str = _LISTENING) -> list[Listener]:
    """The sockets of a table of the kernel's that take connections, or are in another state.

    Rows that cannot be read are none.
    """
    found: list[Listener] = []
    for line in table.splitlines():
        row = line.split()
        if len(row) > 7 and row[3] == state:
            try:
                found.append(Listener(*_end(row[1]), int(row[7]), _end(row[2]), row[9:10] != ["0"]))
            except ValueError:
                continue
    return found


class SeveralOwners(Exception):
    """At several addresses of one name programs of different users listen, none of them more ours than another."""


def trusted(hosts: Iterable[str], port: int, listening: Sequence[Listener], uid: int) -> list[str]:
    """Of several loopback addresses of one name those to use, 127.0.0.1 first: where this user's program listens.

    Else root's, else one of the system's, else a colleague's: all of one user's. Where there are none the first alone.
    Raises SeveralOwners where two that are not this user's or root's are alike.
    """
    at_port = [each for each in listening if each.port == port]
    known = sorted(dict.fromkeys(hosts), key=lambda host: ":" in host)
    by_host = {host: _owners(ipaddress.ip_address(host), at_port) for host in known}
    ranks = {host: max((_rank(each, uid) for each in owners), default=_NOBODY) for host, owners in by_host.items()}
    best = min(ranks.values())
    alike = [host for host in known if ranks[host] == best]
    if _ROOT < best < _NOBODY and len({owner for host in alike for owner in by_host[host]}) > 1:
        raise SeveralOwners
    return alike if best < _NOBODY else alike[:1]


def trusted_here(hosts: Sequence[str], port: int) -> list[str]:
    """`trusted`, by what listens now. Only loopback addresses are looked at, any others stay as they are.

    Where the system does not tell who listens all stay, 127.0.0.1 first. Reads files of the kernel: call it on a
    thread. Raises SeveralOwners.
    """
    if len(set(hosts)) < 2 or not all(map(is_loopback, hosts)):
        return list(hosts)
    known = sorted(dict.fromkeys(hosts), key=lambda host: ":" in host)
    listening = _at(port, _LISTENING)
    if listening is None:
        return known
    return trusted(known, port, listening, os.getuid())


def is_mine(peer: tuple[str, int], here: tuple[str, int]) -> bool:
    """Whether who connects from an address of this machine is a program of this user or root; so on other systems.

    `here` is this end of the connection: a port can be that of several connections, of several users. Reads files of
    the kernel: call it on a thread.
    """
    end, ours = _seen(peer), _seen(here)
    found = _at(end[1], _CONNECTED)
    if found is None:
        return sys.platform != "linux"
    # One that is closed by now has no owner any more.
    owners = [each.uid for each in found if (each.address, each.port) == end and each.peer == ours and each.is_held]
    return len(owners) == 1 and owners[0] in {0, os.getuid()}


def _at(port: int, state: str) -> list[Listener] | None:
    """The sockets of a state at a port; None where the system does not tell all of them."""
    found: list[Listener] = []
    told = False
    sign = f":{port:04X} ".encode()
    for name in _TABLES if sys.platform == "linux" else ():
        try:
            with Path("/proc/net", name).open("rb") as table:
                rows = [row for row in table if sign in row]
        except OSError:
            continue  # a sandbox without it, or a kernel without IPv6
        found += listeners(b"".join(rows).decode("ascii", "replace"), state)
        told = True
    return found if told else None


def _owners(address: Address, at_port: Sequence[Listener]) -> set[int]:
    """Whose what takes connections to an address is: the nearest socket takes them."""
    owners = {each.uid for each in at_port if each.address == address}
    owners = owners or {each.uid for each in at_port if each.address == type(address)(0)}
    if not owners and isinstance(address, ipaddress.IPv4Address):  # a socket for all of IPv6 takes IPv4 as well
        owners = {each.uid for each in at_port if each.address == ipaddress.IPv6Address(0)}
    return owners


_ROOT, _SYSTEM, _OTHER, _NOBODY = 1, 2, 3, 4
"""How far from this user's own, which is 0, a listener is."""


def _rank(owner: int, uid: int) -> int:
    if owner == uid:
        return 0
    if owner == 0:
        return _ROOT
    return _SYSTEM if owner < _FIRST_OF_PEOPLE else _OTHER


def _seen(name: tuple[str, int]) -> End:
    """An end of a connection as a socket names it."""
    return _unmapped(ipaddress.ip_address(name[0].partition("%")[0])), name[1]


def _end(text: str) -> End:
    """An end of a connection as the kernel writes it."""
    address, _, port = text.partition(":")
    return _address(address), int(port, 16)


def _address(text: str) -> Address:
    """An address as the kernel writes it: words of four bytes, each as this machine holds numbers."""
    written = bytes.fromhex(text)
    words = [written[start : start + 4] for start in range(0, len(written), 4)]
    if sys.byteorder == "little":
        words = [word[::-1] for word in words]
    return _unmapped(ipaddress.ip_address(b"".join(words)))


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
