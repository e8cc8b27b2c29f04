"""The list of runs, deleting one after a question, two runs held against each other, and other languages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Figures
from desktop.services import Services
from tests.ui.driver import Driver, driven
from tests.ui.evals.conftest import leave
from tests.ui.evals.steps import FAILED, PASSED, choices, column_of, kept, opened, page, rows_of, shows
from tests.ui.finding import unreachable
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.evals.runs_page import RunsPage


async def test_without_runs_the_page_says_what_they_are_and_offers_the_first(driver: Driver) -> None:
    shown = page(driver)
    assert "You see an estimate before anything is sent." in driver.said()
    assert driver.focused is driver.button("New run…")
    assert not shown.list.isVisible()
    assert unreachable(shown) == []
    driver.press("Escape")
    assert not isinstance(driver.window.drawer.page, RunsPage)
    assert driver.focused is driver.editor


async def test_runs_are_listed_the_newest_first_and_gone_through_by_arrows(driver: Driver, services: Services) -> None:
    for name in ("First", "Second"):
        await kept(services, [[PASSED]], "right", data={"name": name})
    shown = await opened(driver, "Second")
    assert driver.focused is shown.list
    assert [row.partition(".")[0] for row in driver.rows("Runs")] == ["Second", "First"]
    assert all("Complete" in row for row in driver.rows("Runs"))
    driver.press("Down")
    await shows(driver, "First", "Complete")
    driver.press("Return")
    assert driver.focused is driver.button("View: Summary")
    driver.press("Right")
    assert driver.sees("Cases and responses")
    await driver.until(lambda: len(rows_of(driver, "Cases and responses")) == 1)


async def test_a_run_goes_only_after_a_question_that_names_it(driver: Driver, services: Services) -> None:
    for name in ("First", "Second"):
        await kept(services, [[PASSED]], "right", data={"name": name})
    shown = await opened(driver, "Second")
    runs = (await services.store()).suite_runs
    for no in ("Escape", "Cancel"):
        driver.push("Delete…")
        assert "Delete this run?\nSecond\nAll responses in this run will be deleted." in driver.said()
        assert driver.focused is driver.button("Cancel")  # Enter does no harm
        if no == "Escape":
            driver.press(no)
        else:
            driver.push(no)
        assert "Delete this run?" not in driver.said()
        assert driver.focused is driver.button("Delete…")
    driver.push("Delete…")
    shown.list.setFocus()
    driver.press("Down")  # it was asked about another one
    assert "Delete this run?" not in driver.said()
    await shows(driver, "First", "Complete")
    assert len(await runs.list()) == 2
    driver.push("Delete…")
    driver.push("Delete")
    await driver.until(lambda: len(driver.rows("Runs")) == 1)
    await shows(driver, "Second", "Complete")
    assert [each.name for each in await runs.list()] == ["Second"]


async def test_two_runs_are_held_against_each_other_case_by_case(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED]] * 3, "right", data={"name": "Other"})
    await kept(services, [[FAILED]] * 12, "right", data={"name": "Sums"})
    await kept(services, [[PASSED]] * 11 + [[FAILED]], "right", data={"name": "Sums"})
    await opened(driver, "Sums")
    driver.push("Compare…")
    await driver.until(lambda: driver.sees("Contenders in both runs") and rows_of(driver, "Contenders in both runs"))
    assert driver.focused is driver.find(QComboBox, "Compared with")
    assert choices(driver, "Compared with")[0].startswith("Sums · ")  # of the same name
    assert "lab/right is better in the later run" in driver.said()
    assert column_of(driver, "Contenders in both runs", "Earlier") == ["0%"]
    assert column_of(driver, "Contenders in both runs", "Later") == ["91.7%"]
    assert "11 cases changed" in driver.said()
    assert driver.find(QListWidget, "Changed cases").count() == 11
    driver.press("Down")
    await driver.until(lambda: "11 cases changed" not in driver.said())
    driver.press("Escape")
    await shows(driver, "Sums", "Complete")
    assert driver.sees("Contenders")


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    ("language", "title", "told", "onwards"),
    [
        ("de", "Läufe", ("66,7 %", "1,50 $", "1.234 ms"), "Weiter"),
        ("ar", "عمليات التشغيل", ("66.7 %", "\u200e$1.50\u200e"), "التالي"),
    ],
    indirect=["language"],
)
async def test_figures_and_buttons_are_the_languages(
    title: str, told: tuple[str, ...], onwards: str, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del qtbot
    await kept(services, [[PASSED], [PASSED], [FAILED]], "right", figures=Figures(duration_ms=1234.0, cost=0.5))
    async with driven(services, tasks, themes) as driver:
        driver.press("Ctrl+Shift+X")
        shown = driver.find(RunsPage, title)
        await driver.until(shown.results.summary.figures.isVisible)
        (row,) = rows_of(driver, shown.results.summary.figures.accessibleName())
        assert set(told) <= {cell.replace("\xa0", " ") for cell in row}
        is_turned = QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
        assert (shown.list.mapTo(shown, shown.list.rect().center()).x() > shown.width() // 2) is is_turned
        summary = shown.results.parts.focusProxy()
        assert summary is not None
        corners = driver.pixels(summary)
        round_at, square_at = (corners.width() - 1, 0) if is_turned else (0, corners.width() - 1)
        border = corners.pixelColor(corners.width() // 2, 0)
        assert corners.pixelColor(square_at, 0) == border != corners.pixelColor(round_at, 0)
        shown.new_run({})
        assert driver.button(onwards)
        leave(driver)
