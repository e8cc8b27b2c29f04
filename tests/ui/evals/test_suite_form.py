"""The form of a suite: written by keys alone, brought from a table, refused with words, and shown as text and back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QListWidget, QTableWidget

from desktop.domain.conversation_types import JsonValue
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.evals.conftest import SumsProvider, sums
from tests.ui.evals.steps import (
    choices,
    editor,
    field,
    fill,
    form_of,
    head_of,
    name_file,
    offered,
    page,
    pick,
    push,
    rows_of,
    type_cells,
)
from tests.ui.finding import unreachable


async def test_a_suite_is_written_by_keys_alone_and_started(driver: Driver, provider: SumsProvider) -> None:
    page(driver)
    assert driver.focused is driver.button("New run…")
    driver.press("Return")
    assert driver.focused is field(driver, "Suite name")
    driver.type("Two sums")
    driver.press("Tab")
    assert driver.focused is editor(driver, "Prompt 1")
    driver.type("What is {{a}} plus {{b}}?")
    assert head_of(driver, "Cases") == ["a", "b", "Expected", "Tags"]
    await type_cells(driver, "Cases", 0, "1", "2", "3", "odd, small")
    await type_cells(driver, "Cases", 1, "2", "4", "6")
    fill(driver, driver.find(QComboBox, "Model for contender 1"), "lab/right")
    fill(driver, field(driver, "Parameters for contender 1"), "temperature=0.5")
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    assert "2 calls" in driver.said()
    assert provider.requests == []
    assert driver.focused is driver.button("Start")
    driver.press("Space")
    await driver.until(lambda: "Complete · 2 responses" in driver.said())
    assert [each.messages[-1].text for each in provider.requests] in (
        ["What is 1 plus 2?", "What is 2 plus 4?"],
        ["What is 2 plus 4?", "What is 1 plus 2?"],
    )
    assert provider.requests[0].parameters.values == {"temperature": 0.5}


async def test_every_control_of_each_step_has_a_name_and_is_reached_by_keys(driver: Driver) -> None:
    shown = await form_of(driver, {**sums("right", "wrong"), "graders": [{"type": "judge", "model": "lab/right"}]})
    assert unreachable(shown) == []
    driver.push("Edit as text…")
    await driver.until(lambda: driver.sees("Suite as text"))
    assert unreachable(shown) == []
    driver.press("Escape")
    shown.maker.form.show_data(sums("right"))
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    assert unreachable(shown) == []


async def test_what_is_missing_is_said_where_it_is_asked_for(driver: Driver, provider: SumsProvider) -> None:
    await form_of(driver, {})
    driver.push("Next")
    await driver.until(lambda: "There are no prompts yet." in driver.said())
    fill(driver, editor(driver, "Prompt 1"), "Hello")
    fill(driver, driver.find(QComboBox, "Model for contender 1"), " ")
    driver.push("Next")
    await driver.until(lambda: "There are no contenders yet." in driver.said())
    for model, parameter, why in (
        ("nonsense", "", "“nonsense” is not a valid model name."),
        ("lab/right", "temperature", "“temperature” is not a valid parameter."),
        ("lab/right", "temperature=hot", "temperature"),
    ):
        fill(driver, driver.find(QComboBox, "Model for contender 1"), model)
        fill(driver, field(driver, "Parameters for contender 1"), parameter or " ")
        driver.push("Next")
        await driver.until(lambda why=why: why in driver.said())
    assert not driver.sees("Before the run")
    assert provider.requests == []


async def test_a_variable_that_a_case_lacks_is_said(driver: Driver) -> None:
    shown = await form_of(driver, {**sums("right"), "prompts": ["{{a}} and {{c}}"]})
    shown.maker.form.cases.want(["a", "expected", "tags"])  # the column goes, the prompt stays
    driver.push("Next")
    await driver.until(lambda: "c" in driver.said() and not driver.sees("Before the run"))
    assert driver.sees("Suite name")


async def test_contenders_and_graders_are_numbered_by_their_places(driver: Driver) -> None:
    await form_of(driver, sums("right", "wrong", "busy"))
    push(driver, "Remove contender 2")
    assert driver.focused is driver.find(QComboBox, "Model for contender 1")
    assert driver.find(QComboBox, "Model for contender 2").currentText() == "lab/busy"
    assert not driver.sees("Model for contender 3")
    push(driver, "+ Contender")
    assert driver.focused is driver.find(QComboBox, "Model for contender 3")
    for _ in range(2):
        push(driver, "+ Grader")
    pick(driver, "Grader 2", "meets the judge's rubric")
    push(driver, "Remove grader 1")
    assert driver.sees("Judge for grader 1")
    assert not driver.sees("Grader 2")
    push(driver, "Remove grader 1")
    assert driver.focused is driver.button("+ Grader")


async def test_models_that_are_known_are_offered(driver: Driver, services: Services, provider: SumsProvider) -> None:
    provider.served = [ModelInfo(name="right"), ModelInfo(name="wrong")]
    await services.gateway.models("lab")
    await form_of(driver)
    assert {"lab/right", "lab/wrong"} <= set(choices(driver, "Model for contender 1"))


async def test_each_grader_takes_what_it_needs(driver: Driver) -> None:
    shown = await form_of(driver, sums("right", cases=1))
    push(driver, "+ Grader")
    assert driver.focused is driver.find(QComboBox, "Grader 1")
    for kind, typed, made in (
        ("contains", "sum", {"type": "contains", "value": "sum"}),
        ("contains the number", "3", {"type": "numeric", "value": "3"}),
        ("takes at most (ms)", "500", {"type": "latency", "threshold": 500.0}),
        ("is valid JSON", "", {"type": "is-json"}),
        ("meets the judge's rubric", "Good", {"type": "judge", "rubric": "Good", "model": "lab/right"}),
    ):
        pick(driver, "Grader 1", kind)
        assert driver.sees("Value for grader 1") is bool(typed)
        assert driver.sees("Judge for grader 1") is ("rubric" in made)
        if typed:
            fill(driver, field(driver, "Value for grader 1"), typed)
        if "model" in made:
            fill(driver, driver.find(QComboBox, "Judge for grader 1"), "lab/right")
        assert shown.maker.form.data()["graders"] == [made]
        driver.find(QCheckBox, "Negate grader 1").click()
        assert shown.maker.form.data()["graders"] == [{**made, "type": f"not-{made['type']}"}]
        driver.find(QCheckBox, "Negate grader 1").click()


async def test_what_the_form_has_no_field_for_stays_and_is_counted(driver: Driver) -> None:
    graders: list[JsonValue] = [
        {"type": "contains-any", "value": ["a", "b"]},
        {"type": "contains", "value": "c", "weight": 2},
    ]
    limits: dict[str, JsonValue] = {"concurrency": 2, "per_minute": 30}
    stop: dict[str, JsonValue] = {"stop": ["a, b", 'c"'], "seed": 7, "user": "Ann", "note": "x, y", "logprobs": True}
    data: dict[str, JsonValue] = {
        **sums("right", cases=1),
        "graders": [*graders, {"type": "equals", "value": "d"}],
        "limits": limits,
        "description": "Sums of two.",
        "contenders": [{"model": "lab/right", "parameters": stop, "label": "Right"}],
    }
    shown = await form_of(driver, data)
    assert "2 more graders are only shown in “Edit as text…”." in driver.said()
    made = shown.maker.form.data()
    assert made["graders"] == [*graders, {"type": "equals", "value": "d"}]
    assert (made["limits"], made["description"]) == (limits, "Sums of two.")
    assert made["contenders"] == [{"model": "lab/right", "parameters": stop, "label": "Right"}]
    driver.find(QCheckBox, "Cost cap").click()
    assert shown.maker.form.data()["limits"] == {"cost_usd": 1.0, **limits}
    driver.push("Clear")
    assert "are only shown in “Edit as text…”" not in driver.said()


async def test_a_table_of_a_spreadsheet_is_pasted_and_cells_are_emptied(driver: Driver) -> None:
    shown = await form_of(driver, {**sums("right"), "cases": []})
    cases = driver.find(QTableWidget, "Cases")
    cases.setFocus()
    cases.setCurrentCell(0, 0)
    driver.paste("1\t2\t3\todd\n2\t4\t6\t\n3\t6")
    assert [row[:3] for row in rows_of(driver, "Cases")][:3] == [["1", "2", "3"], ["2", "4", "6"], ["3", "6", ""]]
    driver.press("Ctrl+A")
    driver.press("Delete")
    assert not any(any(row) for row in rows_of(driver, "Cases"))
    assert shown.maker.form.cases.rows() == []
    QGuiApplication.clipboard().clear()


async def test_esc_in_a_cell_ends_its_editing_and_nothing_else(driver: Driver) -> None:
    await form_of(driver, {**sums("right"), "cases": []})
    cases = driver.find(QTableWidget, "Cases")
    cases.setFocus()
    cases.setCurrentCell(0, 0)
    driver.type("4")
    driver.press("Escape")
    assert driver.sees("Suite name")
    assert rows_of(driver, "Cases")[0][0] == ""
    driver.press("Escape")
    assert not driver.sees("Suite name")


async def test_cases_of_a_csv_file_are_added_and_a_file_that_is_none_is_said(driver: Driver, tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("a,b,__expected,__tags\n5,6,icontains:11,big\n")
    shown = await form_of(driver, sums("right", cases=1))
    driver.push("Import CSV…")
    await name_file(driver, table)
    await driver.until(lambda: "1 case added." in driver.said())
    assert [row[:2] for row in rows_of(driver, "Cases")] == [["1", "2"], ["5", "6"], ["", ""]]
    table.write_text('a,b\n"5"x,6\n')
    for name, why in (("gone.csv", "gone.csv could not be read"), ("cases.csv", "cases.csv")):
        shown.maker.form.bring(str(tmp_path / name))  # the dialog takes no file that is not there
        await driver.until(lambda why=why: why in driver.said())
        assert [row[:2] for row in rows_of(driver, "Cases")] == [["1", "2"], ["5", "6"], ["", ""]]


async def test_text_that_is_changed_comes_back_into_the_form(driver: Driver) -> None:
    await form_of(driver, sums("right", cases=2))
    driver.push("Edit as text…")
    await driver.until(lambda: driver.sees("Suite as text"))
    text = editor(driver, "Suite as text")
    assert driver.focused is text
    fill(driver, text, text.toPlainText().replace("name: Sums", "name: Other sums").rstrip())
    driver.push("Back")
    await driver.until(lambda: driver.sees("Suite name"))
    assert field(driver, "Suite name").text() == "Other sums"
    assert [row[:2] for row in rows_of(driver, "Cases")] == [["1", "2"], ["2", "4"], ["", ""]]


async def test_text_that_is_no_suite_is_left_only_when_that_is_said(driver: Driver) -> None:
    await form_of(driver, sums("right", cases=1))
    driver.push("Edit as text…")
    await driver.until(lambda: driver.sees("Suite as text"))
    fill(driver, editor(driver, "Suite as text"), "name: x")
    driver.press("Escape")
    await driver.until(lambda: driver.sees("Problems in the suite"))
    assert driver.sees("Suite as text")
    driver.press("Escape")
    assert field(driver, "Suite name").text() == "Sums"


async def test_prompts_of_several_turns_stay_in_the_text(driver: Driver) -> None:
    await form_of(driver, sums("right", cases=1))
    driver.push("Edit as text…")
    await driver.until(lambda: driver.sees("Suite as text"))
    text = editor(driver, "Suite as text")
    turns = text.toPlainText().replace("- What is {{a}} plus {{b}}?", "- turns: ['{{a}}?', 'Plus {{b}}?']")
    text.setPlainText(turns)
    driver.push("Back")
    await driver.until(lambda: driver.sees("Problems in the suite"))
    assert "several turns" in driver.find(QListWidget, "Problems in the suite").item(0).text()
    push(driver, "Back")
    assert driver.sees("Suite name")


async def test_the_cap_of_the_form_is_that_of_the_estimate(driver: Driver) -> None:
    shown = await offered(driver, "right")
    assert not driver.find(QCheckBox, "Cost cap").isChecked()
    driver.push("Back")
    driver.find(QCheckBox, "Cost cap").click()
    shown.maker.form.cap.setFocus()
    fill(driver, shown.maker.form.cap, "2.5")
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    assert driver.find(QCheckBox, "Cost cap").isChecked()
    assert shown.maker.start.cap_usd == 2.5
