"""What the palette offers beside commands: presets, applied at once or asked for what they need."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain.conversation_types import ModelRef
from desktop.presets.preset import Preset, Variable
from desktop.services import Services
from tests.desktop.store.made import said
from tests.ui.waiting import until
from tests.ui.window.test_comparison_panels import window
from ui.window.main_window import MainWindow

__all__ = ["window"]


def choose(window: MainWindow, name: str) -> None:
    next(choice for choice in window._choices() if choice.name == name).do()


async def test_a_preset_is_given_to_all_panes_that_take_part(window: MainWindow, services: Services) -> None:
    services.presets.own = (Preset(id="p", title="Poet", system="Answer in verse."),)
    window.workspace.common.chips.toggled.emit(1)
    choose(window, "Preset: Poet")
    assert [pane.conversation.system for pane in window.workspace.line] == ["Answer in verse.", ""]


async def test_a_preset_with_variables_asks_for_them(window: MainWindow, services: Services) -> None:
    into = Preset(id="t", title="Translation", system="Into {language}.", variables=(Variable(name="language"),))
    services.presets.own = (into,)
    choose(window, "Preset: Translation")
    popover = window.workspace.presetting.popover
    assert popover.isVisible()
    popover.fill.filled_in.emit(into, {"language": "Italian"})
    assert {pane.conversation.system for pane in window.workspace.line} == {"Into Italian."}


async def test_a_single_chat_takes_a_preset_too(window: MainWindow, services: Services) -> None:
    services.presets.own = (Preset(id="p", title="Poet", system="Answer in verse."),)
    window.desk.new_chat()
    choose(window, "Preset: Poet")
    assert window.pane.conversation.system == "Answer in verse."


async def test_conversations_of_one_title_are_told_by_model_and_time(window: MainWindow, services: Services) -> None:
    for name in ("one", "two"):
        made = said("Why?", "Same title")
        await (await services.store()).conversations.create(replace(made, model=ModelRef(connection="lab", name=name)))
    window.sidebar.library.load()
    await until(lambda: len([each for each in window.sidebar.library.conversations if each.title == "Same title"]) == 2)
    hints = {choice.hint() for choice in window._choices() if choice.name == "Same title"}
    assert {hint.rpartition(", ")[0] for hint in hints} == {"Conversation, one", "Conversation, two"}
