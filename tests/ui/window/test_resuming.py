"""The next start shows what the last one showed, unless something was begun or it is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import PaneState, new_comparison
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.desktop.store.made import said
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.connections.add_dialog import AddConnectionDialog
from ui.window.dropped_files import DroppedFiles
from ui.window.main_window import MainWindow

Opened = Callable[[], MainWindow]


@pytest.fixture
async def opened(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Opened]:
    """Opens windows over one store; each is closed before the next one opens."""
    made: list[MainWindow] = []

    def close() -> None:
        if made:
            made[-1].close()
            made[-1].deleteLater()

    def open_() -> MainWindow:
        close()
        made.append(MainWindow(services, tasks, themes))
        made[-1].show()
        return made[-1]

    yield open_
    close()
    await tasks.settle(2)


async def test_the_conversation_of_last_time_is_shown_again(services: Services, opened: Opened) -> None:
    kept = said("Why is the sky blue?", "Sky")
    await (await services.store()).conversations.create(kept)
    window = opened()
    window.desk.open_conversation(kept.id)
    await until(lambda: window.pane.conversation_id == kept.id)
    window = opened()
    await window.settle_in()
    await until(lambda: window.pane.conversation_id == kept.id and window.title.text == "Sky")


async def test_the_comparison_of_last_time_is_shown_again(services: Services, opened: Opened) -> None:
    kept = said("Why is the sky blue?", "Sky")
    store = await services.store()
    await store.conversations.create(kept)
    states = (PaneState(conversation=kept.id, model=kept.model), PaneState(conversation="", model=REF))
    comparison = new_comparison(states)
    await store.comparisons.save(comparison)
    window = opened()
    window.desk.open_comparison(comparison.id)
    await until(lambda: window.workspace.comparison is not None)
    window = opened()
    await window.settle_in()
    await until(lambda: window.workspace.comparison is not None and window.workspace.comparison.id == comparison.id)
    await until(lambda: window.workspace.composer.isAncestorOf(window.focusWidget() or window))


async def test_what_is_gone_leaves_a_new_chat_and_says_nothing(
    services: Services, opened: Opened, tasks: Tasks
) -> None:
    kept = said("Why is the sky blue?", "Sky")
    conversations = (await services.store()).conversations
    await conversations.create(kept)
    window = opened()
    window.desk.open_conversation(kept.id)
    await until(lambda: window.pane.conversation_id == kept.id)
    window.close()
    await conversations.purge([kept.id])
    window = opened()
    await window.settle_in()
    await until(lambda: "window.open" not in tasks.names)
    assert window.pane.conversation_id != kept.id
    assert window.notices.texts == ()


async def test_what_was_begun_before_the_store_was_open_stays(services: Services, opened: Opened) -> None:
    kept = said("Why is the sky blue?", "Sky")
    await (await services.store()).conversations.create(kept)
    window = opened()
    window.desk.open_conversation(kept.id)
    await until(lambda: window.pane.conversation_id == kept.id)
    window = opened()
    window.pane.composer.put(Prompt("Something new"))
    await window.settle_in()
    for _ in range(20):
        QApplication.processEvents()
    assert window.pane.conversation_id != kept.id


async def test_a_model_file_that_is_dropped_becomes_a_connection(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    path.write_bytes(b"GGUF")
    window = opened()
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, dragged, buttons, keys)
    filter_ = window.findChild(DroppedFiles)
    assert filter_ is not None
    assert filter_.eventFilter(window, drop)  # Qt delivers a drop to the target of a real drag only
    dialog = window.findChild(AddConnectionDialog)
    assert dialog is not None
    assert dialog.file.isVisible()
    assert dialog.file.path.text() == str(path)
    dialog.reject()


async def test_what_cannot_be_read_of_a_comparison_is_said(services: Services, opened: Opened) -> None:
    store = await services.store()
    comparison = new_comparison((PaneState(conversation="", model=REF), PaneState(conversation="", model=REF)))
    await store.comparisons.save(comparison)
    state = '{"panes":[{"conversation":"","model":"lab/scripted"},7],"hologram":true}'
    await store._database.write(lambda sql: sql.run("UPDATE comparisons SET state = ?", (state,)))
    window = opened()
    await window.settle_in()
    window.desk.open_comparison(comparison.id)
    await until(lambda: window.notices.texts)
    assert window.notices.texts == (
        "2 parts of this comparison were left out because this version of Paragone cannot read them.",
    )
    assert len(window.workspace.line) == 1
