"""One model asked the same several times, from the window."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QAbstractSpinBox, QPushButton

from desktop.domain.conversation_types import ModelRef, Parameters, Role
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.desktop.session.fakes import REF, ScriptedProvider, said
from tests.ui.driver import driven
from tests.ui.finding import button, unreachable
from tests.ui.workspace.test_badge_awards import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes

LAB = msgspec.structs.replace(new_conversation(REF), system="Be brief.", parameters=Parameters(values={"seed": 1}))


async def test_the_last_prompt_is_asked_again_with_what_was_before_it_and_each_pane_goes_on(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    kept = msgspec.structs.replace(LAB, messages=talk("a", 90, 0.2).messages)
    kept = msgspec.structs.replace(kept, current=kept.messages[-1].id)
    async with driven(services, tasks, themes, kept) as window:
        await window.answered("And now?")
        provider.scripts = [said("Two."), said("Three."), said("Four.")]
        before = len(provider.requests)
        window.press("Ctrl+Shift+A")
        popover = window.window.repeats.popover
        assert popover is not None
        assert unreachable(popover) == []
        assert "Last prompt: “And now?” Includes the previous turn." in popover.said
        window.find(QAbstractSpinBox, "Responses").selectAll()
        window.type("3")
        window.press("Return")
        await window.until(lambda: len(provider.requests) == before + 3)
        await window.until(lambda: not window.window.workspace.is_answering)
        panes = list(window.window.workspace.line)
        assert len({pane.conversation_id for pane in panes} | {kept.id}) == 4
        for request in provider.requests[before:]:
            assert [message.text for message in request.messages] == ["Be brief.", "Why?", "Because.", "And now?"]
            assert request.parameters == LAB.parameters
        path = panes[0].conversation.path()
        assert [message.role for message in path] == [Role.USER, Role.ASSISTANT] * 2
        assert window.window.workspace.prompt_editor.hasFocus()
        assert len(window.window.workspace.turns.kept.turns) == 2
        # Each is kept, and comes back with the comparison.
        window.window.workspace.kept.flush()
        await tasks.settle(2)
        store = await services.store()
        (comparison,) = await store.comparisons.list()
        assert await store.comparisons.begun_before(comparison.id) == ()
        assert comparison.models == (REF,) * 3
        assert (await store.conversations.get(panes[2].conversation_id)).path()[0].text == "Why?"


async def test_what_is_typed_is_asked_and_its_field_is_empty_from_then_on(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    async with driven(services, tasks, themes, LAB) as window:
        assert window.window.repeats.is_possible is False
        window.press("Ctrl+Shift+A")
        assert any("There is no prompt" in each for each in window.notices)
        window.write("Why?")
        window.press("Ctrl+Shift+A")
        popover = window.window.repeats.popover
        assert popover is not None
        assert "Typed prompt: “Why?”" in popover.said
        popover.times.selectAll()
        window.type("1")
        window.press("Return")
        await window.until(lambda: "The value must be a number from 2 to " in window.said(popover))
        assert popover.isVisible()
        assert not provider.requests
        window.push("Ask 4 times")
        await window.until(lambda: len(window.window.workspace.line) == 4)
        await window.until(lambda: not window.window.workspace.is_answering)
        assert [request.messages[-1].text for request in provider.requests] == ["Why?"] * 4
        await window.open(LAB)
        assert window.editor.toPlainText() == ""


async def test_one_pane_of_a_comparison_is_asked_that_the_prompt_names(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    other = new_conversation(ModelRef(connection="lab", name="other"))
    async with driven(services, tasks, themes, LAB) as window:
        window.window.workspace.places.insert(1, other)
        window.window.workspace.composer.editor.setFocus()
        window.type("@2 Why?")
        window.press("Ctrl+Shift+A")
        popover = window.window.repeats.popover
        assert popover is not None
        assert [popover.model.itemText(at) for at in range(popover.model.count())] == ["other from lab"]
        popover.go.click()
        await window.until(lambda: not window.window.workspace.is_answering)
        assert {pane.conversation.model.name for pane in window.window.workspace.line} == {"other"}
        assert [request.messages[-1].text for request in provider.requests] == ["Why?"] * 4


async def test_what_a_guard_holds_back_is_asked_about_once_for_all(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider, tmp_path: Path
) -> None:
    child = (sys.executable, "-m", "desktop.guards.pattern_child")
    services.gateway._gate = GuardedGate(Scanner(child), Ledger(tmp_path / "spending.json"), Audit(tmp_path))
    async with driven(services, tasks, themes, LAB) as window:
        window.write("use sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY")
        window.press("Ctrl+Shift+A")
        window.push("Ask 4 times")
        common = window.window.workspace.composer
        await window.until(lambda: "Send anyway" in [each.text() for each in common.findChildren(QPushButton)])
        assert provider.requests == []
        button(common, "Send anyway").click()
        await window.until(lambda: len(provider.requests) == 4 and not window.window.workspace.is_answering)
        assert [len(pane.conversation.messages) for pane in window.window.workspace.line] == [2] * 4
