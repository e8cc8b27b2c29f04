"""What can be undone: a pane that was closed comes back to its own comparison alone, and the trash gives back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import cast

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.pane.conftest import shared
from ui.base.model_facts import ModelFacts
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.library import Library
from ui.widgets.notice_bar import NoticeStack
from ui.window.undo_notices import UndoNotices
from ui.workspace.workspace import Workspace

OTHER = ModelRef(connection="lab", name="other")


class Asked:
    """Stands for the sidebar's library: writes down what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Sequence[str]]] = []

    def restore(self, ids: Sequence[str], then: Callable[[], None] | None = None) -> None:
        self.calls.append(("restore", ids))
        if then is not None:
            then()

    def archive(self, ids: Sequence[str], *, archived: bool) -> None:
        self.calls.append(("archive" if archived else "take out", ids))


class Room:
    """A workspace whose changes can be undone."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        self.workspace = workspace
        self.notices = NoticeStack(workspace)
        self.library = Asked()
        facts = ModelFacts(services)
        self.undoing = UndoNotices(facts, cast("Library", self.library), workspace, self.notices)

    def compare(self, *refs: ModelRef) -> None:
        panes = tuple(PaneState(conversation="", model=ref) for ref in refs)
        self.workspace.show_comparison(new_comparison(panes), {})

    def undo(self) -> None:
        """Press the newest bar's button."""
        buttons = self.notices._bars[-1].findChildren(QPushButton)
        next(each for each in buttons if each.text() == "Undo").click()

    @property
    def models(self) -> list[str]:
        return [pane.conversation.model.name for pane in self.workspace.line]


@pytest.fixture
async def room(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Room]:
    workspace = Workspace(services, tasks, themes, shared(services, tasks))
    qtbot.addWidget(workspace)
    workspace.resize(1400, 800)
    workspace.show()
    yield Room(workspace, services)
    workspace.stop_all()
    await tasks.settle(2)


async def test_a_closed_pane_comes_back_where_it_stood(room: Room) -> None:
    room.compare(REF, OTHER)
    room.workspace.places.close_pane(room.workspace.line[0])
    assert room.models == ["other"]
    assert room.notices.texts == ("The pane with scripted was closed.",)
    room.undo()
    assert room.models == ["scripted", "other"]
    assert room.notices.texts == ()


async def test_it_does_not_come_into_a_comparison_that_is_shown_since(room: Room) -> None:
    room.compare(REF, OTHER)
    room.workspace.places.close_pane(room.workspace.line[0])
    room.compare(OTHER, OTHER)
    assert room.models == ["other", "other"]
    assert room.notices.texts == ()  # what cannot be undone is not offered


async def test_two_panes_that_were_closed_come_back_each_by_its_own_notice(room: Room) -> None:
    room.compare(REF, OTHER, REF)
    for _ in range(2):
        room.workspace.places.close_pane(room.workspace.line[-1])
    assert room.models == ["scripted"]
    room.undo()
    room.undo()
    assert sorted(room.models) == ["other", "scripted", "scripted"]


async def test_a_closed_pane_that_nobody_wants_back_is_used_for_the_next_one(room: Room) -> None:
    room.compare(REF, OTHER)
    closed = room.workspace.line[1]
    room.workspace.places.close_pane(closed)
    bar = room.notices.show_notice("Something else")
    room.notices._bars[0].dismiss()
    bar.dismiss()
    assert room.workspace.places.add_pane(OTHER) is closed


@pytest.mark.parametrize(
    ("ids", "title", "said"),
    [
        (("a",), "Sky", "“Sky” is in the trash."),
        (("a",), "", "“New chat” is in the trash."),
        (("a",), "سؤال", "“\u2068سؤال\u2069” is in the trash."),
        (("a", "b"), "Sky", "2 conversations are in the trash."),
    ],
)
async def test_what_went_to_the_trash_is_restored_and_opened_again_where_it_was_open(
    room: Room, ids: tuple[str, ...], title: str, said: str
) -> None:
    opened: list[str] = []
    room.undoing.after_trash(ids, title, lambda: opened.append("again"))
    assert room.notices.texts == (said,)
    room.undo()
    assert (room.library.calls, opened) == ([("restore", ids)], ["again"])
    room.undoing.after_trash(ids, title, None)
    room.undo()
    assert opened == ["again"]


async def test_what_was_archived_is_taken_out_again(room: Room) -> None:
    room.undoing.after_archive(("a",), "Sky")
    assert room.notices.texts == ("“Sky” is in the archive.",)
    room.undo()
    room.undoing.after_archive(("a", "b"), "Sky")
    assert room.notices.texts == ("2 conversations are in the archive.",)
    room.undo()
    assert room.library.calls == [("take out", ("a",)), ("take out", ("a", "b"))]
