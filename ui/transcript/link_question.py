"""The question before a link is opened, which shows where it really leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.link_opener import open_target, target_of
from ui.strings import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

FORBIDDEN = "linksForbidden"
"""A property of the window: why no link is opened in it, as a sentence; links are opened where it is not set."""

_SHOWN = 1_000
"""Characters of an address that are shown."""

_RUN = re.compile(r"[^\s\u200b]{31,}")
_PIECE = re.compile(r"[^./?&=]{1,20}[./?&=]*|[./?&=]+")


def ask_and_open(url: str, parent: QWidget) -> QMessageBox | None:
    """Ask whether to open a link, with its host or all recipients; None where it is no link that is opened."""
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    target = target_of(url)
    if target is None:
        return None
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Open link"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    if target.is_mail:
        box.setText(_breaking(tr("Write a mail to {recipients}?", recipients=target.host)))
    else:
        box.setText(_breaking(tr("Open {host} in the browser?", host=target.host)))
    shown = target.url if len(target.url) <= _SHOWN else f"{target.url[:_SHOWN]}…"
    box.setInformativeText(_breaking("\n\n".join((shown, *target.doubts))))
    forbidden = parent.window().property(FORBIDDEN)
    if forbidden:
        box.setText(str(forbidden))
    else:
        opening = box.addButton(tr("Open"), QMessageBox.ButtonRole.AcceptRole)
        opening.clicked.connect(lambda: open_target(target))
        box.setDefaultButton(opening)
    copying = box.addButton(tr("Copy address"), QMessageBox.ButtonRole.ActionRole)
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    copying.clicked.connect(lambda: _copy(target.url))
    box.open()
    return box


def _breaking(text: str) -> str:
    """A text whose long words can be broken: the end of a host says whose it is, and a label would cut it off."""
    return _RUN.sub(lambda run: _PIECE.sub(lambda piece: f"{piece[0]}\u200b", run[0]).removesuffix("\u200b"), text)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
