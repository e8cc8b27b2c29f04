"""The one function that opens a link: after a question that shows where it really leads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from ui.strings import tr

FORBIDDEN = "linksForbidden"
"""A property of the window: why no link is opened in it, as a sentence; links are opened where it is not set."""

SCHEMES = ("http", "https", "mailto")

_STRANGE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
"""What no address holds: blanks, control characters, what turns text around, and what readers take for a slash."""


@dataclass(frozen=True)
class Target:
    """Where a link leads, in words. `doubts` names what may deceive a reader."""

    url: str
    host: str
    doubts: tuple[str, ...] = ()


def target_of(url: str) -> Target | None:
    """Where a link leads; None where it is none that this program opens."""
    url = url.strip()
    if _STRANGE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme.casefold() not in SCHEMES:
        return None
    if parts.scheme.casefold() == "mailto":
        return Target(url, parts.path) if parts.path else None
    if not host:
        return None
    doubts: list[str] = []
    shown = host = f"[{host}]" if ":" in host else host
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_host = host
    if ascii_host != host or ascii_host.startswith("xn--") or ".xn--" in ascii_host:
        doubts.append(
            tr("The host is written with letters that may look like others; really it is {host}.", host=ascii_host)
        )
        shown = ascii_host
    if parts.username is not None:
        doubts.append(tr("What stands before the “@” is a user name, not the host."))
    if parts.scheme.casefold() == "http":
        doubts.append(tr("The way there is not encrypted."))
    return Target(url, f"{shown}:{port}" if port else shown, tuple(doubts))


def ask_and_open(url: str, parent: QWidget) -> QMessageBox | None:
    """Ask whether to open a link in the browser; the question, or None where it is no link that is opened."""
    target = target_of(url)
    if target is None:
        return None
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Open link"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr("Open {host} in the browser?", host=target.host))
    box.setInformativeText("\n\n".join((target.url[:1000], *target.doubts)))
    forbidden = parent.window().property(FORBIDDEN)
    if forbidden:
        box.setText(str(forbidden))
    else:
        opening = box.addButton(tr("Open"), QMessageBox.ButtonRole.AcceptRole)
        opening.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(target.url)))
        box.setDefaultButton(opening)
    copying = box.addButton(tr("Copy address"), QMessageBox.ButtonRole.ActionRole)
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    copying.clicked.connect(lambda: _copy(target.url))
    box.open()
    return box


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
