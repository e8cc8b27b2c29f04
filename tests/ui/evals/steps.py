"""What a user does on the page of runs, step by step, and what is seen there; runs that are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTableWidget,
    QWidget,
)

from desktop.domain.conversation_types import Figures, JsonValue
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunRecord, RunState
from desktop.evals.execution.run_plan import new_run
from desktop.evals.suites.suite_file import suite_of
from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.evals.conftest import sums
from ui.evals.runs_page import RunsPage

PASSED, FAILED, UNGRADED, ERROR = CellStatus.PASSED, CellStatus.FAILED, CellStatus.UNGRADED, CellStatus.ERROR


def page(driver: Driver) -> RunsPage:
    """The page of runs, opened by its keys."""
    driver.press("Ctrl+Shift+X")
    return driver.find(RunsPage, "Runs")


async def offered(driver: Driver, *models: str, cases: int = 4, repeats: int = 1) -> RunsPage:
    """The page with the estimate of a suite that was written in the form."""
    shown = page(driver)
    driver.push("New run…")
    await driver.until(lambda: driver.sees("Suite name"))
    shown.maker.form.show_data(sums(*models, cases=cases, repeats=repeats))
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    return shown


async def complete(driver: Driver, *models: str, cases: int = 4, repeats: int = 1) -> RunsPage:
    """The page with such a suite carried out."""
    shown = await offered(driver, *models, cases=cases, repeats=repeats)
    driver.push("Start")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    await driver.until(lambda: bool(shown.results.summary.plot.rows))
    return shown


async def cases_of(driver: Driver, shown: RunsPage) -> None:
    """The table of cases, with its first cell read."""
    shown.results.parts.choose(1)
    await driver.until(lambda: shown.results.cases.cells.summary(0, 0) is not None)
    shown.results.cases.table.setFocus()


async def answers(driver: Driver, shown: RunsPage) -> None:
    """Wait until the answers of a case are there."""
    case = shown.results.case
    await driver.until(lambda: bool(case.columns) and all(each.record is not None for each in case.columns))


async def case_of(driver: Driver, shown: RunsPage) -> None:
    """The first case, opened by Enter."""
    await cases_of(driver, shown)
    driver.press("Return")
    await answers(driver, shown)


async def form_of(driver: Driver, data: Mapping[str, JsonValue] | None = None) -> RunsPage:
    """The page with the form of a new suite, filled with what is given."""
    shown = page(driver)
    driver.push("New run…")
    await driver.until(lambda: driver.sees("Suite name"))
    if data is not None:
        shown.maker.form.show_data(data)
        QApplication.processEvents()  # its rows are seen by then
    return shown


def push(driver: Driver, name: str) -> None:
    """Click a button, and have what came of it laid out."""
    driver.push(name)
    QApplication.processEvents()


async def kept(
    services: Services,
    statuses: Sequence[Sequence[CellStatus]],
    *models: str,
    data: Mapping[str, JsonValue] | None = None,
    state: RunState = RunState.COMPLETE,
    reason: str = "",
    figures: Figures | None = None,
) -> RunRecord:
    """A run that is there already: of each case (a row) the status of each contender's answer, as far as it got."""
    runs = (await services.store()).suite_runs
    run = new_run(suite_of({**sums(*models, cases=len(statuses)), **(data or {})}))
    await runs.create(run)
    await runs.take(run.id)
    for case, row in enumerate(statuses):
        for contender, status in enumerate(row):
            score = {PASSED: 1.0, FAILED: 0.0}.get(status)
            text = f"Response from {run.contenders[contender]} to case {case + 1}."
            record = CellRecord(
                key=CellKey(case, contender, 0), status=status, score=score, answers=(text,), figures=figures
            )
            await runs.keep(run.id, record)
    await runs.release(run.id, state, reason)
    return await runs.get(run.id)


async def shows(driver: Driver, name: str, state: str) -> None:
    """Wait until a run is shown, as its head says."""
    await driver.until(lambda: {name} <= set(driver.said().splitlines()) and f"\n{state}" in driver.said())


async def opened(driver: Driver, name: str, state: str = "Complete") -> RunsPage:
    """The page with the newest run, once what it shows is worked out."""
    shown = page(driver)
    await shows(driver, name, state)
    await driver.until(lambda: driver.sees("Contenders"))
    return shown


def field(driver: Driver, name: str) -> QLineEdit:
    """A line to type into."""
    return driver.find(QLineEdit, name)


def editor(driver: Driver, name: str) -> QPlainTextEdit:
    """A field of several lines."""
    return driver.find(QPlainTextEdit, name)


def fill(driver: Driver, control: QWidget, text: str) -> None:
    """Put the keyboard on a field and type over what stands there; several lines are pasted."""
    control.setFocus()
    driver.press("Ctrl+A")
    if "\n" in text:
        driver.paste(text)
    else:
        driver.type(text)


def pick(driver: Driver, name: str, text: str) -> None:
    """Choose something of a list by the arrows."""
    box = driver.find(QComboBox, name)
    box.setFocus()
    by = "Down" if box.findText(text) > box.currentIndex() else "Up"
    for _ in range(box.count()):
        if box.currentText() == text:
            return
        driver.press(by)
    raise AssertionError(f"{name} has no “{text}”")


def choices(driver: Driver, name: str) -> list[str]:
    """What can be chosen of a list."""
    box = driver.find(QComboBox, name)
    return [box.itemText(place) for place in range(box.count())]


def head_of(driver: Driver, name: str) -> list[str]:
    """The columns of a table."""
    model = driver.find(QTableView, name).model()
    return [str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount())]


def rows_of(driver: Driver, name: str) -> list[list[str]]:
    """What stands in the cells of a table."""
    model = driver.find(QTableView, name).model()
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def column_of(driver: Driver, name: str, title: str) -> list[str]:
    """What stands in a column of a table; nothing where there is no such column."""
    head = head_of(driver, name)
    return [row[head.index(title)] for row in rows_of(driver, name)] if title in head else []


def heard_cells(driver: Driver, row: int) -> list[str]:
    """What a screen reader hears of a row of the table of cases."""
    model = driver.find(QTableView, "Cases and responses").model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, column).data(role)) for column in range(model.columnCount())]


def place_of(view: QAbstractItemView, index: QModelIndex) -> QRect:
    """Where a cell is seen."""
    return view.visualRect(index)


async def type_cells(driver: Driver, name: str, row: int, *texts: str) -> None:
    """Type into the cells of a row of a table, from the first one on, and leave each by Tab."""
    table = driver.find(QTableWidget, name)
    table.setFocus()
    table.setCurrentCell(row, 0)
    for at, text in enumerate(texts):
        for letter in text:
            driver.type(letter)  # each where the keyboard is by then
        driver.press("Tab" if text else "Right")
        table.setFocus()
        table.setCurrentCell(row, at + 1)
    await driver.until(lambda: all(_cell(table, row, at) == text for at, text in enumerate(texts)))


def _cell(table: QTableWidget, row: int, column: int) -> str:
    return str(table.model().index(row, column).data() or "")


async def name_file(driver: Driver, path: Path) -> None:
    """Type a path into the dialog that asks for a file."""
    await driver.until(lambda: any(each.isVisible() for each in driver.window.findChildren(QFileDialog)))
    (dialog,) = (each for each in driver.window.findChildren(QFileDialog) if each.isVisible())
    (line,) = (each for each in dialog.findChildren(QLineEdit) if each.objectName() == "fileNameEdit")
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    driver.come_back()
