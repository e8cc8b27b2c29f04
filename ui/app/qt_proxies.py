"""Asks Windows or macOS through Qt for the proxies of an address, including PAC scripts and WPAD.

Runs in a child process (main.py), because Qt's call holds Python's interpreter lock while it waits for the network.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Sequence
from urllib.parse import quote

from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

ENDS_S = 15.0
"""Time limit after which a hanging child process exits on its own, because its parent may be gone."""

Ask = Callable[[QNetworkProxyQuery], Sequence[QNetworkProxy]]

_Type = QNetworkProxy.ProxyType
_SCHEMES = {
    _Type.NoProxy: "direct",
    _Type.HttpProxy: "http",
    _Type.HttpCachingProxy: "http",
    _Type.Socks5Proxy: "socks5",
}


def main(words: Sequence[str]) -> int:
    """Print the proxies for the address in `words`, one per line. Returns 2 for any other arguments."""
    if len(words) != 1:
        return 2
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path
        # A C thread is the only watchdog that works while the interpreter lock is held.
        faulthandler.dump_traceback_later(ENDS_S, exit=True, file=nowhere)
        found = proxies_for(words[0])
        faulthandler.cancel_dump_traceback_later()
    os.write(1, "".join(f"{each}\n" for each in found).encode())
    return 0


def proxies_for(url: str, ask: Ask = QNetworkProxyFactory.systemProxyForQuery) -> list[str]:
    """Return the proxies in the order in which to try them; `direct://` stands for no proxy. May block for seconds."""
    return [address_of(each) for each in ask(QNetworkProxyQuery(QUrl(url))) if each.type() in _SCHEMES]


def address_of(proxy: QNetworkProxy) -> str:
    """Return a proxy as a URL, with the credentials the system knows."""
    scheme = _SCHEMES[proxy.type()]
    if scheme == "direct":
        return "direct://"
    host = f"[{proxy.hostName()}]" if ":" in proxy.hostName() else proxy.hostName()
    sign_in = f"{quote(proxy.user(), safe='')}:{quote(proxy.password(), safe='')}@" if proxy.user() else ""
    return f"{scheme}://{sign_in}{host}:{proxy.port()}"
