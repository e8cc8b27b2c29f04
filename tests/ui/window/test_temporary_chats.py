"""A temporary chat leaves no trace on the disk, says so, and can be kept after all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes

SECRET = "okapi"


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    del qapp
    async with driven(services, tasks, themes) as made:
        yield made


def traces(tmp_path: Path) -> list[str]:
    """Files of the profile that hold the secret."""
    found = (path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size)
    return [path.name for path in found if SECRET.encode() in path.read_bytes()]


async def test_nothing_of_a_temporary_chat_is_stored(
    driver: Driver, services: Services, provider: ScriptedProvider, tmp_path: Path
) -> None:
    provider.scripts = [said(f"The {SECRET} is rare."), said(f"Yes, the {SECRET}."), [TextDelta(text="x"), None]]
    driver.press("Ctrl+Shift+P")
    assert driver.window.title.text == "Temporary chat"
    await driver.answered(f"What is an {SECRET}?")
    assert driver.window.title.text == f"Temporary: What is an {SECRET}?"
    await driver.answered("Sure?")
    driver.ask("Really?")
    await driver.until(lambda: len(driver.messages()) == 6)
    driver.ask(f"A queued {SECRET}")
    driver.write(f"A typed {SECRET}")
    driver.window.remember_soon()
    driver.window._drafts.flush()
    store = await services.store()
    assert (await store.conversations.list()) == ()
    assert not driver.window.sidebar.library.conversations
    driver.press("Ctrl+N")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert driver.window.title.text == "New chat"
    assert not driver.sees("Keep this chat")
    assert driver.editor.toPlainText() == ""
    driver.window._drafts.flush()
    assert traces(tmp_path) == []
    assert (await store.conversations.list()) == ()


async def test_kept_it_becomes_a_chat_as_any_other(
    driver: Driver, services: Services, provider: ScriptedProvider, tmp_path: Path
) -> None:
    provider.scripts = [said(f"One {SECRET}."), said("Two.")]
    driver.press("Ctrl+Shift+P")
    await driver.answered("First?")
    assert traces(tmp_path) == []
    driver.push("Keep this chat")
    await driver.until(lambda: [each.title for each in driver.window.sidebar.library.conversations] == ["First?"])
    assert driver.window.title.text == "First?"
    await driver.answered("Second?")
    (summary,) = await (await services.store()).conversations.list()
    kept = await (await services.store()).conversations.get(summary.id)
    assert [each.text for each in kept.messages] == ["First?", f"One {SECRET}.", "Second?", "Two."]
    assert traces(tmp_path)


async def test_a_temporary_comparison_is_stored_only_when_kept(
    driver: Driver, services: Services, provider: ScriptedProvider
) -> None:
    provider.scripts = [said("One."), said("Two.")]
    driver.press("Ctrl+Shift+P")
    driver.window.desk.add_pane()
    assert driver.window.title.text == "Temporary comparison"
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("Compare?")
    driver.press("Return")
    await driver.until(lambda: len(driver.messages(1)) == 2 and not driver.window.workspace.is_answering)
    driver.window.workspace.kept.flush()
    store = await services.store()
    assert (await store.conversations.list(), await store.comparisons.list()) == ((), ())
    driver.push("Keep this chat")
    await driver.until(lambda: len(driver.window.sidebar.library.comparisons) == 1)
    assert len(await store.conversations.list()) == 2


async def test_attachments_of_a_temporary_chat_go_with_it(
    driver: Driver, services: Services, provider: ScriptedProvider, tmp_path: Path
) -> None:
    provider.scripts = [said("One.")]
    file = tmp_path / "elsewhere.txt"
    file.write_text("A note.\n")
    driver.press("Ctrl+Shift+P")
    driver.window.pane.composer.editor.files_given.emit([file])
    await driver.until(lambda: bool(driver.window.pane.composer.attached.parts))
    await driver.answered("What does it say?")
    files = (await services.store()).files
    assert (await files.figures())[0] == 1
    driver.press("Ctrl+N")

    async def gone() -> bool:
        return (await files.figures())[0] == 0

    for _ in range(200):
        if await gone():
            break
        QApplication.processEvents()
    assert await gone()
