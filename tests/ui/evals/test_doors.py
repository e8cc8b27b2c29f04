"""Ways to a run from elsewhere in the window: the sidebar, conversations, files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.evals.conftest import sums
from ui.evals.runs_page import RunsPage


def models(contenders: JsonValue) -> list[JsonValue]:
    """The contenders' models."""
    assert isinstance(contenders, list)
    return [each["model"] for each in contenders if isinstance(each, dict)]


async def test_the_sidebar_leads_to_runs_and_back(driver: Driver) -> None:
    driver.push("Evaluate")
    driver.choose("Runs")
    assert driver.find(RunsPage, "Runs")
    driver.push("Evaluate")
    driver.choose("Runs")
    assert driver.window.drawer.page is None


async def test_a_dropped_file_that_is_no_suite_is_none(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text("name: notes\n")
    driver.window.files.take([file])
    assert driver.window.drawer.page is None


async def test_a_suite_that_was_made_is_written_and_read_again(driver: Driver, tmp_path: Path) -> None:
    driver.press("Ctrl+Shift+X")
    shown = driver.find(RunsPage, "Runs")
    driver.push("New run…")
    shown.maker.form.show_data(sums("right", "wrong", cases=3, repeats=2))
    driver.push("Edit as text…")
    await driver.until(lambda: driver.sees("Suite as text"))
    file = tmp_path / "sums.yaml"
    shown.maker.editor.save_wanted.disconnect()
    shown.maker.save(str(file))
    await driver.until(file.is_file)
    driver.window.files.take([file])
    await driver.until(lambda: driver.sees("Before the run"))
    assert "12 calls" in driver.said()


async def test_cases_are_typed_cell_by_cell(driver: Driver) -> None:
    driver.press("Ctrl+Shift+X")
    form = driver.find(RunsPage, "Runs").maker.form
    driver.push("New run…")
    form.show_data({**sums("right"), "cases": []})
    form.cases.setFocus()
    form.cases.setCurrentCell(0, 0)
    for typed in ("12", "24"):
        for letter in typed:
            driver.type(letter)  # each where the keyboard is by then
        assert isinstance(driver.focused, QLineEdit)
        driver.press("Tab")
        await driver.until(lambda typed=typed: typed in str(form.cases.rows()))
    assert form.cases.rows() == [{"a": "12", "b": "24", "expected": "", "tags": ""}]
    assert form.cases.rowCount() == 2


async def test_chosen_conversations_become_a_suite_of_what_was_asked_in_them(
    driver: Driver, services: Services
) -> None:
    driver.window.workspace.pane.start_new(ModelRef(connection="lab", name="right"))
    await driver.answered("What is 1 plus 2?")
    shown = driver.window.workspace.pane.conversation.id
    await driver.until(lambda: bool(driver.window.sidebar.library.title(shown)))
    driver.window.sidebar.list.run_asked.emit([shown])
    await driver.until(lambda: driver.sees("Suite name"))
    data = driver.find(RunsPage, "Runs").maker.form.data()
    assert data["cases"] == [{"vars": {"prompt": "What is 1 plus 2?"}}]
    assert models(data["contenders"]) == ["lab/right"]
