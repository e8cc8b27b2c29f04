"""Colours of code come from a child: the transcript shows plain text until they do, and never waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import CodeReply, CodeRequest, Refusal, Reply, Request
from desktop.renderer.renderer import Renderer
from main import RENDER_SWITCH, child_command
from tests.ui.transcript.makers import answer, prompt
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.text.drawings import Drawings
from ui.transcript.transcript_view import TranscriptView

PYTHON = "```python\ndef f(): return 'x'  # no\n```\n"
EVIL = "```bash\n$'" + "\\\\" * 100 + "\n```\n"


def view_of(qtbot: QtBot, themes: Themes, colours: Drawings) -> TranscriptView:
    view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "", colours)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    return view


def inks(document: QTextDocument) -> set[str]:
    """The colours in a document."""
    found: set[str] = set()
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            found.add(iterator.fragment().charFormat().foreground().color().name())
            iterator += 1
        block = block.next()
    return found


def documents(view: TranscriptView) -> list[QTextDocument]:
    return [each.laid.document for slab in view.rows[-1].parts.body for each in slab.segments]


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer(child_command(RENDER_SWITCH))
    yield made
    await made.aclose()


async def test_code_is_plain_until_its_colours_come(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer(PYTHON)])
    (document,) = documents(view)
    assert len(inks(document)) == 1
    await until(lambda: len(inks(document)) > 3)
    assert document.toPlainText() == "def f(): return 'x'  # no"


async def test_code_that_no_lexer_can_read_stays_plain_and_the_next_does_not(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer(EVIL + "\n" + PYTHON + "\n- x\n  ```python\n  def g(): pass\n  ```\n")])
    evil, good, inner = documents(view)
    await until(lambda: len(inks(good)) > 3)
    await until(lambda: len(inks(inner)) > 2)
    assert len(inks(evil)) == 1
    assert await tasks.settle(20)


async def test_what_streams_takes_its_colours_and_nothing_is_asked_twice(
    qtbot: QtBot, themes: Themes, tasks: Tasks
) -> None:
    asked: list[CodeRequest] = []

    async def ask(request: Request) -> Reply | None:
        assert isinstance(request, CodeRequest)
        asked.append(request)
        await asyncio.sleep(0)
        return coloured(request)

    view = view_of(qtbot, themes, Drawings(ask, tasks))
    text = "```python\n" + "x = 'a'  # b\n" * 250 + "```\n"
    view.begin(prompt("?"), "live", "m")
    for at in range(0, len(text), 100):
        view._growing._grow(text[at : at + 100], "")
        await asyncio.sleep(0.002)
    view.end(answer(text))
    assert await tasks.settle(20)
    assert all(len(inks(document)) > 2 for document in documents(view))
    assert len(documents(view)) == 3
    assert sum(len(each.text) for each in asked) < 8 * len(text), "a line is asked for once or twice, and at the end"
    before = len(asked)
    view.show_messages([])
    view.show_messages([prompt("?"), answer(text)])
    assert await tasks.settle(20)
    assert all(len(inks(document)) > 2 for document in documents(view))
    assert len(asked) <= before + 2, "what was coloured before is known"


@pytest.mark.parametrize("reply", [None, Refusal(error="MemoryError"), CodeReply()])
async def test_what_cannot_be_had_is_asked_for_once(
    qtbot: QtBot, themes: Themes, tasks: Tasks, reply: Reply | None
) -> None:
    asked: list[CodeRequest] = []

    async def ask(request: Request) -> Reply | None:
        assert isinstance(request, CodeRequest)
        asked.append(request)
        return reply

    view = view_of(qtbot, themes, Drawings(ask, tasks))
    for _ in range(3):
        view.show_messages([prompt("?"), answer(PYTHON)])
        assert len(inks(documents(view)[0])) == 1
        assert await tasks.settle(20)
    assert len(asked) == 1


async def test_without_a_renderer_code_is_plain(qtbot: QtBot, themes: Themes) -> None:
    view = view_of(qtbot, themes, Drawings())
    view.show_messages([prompt("?"), answer(PYTHON)])
    assert len(inks(documents(view)[0])) == 1
