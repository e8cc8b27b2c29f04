"""Formulas come from a child: their source stands until a drawing is there, and nothing that it sends is trusted."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop.renderer.formula_drawing import drawn
from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline, Reply, Request
from desktop.renderer.renderer import Renderer, RenderLimits
from main import RENDER_SWITCH, child_command
from tests.ui.base.test_theme import contrast
from tests.ui.transcript.makers import answer, heard, prompt
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.list.selection import Selection, TextPlace, whole
from ui.transcript.text.drawings import Drawings
from ui.transcript.text.formula_pictures import Formula, FormulaPictures
from ui.transcript.transcript_view import TranscriptView

BLACK = "#000000"
KILLER = r"\def\a#1{#1#1#1#1}" + r"\a{" * 6 + "x" + "}" * 6
"""Four times as long at each level."""

SQUARE = GlyphOutline(steps="MLLLZ", points=struct.pack("<8f", 0, 0, 8, 0, 8, 8, 0, 8))


def reply(**others: object) -> FormulaReply:
    known: dict[str, object] = {"left": 0.0, "top": -8.0, "width": 10.0, "height": 10.0, "outlines": (SQUARE,)}
    return FormulaReply(**{**known, **others})  # pyright: ignore[reportArgumentType]


def painted(made: FormulaReply, colour: str = BLACK, ratio: float = 1.0, ground: str = "#ffffff") -> Formula | None:
    return FormulaPictures(colour, ground, ratio).formula(FormulaRequest(source="x", size=16), made)


def of(source: str, size: int = 16) -> Formula:
    made = painted(drawn(FormulaRequest(source=source, size=size)))
    assert made is not None
    return made


def inked(image: QImage) -> set[str]:
    """The colours of what is opaque in a picture."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {QColor(pixel).name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize(("colour", "ground"), [("#e6e6e6", "#141414"), ("#202020", "#ffffff")])
@pytest.mark.parametrize("name", ["blue", "purple", "#000", "black", "navy", "white", "yellow", "#777"])
def test_a_colour_that_a_formula_names_can_be_read_on_its_ground(colour: str, ground: str, name: str) -> None:
    made = painted(
        reply(outlines=(GlyphOutline(steps=SQUARE.steps, points=SQUARE.points, colour=name),)), colour, ground=ground
    )
    assert made is not None
    (ink,) = inked(made.image)
    assert contrast(ink, ground) >= 3.4
    if name in ("#000", "black"):
        assert ink == colour
    elif contrast(QColor(name).name(), ground) >= 3.5:
        assert ink == QColor(name).name()


def view_of(qtbot: QtBot, themes: Themes, drawings: Drawings) -> TranscriptView:
    view = TranscriptView(themes, FrameScheduler(), lambda ref: ref.name, lambda _message: "", drawings)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    return view


def documents(view: TranscriptView) -> list[QTextDocument]:
    return [each.laid.document for row in view.rows for slab in row.parts.body for each in slab.segments]


def texts(view: TranscriptView) -> list[str]:
    return [document.toPlainText() for document in documents(view)]


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer(child_command(RENDER_SWITCH), limits=RenderLimits(request_s=0.6))
    yield made
    await made.aclose()


def test_a_picture_has_the_colour_asked_for_and_that_of_its_own_parts(qapp: QApplication) -> None:
    red = GlyphOutline(steps="MLLLZ", points=struct.pack("<8f", 0, -8, 8, -8, 8, 0, 0, 0), colour="red")
    made = painted(reply(outlines=(SQUARE, red)), "#0000ff")
    assert made is not None
    assert inked(made.image) >= {"#0000ff", "#ff0000"}


def test_it_is_as_sharp_as_the_screen(qapp: QApplication) -> None:
    made = painted(reply(), ratio=2.0)
    assert made is not None
    assert made.image.width() >= 2 * made.width - 1
    assert made.image.devicePixelRatio() == 2.0


def test_depth_below_the_line_and_size_are_known(qapp: QApplication) -> None:
    assert of("x").descent < of(r"\frac{a}{b}").descent
    assert of("x", 32).width > 1.5 * of("x").width


@pytest.mark.parametrize(
    "others",
    [
        *({"width": 5_000.0}, {"width": 0.0}, {"height": -1.0}, {"width": math.nan}, {"top": math.inf}),
        {"width": 3_900.0, "height": 3_900.0},
        {"outlines": (GlyphOutline(steps="ML", points=struct.pack("<2f", 0, 0)),)},
        {"outlines": (GlyphOutline(steps="A", points=b""),)},
        {"outlines": (GlyphOutline(steps="M", points=b"123"),)},
        {"outlines": (GlyphOutline(steps="M", points=struct.pack("<2f", math.nan, 0)),)},
        {"outlines": (GlyphOutline(steps="M", points=struct.pack("<2f", 1e9, 0)),)},
        {"outlines": (SQUARE,) * 20_000},
    ],
)
def test_what_is_no_picture_of_a_sensible_size_is_none(qapp: QApplication, others: dict[str, object]) -> None:
    assert painted(reply(**others)) is None


async def test_a_source_stands_until_its_drawing_comes(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer("Let $x^2$ be.\n\n$$\n\\frac{a}{b}\n$$\n\n| $y$ |\n|---|\n| $z$ |\n")])
    assert "Let $x^2$ be." in texts(view)
    assert "$$\\frac{a}{b}$$" in texts(view)
    await until(lambda: "Let \ufffc be." in texts(view))
    await until(lambda: not any("$" in text for text in texts(view)))
    assert sum(text.count("\ufffc") for text in texts(view)) == 4


async def test_a_formula_that_takes_for_ever_stays_its_source_and_is_tried_once(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    asked: list[Request] = []

    async def ask(request: Request) -> Reply | None:
        asked.append(request)
        return await renderer.ask(request)

    view = view_of(qtbot, themes, Drawings(ask, tasks))
    message = answer(f"It is ${KILLER}$.\n\nAnd $x$.")
    view.show_messages([prompt("?"), message])
    await until(lambda: "And \ufffc." in texts(view))
    assert f"It is ${KILLER}$." in texts(view)
    count = len(asked)
    view.show_messages([])
    view.show_messages([prompt("?"), answer(message.text)])
    assert await tasks.settle(20)
    assert len(asked) == count
    assert f"It is ${KILLER}$." in texts(view)


async def test_the_source_of_a_formula_that_cannot_be_drawn_looks_like_code(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer("So $\\unheardof x$ and `code` are.")])

    def families() -> list[list[str]]:
        block = documents(view)[1].firstBlock()
        cursor = QTextCursor(block)
        found: list[list[str]] = []
        for word in ("unheardof", "and", "code"):
            cursor.setPosition(block.text().index(word) + 1)
            found.append(cursor.charFormat().font().families())
        return found

    await until(lambda: families()[0] != families()[1])
    assert families()[0] == families()[2]
    assert "So $\\unheardof x$ and code are." in texts(view)


async def test_the_line_that_is_read_stays_when_formulas_above_it_are_drawn(
    qtbot: QtBot, themes: Themes, tasks: Tasks
) -> None:
    gate: list[FormulaRequest] = []
    released: list[bool] = []

    async def ask(request: Request) -> Reply | None:
        assert isinstance(request, FormulaRequest)
        gate.append(request)
        await until(lambda: bool(released))
        return drawn(request)

    view = view_of(qtbot, themes, Drawings(ask, tasks))
    tall = "\n\n".join(f"$$\\frac{{a}}{{\\frac{{b}}{{{number}}}}}$$" for number in range(6))
    view.resize(700, 150)
    view.show_messages([prompt("?"), answer(f"{tall}\n\nHere I read.\n\n" + ("More. " * 140 + "\n\n") * 5)])
    flow = view._list
    flow.scroll_by(-100_000)
    here = texts(view).index("Here I read.")

    def place() -> int:
        slab = view.rows[1].parts.body[0]
        row = view._list._flow.top_of(1, view.rows[1].slabs.index(slab))
        return row + slab.segment_top(here - 1, view._list.column[1])

    flow.scroll_by(place() - 12)  # the formula before begins above the window
    before = place()
    assert before == 12
    height = documents(view)[1].size().height()
    released.append(True)
    assert await tasks.settle(20)
    assert documents(view)[1].size().height() > height + 5
    assert place() == before


async def test_what_is_copied_of_a_formula_is_its_source(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer("👍 Let $x^2$ be \\(y\\).")])
    await until(lambda: "👍 Let \ufffc be \ufffc." in texts(view))
    view._list.select(whole(1, 1))
    view._list.copy()
    assert QGuiApplication.clipboard().text() == "👍 Let $x^2$ be \\(y\\)."


async def test_what_is_marked_stays_marked_when_formulas_are_drawn(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer("Let $x^2$ be, and 👍 $y$ is here.")])
    slab = view.rows[1].slabs.index(view.rows[1].parts.body[0])
    text = texts(view)[1]
    start, end = (len(text[: text.index(word)].encode("utf-16-le")) // 2 for word in ("be", " here"))
    view._list.select(Selection(TextPlace(1, slab, 0, start), TextPlace(1, slab, 0, end)))
    assert view._list.selected_text == "be, and 👍 $y$ is"
    await until(lambda: "$" not in texts(view)[1])
    assert view._list.selected_text == "be, and 👍 $y$ is"


async def test_the_menu_shows_a_message_as_it_was_written_and_formatted_again(
    qtbot: QtBot, themes: Themes, tasks: Tasks, renderer: Renderer
) -> None:
    view = view_of(qtbot, themes, Drawings(renderer.ask, tasks))
    view.show_messages([prompt("?"), answer("Let $x^2$ **be**.")])
    await until(lambda: "Let \ufffc be." in texts(view))

    def press(name: str) -> None:
        view._actions.menu(view.rows[1], QPoint(0, 0))
        (menu,) = view._list.findChildren(QMenu)
        (action,) = (each for each in menu.actions() if each.text() == name)
        action.trigger()
        menu.close()
        qtbot.waitUntil(lambda: not view._list.findChildren(QMenu))

    press("Show source")
    (segment,) = view.rows[1].parts.body[0].segments
    assert segment.text == "Let $x^2$ **be**."
    press("Show formatted")
    assert texts(view)[1] == "Let \ufffc be."


async def test_a_drawing_for_what_was_made_anew_meanwhile_comes_to_what_is_shown(
    qtbot: QtBot, themes: Themes, tasks: Tasks
) -> None:
    """Definitions at an answer's end divide it anew while its formulas are being drawn."""
    bugs = heard(tasks.bug)
    gate = asyncio.Event()

    async def ask(request: Request) -> Reply | None:
        assert isinstance(request, FormulaRequest)
        await gate.wait()
        return drawn(request)

    view = view_of(qtbot, themes, Drawings(ask, tasks))
    text = "So $x^2$ is.[1]\n\nAnd $y^2$ is.\n\n[1]: https://example.org\n"
    made = answer(text)
    view.begin(prompt("?"), made.id, "model")
    view.text(text)
    await until(lambda: "And $y^2$ is." in texts(view))
    old = view.rows[1].parts.body[0]  # as whoever draws it still holds it
    view.end(made)
    assert old not in view.rows[1].parts.body
    gate.set()
    assert await tasks.settle(20)
    assert not bugs
    assert not any("$" in text for text in texts(view))


async def test_a_drawing_that_fails_does_not_keep_those_behind_it(qapp: QApplication) -> None:
    tasks = Tasks()
    bugs = heard(tasks.bug)
    drawings = Drawings(_none, tasks)

    class One:
        lasting = True

        def __init__(self, *, fails: bool) -> None:
            self.fails = fails
            self.taken = False

        def request(self) -> Request | None:
            return None if self.taken else FormulaRequest(source=f"x{self.fails}", size=16)

        def take(self, request: Request, reply: Reply | None) -> None:
            del request, reply
            self.taken = True
            if self.fails:
                raise ValueError

    wishes = [One(fails=True), One(fails=False)]
    for wish in wishes:
        drawings.want(wish)
    await until(lambda: wishes[1].taken)
    assert len(bugs) == 1


async def _none(request: Request) -> Reply | None:
    del request
    return None
