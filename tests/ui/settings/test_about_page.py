"""The page says what this is, and shows the notices where there are any."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from tests.ui import finding
from ui.settings.about_page import AboutPage
from ui.theme import Themes


class Viewer(QObject):
    """What Qt hands files to here."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.shown.append(url.toLocalFile())


def test_it_names_the_version_the_licence_and_qts(qtbot: QtBot, themes: Themes, tmp_path: Path) -> None:
    page = AboutPage("1.2.3", tmp_path / "NOTICES.txt")
    qtbot.addWidget(page)
    said = finding.said(page)
    for words in ("Paragone 1.2.3", "Apache License 2.0", "Lesser General Public License"):
        assert words in said
    assert page.show_notices.isHidden()
    assert page.seek(["licence"])


def test_the_notices_are_shown_where_they_are(qtbot: QtBot, themes: Themes, tmp_path: Path) -> None:
    file = tmp_path / "NOTICES.txt"
    file.write_text("notices")
    page = AboutPage("1.2.3", file)
    qtbot.addWidget(page)
    viewer = Viewer()
    QDesktopServices.setUrlHandler("file", viewer, "open")  # pyright: ignore[reportArgumentType] - Qt takes its name
    page.show_notices.click()
    QDesktopServices.unsetUrlHandler("file")
    assert viewer.shown == [str(file)]
