"""The page says what this is, shows the notices where there are any, and checks for updates when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from updates import public_text, signed

from desktop.services import Services
from desktop.settings.values import Settings
from desktop.system.external_programs import Launch
from tests.desktop.diagnosis.test_update_check import KEY, announced
from tests.desktop.settings.test_policy import policy
from tests.ui import finding
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.about_page import AboutPage


def made(services: Services, tasks: Tasks, qtbot: QtBot, file: Path) -> AboutPage:
    page = AboutPage(services, tasks, file)
    qtbot.addWidget(page)
    return page


async def test_it_names_the_version_the_licence_and_qts(
    services: Services, tasks: Tasks, qtbot: QtBot, themes: Themes, tmp_path: Path
) -> None:
    page = made(services, tasks, qtbot, tmp_path / "NOTICES.txt")
    said = finding.said(page)
    for words in ("Paragone 0", "Apache License 2.0", "Lesser General Public License"):
        assert words in said
    assert page.show_notices.isHidden()
    assert page.seek(["license"])


async def test_the_notices_are_shown_where_they_are(
    services: Services, tasks: Tasks, qtbot: QtBot, themes: Themes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "NOTICES.txt"
    file.write_text("notices")
    page = made(services, tasks, qtbot, file)
    shown: list[str] = []

    def take(path: str) -> Launch:
        shown.append(path)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    page.show_notices.click()
    assert shown == [str(file)]


@pytest.mark.parametrize(
    ("version", "said"),
    [("0.2.0", "Paragone 0.2.0 is available. Upgrade it the way you installed it."), ("0", "newest version")],
)
async def test_it_checks_for_updates_when_it_is_told_to(
    services: Services, tasks: Tasks, qtbot: QtBot, themes: Themes, tmp_path: Path, version: str, said: str
) -> None:
    text = signed(KEY, version, datetime.now(UTC).date(), "https://paragone.example/new")
    async with announced(text) as source:
        services.use(Settings(policy=policy(UpdateAddress=source.address, UpdateKey=public_text(KEY))))
        page = made(services, tasks, qtbot, tmp_path / "none")
        assert "checks only when you ask" in finding.said(page)
        finding.button(page, "Check for updates").click()
        assert await tasks.settle(20)
    assert said in finding.said(page)
    assert page.show_news.isHidden() is (version == "0")
    assert page.check.isEnabled()


async def test_a_check_that_fails_says_why_and_one_that_policy_forbids_is_not_offered(
    services: Services, tasks: Tasks, qtbot: QtBot, themes: Themes, tmp_path: Path
) -> None:
    page = made(services, tasks, qtbot, tmp_path / "none")
    finding.button(page, "Check for updates").click()
    assert await tasks.settle(20)
    assert "does not know where updates are announced" in finding.said(page)
    services.use(Settings(policy=policy(UpdateCheck=False)))
    forbidden = made(services, tasks, qtbot, tmp_path / "none")
    assert all(each.isHidden() for each in forbidden.findChildren(QPushButton))
