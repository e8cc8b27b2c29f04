"""The popover of presets, worked by keyboard: chosen, filled in, kept, removed, passed on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QListView, QMenu, QPushButton, QWidget

from desktop.domain.conversation_types import Parameters
from desktop.presets.preset import Preset, Variable, filled
from desktop.presets.presets import Presets
from tests.ui.finding import button, named, unreachable
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.presets.preset_list import PresetLine, sought
from ui.presets.presets_popover import PresetPopover
from ui.workspace.workspace import Workspace

MINE = Preset(id="", title="Minutes", description="Of meetings", system="Write minutes.")


def titles(popover: PresetPopover) -> list[str]:
    return [line.title for line in popover.list.lines]


def reopen(workspace: Workspace) -> None:
    workspace.line[0].composer.line.preset.click()


def press(field: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(field, key)


def select(popover: PresetPopover, title: str) -> None:
    popover.list._select(titles(popover).index(title))


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_the_list_begins_with_none_and_is_sought_by_words(popover: PresetPopover) -> None:
    assert popover.isVisible()
    assert popover.list.search.hasFocus()
    assert titles(popover)[:3] == ["None", "General chat", "Translate"]
    QTest.keyClicks(popover.list.search, "KIND clear")
    assert titles(popover) == ["Customer-service reply"]
    QTest.keyClicks(popover.list.search, "zzz")
    assert titles(popover) == []
    press(popover.list.search, Qt.Key.Key_Return)
    assert popover.isVisible()


def test_one_without_variables_is_taken_by_enter(popover: PresetPopover, workspace: Workspace) -> None:
    press(popover.list.search, Qt.Key.Key_Down)
    press(popover.list.search, Qt.Key.Key_Return)
    assert not popover.isVisible()
    assert workspace.line[0].conversation.system.startswith("You are a helpful assistant.")
    assert workspace.line[0].composer.line.preset.text() == "Preset: General chat"


def test_variables_are_asked_and_shown_in_the_prompt(popover: PresetPopover, workspace: Workspace) -> None:
    QTest.keyClicks(popover.list.search, "translate")
    select(popover, "Translate")
    press(popover.list.search, Qt.Key.Key_Return)
    source, target = popover.fill.fields.values()
    assert isinstance(source, QComboBox)
    assert isinstance(target, QComboBox)
    assert source.hasFocus()
    line = target.lineEdit()
    assert line is not None
    first = source.lineEdit()
    assert first is not None
    assert first.selectedText() == "any language"
    assert "German" in [target.itemText(at) for at in range(target.count())]
    target.setCurrentText("Klingon")
    assert "from any language into Klingon." in popover.fill.told.toPlainText()
    press(line, Qt.Key.Key_Return)
    assert not popover.isVisible()
    conversation = workspace.line[0].conversation
    assert "into Klingon." in conversation.system
    assert conversation.parameters.values == {"temperature": 0.3}


def test_what_is_in_use_is_marked_and_its_values_stand_there_again(
    popover: PresetPopover, workspace: Workspace, presets: Presets
) -> None:
    translate = presets.all[1]
    popover._choose(translate, {"target": "Thai"})
    reopen(workspace)
    assert [line.title for line in popover.list.lines if line.used] == ["Translate"]
    press(popover.list.search, Qt.Key.Key_Return)
    assert popover.fill.values == {"source": "any language", "target": "Thai"}


def test_the_way_back_leads_to_the_list(popover: PresetPopover, presets: Presets) -> None:
    popover.list.taken.emit(presets.all[1])
    assert popover.fill.isVisible()
    popover.fill._back.click()
    assert popover.isVisible()
    assert popover.list.search.hasFocus()


def test_none_takes_it_away(popover: PresetPopover, workspace: Workspace, presets: Presets) -> None:
    popover._choose(presets.all[1], {})
    reopen(workspace)
    press(popover.list.search, Qt.Key.Key_PageUp)
    press(popover.list.search, Qt.Key.Key_Return)
    conversation = workspace.line[0].conversation
    assert (conversation.system, conversation.parameters.values) == ("", {})
    assert workspace.line[0].composer.line.preset.text() == "Preset"


async def test_the_system_prompt_is_saved_as_a_preset(workspace: Workspace, presets: Presets) -> None:
    workspace.line[0].set_prompting("Answer in {tongue}.", Parameters(values={"seed": 3}))
    reopen(workspace)
    popover = workspace.presetting.popover
    button(popover, "Save as preset").click()
    assert popover.edit.name.hasFocus()
    assert not popover.edit.go.isEnabled()
    QTest.keyClicks(popover.edit.name, "Tongues")
    press(popover.edit.name, Qt.Key.Key_Return)
    await until(lambda: presets.own)
    own = presets.own[0]
    assert (own.title, own.system, own.parameters.values) == ("Tongues", "Answer in {tongue}.", {"seed": 3})
    assert own.variables == (Variable(name="tongue", label="Tongue"),)
    await until(lambda: popover.list.said == "“Tongues” was saved.")
    assert popover.list.isVisible()
    assert workspace.line[0].composer.line.preset.text() == "Preset: Tongues"


def test_without_a_system_prompt_there_is_nothing_to_save(popover: PresetPopover) -> None:
    assert not popover.list.save.isEnabled()


async def test_an_own_one_is_edited_removed_and_brought_back(popover: PresetPopover, presets: Presets) -> None:
    popover.keeping.keep(MINE)
    await until(lambda: "Minutes" in titles(popover))
    choose(popover.list.menu(), "Edit…")
    popover.edit.name.setText("Protocol")
    popover.edit.text.setPlainText("Write a protocol for {readers}.")
    popover.edit.go.click()
    await until(lambda: "Protocol" in titles(popover))
    assert presets.own[0].variables[0].name == "readers"
    choose(popover.list.menu(), "Remove")
    await until(lambda: "Protocol" not in titles(popover))
    assert popover.list.said == "“Protocol” was removed."
    undo = button(popover, "Undo")
    undo.setFocus()
    undo.click()
    await until(lambda: "Protocol" in titles(popover))
    assert popover.isVisible()
    assert not undo.isVisible()


def test_shipped_ones_are_neither_edited_nor_removed(popover: PresetPopover) -> None:
    def possible() -> list[str]:
        menu = popover.list.menu()
        found = [action.text() for action in menu.actions() if action.text() and action.isEnabled()]
        menu.close()
        return found

    assert possible() == ["Import…"]
    select(popover, "Translate")
    assert possible() == ["Export…", "Import…"]


async def test_presets_go_out_into_a_file_and_come_in(popover: PresetPopover, presets: Presets, tmp_path: Path) -> None:
    file = tmp_path / "out.toml"
    popover.keeping.export_file(file, presets.all[:2])
    await until(lambda: popover.list.said == "2 presets saved to out.toml.")
    popover.keeping.import_file(file)
    await until(lambda: popover.list.said == "2 presets added.")
    assert [each.title for each in presets.own] == ["General chat (2)", "Translate (2)"]
    current = popover.list.current
    assert current is not None
    assert (current.title, current.own) == ("General chat (2)", True)


@pytest.mark.parametrize("text", ["Import…", "Export…"])
async def test_files_are_asked_for_without_closing(popover: PresetPopover, text: str) -> None:
    select(popover, "Translate")
    choose(popover.list.menu(), text)
    dialog = popover.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    await until(dialog.isVisible)
    assert popover.isVisible()
    dialog.reject()


async def test_what_goes_wrong_is_said_where_it_was_tried(popover: PresetPopover, presets: Presets) -> None:
    popover.keeping.import_file(Path("/nowhere.toml"))
    await until(lambda: "could not be read" in popover.list.said)
    popover._open_edit(MINE)
    popover.edit.name.setText("Kept")
    assert presets._file is not None
    presets._file.mkdir()
    popover.edit.go.click()
    await until(lambda: "could not be read" in popover.edit._said.text())
    assert popover.edit.isVisible()
    assert popover.edit.name.text() == "Kept"


def test_every_control_has_a_name_and_is_reached_by_keyboard(popover: PresetPopover, presets: Presets) -> None:
    assert unreachable(popover) == []
    popover.list.taken.emit(presets.all[1])
    assert unreachable(popover) == []
    assert named(popover, QComboBox, "From")
    popover._open_edit(MINE)
    assert unreachable(popover) == []
    assert named(popover, QLineEdit, "Title")


def test_the_button_and_the_lines_speak(popover: PresetPopover, workspace: Workspace, presets: Presets) -> None:
    popover._choose(presets.all[0], {})
    preset = workspace.line[0].composer.line.preset
    said = QAccessible.queryAccessibleInterface(preset)
    assert said.text(QAccessible.Text.Name) == "Preset"
    assert said.text(QAccessible.Text.Description) == "General chat"
    reopen(workspace)
    listed = named(popover, QListView, "Presets").model()
    assert listed.index(1, 0).data() == "General chat, Clear answers of a fitting length, in use"


def test_esc_closes_and_gives_the_keyboard_back(popover: PresetPopover, workspace: Workspace) -> None:
    popover.hide()
    workspace.line[0].composer.editor.setFocus()
    reopen(workspace)
    press(popover.list.search, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    assert workspace.line[0].composer.editor.hasFocus()


def test_a_click_takes_and_colours_change(popover: PresetPopover, themes: Themes) -> None:
    told = heard(popover.chosen)
    themes.choose("dark")
    popover.grab()
    listed = named(popover, QListView, "Presets")
    middle = listed.visualRect(listed.model().index(1, 0)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert told
    preset = told[0][0]
    assert isinstance(preset, Preset)
    assert preset.title == "General chat"


def test_lines_are_sought_in_titles_and_descriptions() -> None:
    lines = [PresetLine(None, "None"), PresetLine(MINE, "Minutes", "Of meetings", own=True)]
    assert sought(lines, " meet MIN ") == lines[1:]
    assert sought(lines, "") == lines
    assert lines[1].spoken == "Minutes, Of meetings, custom preset"


def test_a_filled_page_without_choices_is_a_line(popover: PresetPopover) -> None:
    free = Preset(id="f", title="F", system="For {who}.", variables=(Variable(name="who"),))
    popover.list.taken.emit(free)
    field = named(popover.fill, QLineEdit, "who")
    told = heard(popover.chosen)
    field.setText("us")
    named(popover.fill, QPushButton, "Apply").click()
    assert told == [(free, {"who": "us"})]
    assert filled(free, {"who": "us"}) == "For us."
