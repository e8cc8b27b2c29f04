"""A prompt that was not sent belongs to its conversation: it waits there with why, and is joined to no other."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.driver import Driver, driven
from tests.ui.finding import button
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


@pytest.fixture
async def driver(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, tmp_path: Path
) -> AsyncIterator[Driver]:
    """A window whose guards hold keys back."""
    del qtbot
    child = (sys.executable, "-m", "desktop.guards.pattern_child")
    services.gateway._gate = GuardedGate(Scanner(child), Ledger(tmp_path / "spending.json"), Audit(tmp_path))
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        yield made


def comparison(*refs: ModelRef) -> Comparison:
    """An empty one."""
    return new_comparison(tuple(PaneState(conversation=new_conversation(ref).id, model=ref) for ref in refs))


async def send(driver: Driver, text: str) -> None:
    """Send a prompt to all panes, as one types it."""
    driver.window.workspace.focus_composer()
    driver.type(text)
    driver.press("Return")
    await driver.until(lambda: not driver.window.workspace.is_answering)


def fields(driver: Driver) -> list[str | None]:
    """What stands in the panes' own fields; None for those that are not seen."""
    panes = driver.window.workspace.line
    return [pane.composer.text if pane.composer.isVisible() else None for pane in panes]


async def test_it_comes_back_with_its_question_and_not_in_another_prompt(
    driver: Driver, provider: ScriptedProvider
) -> None:
    first, second = comparison(REF, ModelRef.parse("embedded/smollm2")), comparison(REF, REF)
    workspace = driver.window.workspace
    workspace.show_comparison(first, {})
    await send(driver, f"use {KEY}")
    assert fields(driver) == [f"use {KEY}", None]
    talks = {pane.conversation_id: pane.conversation for pane in workspace.line}
    workspace.kept.flush()
    workspace.show_comparison(second, {})
    assert fields(driver) == [None, None]
    assert driver.notices == []
    await send(driver, "Hello")
    workspace.show_comparison(first, talks)
    assert fields(driver) == [f"use {KEY}", None]
    assert len([each for each in driver.notices if "lab/scripted at 127.0.0.1" in each]) == 1
    before = len(provider.requests)
    driver.push("Send anyway")
    await driver.until(lambda: len(provider.requests) == before + 1 and not workspace.is_answering)
    assert provider.requests[-1].messages[-1].text == f"use {KEY}"
    assert fields(driver) == [None, None]
    assert driver.notices == []


async def test_what_was_held_back_is_seen_where_its_draft_came_back(driver: Driver) -> None:
    first = comparison(REF, REF)
    workspace = driver.window.workspace
    workspace.show_comparison(first, {})
    driver.window._drafts.set(first.panes[1].conversation, Prompt("Left over"))
    workspace.start_new()
    workspace.show_comparison(first, {})
    assert fields(driver) == [None, "Left over"]


async def test_the_keyboard_leaves_a_field_that_goes_for_the_common_one(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, ModelRef.parse("embedded/smollm2")), {})
    await send(driver, f"use {KEY}")
    editor = workspace.line[0].composer.editor
    editor.setFocus()
    editor.replace("use none")
    driver.press("Return")
    await driver.until(lambda: not workspace.is_answering)
    assert fields(driver) == [None, None]
    assert driver.focused is workspace.composer.editor


async def test_what_several_panes_say_alike_is_said_once_and_done_for_all(
    driver: Driver, provider: ScriptedProvider
) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, REF, REF, ModelRef.parse("lab/other")), {})
    await send(driver, f"use {KEY}")
    await driver.until(lambda: len(driver.notices) == 1)
    assert driver.notices[0].startswith("4 panes: The prompt seems to contain ")
    assert driver.notices[0].endswith("It was not sent to lab/scripted at 127.0.0.1, lab/other at 127.0.0.1.")
    (common,) = [bar for bar in workspace.composer.notices.bars if bar.isVisible()]
    driver.click(button(common, "Send anyway"))
    await driver.until(lambda: len(provider.requests) == 4 and not workspace.is_answering)
    assert fields(driver) == [None, None, None, None]
    await driver.until(lambda: driver.notices == [])


async def test_what_was_never_sent_gives_no_title(driver: Driver, provider: ScriptedProvider) -> None:
    window = driver.window
    window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
    await send(driver, f"use {KEY}")
    window.workspace.kept.flush()
    assert KEY not in window.windowTitle() + window.title.text
    for pane in window.workspace.line:
        pane.composer.put(Prompt())
    await send(driver, "A harmless one")
    assert provider.requests
    assert window.title.text == "A harmless one"
    window.desk.new_chat()
    driver.ask(f"use {KEY}")
    await driver.until(lambda: driver.notices)
    driver.editor.selectAll()
    await driver.answered("Harmless")
    assert window.title.text == "Harmless"


async def test_a_pane_that_held_two_prompts_back_is_one_pane(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, ModelRef.parse("embedded/smollm2")), {})
    for text in ("first", "second"):
        await send(driver, f"{text} {KEY}")
    await driver.until(lambda: fields(driver)[0] == f"second {KEY}\n\nfirst {KEY}")
    assert not any("panes: " in each for each in driver.notices)


async def test_a_pane_without_a_field_is_named_where_all_are_sent_to(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(REF, REF), {})
    bar = workspace.line[1].composer.notices.show_notice("It will not fit.", action="Shorten")
    await driver.until(lambda: driver.notices == ["Pane 2: scripted: It will not fit."])
    (common,) = workspace.composer.notices.bars
    driver.push("Dismiss")
    assert (bar.isVisible(), common.isVisible()) == (False, False)
    assert workspace.line[1].composer.notices.bars == ()


async def test_send_anyway_for_several_panes_leads_the_keyboard_through_none_of_their_fields(
    driver: Driver, provider: ScriptedProvider
) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(*map(ModelRef.parse, ("lab/one", "lab/two", "lab/three"))), {})
    await send(driver, f"use {KEY}")
    await driver.until(lambda: len(driver.notices) == 1)
    driver.button("Send anyway").setFocus()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    seen: list[QWidget | None] = []

    def hear(_old: QWidget | None, new: QWidget | None) -> None:
        seen.append(new)

    app.focusChanged.connect(hear)
    driver.press("Space")
    await driver.until(lambda: len(provider.requests) == 3 and not workspace.is_answering)
    assert not [pane for pane in workspace.line if pane.composer.editor in seen]
    assert len(seen) < 4
