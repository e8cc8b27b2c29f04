"""Opens addresses, files and folders in the system's programs after checking them. No other module may do this."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import quote, unquote

from msgspec import Struct
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.system.external_programs import Launch, launch
from ui.base.strings import tr

SCHEMES = ("http", "https", "mailto")
SHOWN = 1_000
"""Maximum number of characters of an address that are displayed."""

_LOOK_MS, _WATCHED_MS = 100, 10_000
"""Interval and total time for which a started program is checked for failure."""

_RUN = re.compile(r"[^\s\u200b]{31,}")
_PIECE = re.compile(r"[^./?&=]{1,20}[./?&=]*|[./?&=]+")

_ENCODED = QUrl.ComponentFormattingOption.FullyEncoded
_STRANGE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
"""Characters no address contains: blanks, controls, bidirectional controls and look-alikes of a slash."""

_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9._-]+")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?")
_LETTER = frozenset({"subject", "body", "to", "cc", "bcc", "in-reply-to", "keywords"})
_ADDRESSED = frozenset({"to", "cc", "bcc"})
_MOST_NAMED = 1_000
"""Maximum total length of a mail's recipients, so that the user can see all of them."""

_LINE_END = re.compile(r"%0[0ad]", re.IGNORECASE)
_RECIPIENTS = re.compile(r"(?:\w(?:[\w.!$&*+~=^|-]|'(?=\w))*+@\w[\w.-]*+(?:,|$))+")
_NEXT_FIELD = re.compile(r"""['"]\s*,\s*\w+\s*=""")
"""Pattern that would end a field in mail programs that receive all fields as one quoted text."""


class LinkTarget(Struct, frozen=True):
    """Destination of a link. `url` is opened and displayed; `host` is its host and port.

    For mail, `host` lists all recipients. `doubts` are sentences about anything that may mislead the reader.
    """

    url: str
    host: str
    doubts: tuple[str, ...] = ()

    @property
    def is_mail(self) -> bool:
        """Whether the link opens in a mail program instead of a browser."""
        return self.url.startswith("mailto:")


def target_of(address: str) -> LinkTarget | None:
    """Return the destination of a link, or None if Paragone does not open links of this kind.

    Host and port are parsed from the same value that is opened, because two parsers may see two different hosts.
    """
    address = address.strip()
    if _STRANGE.search(address):
        return None
    url = _strict(address)
    if url is None:
        return None
    if url.scheme() == "mailto":
        recipients = ", ".join(_recipients(url))
        return LinkTarget(_text(url), recipients) if len(recipients) <= _MOST_NAMED else None
    doubts: list[str] = []
    host = url.host(_ENCODED)
    written = _written_host(address)
    if host.startswith("xn--") or ".xn--" in host or not written.isascii():
        doubts.append(
            tr("The host name contains characters that look like others. The actual host name is {host}.", host=host)
        )
    if "@" in _authority(address):
        doubts.append(tr("The part before the “@” is a user name, not the host."))
    if url.scheme() == "http":
        doubts.append(tr("The connection is not encrypted."))
    shown = f"[{host}]" if ":" in host else host
    return LinkTarget(_text(url), shown if url.port() < 0 else f"{shown}:{url.port()}", tuple(doubts))


def open_target(target: LinkTarget) -> bool:
    """Open a link in the browser or mail program. Returns whether the system accepted it."""
    return _open(target.url)


def open_page(address: str) -> bool:
    """Open a web page of Paragone's own choice, over https only. Returns whether the system accepted it."""
    target = target_of(address)
    return target is not None and target.url.startswith("https:") and open_target(target)


def open_local(path: Path) -> bool:
    """Show one of Paragone's files or folders in the system's viewer. Returns whether the system accepted it."""
    return _open(str(path.absolute()))


def _open(address: str) -> bool:
    """Pass an address or path to the system. If opening fails, now or shortly after, show the address for copying."""
    started = launch(address)
    _watch(started, address, 0)
    return started.has_failed is not True


def _watch(started: Launch, address: str, waited_ms: int) -> None:
    failed = started.has_failed
    if failed:
        _show_failure(address)
    elif failed is None and waited_ms < _WATCHED_MS:
        QTimer.singleShot(_LOOK_MS, lambda: _watch(started, address, waited_ms + _LOOK_MS))


def _show_failure(address: str) -> None:
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    window = QApplication.activeWindow() or next(iter(shown), None)
    if window is None:
        return
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Cannot open address"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr("No program on this computer could open this address. Copy the address and open it yourself."))
    box.setInformativeText(breaking(address if len(address) <= SHOWN else f"{address[:SHOWN]}…"))
    copying = box.addButton(tr("Copy address"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(tr("Close"), QMessageBox.ButtonRole.RejectRole)
    copying.clicked.connect(lambda: QGuiApplication.clipboard().setText(address))
    box.open()


def breaking(text: str) -> str:
    """Insert break opportunities into long words, so that a label does not cut off the end of a host name."""
    return _RUN.sub(lambda run: _PIECE.sub(lambda piece: f"{piece[0]}\u200b", run[0]).removesuffix("\u200b"), text)


def _strict(address: str) -> QUrl | None:
    """Return the fully encoded form of an address, or None if its scheme or syntax is not accepted."""
    read = QUrl(address, QUrl.ParsingMode.TolerantMode)
    if not read.isValid() or read.scheme() not in SCHEMES:
        return None
    encoded = read.toEncoded()
    url = QUrl.fromEncoded(encoded, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.toEncoded() != encoded:
        return None
    if url.scheme() == "mailto":
        sound = not url.authority() and not _LINE_END.search(_text(url)) and _is_letter(url)
    else:
        written = _written_host(address)
        sound = "%" not in written and _is_sound(url.host(_ENCODED), in_brackets=written.startswith("["))
    return url if sound else None


def _is_letter(url: QUrl) -> bool:
    """Whether a mail address contains only text and recipients, because some mail programs attach files named in it."""
    recipient, _, rest = _text(url).partition(":")[2].partition("?")
    recipient = unquote(recipient)
    # Some programs ignore fragments or split at every “&”, and so find fields there too
    pieces = (*re.split("[?#&;]", recipient)[1:], *re.split("[#&;]", rest))
    fields = [piece for piece in pieces if "=" in piece]
    names = {unquote(field.partition("=")[0]).strip().casefold() for field in fields}
    return (
        names <= _LETTER
        and _RECIPIENTS.fullmatch(recipient.partition("#")[0]) is not None
        and _NEXT_FIELD.search(unquote(rest)) is None
    )


def _recipients(url: QUrl) -> list[str]:
    """Return all recipients of a mail, including those that other parsers would find."""
    first, _, rest = _text(url).partition(":")[2].partition("?")
    recipients = first.split(",")
    for text in (f"{first}&{rest}", unquote(f"{first}&{rest}")):
        for piece in re.split("[?#&;]", text):
            name, _, value = piece.partition("=")
            if unquote(name).strip().casefold() in _ADDRESSED:
                recipients += unquote(value).split(",")
    return [*dict.fromkeys(_plain(each.strip()) for each in recipients if each.strip())]


def _plain(recipient: str) -> str:
    """Return a recipient with non-ASCII letters encoded, because they may imitate other letters."""
    text = unquote(recipient)
    return text if text.isascii() and text.isprintable() else quote(text, safe="@")


def _is_sound(host: str, *, in_brackets: bool) -> bool:
    """Whether every parser reads this host the same way: a name, an IPv4 address or an address in brackets."""
    if not in_brackets and not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return _NAME.fullmatch(host) is not None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _authority(address: str) -> str:
    found = _AUTHORITY.match(address)
    return found[1] if found else ""


def _written_host(address: str) -> str:
    """Return the host and port as written in the address."""
    return _authority(address).rpartition("@")[2]


def _text(url: QUrl) -> str:
    return bytes(url.toEncoded().data()).decode("ascii")
