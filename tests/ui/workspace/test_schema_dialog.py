"""The dialog of the response schema: reading, deriving, refusing, loading a file, removing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import JsonValue
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.workspace.schema_dialog import SchemaDialog

SCHEMA = '{"type": "object", "properties": {"a": {"type": "integer"}}}'


async def slip_of(schema: JsonValue) -> str:
    """A check that refuses a type that does not exist."""
    return "'nothing' is not valid" if "nothing" in json.dumps(schema) else ""


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def dialog(parent: QWidget, tasks: Tasks, schema: str = "", *unsupported: str) -> tuple[SchemaDialog, list[str]]:
    """The dialog, open, and the schemas that it emits."""
    made = SchemaDialog(schema, unsupported, 2, slip_of, tasks, parent)
    chosen: list[str] = []
    made.chosen.connect(chosen.append)
    made.open()
    return made, chosen


async def test_a_pasted_schema_is_used(parent: QWidget, tasks: Tasks) -> None:
    made, chosen = dialog(parent, tasks)
    assert not made.apply.isEnabled()
    made.text.setPlainText(SCHEMA)
    made.apply.click()
    await until(lambda: chosen)
    assert json.loads(chosen[0]) == json.loads(SCHEMA)


async def test_an_example_becomes_a_schema(parent: QWidget, tasks: Tasks) -> None:
    made, chosen = dialog(parent, tasks)
    made.text.setPlainText('{"a": 1}')
    await until(lambda: made.state.text().startswith("Example: "))
    made.apply.click()
    await until(lambda: chosen)
    assert json.loads(chosen[0])["required"] == ["a"]


async def test_mistakes_are_told_and_keep_the_dialog_open(parent: QWidget, tasks: Tasks) -> None:
    made, chosen = dialog(parent, tasks)
    made.text.setPlainText('{\n"a": }')
    made.apply.click()
    assert made.state.text().startswith("Line 2, column 6: ")
    made.text.setPlainText('{"type": "object", "properties": {"a": {"type": "nothing"}}}')
    made.apply.click()
    await until(lambda: "is not valid" in made.state.text())
    assert made.isVisible()
    assert chosen == []


def test_a_schema_is_loaded_from_a_file(parent: QWidget, tasks: Tasks, tmp_path: Path) -> None:
    made, _ = dialog(parent, tasks)
    (tmp_path / "schema.json").write_text(SCHEMA)
    made.load_file(str(tmp_path / "schema.json"))
    assert made.text.toPlainText() == SCHEMA
    made.load_file(str(tmp_path / "missing.json"))
    assert made.state.text() == "missing.json cannot be read: No such file or directory."
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    made.load_file(str(tmp_path / "binary.json"))
    assert made.state.text() == "binary.json cannot be read: not UTF-8 text."
    (tmp_path / "large.json").write_text(" " * 300_000)
    made.load_file(str(tmp_path / "large.json"))
    assert made.state.text() == "large.json is too large for a schema."


def test_a_schema_is_removed(parent: QWidget, tasks: Tasks) -> None:
    made, chosen = dialog(parent, tasks, SCHEMA)
    made.remove.click()
    assert chosen == [""]


def test_models_without_support_are_named_before_anything_is_sent(parent: QWidget, tasks: Tasks) -> None:
    made, _ = dialog(parent, tasks, "", "Llama")
    assert made.marks.text() == "Llama does not support schemas: it is asked without one."
    assert not made.remove.isVisible()
