"""Runs through the window: made, estimated, started, read, reviewed, compared and deleted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import CellFilter, CellKey, CellRecord, CellStatus, RunState
from desktop.evals.execution.run_plan import new_run
from desktop.evals.suites.suite_file import suite_of, suite_yaml
from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.evals.conftest import SumsProvider, sums
from tests.ui.evals.steps import answers, case_of, cases_of, complete, offered, page
from tests.ui.finding import unreachable
from ui.evals.runs_page import RunsPage

STEERING: dict[str, JsonValue] = {"model": "lab/right", "parameters": {"service_tier": "priority"}}


async def test_nothing_is_sent_before_the_estimate_was_seen_and_started(driver: Driver, provider: SumsProvider) -> None:
    shown = await offered(driver, "right", "wrong", repeats=2)
    assert "16 calls" in driver.said()
    assert "lab/right" in str(shown.maker.start.findChildren(type(shown.results.summary.figures))[0].rows.rows)
    assert provider.requests == []
    driver.press("Escape")
    assert driver.sees("Suite name")


async def test_a_run_says_what_it_shows_and_what_came_to_nothing(driver: Driver) -> None:
    shown = await complete(driver, "right", "wrong", "busy", cases=12)
    await driver.until(lambda: "lab/right is better than lab/wrong" in driver.said())
    assert "6 errors" in shown.results.head.state
    assert [row.name for row in shown.results.summary.plot.rows][-1] == "lab/wrong"
    assert unreachable(shown) == []


async def test_cells_say_status_answer_and_contender(driver: Driver) -> None:
    shown = await complete(driver, "right", "wrong")
    await cases_of(driver, shown)
    model = shown.results.cases.cells
    role = Qt.ItemDataRole.AccessibleTextRole
    await driver.until(lambda: str(model.index(0, 0).data(role)) == "Case 1: 1 · 2")
    assert str(model.index(0, 1).data(role)).startswith("lab/right: passed. Adding 1 and 2.")
    assert str(model.index(0, 2).data(role)).startswith("lab/wrong: failed.")
    shown.results.cases.want(CellFilter.ERRORS)
    await driver.until(lambda: "0 cases" in driver.said().splitlines())


async def test_escape_goes_one_step_back_at_a_time(driver: Driver) -> None:
    shown = await complete(driver, "right")
    await case_of(driver, shown)
    assert driver.sees("Response from lab/right")
    driver.press("O")
    driver.type("a note")
    driver.press("Escape")
    assert driver.focused.accessibleName() == "Response from lab/right"
    driver.press("Escape")
    assert driver.focused is shown.results.cases.table
    driver.press("Escape")
    assert not driver.sees("Runs") or driver.window.drawer.page is None


async def test_a_review_is_blind_and_stands_above_the_graders(driver: Driver, services: Services) -> None:
    shown = await complete(driver, "right", "wrong", cases=1)
    driver.push("Review…")
    await answers(driver, shown)
    seen = driver.said(shown.results.case)
    assert "Response 1" in seen
    assert not any(word in seen for word in ("right", "wrong", "failed", "numeric"))
    await driver.until(lambda: driver.focused.accessibleName() == "Response from Response 1")
    driver.press("F")
    await driver.until(lambda: driver.focused.accessibleName() == "Response from Response 2")
    driver.press("F")
    store = (await services.store()).suite_runs
    [run] = await store.list()

    async def reviewed() -> list[bool | None]:
        return [each.reviewed for each in await store.heads(run.id)]

    for _ in range(400):
        if await reviewed() == [False, False]:
            break
        await driver.until(lambda: True)
    assert await reviewed() == [False, False]
    assert {each.status for each in await store.heads(run.id)} == {CellStatus.FAILED}


async def test_at_its_cap_a_run_can_be_given_more(driver: Driver, provider: SumsProvider) -> None:
    shown = await offered(driver, "gpt-4.1", cases=2)
    shown.maker.start.capped.click()
    shown.maker.start.cap.setValue(0)
    driver.push("Start")
    await driver.until(lambda: shown.results.head.state.startswith("Stopped at its cap"))
    assert provider.requests == []
    driver.push("Resume")
    await driver.until(lambda: driver.sees("Raise cap and resume"))
    driver.push("Raise cap and resume")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    assert len(provider.requests) == 2


async def test_parameters_that_may_steer_the_provider_are_sent_only_with_a_yes(
    driver: Driver, provider: SumsProvider
) -> None:
    shown = page(driver)
    driver.push("New run…")
    await driver.until(lambda: driver.sees("Suite name"))
    shown.maker.form.show_data({**sums("right", cases=2), "contenders": [STEERING]})
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    assert 'lab/right: service_tier = "priority"' in driver.said()
    driver.push("Start")
    await driver.until(lambda: "Nothing was sent" in driver.said(shown.maker.start))
    assert provider.requests == []
    shown.maker.start.parameters.click()
    driver.push("Start")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    assert len(provider.requests) == 2


async def test_a_run_is_resumed_with_such_parameters_only_after_a_yes(
    driver: Driver, provider: SumsProvider, services: Services
) -> None:
    await (await services.store()).suite_runs.create(new_run(suite_of({**sums(cases=1), "contenders": [STEERING]})))
    shown = page(driver)
    results = shown.results
    await driver.until(lambda: results.run is not None and None not in (results.run.suite, results.progress))
    driver.push("Resume")
    await driver.until(lambda: driver.sees("Send"))
    assert 'service_tier = "priority"' in driver.said()
    driver.push("Cancel")
    assert provider.requests == []
    driver.push("Resume")
    await driver.until(lambda: driver.sees("Send"))
    driver.push("Send")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    assert len(provider.requests) == 1


async def test_a_run_of_another_program_is_watched(driver: Driver, services: Services) -> None:
    store = (await services.store()).suite_runs
    run = new_run(suite_of(sums("right", cases=2)))
    await store.create(run)
    await store.take(run.id)
    shown = page(driver)
    await driver.until(lambda: shown.results.head.state.startswith("Running"))
    for case in range(2):
        record = CellRecord(key=CellKey(case, 0, 0), status=CellStatus.PASSED, score=1.0, answers=("Yes.",))
        await store.keep(run.id, record)
    await store.release(run.id, RunState.COMPLETE)
    await driver.until(lambda: shown.results.head.state.startswith("Complete · 2 responses"))


async def test_a_suite_with_a_mistake_is_shown_at_its_line(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "suite.yaml"
    text = "schema: paragone-suite/1\nname: Sums\nprompts: ['Hi {{who}}']\ncontenders: [lab/right]\n"
    text += "cases: [{vars: {who: you}}]\nlimit: 2\n"
    file.write_text(text)
    driver.window.files.take([file])
    problems = await found_list(driver, "Problems in the suite")
    assert "line 6" in problems.item(0).text()
    editor = driver.find(RunsPage, "Runs").maker.editor
    assert editor.field.textCursor().blockNumber() == 5
    editor.field.setPlainText(text.replace("limit: 2\n", ""))
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))


async def found_list(driver: Driver, name: str) -> QListWidget:
    """A list, once it is seen."""
    await driver.until(lambda: driver.sees(name))
    return driver.find(QListWidget, name)


async def test_two_runs_are_compared(driver: Driver) -> None:
    shown = await complete(driver, "right", cases=6)
    driver.push("New run…")
    shown.maker.form.show_data(sums("right", cases=6))
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    driver.push("Start")
    await driver.until(lambda: driver.sees("Compare…"))
    await driver.until(lambda: shown.results.head.state.startswith("Complete · 6"))
    await driver.until(lambda: not shown.live.ids and driver.sees("Compare…"))
    driver.push("Compare…")
    await driver.until(lambda: bool(shown.comparison.table.rows.rows))
    assert shown.comparison.table.rows.rows[0][0] == "lab/right"
    assert "0 cases changed" in driver.said(shown.comparison)


async def test_an_answer_is_gone_on_with_as_a_conversation(driver: Driver) -> None:
    shown = await complete(driver, "right", cases=1)
    await case_of(driver, shown)
    driver.push("Open as conversation")
    await driver.until(lambda: driver.window.drawer.page is None)
    await driver.until(lambda: any("The sum is 3." in each for each in driver.messages()))


async def test_a_run_is_deleted_only_after_a_question(driver: Driver, services: Services) -> None:
    shown = await complete(driver, "right", cases=1)
    driver.push("Delete…")
    driver.push("Cancel")
    assert len(await (await services.store()).suite_runs.list()) == 1
    driver.push("Delete…")
    driver.push("Delete")
    await driver.until(lambda: not shown.list.runs.runs)
    assert await (await services.store()).suite_runs.list() == []


async def test_cases_come_from_a_csv_file(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("a;b;expected;tags\n1;2;3;odd\n2;4;6;even, twice\n")
    shown = page(driver)
    driver.push("New run…")
    shown.maker.form.show_data({**sums("right"), "cases": []})
    shown.maker.form.bring(str(file))
    await driver.until(lambda: "2 cases added." in driver.said())
    assert shown.maker.form.data()["cases"] == [
        {"vars": {"a": "1", "b": "2", "expected": "3"}, "tags": ["odd"]},
        {"vars": {"a": "2", "b": "4", "expected": "6"}, "tags": ["even", "twice"]},
    ]


async def test_a_great_table_reads_only_what_is_seen(driver: Driver, services: Services) -> None:
    suite = suite_of({**sums("right"), "cases": [{"vars": {"a": str(n), "b": "1"}} for n in range(5_000)]})
    await (await services.store()).suite_runs.create(new_run(suite))
    shown = page(driver)
    asked: list[int] = []
    shown.results.cases.cells.wanted.connect(asked.extend)
    await driver.until(lambda: shown.results.cases.cells.rowCount() == 5_000)
    shown.results.parts.choose(1)
    shown.results.cases.table.scrollToBottom()
    await driver.until(lambda: 4_999 in asked)
    assert len(asked) < 500


async def test_a_second_click_starts_nothing_twice(driver: Driver, services: Services, provider: SumsProvider) -> None:
    shown = await offered(driver, "right", cases=3)
    driver.push("Start")
    shown.maker.start.started.emit()
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    [run] = await (await services.store()).suite_runs.list()
    assert len(provider.requests) == 3
    for _ in range(2):
        shown.live.start(run.id)
    assert shown.live.ids == {run.id}
    await driver.until(lambda: not shown.live.ids)
    assert len(provider.requests) == 3


async def test_what_was_written_in_the_form_is_there_again_until_a_run_is_made_of_it(driver: Driver) -> None:
    shown = page(driver)
    driver.push("New run…")
    shown.maker.form.show_data(sums("right"))
    driver.press("Escape")
    driver.push("New run…")
    assert shown.maker.form.name.text() == "Sums"
    driver.push("Clear")
    assert shown.maker.form.name.text() == ""


async def test_letters_on_the_page_of_runs_are_no_prompt(driver: Driver) -> None:
    shown = page(driver)
    driver.type("secret")
    driver.press("Escape")
    assert driver.window.drawer.page is not shown
    assert driver.editor.toPlainText() == ""


async def test_a_suite_of_very_many_lines_is_not_laid_out_as_text(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(suite_yaml(suite_of(sums("right"))) + "\n" * 200_000)
    shown = page(driver)
    driver.push("New run…")
    shown.maker.open(path)
    await driver.until(lambda: driver.sees("Before the run"))
    assert shown.maker.editor.text == ""
