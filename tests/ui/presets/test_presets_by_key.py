"""Presets in the window: chosen, filled in, kept and removed by keys, and where the keyboard goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListView, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.presets.presets import Presets
from desktop.services import Services
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes

SYSTEM = "Answer in {tongue}."


@pytest.fixture
async def driver(
    presets: Presets, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> AsyncIterator[Driver]:
    """A window with an empty chat, and the popover open."""
    del qtbot, presets
    async with driven(services, tasks, themes) as made:
        made.window.workspace.start_new(REF)
        made.editor.setFocus()
        made.push("Preset")
        yield made


def titles(driver: Driver) -> list[str]:
    """What is listed, without descriptions."""
    return [row.partition(",")[0] for row in driver.rows("Presets")]


def at(driver: Driver) -> str:
    """The line that the keyboard is on."""
    index: QModelIndex = driver.find(QListView, "Presets").currentIndex()
    return str(index.data()).partition(",")[0]


def used(driver: Driver) -> str:
    """What the button below the field says of the preset."""
    return driver.button("Preset").text()


async def keep(driver: Driver, title: str) -> None:
    """Keep the system prompt as a preset of this title."""
    driver.push("Save as preset")
    driver.type(title)
    driver.press("Return")
    await driver.until(lambda: f"“{title}” was saved." in driver.said())


async def write_system(driver: Driver, text: str) -> None:
    """Write a system prompt, then open the presets again."""
    driver.press("Esc")
    driver.push("More actions for this conversation")
    driver.choose("System prompt…")
    driver.type(text)
    driver.press("Esc")
    driver.push("Preset")


async def test_it_opens_in_its_search_and_on_none(driver: Driver) -> None:
    assert driver.focused.accessibleName() == "Search presets"
    assert at(driver) == "None"
    assert driver.rows("Presets")[0] == "None, No system prompt"


async def test_a_preset_is_found_by_words_taken_by_enter_and_sent(driver: Driver, provider: ScriptedProvider) -> None:
    driver.type("clear fitting")
    assert titles(driver) == ["General chat"]
    driver.press("Return")
    assert not driver.sees("Presets")
    assert used(driver) == "Preset: General chat"
    assert driver.focused is driver.editor
    await driver.answered("Hello?")
    assert provider.requests[0].messages[0].text.startswith("You are a helpful assistant.")


async def test_arrows_and_pages_go_through_the_list_and_stop_at_its_ends(driver: Driver) -> None:
    driver.press("Down")
    assert at(driver) == "General chat"
    for _ in range(9):
        driver.press("PgDown")
    assert at(driver) == titles(driver)[-1]
    driver.press("Down")
    assert at(driver) == titles(driver)[-1]
    for _ in range(9):
        driver.press("PgUp")
    assert at(driver) == "None"


async def test_esc_leaves_everything_and_gives_the_keyboard_back(driver: Driver) -> None:
    driver.press("Down")
    driver.press("Esc")
    assert not driver.sees("Presets")
    assert used(driver) == "Preset"
    assert driver.focused is driver.editor


async def test_variables_are_filled_in_by_key_and_the_text_is_seen(driver: Driver, provider: ScriptedProvider) -> None:
    driver.type("translate")
    driver.press("Return")
    told = driver.find(QPlainTextEdit, "System prompt")
    driver.type("Latin")
    assert "from Latin into English." in told.toPlainText()
    driver.press("Return")
    assert used(driver) == "Preset: Translate"
    await driver.answered("Salve.")
    assert "from Latin into English." in provider.requests[0].messages[0].text
    assert provider.requests[0].parameters.values == {"temperature": 0.3}


async def test_what_was_filled_in_stands_there_again(driver: Driver) -> None:
    driver.type("translate")
    driver.press("Return")
    driver.type("Latin")
    driver.press("Return")
    driver.push("Preset")
    assert at(driver) == "Translate"
    driver.press("Return")
    assert driver.find(QComboBox, "From").currentText() == "Latin"


async def test_the_way_back_leads_to_the_search(driver: Driver) -> None:
    driver.type("translate")
    driver.press("Return")
    driver.push("Back to presets")
    assert driver.focused.accessibleName() == "Search presets"
    assert not driver.sees("System prompt")


async def test_tab_stays_within(driver: Driver) -> None:
    seen: set[str] = set()
    for _ in range(6):
        seen.add(driver.focused.accessibleName())
        driver.press("Tab")
    assert seen <= {"Search presets", "Presets", "Save as preset", "More preset actions"}
    assert {"Search presets", "More preset actions"} <= seen


async def test_tab_goes_through_the_whole_form_of_a_preset_and_round(driver: Driver) -> None:
    driver.type("e-mail")
    driver.press("Return")
    seen: list[str] = []
    while driver.focused.accessibleName() not in seen and len(seen) < 20:
        seen.append(driver.focused.accessibleName())
        driver.press("Tab")
    assert {"Tone", "Language", "System prompt", "Back to presets"} <= {*seen}
    assert driver.focused.accessibleName() == seen[0]


async def test_none_takes_a_preset_away(driver: Driver) -> None:
    driver.type("clear fitting")
    driver.press("Return")
    driver.push("Preset")
    driver.press("Up")
    driver.press("Return")
    assert used(driver) == "Preset"
    assert driver.window.pane.conversation.system == ""


async def test_what_is_in_use_is_said(driver: Driver) -> None:
    driver.type("clear fitting")
    driver.press("Return")
    driver.push("Preset")
    assert "General chat, Clear answers of a fitting length, in use" in driver.rows("Presets")


async def test_an_own_one_is_kept_named_and_in_use(driver: Driver) -> None:
    assert not driver.button("Save as preset").isEnabled()
    await write_system(driver, SYSTEM)
    await keep(driver, "Tongues")
    assert "Tongues, custom preset, in use" in driver.rows("Presets")
    driver.press("Esc")
    assert used(driver) == "Preset: Tongues"


async def test_without_a_title_nothing_is_kept(driver: Driver) -> None:
    await write_system(driver, SYSTEM)
    driver.push("Save as preset")
    assert driver.focused is driver.find(QLineEdit, "Title")
    assert not driver.find(QAbstractButton, "Save").isEnabled()
    driver.type("  ")
    driver.press("Return")
    assert driver.find(QLineEdit, "Title").text() == "  "


async def test_an_own_one_is_edited(driver: Driver) -> None:
    await write_system(driver, SYSTEM)
    await keep(driver, "Tongues")
    driver.push("More preset actions")
    driver.choose("Edit…")
    driver.type("Voices")
    driver.find(QLineEdit, "Description").setFocus()
    driver.type("For choirs")
    driver.press("Return")
    await driver.until(lambda: driver.sees("Presets") and "Voices" in titles(driver))
    assert any(row.startswith("Voices, For choirs, custom preset") for row in driver.rows("Presets"))
    assert "Tongues" not in titles(driver)


async def test_a_removed_one_is_brought_back(driver: Driver) -> None:
    await write_system(driver, SYSTEM)
    await keep(driver, "Tongues")
    driver.push("More preset actions")
    driver.choose("Remove")
    await driver.until(lambda: "“Tongues” was removed." in driver.said())
    assert "Tongues" not in titles(driver)
    driver.push("Undo")
    await driver.until(lambda: "Tongues" in titles(driver))


async def test_shipped_ones_offer_neither_edit_nor_removal(driver: Driver) -> None:
    driver.press("Down")
    driver.push("More preset actions")
    assert [each.text() for each in driver.menu.actions() if each.text() and each.isEnabled()] == ["Export…", "Import…"]
    driver.menu.close()


async def test_a_preset_is_the_conversations_alone(driver: Driver) -> None:
    driver.type("clear fitting")
    driver.press("Return")
    await driver.answered("Hello?")
    talked = driver.window.pane.conversation
    driver.press("Ctrl+N")
    assert used(driver) == "Preset"
    await driver.open(talked)
    assert used(driver) == "Preset: General chat"


async def test_a_preset_that_takes_the_place_of_an_own_prompt_says_so_and_can_be_taken_back(driver: Driver) -> None:
    await write_system(driver, "Mine alone.")
    driver.press("Down")
    chosen = at(driver)
    driver.press("Return")
    pane = driver.window.pane
    assert pane.conversation.system != "Mine alone."
    assert driver.notices == [f"“{chosen}” replaced your own system prompt."]
    driver.push("Undo")
    assert pane.conversation.system == "Mine alone."
    assert driver.notices == []
    driver.push("Preset")
    driver.press("Down")
    driver.press("Return")
    driver.push("Undo")
    driver.window.workspace.start_new(REF)
    driver.push("Preset")
    driver.press("Down")
    driver.press("Return")
    assert driver.notices == []  # nobody wrote what it took the place of
