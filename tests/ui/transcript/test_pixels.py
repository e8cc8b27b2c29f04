"""The same picture, however it came about: streamed or stored, moved or painted anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import Message
from desktop.domain.events import ToolAnswered, ToolCalled
from desktop.domain.message_parts import FilePart, TextPart, ToolCallPart, ToolResultPart, ToolStatus
from tests.desktop.markdown.splitting import cut
from tests.examples import alike
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.base.theme import Themes
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.transcript_view import TranscriptView

ROOT = Path(__file__).resolve().parents[3]
TEXTS = {
    "answer": "# Head\n\nSome *text*, `code`[^1], $x^2$.\n\n- a\n  - b\n- c\n\n> quote\n> > deep\n\n[^1]: Note.\n",
    "table": "Before\n\n| Way | Keeps |\n|---|--:|\n"
    + "".join(f"| {n} | row *of* it |\n" for n in range(90))
    + "\nAfter\n",
    "code": "```python\n" + "".join(f"def f_{n}(x):\n    '''{n}'''\n" for n in range(130)) + "```\n\nAfter\n",
    "list": "".join(f"{n}. item of *a list* that is long\n" for n in range(1, 90)),
    "code in a list": "1. Run this:\n   ```python\n   def f(x):\n       return x\n   ```\n2. Then:\n\n"
    "   ```\n   a\n\n   b\n   ```\n   ```\n   c\n   ```\n   and go on.\n\n> Said:\n> ```sh\n> ls\n> ```\n",
    "right-to-left": "## סיכום\n\nבירת אוסטרליה היא **קנברה**.\n\n1. ראשית\n2. שנית\n\n> ציטוט\n",
    "late": "See [the docs][d].\n\nMore.\n\n[d]: https://example.org\n",
}

_CODE = "So:\n\n```python\n" + "".join(f"value_{n} = {n}\n\n" for n in range(20)) + f"x = '{'long ' * 40}'\n"


def picture(view: TranscriptView) -> QImage:
    """What is on the screen, painted anew, without what blinks or follows the mouse."""
    QApplication.processEvents()
    view._actions.hide()
    listed(view).rings = False
    return listed(view).viewport().grab().toImage()


def streamed(show: Show, text: str, size: int) -> TranscriptView:
    view = show([])
    asked = prompt("Go on.")
    view.begin(asked, "live", "scripted")
    for piece in cut(text, size):
        view._growing._grow(piece, "")
    view.end(answer(text, asked.id))
    listed(view).set_look(listed(view).look)  # no room below a short answer any more
    return view


@pytest.mark.parametrize("name", alike(3, TEXTS))
def test_what_streamed_looks_as_what_is_stored(show: Show, name: str) -> None:
    text = TEXTS[name]
    stored = show([prompt("Go on."), answer(text)])
    others = [streamed(show, text, size) for size in (5, 400)]
    for view in (stored, *others):
        listed(view).scroll_by(-10_000)
    for up in (0, 700, 100_000):
        for view in (stored, *others):
            listed(view).scroll_by(up)
        wanted = picture(stored)
        assert all(picture(view) == wanted for view in others), up


@pytest.mark.parametrize("name", alike(2, TEXTS))
def test_what_streamed_with_tool_calls_looks_as_what_is_stored(show: Show, name: str) -> None:
    call = ToolCallPart(id="1", name="clock", arguments='{"zone": "UTC"}', server="time")
    parts = (
        TextPart(text=TEXTS[name]),
        call,
        ToolResultPart(call="1", status=ToolStatus.OK, text="noon", duration_ms=4.0),
        TextPart(text=TEXTS["late"]),
    )
    message = structs.replace(answer(""), parts=parts)
    stored, grown = show([prompt("Go on."), message]), show([])
    grown.begin(prompt("Go on."), "live", "scripted")
    for part in parts:
        match part:
            case TextPart(text=text):
                for piece in cut(text, 90):
                    grown.text(piece)
            case ToolCallPart():
                grown.tool(ToolCalled(call=part))
            case ToolResultPart():
                grown.tool(ToolAnswered(call=call, result=part))
    while grown._growing.draw_gathered():
        pass
    grown.end(message)
    listed(grown).set_look(listed(grown).look)  # no room below a short answer any more
    for view in (stored, grown):
        listed(view).scroll_by(-100_000)
    for up in (0, 700, 100_000):
        for view in (stored, grown):
            listed(view).scroll_by(up)
        assert picture(grown) == picture(stored), up


def differing(messages: Sequence[Message], themes: Themes) -> int:
    """How many of some steps of scrolling leave other pixels on the screen than a full repaint does."""
    view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "")
    view.resize(560, 300)
    view.show()
    view.show_messages(messages)
    shown = listed(view)
    for row in view.rows:
        if row.cards:
            shown.fold_sections(row, on=False)
    shown.to_end()
    wrong = 0
    for step in (-3, -24, -61, 17, 60, -120, 5):
        QApplication.processEvents()
        shown.scroll_by(step)
        view._actions.hide()
        QApplication.processEvents()
        shown.viewport().update(QRect(31, 41, 97, 53))  # as where a button that lay there went away
        QApplication.processEvents()
        moved = view.screen().grabWindow(view.winId()).toImage()
        shown.viewport().update()
        QApplication.processEvents()
        wrong += moved != view.screen().grabWindow(view.winId()).toImage()
    view.close()
    return wrong


def stale(text: str, themes: Themes) -> int:
    """How many states of a growing answer leave other pixels on the screen than a full repaint does."""
    view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "")
    view.resize(560, 420)
    view.show()
    view.show_messages([])
    view.begin(prompt("Go on."), "live", "scripted")
    shown = listed(view)
    wrong = 0
    pieces = cut(text[-1_500:], 23)
    assert len(pieces) > 1
    for piece in pieces:
        view._growing._grow(piece, "")
        QApplication.processEvents()
        grown = view.screen().grabWindow(view.winId()).toImage()
        shown.viewport().update()
        QApplication.processEvents()
        wrong += grown != view.screen().grabWindow(view.winId()).toImage()
    view.close()
    return wrong


def stale_ends(text: str, themes: Themes) -> int:
    """How many ends of an answer, at different places of a text, leave other pixels than a full repaint does."""
    view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "")
    view.resize(560, 420)
    view.show()
    shown, wrong = listed(view), 0
    for number, size in enumerate(range(40, min(len(text), 1_500), 90)):
        view.show_messages([])
        asked = prompt("Go on.")
        view.begin(asked, f"live {number}", "scripted")
        for piece in cut(text[:size], 37):
            view._growing._grow(piece, "")
        QApplication.processEvents()
        rest = text[size : size + number % 3 * 20]
        view._growing._gathered[0].append(rest)
        ended = structs.replace(answer(text[:size] + rest, asked.id), id=f"live {number}")
        view.end(ended)
        view.show_messages([asked, ended])
        view._actions.hide()
        QApplication.processEvents()
        found = view.screen().grabWindow(view.winId()).toImage()
        shown.viewport().update()
        QApplication.processEvents()
        wrong += found != view.screen().grabWindow(view.winId()).toImage()
    view.close()
    return wrong


def main() -> int:
    """Scroll, grow, end and compare, in a process whose screen has a scale of its own."""
    app = QApplication([])
    themes = Themes()
    themes.choose("light")
    themes.apply()
    wrong = differing([prompt("Go on."), *(answer(text) for text in TEXTS.values())], themes)
    call = ToolCallPart(id="1", name="clock", arguments='{"zone": "UTC"}', server="time")
    result = ToolResultPart(call="1", status=ToolStatus.OK, text="noon\n" * 150, duration_ms=4.0)
    wrong += differing([prompt("Go on."), structs.replace(answer(""), parts=(call, result, call))], themes)
    wrong += sum(stale(text, themes) + stale_ends(text, themes) for text in (*TEXTS.values(), _CODE))
    app.processEvents()
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("scale", alike(1, ["1.25", "1", "1.5"]))
def test_pixels_that_were_moved_or_grew_are_those_of_a_full_repaint(scale: str) -> None:
    environ = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-m", "tests.ui.transcript.test_pixels"], cwd=ROOT, env=environ, timeout=200)
    assert done.returncode == 0


def test_code_in_a_list_stands_on_a_ground_with_room_around_it(show: Show, themes: Themes) -> None:
    code = "   ```\n   first = 1\n   second = 2\n   ```\n"
    view = show([prompt("Go on."), answer(f"1. Run this:\n{code}{code}2. And go on.\n")])
    shown, theme = picture(view), themes.current
    each = next(each for each in listed(view).placed if isinstance(each.slab, BodySlab))
    left, width = listed(view).column
    segment = each.slab.segments[0]
    top = each.top + each.slab.segment_top(0, width)
    lines = [segment.rect_of(segment.text.index(word)) for word in ("Run this", "first", "second", "And go")]
    before, first, second, after = (line.translated(left, top) for line in lines)
    ground = QColor(theme.bubble)

    def ground_at(x: float, y: float) -> bool:
        return shown.pixelColor(round(x), round(y)) == ground

    assert all(
        ground_at(x, y) for x in (first.left() - 9, left + width - 4) for y in (first.top() + 8, second.top() + 8)
    )
    assert ground_at(first.left() + 40, first.top() - 5)
    assert not ground_at(first.left() - 14, first.top() + 8)
    assert not ground_at(first.left() + 40, before.bottom() + 1)
    again = segment.rect_of(segment.text.rindex("first")).translated(left, top)
    between = [ground_at(first.left() + 40, y) for y in range(round(second.bottom()), round(again.top()))]
    assert between[0]
    assert between[-1]
    assert not all(between)
    assert not ground_at(first.left() + 40, after.top() - 1)


if __name__ == "__main__":
    sys.exit(main())


def test_the_tile_of_an_answers_file_stands_on_the_pages_ground(themes: Themes, show: Show) -> None:
    said = answer("Here.")
    file = FilePart(sha256="0" * 64, media_type="text/plain", name="a.txt", size=5)
    view = show([structs.replace(said, parts=(file, *said.parts))])
    shown, right = picture(view), sum(listed(view).column) - 5
    assert QColor(themes.current.bubble).name() not in {
        shown.pixelColor(right, y).name() for y in range(shown.height())
    }
