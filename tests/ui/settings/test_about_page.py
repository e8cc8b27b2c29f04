"""The page says what this is, and shows the notices where there are any."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.system.external_programs import Launch
from tests.ui import finding
from ui.base.theme import Themes
from ui.settings.about_page import AboutPage


def test_it_names_the_version_the_licence_and_qts(qtbot: QtBot, themes: Themes, tmp_path: Path) -> None:
    page = AboutPage("1.2.3", tmp_path / "NOTICES.txt")
    qtbot.addWidget(page)
    said = finding.said(page)
    for words in ("Paragone 1.2.3", "Apache License 2.0", "Lesser General Public License"):
        assert words in said
    assert page.show_notices.isHidden()
    assert page.seek(["license"])


def test_the_notices_are_shown_where_they_are(
    qtbot: QtBot, themes: Themes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "NOTICES.txt"
    file.write_text("notices")
    page = AboutPage("1.2.3", file)
    qtbot.addWidget(page)
    shown: list[str] = []

    def take(path: str) -> Launch:
        shown.append(path)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    page.show_notices.click()
    assert shown == [str(file)]
