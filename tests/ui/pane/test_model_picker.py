"""The model picker in the window: sought by words, gone through by keys, typed names, and where the keyboard goes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QListView, QPushButton, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ConnectFailed
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui.driver import Driver
from tests.ui.pane.conftest import talk
from ui.connections.add_dialog import AddConnectionDialog
from ui.widgets import item_list
from ui.widgets.popover import Popover

NAMES = ("alpha", "beta", "gpt-4.1", "scripted")
RETIRED = ModelRef(connection="lab", name="grok-3-mini")


@pytest.fixture
async def picker(driver: Driver, provider: ScriptedProvider) -> Driver:
    """The window, with the picker open and all models there."""
    provider.infos = [ModelInfo(name=name) for name in reversed(NAMES)]
    driver.editor.setFocus()
    driver.push("Model")
    await driver.until(lambda: "scripted, lab" in driver.rows("Models"))
    return driver


def models(driver: Driver) -> list[str]:
    """What the connection `lab` offers, by name."""
    return [row.partition(",")[0] for row in driver.rows("Models") if ", lab" in row or "of lab" in row]


def at(driver: Driver) -> str:
    """The model that the keyboard is on."""
    index: QModelIndex = driver.find(QListView, "Models").currentIndex()
    return str(index.data()).partition(",")[0]


def model(driver: Driver) -> str:
    """The model that the header names."""
    return driver.find(QPushButton, "Model").text()


async def test_it_opens_with_the_keyboard_in_its_search_and_on_the_model_in_use(picker: Driver) -> None:
    assert picker.focused.accessibleName() == "Search models"
    assert models(picker) == list(NAMES)
    assert at(picker) == "scripted"


async def test_the_model_that_enter_takes_is_heard_while_the_keyboard_is_in_the_search(
    picker: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def hear(_field: QWidget, text: str) -> None:
        said.append(text)

    monkeypatch.setattr(item_list, "announce", hear)
    picker.press("Up")
    await picker.until(lambda: said and said[-1].startswith(f"{at(picker)}, lab"))
    said.clear()
    picker.type("scr")
    await picker.until(lambda: said)
    assert [each.partition(",")[0] for each in said] == ["scripted"]
    picker.type(" zzz")
    await picker.until(lambda: said[-1] == "No matching models")
    picker.press("Esc")
    said.clear()
    picker.push("Model")
    await picker.until(lambda: said)
    assert [each.partition(",")[0] for each in said] == ["scripted"]


async def test_words_narrow_it_and_enter_takes_the_first(picker: Driver) -> None:
    picker.type("GPT lab")
    assert models(picker) == ["gpt-4.1"]
    picker.press("Return")
    assert not picker.sees("Models")
    assert model(picker) == "gpt-4.1"
    assert picker.editor.placeholderText() == "Message gpt-4.1"


async def test_the_price_comes_first_in_what_is_known_of_a_model(picker: Driver) -> None:
    (row,) = (each for each in picker.rows("Models") if each.startswith("gpt-4.1, "))
    assert row.removeprefix("gpt-4.1, lab, ").startswith("$2 in, $8 out per 1M · 1M context")


async def test_the_keyboard_goes_back_where_prompts_are_typed(picker: Driver) -> None:
    picker.press("Up")
    picker.press("Return")
    assert picker.focused is picker.editor


async def test_esc_leaves_the_model_as_it_is(picker: Driver) -> None:
    picker.press("Up")
    picker.press("Esc")
    assert not picker.sees("Models")
    assert model(picker) == "scripted"
    assert picker.focused is picker.button("Model")


async def test_arrows_and_pages_go_through_it_and_stop_at_its_ends(picker: Driver) -> None:
    picker.press("Up")
    assert at(picker) == "gpt-4.1"
    picker.press("PgUp")
    picker.press("Up")
    assert at(picker) == picker.rows("Models")[0].partition(",")[0]
    picker.press("PgDown")
    picker.press("Down")
    assert at(picker) == "scripted"


@pytest.mark.parametrize("typed", ["zzz", "nowhere/mine"])
async def test_where_nothing_is_found_it_says_what_can_be_typed_and_stays(picker: Driver, typed: str) -> None:
    picker.type(typed)
    assert picker.rows("Models") == ["No matching models, To use a model that is not listed, type connection/model"]
    picker.press("Down")
    picker.press("Return")
    assert picker.sees("Models")
    assert model(picker) == "scripted"


async def test_a_name_that_is_not_listed_is_typed(picker: Driver) -> None:
    picker.type("lab/my own")
    assert models(picker) == ["Use “my own”"]
    picker.press("Return")
    assert model(picker) == "my own"


async def test_a_click_takes_one(picker: Driver) -> None:
    offered = picker.find(QListView, "Models")
    row = picker.rows("Models").index("beta, lab")
    picker.click(offered.viewport(), offered.visualRect(offered.model().index(row, 0)).center())
    assert model(picker) == "beta"


async def test_the_search_is_empty_when_it_opens_again(picker: Driver) -> None:
    picker.type("alpha")
    picker.press("Return")
    picker.push("Model")
    assert models(picker) == list(NAMES)
    assert at(picker) == "alpha"


async def test_a_connection_that_does_not_answer_says_so_and_cannot_be_taken(
    driver: Driver, provider: ScriptedProvider
) -> None:
    async def fail() -> Sequence[ModelInfo]:
        raise ConnectFailed(english("Nobody answers."))

    provider.models = fail
    driver.push("Model")
    await driver.until(lambda: driver.rows("Models")[-1].startswith("lab, Nobody answers."))
    offered = driver.find(QListView, "Models")
    last = offered.model().index(offered.model().rowCount() - 1, 0)
    driver.click(offered.viewport(), offered.visualRect(last).center())
    assert driver.sees("Models")
    assert model(driver) == "scripted"


async def test_a_connection_without_models_says_so(driver: Driver) -> None:
    driver.push("Model")
    assert driver.rows("Models")[-1] == "lab, loading models…"
    await driver.until(lambda: driver.rows("Models")[-1] == "lab, no models")


async def test_what_is_retired_or_needs_a_deployment_is_said(driver: Driver, provider: ScriptedProvider) -> None:
    provider.infos = [ModelInfo(name="grok-3-mini"), ModelInfo(name="mine", suggested=True)]
    driver.push("Model")
    await driver.until(lambda: "mine, lab, may need a deployment" in driver.rows("Models"))
    (retired,) = (row for row in driver.rows("Models") if row.startswith("grok-3-mini"))
    assert "retired 1 May 2026, successor grok-4.1-fast-reasoning" in retired


async def test_the_header_says_that_a_model_is_retired(driver: Driver, services: Services) -> None:
    await driver.open(await talk(services, ("One?", "Yes."), model=RETIRED))
    said = "retired 1 May 2026, successor grok-4.1-fast-reasoning"
    assert said in driver.find(QPushButton, "Model").accessibleDescription()
    assert said in driver.said()


async def test_the_header_says_that_a_connection_is_gone(driver: Driver, services: Services) -> None:
    gone = ModelRef(connection="old", name="grok-3-mini")
    await driver.open(await talk(services, ("One?", "Yes."), model=gone))
    assert driver.find(QPushButton, "Model").accessibleDescription() == "grok-3-mini, old, no longer connected"


async def test_the_header_says_where_an_imported_chat_comes_from(driver: Driver, services: Services) -> None:
    imported = ModelRef(connection="imported-chatgpt", name="gpt-4o")
    await driver.open(await talk(services, ("One?", "Yes."), model=imported))
    assert driver.find(QPushButton, "Model").accessibleDescription() == "gpt-4o, imported from ChatGPT"
    assert "no longer connected" not in driver.said()


async def test_the_line_at_the_top_has_the_models_colour(picker: Driver) -> None:
    header = picker.window.pane.header
    before = picker.pixels(header).pixelColor(header.width() // 2, 0)
    picker.type("alpha")
    picker.press("Return")
    after = picker.pixels(header).pixelColor(header.width() // 2, 0)
    assert before != after


async def test_it_is_drawn_with_the_chosen_row_in_another_colour(picker: Driver) -> None:
    offered = picker.find(QListView, "Models")
    row = offered.visualRect(offered.currentIndex())
    edge = row.topLeft() + row.center() - row.topLeft()
    chosen = picker.pixels(offered.viewport()).pixelColor(row.right() - 20, edge.y())
    picker.press("Up")
    assert picker.pixels(offered.viewport()).pixelColor(row.right() - 20, edge.y()) != chosen


async def test_enter_on_the_model_in_use_closes_the_list(picker: Driver) -> None:
    assert at(picker) == "scripted"
    picker.press("Return")
    assert not picker.sees("Search models")
    assert model(picker).startswith("scripted")


async def test_it_is_as_tall_as_its_content_up_to_most_of_the_window(
    picker: Driver, provider: ScriptedProvider
) -> None:
    popover = picker.find(Popover, "Model")
    rows = picker.find(QListView, "Models")
    assert rows.verticalScrollBar().maximum() == 0
    few = popover.height()
    assert 0 <= rows.viewport().height() - rows.sizeHintForRow(0) * rows.model().rowCount() < 10
    provider.infos = [ModelInfo(name=f"model {n}") for n in range(300)]
    picker.press("Esc")
    picker.push("Model")
    await picker.until(lambda: len(models(picker)) == 300)
    await picker.until(lambda: popover.height() > few)
    assert popover.height() <= picker.window.height() * 0.8 + 1
    assert popover.rect().contains(picker.button("Add connection…").geometry())


async def test_a_connection_or_a_models_name_can_be_added_from_it(picker: Driver) -> None:
    picker.push("Add model name…")
    picker.type("mine")
    assert at(picker) == "Use “mine”"
    picker.press("Return")
    assert model(picker) == "mine"
    picker.push("Model")
    picker.push("Add connection…")
    assert [each.windowTitle() for each in picker.window.findChildren(AddConnectionDialog)] == ["Add connection"]
