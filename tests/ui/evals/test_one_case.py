"""One case of a run: answers side by side, marked differences, verdicts and notes by keys, blind and not."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QCheckBox, QTableView

from desktop.domain.conversation_types import Figures
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus
from desktop.evals.execution.cell_outcome import unjudged
from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.evals.steps import ERROR, FAILED, PASSED, UNGRADED, editor, field, heard_cells, kept, opened, push
from tests.ui.finding import unreachable
from ui.compare.marked_text import MarkedText

THREE = [[PASSED, FAILED, ERROR]] * 3


async def first_case(driver: Driver) -> None:
    """The first case of the newest run, opened by keys with its first answer marked."""
    await opened(driver, "Sums")
    push(driver, "View: Cases")
    await driver.until(lambda: driver.sees("Cases and responses") and "not sent yet" not in heard_cells(driver, 0)[1])
    driver.find(QTableView, "Cases and responses").setFocus()
    driver.press("Return")
    await driver.until(lambda: "Response from lab/right to case 1." in shown_text(driver, "Response from lab/right"))


def shown_text(driver: Driver, name: str) -> str:
    """The text of an answer; nothing before it is there."""
    return driver.find(MarkedText, name).toPlainText() if driver.sees(name) else ""


async def cell(services: Services, contender: int, case: int = 0) -> CellRecord:
    """A cell of the only run as it is kept."""
    runs = (await services.store()).suite_runs
    (run,) = await runs.list()
    return await runs.cell(run.id, CellKey(case, contender, 0))


async def until_kept(driver: Driver, services: Services, contender: int, reviewed: bool | None, note: str = "") -> None:
    """Wait until a verdict is in the store."""
    for _ in range(2000):
        found = await cell(services, contender)
        if (found.reviewed, found.note) == (reviewed, note):
            return
        await driver.until(lambda: True)
    raise AssertionError(f"kept: {(await cell(services, contender)).reviewed}")


async def test_verdicts_are_given_taken_back_and_stand_above_the_graders(driver: Driver, services: Services) -> None:
    await kept(services, THREE, "right", "wrong", "busy", figures=Figures(duration_ms=900.0, cost=0.5))
    await first_case(driver)
    assert "What is 1 plus 2?" in editor(driver, "Prompt").toPlainText()
    assert "passed · 900 ms · $0.500" in driver.said()
    driver.press("F")
    await until_kept(driver, services, 0, reviewed=False)
    assert driver.focused.accessibleName() == "Response from lab/wrong"  # the next one that can be judged
    assert driver.button("Fail: lab/right").isChecked()
    assert (await cell(services, 0)).status is CellStatus.FAILED
    driver.find(MarkedText, "Response from lab/right").setFocus()
    driver.press("F")
    await until_kept(driver, services, 0, reviewed=None)
    assert not driver.button("Fail: lab/right").isChecked()
    driver.push("Pass: lab/wrong")
    await until_kept(driver, services, 1, reviewed=True)
    assert not driver.sees("Pass: lab/busy")  # there is no answer of it


async def test_a_note_is_kept_where_it_is_left_and_esc_goes_back_to_the_answer(
    driver: Driver, services: Services
) -> None:
    await kept(services, THREE, "right", "wrong", "busy")
    await first_case(driver)
    driver.press("O")
    assert driver.focused is field(driver, "Note on lab/right")
    driver.type("polite, but p and f and n are letters")
    driver.press("Escape")
    assert driver.focused.accessibleName() == "Response from lab/right"
    await until_kept(driver, services, 0, None, "polite, but p and f and n are letters")
    driver.press("N")
    await driver.until(lambda: "Case 2 · 2 of 3" in driver.said() and driver.sees("Note on lab/right"))
    assert field(driver, "Note on lab/right").text() == ""
    driver.press("B")
    await driver.until(lambda: "Case 1 · 1 of 3" in driver.said() and driver.sees("Note on lab/right"))
    assert field(driver, "Note on lab/right").text().startswith("polite")


async def test_cases_are_gone_through_by_keys_and_buttons_to_both_ends(driver: Driver, services: Services) -> None:
    await kept(services, THREE, "right", "wrong", "busy")
    await first_case(driver)
    assert not driver.button("Previous").isEnabled()
    for _ in range(5):
        driver.press("N")
    assert "Case 3 · 3 of 3" in driver.said()
    assert not driver.button("Next").isEnabled()
    push(driver, "Previous")
    assert "Case 2 · 2 of 3" in driver.said()
    driver.push("Back")
    assert driver.focused is driver.find(QTableView, "Cases and responses")
    assert "3 cases" in driver.said()


async def test_blind_nothing_tells_who_answered(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED, FAILED]] * 2, "right", "wrong", figures=Figures(duration_ms=900.0))
    await first_case(driver)
    driver.find(QCheckBox, "Hide model names").click()
    await driver.until(lambda: shown_text(driver, "Response from Response 2"))
    seen = driver.said()
    assert "Response 1" in seen
    assert not any(word in seen for word in ("lab/right", "lab/wrong", "900 ms", "passed"))
    for name in ("Response 1", "Response 2"):
        assert driver.sees(f"Note on {name}")
        assert driver.sees(f"Pass: {name}")
    assert not driver.sees("Open as conversation")
    order = shown_text(driver, "Response from Response 1")
    for key in ("N", "B"):
        driver.press(key)
        await driver.until(lambda: shown_text(driver, "Response from Response 1"))
    await driver.until(lambda: shown_text(driver, "Response from Response 1") == order)  # the same each time
    driver.find(QCheckBox, "Hide model names").click()
    await driver.until(lambda: shown_text(driver, "Response from lab/right"))
    assert unreachable(driver.window) == []


async def test_an_answer_whose_judges_met_the_cap_is_said_to_be_one(driver: Driver, services: Services) -> None:
    run = await kept(services, [[PASSED, UNGRADED]], "right", "wrong")
    record = msgspec.structs.replace(await cell(services, 1), problem=unjudged())
    await (await services.store()).suite_runs.keep(run.id, record)
    await first_case(driver)
    assert "the run reached its cap" in driver.said()
    driver.find(QCheckBox, "Hide model names").click()
    await driver.until(lambda: shown_text(driver, "Response from Response 2"))
    assert "No answer came" not in driver.said()


async def test_differences_are_marked_and_unmarked(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED, FAILED]], "right", "wrong")
    await first_case(driver)
    plain = driver.pixels(driver.find(MarkedText, "Response from lab/wrong").viewport())
    tick = driver.find(QCheckBox, "Highlight differences")
    tick.click()
    assert driver.pixels(driver.find(MarkedText, "Response from lab/wrong").viewport()) != plain
    tick.click()
    assert driver.pixels(driver.find(MarkedText, "Response from lab/wrong").viewport()) == plain


async def test_when_everything_was_reviewed_that_is_said(driver: Driver, services: Services) -> None:
    await kept(services, [[PASSED]], "right")
    await opened(driver, "Sums")
    driver.push("Review…")
    await driver.until(lambda: shown_text(driver, "Response from Response 1"))
    driver.press("P")
    await until_kept(driver, services, 0, reviewed=True)
    driver.press("Escape")
    assert driver.focused is driver.button("Review…")
    driver.press("Space")
    await driver.until(lambda: "Every response has been reviewed." in driver.said())
    assert not driver.sees("Response from Response 1")


async def test_an_answer_of_megabytes_is_shown_in_part_and_says_so(driver: Driver, services: Services) -> None:
    run = await kept(services, [[PASSED]], "right")
    long = CellRecord(
        key=CellKey(0, 0, 0), status=PASSED, score=1.0, answers=("Response from lab/right to case 1. " * 9000,)
    )
    await (await services.store()).suite_runs.keep(run.id, long)
    await first_case(driver)
    text = shown_text(driver, "Response from lab/right")
    assert text.endswith("Open this response as a conversation to see the rest.")
    assert len(text) < 21_000
