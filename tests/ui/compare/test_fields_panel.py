"""The panel of fields: its finding, marks, filter, copying, notes, and validation against the schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import JsonValue, Status
from desktop.domain.message_parts import TextPart, ToolCallPart, ToolResultPart, ToolStatus
from tests.desktop.metrics.made import answer, prompt
from tests.ui.compare.conftest import Desk
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.fields_panel import FieldsPanel, json_of, plain_value
from ui.compare.pane_facts import ShownPane

SCHEMA = '{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {}}}'


def pane(name: str, text: str, schema: str = "", status: Status = Status.COMPLETE) -> ShownPane:
    """A pane with one response."""
    return ShownPane(name, "#3B5BDB", (prompt(), answer(text, status=status)), schema=schema)


async def no_slips(schema: JsonValue, texts: Sequence[str]) -> Sequence[str]:
    """A check that finds nothing."""
    del schema
    return [""] * len(texts)


def made(desk: Desk, themes: Themes, tasks: Tasks, qtbot: QtBot) -> FieldsPanel:
    """The panel, shown."""
    panel = FieldsPanel(themes.current, lambda: desk.panes, tasks, no_slips)
    qtbot.addWidget(panel)
    panel.resize(640, 700)
    panel.show()
    panel.refresh()
    return panel


@pytest.fixture
def panel(desk: Desk, themes: Themes, tasks: Tasks, qtbot: QtBot) -> FieldsPanel:
    desk.panes = [pane("x", '{"a": 1, "b": "t"}'), pane("y", '{"a": 1, "b": "u"}'), pane("z", '{"a": 1, "b": "t"}')]
    return made(desk, themes, tasks, qtbot)


def cells(panel: FieldsPanel) -> list[list[str]]:
    """The rows as displayed, each with its name."""
    model = panel.table.rows
    return [
        [str(model.headerData(at, Qt.Orientation.Vertical)), *(cell.shown for cell in row.cells)]
        for at, row in enumerate(model.rows)
    ]


def test_the_table_marks_what_differs_by_a_sign_and_says_the_finding(panel: FieldsPanel) -> None:
    assert panel.state == "3 models agree on 1 of 2 fields."
    assert cells(panel) == [["a", "1", "1", "1", "100%"], ["≠ b", "t", "≠ u", "t", "67%"]]
    assert panel.notes == ""


def test_only_fields_that_differ_are_shown_on_request(panel: FieldsPanel) -> None:
    panel.only.click()
    assert [row[0] for row in cells(panel)] == ["≠ b"]


def test_each_cell_tells_screen_readers_its_place_and_difference(panel: FieldsPanel) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    model = panel.table.rows
    assert model.data(model.index(1, 1), role) == "b, y: u, differs"
    assert model.headerData(1, Qt.Orientation.Vertical, role) == "b, differs"


def test_the_keyboard_reaches_the_cells_and_leaves_the_table(panel: FieldsPanel, qtbot: QtBot) -> None:
    qtbot.waitActive(panel)
    panel.table.setFocus()
    assert panel.table.currentIndex().isValid()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.table.currentIndex().row() == 1
    QTest.keyClick(panel.table, Qt.Key.Key_Tab)
    assert not panel.table.hasFocus()


def test_the_table_is_copied_and_exported(panel: FieldsPanel, tmp_path: Path) -> None:
    panel.copy_markdown()
    assert QGuiApplication.clipboard().text().splitlines() == [
        "| Field | x | y | z | Agreement |",
        "| --- | --- | --- | --- | --- |",
        "| a | 1 | 1 | 1 | 100% |",
        '| b | "t" | "u" | "t" | 67% |',
    ]
    panel.copy_csv()
    assert QGuiApplication.clipboard().text().splitlines()[0] == "Field\tx\ty\tz\tAgreement"
    panel.export(tmp_path / "fields.csv")
    assert (tmp_path / "fields.csv").read_text().splitlines()[1] == "a,1,1,1,100%"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["no", "neither"], "No response in this turn is JSON."),
        (['{"a": 1}', "no"], "Only x responded in JSON: agreement needs two responses."),
        (['{"a": 1}', '{"a": 1}'], "2 models agree on all fields."),
    ],
)
def test_the_finding_fits_the_responses(panel: FieldsPanel, desk: Desk, texts: list[str], said: str) -> None:
    desk.panes = [pane(name, text) for name, text in zip("xy", texts, strict=True)]
    panel.refresh()
    assert panel.state == said


def test_panes_that_are_not_compared_are_named_with_the_reason(panel: FieldsPanel, desk: Desk) -> None:
    desk.panes = [pane("x", '{"a": 1}'), pane("y", "Hello"), ShownPane("z", "#000000", (prompt(),))]
    panel.refresh()
    first, second = panel.notes.splitlines()
    assert first.startswith("y: The response is not JSON: ")
    assert second == "z: No response in this turn yet."


async def test_a_response_that_violates_its_schema_is_named(
    desk: Desk, themes: Themes, tasks: Tasks, qtbot: QtBot
) -> None:
    from desktop.evals.graders.check_desk import schema_mismatches

    desk.panes = [pane("x", '{"a": 1}', SCHEMA), pane("y", '```json\n{"b": 1}\n```', SCHEMA)]
    panel = FieldsPanel(themes.current, lambda: desk.panes, tasks, schema_mismatches)
    qtbot.addWidget(panel)
    panel.show()
    panel.refresh()
    await until(lambda: bool(panel.notes), timeout_s=30)
    assert panel.notes == "y: The response violates the schema: 'a' is a required property"
    assert panel.state.endswith("1 response violates the schema.")
    assert cells(panel)[0] == ["≠ a", "1", "– missing", "50%"]


def test_an_earlier_turn_can_be_chosen(panel: FieldsPanel, desk: Desk) -> None:
    desk.panes = [
        ShownPane(name, "#3B5BDB", (prompt("1"), answer('{"a": 1}'), prompt("2"), answer(f'{{"a": {number}}}')))
        for number, name in enumerate("xy")
    ]
    panel.refresh()
    assert panel.state == "2 models agree on 0 of 1 fields."
    panel.turn.setCurrentText("Turn 1")
    panel.turn.activated.emit(panel.turn.currentIndex())
    assert panel.state == "2 models agree on all fields."


def test_json_after_the_last_tool_call_is_compared() -> None:
    parts = (
        TextPart(text="Let me look."),
        ToolCallPart(id="1", name="t", arguments="{}"),
        ToolResultPart(call="1", status=ToolStatus.OK, text="2"),
        TextPart(text='{"a": 2}'),
    )
    assert json_of(msgspec.structs.replace(answer(), parts=parts)) == '{"a": 2}'


@pytest.mark.parametrize(
    ("json", "shown"), [('"a b"', "a b"), ('"12"', '"12"'), ('"true"', '"true"'), ('""', '""'), ("12", "12")]
)
def test_texts_have_quotes_only_where_they_read_like_other_values(json: str, shown: str) -> None:
    assert plain_value(json) == shown
