"""Asks Windows or macOS through Qt which proxy reaches an address, scripts (PAC) and discovery (WPAD) included.

Run in a child process (main.py): Qt's call holds Python's lock while it waits for the network.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Sequence
from urllib.parse import quote

from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

ENDS_S = 15.0
"""A child that hangs ends by itself after this: nobody may be left to end it."""

Ask = Callable[[QNetworkProxyQuery], Sequence[QNetworkProxy]]

_Type = QNetworkProxy.ProxyType
_SCHEMES = {
    _Type.NoProxy: "direct",
    _Type.HttpProxy: "http",
    _Type.HttpCachingProxy: "http",
    _Type.Socks5Proxy: "socks5",
}


def main(words: Sequence[str]) -> int:
    """Write the proxies for the address that `words` holds to standard output, one a line; 2 for other words."""
    if len(words) != 1:
        return 2
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path
        # The only watch that works while the lock is held: a thread of C's.
        faulthandler.dump_traceback_later(ENDS_S, exit=True, file=nowhere)
        found = proxies_for(words[0])
        faulthandler.cancel_dump_traceback_later()
    os.write(1, "".join(f"{each}\n" for each in found).encode())
    return 0


def proxies_for(url: str, ask: Ask = QNetworkProxyFactory.systemProxyForQuery) -> list[str]:
    """The proxies in the order in which to try them, `direct://` for none. May block for seconds."""
    return [address_of(each) for each in ask(QNetworkProxyQuery(QUrl(url))) if each.type() in _SCHEMES]


def address_of(proxy: QNetworkProxy) -> str:
    """A proxy as a URL, with its sign-in where the system knows one."""
    scheme = _SCHEMES[proxy.type()]
    if scheme == "direct":
        return "direct://"
    host = f"[{proxy.hostName()}]" if ":" in proxy.hostName() else proxy.hostName()
    sign_in = f"{quote(proxy.user(), safe='')}:{quote(proxy.password(), safe='')}@" if proxy.user() else ""
    return f"{scheme}://{sign_in}{host}:{proxy.port()}"
