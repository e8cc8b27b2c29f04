"""The doctor's page: checks come one by one, can be copied and written to a file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.settings.test_policy import policy
from tests.ui import finding
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.doctor_page import DoctorPage


@pytest.fixture
def page(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> DoctorPage:
    made = DoctorPage(services, tasks)
    made.themed(themes.current)
    qtbot.addWidget(made)
    made.resize(640, 600)
    made.show()
    return made


async def test_it_runs_when_it_is_told_to_and_shows_each_check(
    page: DoctorPage, services: Services, tasks: Tasks
) -> None:
    services.use(Settings(policy=policy(Theme="dark", EmbeddedModel=False)))
    assert page.checks == []
    assert not page.copy_button.isEnabled()
    finding.button(page, "Run").click()
    assert page.is_running
    assert await tasks.settle(20)
    assert not page.is_running
    said = finding.said(page)
    for words in ("program", "sqlite", "keyring", "policy Theme", "dark (managed, from managed.json)"):
        assert words in said
    assert page.said.text() == "All checks passed, with 2 warnings."
    assert finding.unreachable(page) == []


async def test_a_second_run_begins_anew(page: DoctorPage, services: Services, tasks: Tasks) -> None:
    services.use(Settings(policy=policy(EmbeddedModel=False)))
    for _ in range(2):
        page.run_button.click()
        assert await tasks.settle(20)
    names = [check.name for check in page.checks]
    assert len(names) == len({*names})
    assert finding.said(page).count("sqlite") == 1


async def test_a_failed_connection_is_said_with_its_cure(page: DoctorPage, services: Services, tasks: Tasks) -> None:
    page.run_button.click()  # the connection `lab` leads to a port where nothing listens
    assert await tasks.settle(20)
    assert "failed." in page.said.text()
    failed = next(check for check in page.checks if check.name == "connection lab")
    assert failed.hint in finding.said(page)


async def test_what_was_found_is_copied_and_written(
    page: DoctorPage, services: Services, tasks: Tasks, tmp_path: Path
) -> None:
    services.use(Settings(policy=policy(EmbeddedModel=False)))
    page.run_button.click()
    assert await tasks.settle(20)
    finding.button(page, "Copy").click()
    assert "ok       sqlite: SQLite" in QGuiApplication.clipboard().text()
    target = tmp_path / "bundle.zip"
    page.save_to(str(target))
    assert await tasks.settle(10)
    assert "checks.txt" in zipfile.ZipFile(target).namelist()
    assert str(target) in page.said.text()
    page.save_to(str(tmp_path / "nowhere" / "x.zip"))
    assert await tasks.settle(10)
    assert "could not be written" in page.said.text()
