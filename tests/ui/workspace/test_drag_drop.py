"""Panes dragged by their header, conversations dropped on panes, and handles between panes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from desktop.settings.schema import MOST_SHOWN_PANES
from tests.desktop.session.fakes import REF
from tests.ui.transcript.makers import heard
from tests.ui.workspace.test_badge_awards import talk
from tests.ui.workspace.test_workspace import OTHER, THIRD, compare
from ui.pane.pane import Pane
from ui.workspace.area import DropMark, Handle
from ui.workspace.workspace import CONVERSATION, Workspace

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def models(workspace: Workspace) -> list[ModelRef]:
    return [pane.conversation.model for pane in workspace.line]


def drop(workspace: Workspace, pane: Pane, x: int, kind: str = CONVERSATION) -> bool:
    """Drop a conversation on a pane, so many pixels from its left; whether it was taken."""
    mime = QMimeData()
    mime.setData(kind, b"kept")
    viewport = workspace.area.viewport()
    at = QPointF(pane.mapTo(viewport, QPoint(x, pane.height() // 2)))
    copy = Qt.DropAction.CopyAction
    came = QDragEnterEvent(at.toPoint(), copy, mime, LEFT, NONE)
    QApplication.sendEvent(viewport, came)
    moved = QDragMoveEvent(at.toPoint(), copy, mime, LEFT, NONE)
    QApplication.sendEvent(viewport, moved)
    dropped = QDropEvent(at, copy, mime, LEFT, NONE, QEvent.Type.Drop)
    QApplication.sendEvent(viewport, dropped)
    return came.isAccepted() and moved.isAccepted() and dropped.isAccepted()


async def test_a_pane_is_dragged_by_its_header_to_another_place(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER, THIRD)
    header, last = workspace.line[0].header, workspace.line[2].header
    QTest.mousePress(header, LEFT, NONE, QPoint(150, 20))
    target = header.mapFromGlobal(last.mapToGlobal(QPoint(last.width() - 30, 20)))
    QTest.mouseMove(header, QPoint(170, 20))
    QTest.mouseMove(header, target)
    mark = workspace.area.findChild(DropMark)
    assert isinstance(mark, DropMark)
    assert mark.isVisible()
    QTest.mouseRelease(header, LEFT, NONE, target)
    assert models(workspace) == [OTHER, THIRD, REF]
    assert not mark.isVisible()


async def test_a_press_on_the_header_moves_nothing(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    told = heard(workspace.line.dropped)
    QTest.mouseClick(workspace.line[0].header, LEFT, NONE, QPoint(150, 20))
    assert told == []


async def test_a_dropped_conversation_is_told_with_its_place(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    told = heard(workspace.dropping.conversation_dropped)
    second = workspace.line[1]
    assert drop(workspace, second, second.width() // 2)
    assert drop(workspace, second, 5)
    assert told == [("kept", 1, False), ("kept", 1, True)]
    assert not drop(workspace, second, 5, "text/uri-list")


async def test_a_conversation_is_taken_onto_a_pane_or_beside_it_but_shown_once(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    kept = talk("kept", 10, 0.1)
    workspace.places.take(kept, 1, beside=False)
    assert [pane.conversation_id for pane in workspace.line][1] == "kept"
    workspace.places.take(kept, 0, beside=True)
    assert len(workspace.line) == 2
    workspace.places.take(talk("new", 10, 0.1), 1, beside=True)
    assert [pane.conversation_id for pane in workspace.line][1:] == ["new", "kept"]


async def test_more_panes_than_the_settings_allow_are_refused_with_the_reason(
    workspace: Workspace, services: Services
) -> None:
    services.use(services.settings.set(MOST_SHOWN_PANES, 2))
    compare(workspace, REF, OTHER)
    told = heard(workspace.places.refused)
    assert workspace.places.add_pane(THIRD) is None
    assert len(workspace.line) == 2
    assert told == [("A comparison can have up to 2 panes. You can raise the limit to 16 in the settings.",)]
    services.use(services.settings.set(MOST_SHOWN_PANES, 3))
    assert workspace.places.add_pane(THIRD) is not None


async def test_a_handle_between_panes_gives_one_what_it_takes_from_the_other(workspace: Workspace) -> None:
    compare(workspace, REF, OTHER)
    (handle,) = workspace.area.findChildren(Handle)
    told = heard(workspace.area.shares_changed)
    before = [pane.width() for pane in workspace.line]
    QTest.mousePress(handle, LEFT, NONE, QPoint(2, 50))
    QTest.mouseMove(handle, QPoint(102, 50))
    QTest.mouseRelease(handle, LEFT, NONE, QPoint(2, 50))
    assert [pane.width() for pane in workspace.line] == [before[0] + 100, before[1] - 100]
    assert told


async def test_in_a_language_from_the_right_the_first_pane_is_at_the_right(workspace: Workspace) -> None:
    workspace.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    compare(workspace, REF, OTHER)
    first, second = workspace.line
    assert first.x() > second.x()
    (handle,) = workspace.area.findChildren(Handle)
    before = first.width()
    handle.dragged.emit(-50)
    assert first.width() == before + 50
