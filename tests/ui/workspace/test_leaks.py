"""Panes that come and go in haste leave nothing behind."""

from __future__ import annotations

import gc
import random
import weakref

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.comparison import Arrangement
from tests.desktop.session.fakes import REF
from tests.ui.workspace.test_workspace import OTHER, compare
from ui.pane.chat import Chat
from ui.pane.pane import Pane
from ui.workspace.workspace import Workspace


def settle(qapp: QApplication) -> None:
    for _ in range(3):
        qapp.processEvents()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()


async def test_eighty_rounds_of_panes_come_and_go_and_none_stays(workspace: Workspace, qapp: QApplication) -> None:
    chance = random.Random(7)
    panes: weakref.WeakSet[Pane] = weakref.WeakSet()
    chats: weakref.WeakSet[Chat] = weakref.WeakSet()

    def forget(pane: Pane, place: int) -> None:
        del place
        workspace.line.give_back(pane)

    workspace.places.closed.connect(forget)
    compare(workspace, REF, OTHER)
    for number in range(80):
        match chance.randrange(5):
            case 0 | 1 if not workspace.places.is_full:
                workspace.places.add_pane(REF)
            case 2 if len(workspace.line) > 2:
                workspace.places.close_pane(workspace.line[chance.randrange(len(workspace.line))])
            case 3:
                workspace.set_arrangement(chance.choice(list(Arrangement)))
            case _:
                compare(workspace, *[REF] * chance.randint(2, 8)) if number % 2 else workspace.start_new(OTHER)
        panes.update(workspace.line)
        chats.update(pane._chats.shown for pane in workspace.line)
        if number % 20 == 0:
            qapp.processEvents()
    workspace.start_new(REF)
    settle(qapp)
    kept = {*workspace.line, *workspace.line._spare}
    assert set(panes) <= kept
    assert len(kept) <= 16
    assert len(chats) <= len(kept) + 1
    inside = workspace.area.findChildren(QWidget)
    assert sum(isinstance(each, Pane) for each in inside) == len(kept)


async def test_a_pane_beyond_those_that_are_reused_goes(workspace: Workspace, qapp: QApplication) -> None:
    workspace.start_new(REF)
    while workspace.line.prepare(16) is not None:
        pass
    assert len(workspace.line._spare) == 15
    extra = workspace.line._new()
    gone = weakref.ref(extra)
    workspace.line.give_back(extra)
    del extra
    settle(qapp)
    assert gone() is None
