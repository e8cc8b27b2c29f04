"""The command palette in the window: what can be done now and nothing else, what was used last first."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import Arrangement, ContextRule
from desktop.domain.events import TextDelta
from desktop.services import Services
from desktop.settings.schema import THEME
from desktop.store import conversation_list
from tests.desktop.session.fakes import ScriptedProvider
from tests.desktop.store.made import START, answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow

OF_SEVERAL = {"Figures", "Differences", "Merge answers", "Choose this answer", "Go to pane 1", "Go to pane 2"}
OF_WHAT_IS_SAID = {"Rename", "Move to trash", "Export this conversation", "Regenerate", "Find in conversation"}


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    del qapp
    asked = prompt("About the sky?")
    kept = conversation(asked, finished(answer(asked), "It is blue."), title="Sky")
    async with driven(services, tasks, themes, kept) as driver:
        yield driver


def offered(driver: Driver) -> list[str]:
    driver.press("Ctrl+K")
    names = [each.split(",")[0] for each in driver.rows("Commands and conversations")]
    driver.press("Esc")
    return names


def use(driver: Driver, words: str) -> None:
    driver.press("Ctrl+K")
    driver.type(words)
    driver.press("Return")
    driver.come_back()


async def test_only_what_can_be_done_now_is_offered(driver: Driver) -> None:
    first = set(offered(driver))
    assert first >= OF_WHAT_IS_SAID
    assert not first & (OF_SEVERAL | {"Default text size", "Next chat", "Stop response", "Commands", "Sky"})
    driver.press("Ctrl++")
    assert "Default text size" in offered(driver)
    driver.press("Ctrl+D")
    driver.press("Return")
    several = set(offered(driver))
    assert several >= OF_SEVERAL - {"Choose this answer"}
    assert "Go to pane 3" not in several
    driver.press("Ctrl+N")
    fresh = set(offered(driver))
    assert not fresh & (OF_SEVERAL | OF_WHAT_IS_SAID)
    assert fresh >= {"Sky", "New chat", "Next chat", "Export everything"}


async def test_an_answer_in_the_making_can_be_stopped_from_it(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Slowly"), None]]
    driver.ask("Go on?")
    await driver.until(lambda: driver.messages()[-1].endswith("Slowly"))
    assert "Regenerate" not in offered(driver)
    use(driver, "Stop response")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert "Stop response" not in offered(driver)


async def test_what_was_used_last_comes_first_also_after_the_next_start(
    driver: Driver, services: Services, tasks: Tasks, themes: Themes
) -> None:
    use(driver, "Larger text")
    use(driver, "Prompts only")
    assert offered(driver)[:2] == ["Prompts only", "Larger text"]
    use(driver, "Larger text")
    assert offered(driver)[:2] == ["Larger text", "Prompts only"]
    driver.window.remember()
    again = MainWindow(services, tasks, themes)
    assert [each.name for each in again._choices() if each.key == again.palette_().recent[0]] == ["Larger text"]
    again.close()
    again.deleteLater()


async def test_what_menus_and_buttons_do_with_panes_is_found(driver: Driver) -> None:
    alone = set(offered(driver))
    assert "Attach files" in alone
    assert "Layout: Grid" not in alone
    driver.press("Ctrl+D")
    driver.press("Return")
    workspace = driver.window.workspace
    for words, holds in (
        ("grid", lambda: workspace.comparison and workspace.comparison.arrangement is Arrangement.GRID),
        ("history winner", lambda: workspace.sending.rule is ContextRule.WINNER),
        ("scroll together", lambda: workspace.steps.is_on),
        ("maximize", lambda: workspace.comparison and workspace.comparison.maximised is not None),
        ("duplicate pane without", lambda: len(workspace.line) == 3),
        ("close pane", lambda: len(workspace.line) == 2),
    ):
        use(driver, words)
        assert holds(), words


async def test_what_went_to_the_trash_by_the_palette_is_not_offered_first(driver: Driver) -> None:
    use(driver, "Move to trash")
    assert offered(driver)[0] != "Move to trash"


async def test_a_conversation_that_no_list_has_loaded_is_found_by_its_title(
    driver: Driver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_list, "_AT_FIRST", 2)
    monkeypatch.setattr(conversation_list, "_LEAST", 2)
    monkeypatch.setattr(conversation_list, "WHOLE", 2)
    store = await services.store()
    talks = [conversation(prompt(f"Talk {n}"), title=f"Talk of number {n}", updated_at=START) for n in range(9)]
    await store.conversations.create_all(talks)
    driver.window.sidebar.library.load()
    await driver.until(lambda: len(driver.window.sidebar.library.conversations) == 2)
    driver.press("Ctrl+K")
    driver.type("number 0")
    await driver.until(lambda: any("Talk of number 0" in each for each in driver.rows("Commands and conversations")))
    driver.press("Return")
    await driver.until(lambda: driver.window.desk.shown_id == talks[0].id)


async def test_what_no_title_holds_is_searched_for_in_all_messages(driver: Driver) -> None:
    driver.press("Ctrl+K")
    driver.type("zebra")
    assert driver.rows("Commands and conversations") == ["Search all messages for “zebra”, No matching titles"]
    driver.press("Return")
    assert driver.window.sidebar.search_field.text() == "zebra"


async def test_what_the_menus_of_a_chat_the_list_and_the_pane_do_is_found(driver: Driver, services: Services) -> None:
    names = set(offered(driver))
    assert names >= {"Pin", "Archive", "Tags", "System prompt", "Parameters", "Choose model", "Show trash"}
    assert names >= {"Theme: Dark", "Theme: High contrast"}
    use(driver, "Pin")
    await driver.until(lambda: driver.window.sidebar.library.conversations[0].pinned)
    use(driver, "theme dark")
    await driver.until(lambda: services.settings.get(THEME) == "dark")
    assert "Theme: Dark" not in offered(driver)
