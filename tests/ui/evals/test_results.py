"""What is seen of a run: the summary, the table of cases with its filters, plots, and a run that is damaged or gone."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QTableView, QWidget

from desktop.domain.conversation_types import Figures
from desktop.domain.suite_cells import CellKey, CellRecord, RunRecord, RunState
from desktop.errors import StoreFull
from desktop.services import Services
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import english
from tests.ui.driver import Driver
from tests.ui.evals.steps import (
    ERROR,
    FAILED,
    PASSED,
    UNGRADED,
    choices,
    column_of,
    complete,
    head_of,
    heard_cells,
    kept,
    offered,
    opened,
    page,
    pick,
    push,
    rows_of,
    shows,
)
from tests.ui.finding import unreachable
from ui.base.theme import Themes
from ui.evals.cells_table import CellsTable
from ui.evals.scatter_plot import ScatterPlot

CASES = "Cases and responses"
MIXED = [[PASSED, FAILED], [PASSED, PASSED], [FAILED, FAILED], [ERROR, PASSED], [UNGRADED, UNGRADED]]
COSTS = Figures(duration_ms=1234.0, cost=0.5)


async def table_of(driver: Driver, name: str = "Sums") -> CellsTable:
    """The table of cases of the newest run, with the keyboard on it."""
    await opened(driver, name)
    push(driver, "View: Cases")
    await driver.until(lambda: len(rows_of(driver, CASES)) > 0 and "not sent yet" not in heard_cells(driver, 0)[1])
    table = driver.find(CellsTable, CASES)
    table.setFocus()
    return table


def alike(one: QColor, other: QColor) -> bool:
    """Whether thin lines of a colour are drawn in another, but for their softened edges."""
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue())) < 60


def listed(driver: Driver) -> list[str]:
    """The numbers of the cases that are listed, as a screen reader hears them."""
    return [heard_cells(driver, row)[0].partition(":")[0] for row in range(len(rows_of(driver, CASES)))]


async def test_the_summary_says_who_is_better_with_figures_that_are_told_apart(
    driver: Driver, services: Services
) -> None:
    await kept(services, [[PASSED, FAILED]] * 12, "right", "wrong", figures=COSTS)
    shown = await opened(driver, "Sums")
    assert "lab/right is better than lab/wrong: 100 points" in driver.said()
    assert column_of(driver, "Contenders", "Score") == ["100%", "0%"]
    assert column_of(driver, "Contenders", "Cost") == ["$6.00", "$6.00"]
    assert column_of(driver, "Contenders", "p50 latency") == ["1,234 ms", "1,234 ms"]
    assert head_of(driver, "Pairs")[:3] == ["Contender", "Compared with", "Verdict"]
    assert rows_of(driver, "Pairs")[0][:3] == ["lab/right", "lab/wrong", "better"]
    assert "odd (exploratory)" in column_of(driver, "By tag", "Tag")
    assert column_of(driver, "By tag", "lab/right") == ["100%", "100%"]
    assert unreachable(shown) == []


async def test_a_run_that_is_not_over_shows_no_verdict(driver: Driver, services: Services) -> None:
    await kept(services, [*[[PASSED, FAILED]] * 12, []], "right", "wrong", state=RunState.STOPPED)
    await opened(driver, "Sums", "Stopped")
    assert "Preliminary: lab/right and lab/wrong differ by 100 points" in driver.said()
    assert "better" not in driver.said()
    assert rows_of(driver, "Pairs")[0][:3] == ["lab/right", "lab/wrong", "preliminary"]
    assert "p" not in head_of(driver, "Pairs")


async def test_pass_rates_stand_beside_scores_of_another_kind(driver: Driver, services: Services) -> None:
    run = await kept(services, [[PASSED, FAILED]] * 12, "right", "wrong")
    runs = (await services.store()).suite_runs
    await runs.take(run.id)
    for case in range(12):
        await runs.keep(run.id, CellRecord(key=CellKey(case, 1, 0), status=FAILED, score=0.75, answers=("Near.",)))
    await runs.release(run.id, RunState.COMPLETE)
    await opened(driver, "Sums")
    assert column_of(driver, "Contenders", "Score") == ["100%", "75%"]
    assert column_of(driver, "Contenders", "Pass rate") == ["100%", "0%"]
    assert column_of(driver, "Pairs", "Pass rates") == ["100% and 0%"]
    assert column_of(driver, "Pairs", "p (pass rates)") == ["<0.001"]


async def test_who_failed_everything_has_a_score(driver: Driver, services: Services) -> None:
    await kept(services, [[FAILED]] * 3, "wrong")
    await opened(driver, "Sums")
    assert column_of(driver, "Contenders", "Score") == ["0%"]
    assert "Passed" not in head_of(driver, "Contenders")  # nobody did
    assert not driver.sees("Pairs")


async def test_where_no_price_is_known_that_is_said(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED]] * 2, "right", figures=Figures(duration_ms=400.0))
    await opened(driver, "Sums")
    assert "$0, excluding unknown prices" in driver.said()
    assert "No contender with a score has a known cost." in driver.said()
    push(driver, "Score: Score and latency")
    assert "No contender with" not in driver.said()
    plot = driver.find(ScatterPlot, "Score and p50 latency")
    assert plot.accessibleDescription() == "lab/right: score 100%, 400 ms."


async def test_points_are_drawn_in_the_colours_of_the_theme(driver: Driver, services: Services, themes: Themes) -> None:
    await kept(services, [[PASSED, FAILED]] * 3, "right", "wrong", figures=COSTS)
    await opened(driver, "Sums")
    plot = driver.find(ScatterPlot, "Score and run cost")
    for name in ("light", "dark"):
        themes.choose(name)
        themes.apply()
        image = driver.pixels(plot)
        drawn = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert QColor(themes.current.panes[0]).name() in drawn
        assert QColor(themes.current.panes[1]).name() in drawn
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    with_ring = driver.pixels(plot)
    assert with_ring.pixelColor(with_ring.width() // 2, 0) != image.pixelColor(image.width() // 2, 0)


async def test_cases_are_sifted_by_what_came_of_them_and_by_tag(driver: Driver, services: Services) -> None:
    await kept(services, MIXED, "right", "wrong")
    await table_of(driver)
    assert choices(driver, "Filter") == [
        "All cases",
        "With failures",
        "Where contenders differ",
        "With errors",
        "Not reviewed yet",
    ]
    for which, said in (
        ("With failures", ["Case 1", "Case 3"]),
        ("Where contenders differ", ["Case 1"]),
        ("With errors", ["Case 4"]),
        ("All cases", [f"Case {n}" for n in range(1, 6)]),
    ):
        pick(driver, "Filter", which)
        await driver.until(lambda said=said: listed(driver) == said)
        count = len(said)
        assert f"{count} case{'s' * (count != 1)}" in driver.said().splitlines()
    pick(driver, "Tag", "odd")
    await driver.until(lambda: listed(driver) == ["Case 1", "Case 3", "Case 5"])
    pick(driver, "Filter", "With errors")
    await driver.until(lambda: listed(driver) == [])
    assert "0 cases" in driver.said().splitlines()


async def test_each_cell_says_its_status_in_words_and_by_its_icons_colour(
    driver: Driver, services: Services, themes: Themes
) -> None:
    await kept(services, MIXED, "right", "wrong", figures=COSTS)
    table = await table_of(driver)
    heard = [heard_cells(driver, row)[1] for row in range(5)]
    assert [each.partition(": ")[2].partition(".")[0] for each in heard] == [
        "passed",
        "passed",
        "failed",
        "error",
        "not graded",
    ]
    assert heard[0] == "lab/right: passed. Response from lab/right to case 1.. 1.2 s."
    theme = themes.current
    image = driver.pixels(table.viewport())
    for row, colour in ((1, theme.good), (2, theme.bad), (3, theme.warn)):
        place = table.visualRect(table.model().index(row, 1))
        drawn = [
            image.pixelColor(x, y)
            for x in range(place.left() + 8, place.left() + 26)
            for y in range(place.top(), place.top() + 26)
        ]
        assert any(alike(each, QColor(colour)) for each in drawn)


async def test_the_table_is_gone_through_by_keys_and_left_by_tab(driver: Driver, services: Services) -> None:
    await kept(services, MIXED, "right", "wrong")
    table = await table_of(driver)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (0, 1)
    driver.press("Down")
    driver.press("Right")
    driver.press("Return")
    await driver.until(lambda: "Case 2 · 2 of 5" in driver.said())
    await driver.until(lambda: driver.focused.accessibleName() == "Response from lab/wrong")
    driver.press("Escape")
    assert driver.focused is table
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 2)
    driver.press("Tab")
    assert driver.focused is not table
    assert "5 cases" in driver.said()


async def test_a_double_click_opens_the_answer_below_it(driver: Driver, services: Services) -> None:
    await kept(services, MIXED, "right", "wrong")
    table = await table_of(driver)
    place = table.visualRect(table.model().index(2, 2)).center()
    driver.click(table.viewport(), place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    await driver.until(lambda: driver.sees("Response from lab/wrong"))
    assert "Case 3 · 3 of 5" in driver.said()


async def test_a_run_with_a_damaged_suite_shows_its_answers_and_nothing_of_another_run(
    driver: Driver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(services, [[PASSED]] * 3, "right", data={"name": "Whole"})
    damaged = await kept(services, [[FAILED]] * 2, "wrong", data={"name": "Damaged"})
    get = SuiteRuns.get

    async def got(runs: SuiteRuns, run_id: str) -> RunRecord:
        run = await get(runs, run_id)
        return run if run.id != damaged.id else _without_prompts(run)

    monkeypatch.setattr(SuiteRuns, "get", got)
    page(driver)
    await shows(driver, "Damaged", "Complete")
    await driver.until(lambda: "could not be read" in driver.said())
    assert not driver.sees("Contenders")
    driver.press("Down")  # in the list, to the other one
    await shows(driver, "Whole", "Complete")
    await driver.until(lambda: driver.sees("Contenders"))
    assert "could not be read" not in driver.said()
    driver.press("Up")
    await shows(driver, "Damaged", "Complete")
    await driver.until(lambda: "could not be read" in driver.said())
    assert not driver.sees("Contenders")
    push(driver, "View: Cases")
    driver.find(QTableView, CASES).setFocus()
    driver.press("Return")
    await driver.until(lambda: driver.sees("Response from lab/wrong"))
    await driver.until(lambda: driver.sees("Open as conversation"))
    driver.push("Open as conversation")
    assert "The suite for this run is damaged, so" in driver.said()


def _without_prompts(run: RunRecord) -> RunRecord:
    return msgspec.structs.replace(run, suite={**run.suite, "prompts": 7})


async def test_a_run_that_somebody_else_deleted_goes_from_the_list(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED]], "right", data={"name": "First"})
    gone = await kept(services, [[PASSED]], "right", data={"name": "Second"})
    await kept(services, [[PASSED]], "right", data={"name": "Third"})
    await opened(driver, "Third")
    await (await services.store()).suite_runs.delete(gone.id)
    assert len(driver.rows("Runs")) == 3
    driver.press("Down")
    await driver.until(lambda: len(driver.rows("Runs")) == 2)
    assert not any("Second" in each for each in driver.rows("Runs"))
    await driver.until(lambda: driver.sees("Contenders"))


async def test_a_store_that_cannot_be_read_is_no_empty_list(
    driver: Driver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = SuiteRuns.list

    async def refused(runs: SuiteRuns) -> list[RunRecord]:
        raise StoreFull(english("The store unreadable."))

    monkeypatch.setattr(SuiteRuns, "list", refused)
    page(driver)
    await driver.until(lambda: "The store unreadable." in driver.said())
    assert "A run sends many prompts" not in driver.said()
    monkeypatch.setattr(SuiteRuns, "list", listing)
    driver.press("Ctrl+Shift+X")
    page(driver)
    await driver.until(lambda: "A run sends many prompts" in driver.said())


async def test_answers_that_come_from_elsewhere_appear_in_the_table_by_themselves(
    driver: Driver, services: Services
) -> None:
    run = await kept(services, [[PASSED], []], "right", state=RunState.STOPPED, reason="The run was stopped.")
    page(driver)
    await shows(driver, "Sums", "Stopped · 1 of 2 responses")
    assert "The run was stopped." in driver.said()
    runs = (await services.store()).suite_runs
    await runs.take(run.id)
    driver.press("Ctrl+Shift+X")
    page(driver)
    await shows(driver, "Sums", "Running · 1 of 2 responses")
    assert not any(driver.sees(name) for name in ("Pause", "Resume", "Delete…"))  # it is another program's
    push(driver, "View: Cases")
    await driver.until(lambda: "not sent yet" in heard_cells(driver, 1)[1])
    await runs.keep(run.id, CellRecord(key=CellKey(1, 0, 0), status=FAILED, score=0.0, answers=("Late.",)))
    await driver.until(lambda: "failed. Late." in heard_cells(driver, 1)[1])
    await runs.release(run.id, RunState.COMPLETE)
    await shows(driver, "Sums", "Complete · 2 responses")
    await driver.until(lambda: "Complete" in driver.rows("Runs")[0])


async def test_several_repeats_are_counted_in_their_cell_and_stepped_through(driver: Driver) -> None:
    await complete(driver, "right", "busy", cases=2, repeats=3)
    push(driver, "View: Cases")
    await driver.until(lambda: "3 of 3 passed" in heard_cells(driver, 0)[1])
    assert "0 of 3 passed, 3 errors" in heard_cells(driver, 0)[2]
    driver.find(QTableView, CASES).setFocus()
    driver.press("Return")
    await driver.until(lambda: driver.focused.accessibleName() == "Response from lab/right")
    repeat = driver.find(QComboBox, "Repeat")
    for key, said, place in (("N", "Repeat 2 of 3", "Case 1 · "), ("N", "Repeat 3 of 3", "Case 1 · "),
                             ("N", "Repeat 1 of 3", "Case 2 · "), ("B", "Repeat 3 of 3", "Case 1 · ")):  # fmt: skip
        driver.press(key)
        assert repeat.currentText() == said
        assert place in driver.said()


def within(control: QWidget, inner: QWidget) -> bool:
    """Whether a control lies within another, so that nothing of it is cut."""
    at = inner.mapTo(control, QPoint(0, 0))
    return at.x() >= 0 and at.x() + inner.width() <= control.width()


async def test_in_a_narrow_window_the_list_gives_way_and_comes_by_a_button(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED]], "right", data={"name": "First"})
    await kept(services, MIXED, "right", "wrong", data={"name": "Second"})
    shown = await opened(driver, "Second")
    driver.window.resize(520, 760)
    await driver.until(lambda: shown.width() < 700 and not shown.list.isVisible())
    for name in ("New run…", "All runs", "Close", "Review…", "Delete…", "Report…", "Compare…"):
        assert within(shown, driver.button(name))
    push(driver, "All runs")
    assert driver.focused is shown.list
    driver.press("Down")
    await shows(driver, "First", "Complete")
    assert driver.focused is shown.list  # it stays while somebody goes through it
    driver.press("Return")
    assert not shown.list.isVisible()
    assert driver.focused is driver.button("View: Summary")
    driver.window.resize(1200, 800)
    await driver.until(shown.list.isVisible)


async def test_before_a_run_nothing_is_cut_in_a_narrow_window(driver: Driver) -> None:
    driver.window.resize(520, 760)
    shown = await offered(driver, "right", "wrong")
    await driver.until(lambda: driver.sees("Include models without a known price"))
    for name in ("Start", "Back", "Cost cap", "Include models without a known price"):
        await driver.until(lambda name=name: within(shown, driver.button(name)))
    assert "The cost cap does not cover these models." in driver.said()
