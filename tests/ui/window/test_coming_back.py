"""A comparison comes back after a restart as it was: panes, sizes, panel, scroll, chips, rule, drafts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtWidgets import QApplication

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.comparison import Arrangement, ContextRule, PaneState, new_comparison
from desktop.domain.conversation_types import Conversation
from desktop.services import Services
from desktop.settings.settings_file import SettingsFile
from desktop.system.paths import resources
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import ScriptedProvider, gateway
from tests.examples import alike
from tests.ui.waiting import until
from tests.ui.workspace.test_scroll_sync import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.window.main_window import MainWindow
from ui.workspace.workspace import Workspace


def again(services: Services, provider: ScriptedProvider) -> Services:
    """Services of another run over the same folder."""
    return Services(
        version="0",
        paths=services.paths,
        environ={},
        settings_file=SettingsFile(services.paths.settings_file),
        catalog=Catalog.load(resources() / "catalog.toml"),
        keys=Keys(service="test", environ={}, find=none_found),
        gateway=gateway(provider, services.settings),
    )


Opened = Callable[[Services], MainWindow]


@pytest.fixture
async def opened(tasks: Tasks, themes: Themes) -> AsyncIterator[Opened]:
    """Opens windows; each is closed before the next one opens."""
    made: list[MainWindow] = []

    def close() -> None:
        if made:
            made[-1].close()
            made[-1].deleteLater()

    def open_(services: Services) -> MainWindow:
        close()
        made.append(MainWindow(services, tasks, themes))
        made[-1].resize(1800, 1000)
        made[-1].show()
        return made[-1]

    yield open_
    close()
    await tasks.settle(2)


async def keep(services: Services, talks: list[Conversation]) -> str:
    """A comparison of talks in the store; its id."""
    store = await services.store()
    for each in talks:
        await store.conversations.create(each)
    comparison = new_comparison(tuple(PaneState(conversation=each.id, model=each.model, said=True) for each in talks))
    await store.comparisons.save(comparison)
    return comparison.id


def state(window: MainWindow) -> dict[str, object]:
    """All that is to come back."""
    workspace: Workspace = window.workspace
    comparison = workspace.comparison
    assert comparison is not None
    return {
        "panes": [pane.conversation_id for pane in workspace.line],
        "sizes": [(pane.width(), pane.height()) for pane in workspace.line],
        "seen": [pane.isVisible() for pane in workspace.line],
        "on": list(workspace.line.on),
        "scroll": [pane.body.reading_at for pane in workspace.line],
        "drafts": [workspace.composer.text, *(pane.composer.text for pane in workspace.line)],
        "rule": workspace.sending.rule,
        "winners": workspace.sending.winners,
        "arrangement": comparison.arrangement,
        "step": workspace.steps.is_on,
        "prompts": workspace.prompts.is_on,
        "panel": comparison.panel,
        "panel width": window.drawer.panel.width() if window.drawer.panel is not None else 0,
        "title": window.title.text,
    }


async def shown(window: MainWindow, id_: str) -> None:
    window.desk.open_comparison(id_)
    await until(lambda: window.workspace.comparison is not None and window.workspace.comparison.id == id_)
    for _ in range(5):
        QApplication.processEvents()


@pytest.mark.parametrize("arrangement", alike(1, Arrangement))
async def test_a_comparison_comes_back_exactly(
    services: Services, provider: ScriptedProvider, opened: Opened, tasks: Tasks, arrangement: Arrangement
) -> None:
    talks = [talk(name, 20, 12) for name in ("a", "b", "c", "d")]
    id_ = await keep(services, talks)
    window = opened(services)
    await shown(window, id_)
    workspace = window.workspace
    workspace.set_arrangement(arrangement)
    workspace.set_rule(ContextRule.WINNER)
    workspace.area._handles[0].dragged.emit(60)
    if arrangement is Arrangement.GRID:
        workspace.area._handles[-1].dragged.emit(-40)
    workspace.common.chips.toggled.emit(2)
    workspace.line[2].composer.put(Prompt("A draft of one pane"))
    workspace.composer.put(Prompt("A draft for all"))
    workspace.sending.choose_winner(workspace.line[1])
    window.comparing.toggle_figures()
    window.drawer.setSizes([window.drawer.width() - 444, 444])
    window.drawer.splitterMoved.emit(window.drawer.width() - 444, 1)
    workspace.line[0].transcript.turns.show(5, 10)
    workspace.read_in_step(True)
    workspace.line[1].transcript.turns.show(7, 20)
    for _ in range(5):
        QApplication.processEvents()
    before = state(window)
    assert before["scroll"] != [None] * 4
    window.close()
    await tasks.settle(2)
    await services.aclose()
    later = again(services, provider)
    window = opened(later)
    await shown(window, id_)
    after = state(window)
    window.close()
    await tasks.settle(2)
    await later.aclose()
    assert after == before


async def test_a_maximised_pane_and_folded_answers_come_back(
    services: Services, opened: Opened, tasks: Tasks, provider: ScriptedProvider
) -> None:
    id_ = await keep(services, [talk("a", 6, 12), talk("b", 6, 12)])
    window = opened(services)
    await shown(window, id_)
    window.workspace.places.maximise(window.workspace.line[1])
    window.workspace.prompts.set_on(True)
    before = state(window)
    assert before["seen"] == [False, True]
    window.desk.new_chat()
    assert not window.workspace.prompts.is_on
    await tasks.settle(2)
    await shown(window, id_)
    assert state(window) == before


async def test_a_conversation_that_was_deleted_elsewhere_leaves_no_pane(
    services: Services, opened: Opened, tasks: Tasks
) -> None:
    id_ = await keep(services, [talk("a", 3, 12), talk("b", 3, 12)])
    await (await services.store()).conversations.purge(["b"])
    window = opened(services)
    await shown(window, id_)
    (first,) = window.workspace.line
    assert len(first.transcript.rows) == 6
    window.workspace.composer.put(Prompt("Go on"))
    assert window.workspace.composer.line.button.isEnabled()


async def test_scrolling_alone_is_kept_too(services: Services, opened: Opened, tasks: Tasks) -> None:
    id_ = await keep(services, [talk("a", 20, 12), talk("b", 20, 12)])
    window = opened(services)
    await shown(window, id_)
    window.workspace.line[0].transcript.turns.show(4, 0)
    window.workspace.kept.flush()
    await tasks.settle(2)
    kept = await (await services.store()).comparisons.get(id_)
    assert [pane.scroll for pane in kept.panes] == [(4, 0), None]
