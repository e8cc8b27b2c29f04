"""The panel of tool calls: its finding, the marks of each call, choosing one, and export."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.message_parts import Part, ToolCallPart, ToolResultPart, ToolStatus
from desktop.metrics.tool_divergence import text_with_calls
from tests.desktop.metrics.made import answer, prompt
from tests.ui.compare.conftest import Desk
from ui.base.theme import Themes
from ui.compare.pane_facts import ShownPane
from ui.compare.tool_calls_panel import ToolCallsPanel


def parts(spelled: str, *, recorded: bool = False, status: ToolStatus = ToolStatus.OK) -> tuple[Part, ...]:
    """Calls written as TOOL:VALUE."""
    made: list[Part] = []
    for at, each in enumerate(spelled.split()):
        tool, value = each.split(":")
        made.append(ToolCallPart(id=str(at), name=tool, server="s", arguments=json.dumps({"city": value})))
        took = None if recorded else 20.0
        made.append(ToolResultPart(call=str(at), status=status, text="12", duration_ms=took, recorded=recorded))
    return tuple(made)


def pane(name: str, made: tuple[Part, ...]) -> ShownPane:
    """A pane whose response consists of parts."""
    return ShownPane(name, "#3B5BDB", (prompt(), msgspec.structs.replace(answer(), parts=made)))


@pytest.fixture
def panel(desk: Desk, themes: Themes, qtbot: QtBot) -> ToolCallsPanel:
    desk.panes = [
        pane("x", parts("time:Berlin time:Tokyo")),
        pane("y", parts("time:Berlin time:Tokyo", recorded=True)),
        pane("z", parts("time:Berlin", status=ToolStatus.ERROR)),
    ]
    made = ToolCallsPanel(themes.current, lambda: desk.panes)
    qtbot.addWidget(made)
    made.resize(640, 700)
    made.show()
    made.refresh()
    return made


def test_calls_stand_in_rows_with_duration_status_and_marks(panel: ToolCallsPanel) -> None:
    assert panel.state == "2 of 3 models made all 2 calls of time; z left out Tokyo."
    model = panel.table.rows
    assert [[cell.shown for cell in row.cells] for row in model.rows] == [
        ["1. 20 ms", "1. shared", "1. failed · 20 ms"],
        ["2. 20 ms", "2. shared", "– not called"],
    ]
    assert [model.headerData(at, Qt.Orientation.Vertical) for at in range(2)] == ["Berlin", "≠ Tokyo"]


@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        (["", ""], "No model called a tool in this turn."),
        (["t:1", "t:1"], "Both models made the same call."),
        (["t:1 u:2", "t:1 u:2"], "Both models made the same 2 calls."),
        (["t:1 u:2", "u:2 t:1"], "All models made all 2 calls; y called t (1) in another order."),
        (["t:1", "t:1", "t:2"], "2 of 3 models made the call of t; z used other arguments for t (1)."),
        (
            ["t:1", "u:1"],
            "2 models made 2 different calls, none of them in common; x left out u (1); y left out t (1).",
        ),
        (["t:1 u:2 v:3 w:4", "t:1"], "1 of 2 models made all 4 calls; y left out u (2), v (3) and 1 more."),
    ],
)
def test_the_finding_is_one_sentence(panel: ToolCallsPanel, desk: Desk, spelled: list[str], said: str) -> None:
    desk.panes = [pane(name, parts(each)) for name, each in zip("xyz", spelled, strict=False)]
    panel.refresh()
    assert panel.state == said


def test_enter_and_a_click_ask_for_the_call(panel: ToolCallsPanel, desk: Desk) -> None:
    asked: list[tuple[int, str, str]] = []

    def take(place: int, message: str, call: str) -> None:
        asked.append((place, message, call))

    panel.call_wanted.connect(take)
    panel.only.click()
    panel.table.setCurrentIndex(panel.table.rows.index(0, 1))
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert asked == [(1, desk.panes[1].path[-1].id, "1")]
    panel.table.setCurrentIndex(panel.table.rows.index(0, 2))
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert len(asked) == 1  # there is no call


def test_the_calls_are_exported_with_their_arguments(panel: ToolCallsPanel, tmp_path: Path) -> None:
    panel.export(tmp_path / "calls.csv")
    assert (tmp_path / "calls.csv").read_text().splitlines() == [
        "Tool,Arguments,x,y,z",
        'time,"{""city"": ""Berlin""}",1. · 20 ms,1. · shared,1. · failed · 20 ms',
        'time,"{""city"": ""Tokyo""}",2. · 20 ms,2. · shared,not called',
    ]


def test_a_pane_without_a_response_is_named_and_not_compared(panel: ToolCallsPanel, desk: Desk) -> None:
    desk.panes = [*desk.panes[:2], ShownPane("z", "#000000", (prompt(),))]
    panel.refresh()
    assert panel.state == "Both models made the same 2 calls."
    assert panel.notes == "z: No response in this turn yet."


def test_calls_and_results_become_text_in_their_order() -> None:
    assert text_with_calls(parts("time:Berlin")) == 'time {"city":"Berlin"}\n\n12'
