"""Qt's word on the system's proxies, as the child gives it on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyQuery

from desktop.net.proxy_lookups import from_child
from ui.app import qt_proxies
from ui.app.qt_proxies import proxies_for

ROOT = Path(__file__).resolve().parents[3]
CHILD = [sys.executable, "-c", "import sys; from ui.app.qt_proxies import main; sys.exit(main(sys.argv[1:]))"]
T = QNetworkProxy.ProxyType


def test_what_qt_says_becomes_addresses_in_its_order() -> None:
    asked: list[str] = []

    def says(query: QNetworkProxyQuery) -> Sequence[QNetworkProxy]:
        asked.append(query.url().toString())
        return [
            QNetworkProxy(T.HttpProxy, "proxy.example", 8080, "me", "p@s:s"),
            QNetworkProxy(T.HttpProxy, "fd00::1", 3128),
            QNetworkProxy(T.FtpCachingProxy, "ftp.example", 21),
            QNetworkProxy(T.Socks5Proxy, "socks.example", 1080),
            QNetworkProxy(T.NoProxy),
        ]

    assert proxies_for("https://far.example/", says) == [
        "http://me:p%40s%3As@proxy.example:8080",
        "http://[fd00::1]:3128",
        "socks5://socks.example:1080",
        "direct://",
    ]
    assert asked == ["https://far.example/"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt asks the machine's own settings")
def test_the_child_runs_and_says_what_qt_really_found() -> None:
    for variables, found in (
        ({"https_proxy": "http://me:secret@proxy.example:3128"}, "http://me:secret@proxy.example:3128\n"),
        ({}, "direct://\n"),
    ):
        environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | variables
        command = [*CHILD, "https://far.example/"]
        done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=200)
        assert (done.returncode, done.stdout) == (0, found), done.stderr


def test_the_childs_answer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    answer = from_child(CHILD, "https://far.example/")
    assert answer == ["direct://"] or sys.platform != "linux"


def test_other_words_are_refused() -> None:
    assert qt_proxies.main([]) == 2
    assert qt_proxies.main(["a", "b"]) == 2


def test_a_child_that_holds_pythons_lock_for_ever_ends_by_itself() -> None:
    script = (
        "import ctypes, sys\nfrom ui import qt_proxies\nqt_proxies.ENDS_S = 0.5\n"
        "held = ctypes.PyDLL(None).usleep\n"  # PyDLL keeps the lock
        "qt_proxies.proxies_for = lambda url: [held(900_000) for _ in range(60)]\n"
        "sys.exit(qt_proxies.main(['https://far.example/']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=200)
    assert (done.returncode, done.stdout) == (1, b"")
