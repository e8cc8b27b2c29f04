"""Question asked before a link is opened, which shows the real destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.base.link_opener import SHOWN, breaking, open_target, target_of
from ui.base.strings import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

FORBIDDEN = "linksForbidden"
"""Window property with the reason why links cannot be opened; not set if they can."""


def ask_and_open(url: str, parent: QWidget) -> QMessageBox | None:
    """Ask whether to open a link, naming its host or recipients.

    Returns None if the link cannot be opened.
    """
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    target = target_of(url)
    if target is None:
        return None
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Open link"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    if target.is_mail:
        box.setText(breaking(tr("Write an email to {recipients}?", recipients=target.host)))
    else:
        box.setText(breaking(tr("Open {host} in the browser?", host=target.host)))
    shown = target.url if len(target.url) <= SHOWN else f"{target.url[:SHOWN]}…"
    box.setInformativeText(breaking("\n\n".join((shown, *target.doubts))))
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


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
