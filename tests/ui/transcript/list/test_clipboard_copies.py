"""What is copied: text without Markdown's signs, and HTML with headings, lists, tables, colors and formulas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest

from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import CodeReply, CodeRequest, Reply, Request
from desktop.transfer.export.copied_html import CopiedKind, CopiedMessage, CopiedPiece
from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, point_in, prompt
from ui.transcript.list.clipboard_copies import ClipboardCopies
from ui.transcript.list.selection import Selection, TextPlace
from ui.transcript.text.drawings import Drawings, Wish
from ui.transcript.transcript_view import CopiedNote

CODE = "def capital(country):\n    return None\n"
TEXT = (
    "## Result\n\nThe **capital** is [Canberra](https://example.org/c), so $x^2$ it is.\n\n1. one\n2. two\n\n"
    f"| City | Since |\n|---|---|\n| Canberra | 1927 |\n\n```python\n{CODE}```\n"
)


def html() -> str:
    return QGuiApplication.clipboard().mimeData().html()


def test_a_message_keeps_its_formatting_and_its_text_has_no_signs_of_markdown(show: Show) -> None:
    view = show([prompt("Why **so**?"), answer(TEXT)])
    listed(view).setCurrentIndex(listed(view).model().index(1, 0))
    QTest.keyClick(listed(view), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for piece in ("<h2", "<strong>capital</strong>", 'href="https://example.org/c"', "<ol>", "<td", "1927", "<pre"):
        assert piece in html(), piece
    assert '<img src="data:image/png;base64,' in html()
    assert '<span style="color: #6d1f90">def</span>' in html()
    assert "class=" not in html()
    said = QGuiApplication.clipboard().text()
    assert not any(sign in said for sign in ("##", "**", "|", "```", "](")), said
    for piece in ("Result", "The capital is Canberra, so $x^2$ it is.", "Canberra\t1927", CODE.rstrip()):
        assert piece in said, piece


def test_as_markdown_it_is_what_was_written_alone(show: Show) -> None:
    view = show([answer(TEXT)])
    listed(view).copy_markdown(view.rows[0])
    assert QGuiApplication.clipboard().text() == TEXT
    assert not QGuiApplication.clipboard().mimeData().hasHtml()


def test_what_is_typed_stays_as_it_was_typed(show: Show) -> None:
    view = show([prompt("Why **so**?\n<b>now</b>")])
    listed(view).copy(view.rows[0])
    assert QGuiApplication.clipboard().text() == "Why **so**?\n<b>now</b>"
    assert "Why **so**?<br>" in html()
    assert "&lt;b&gt;now" in html()


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("The **capital** of [it](https://example.org)", 6, 17, "<strong>pital</strong> of <a"),
        ("```python\ndef x():\n    pass\n```", 4, 17, "<pre style="),
        ("| a | b |\n|---|---|\n| c | d |\n| e | f |", 1, 8, "<td>c</td><td>d</td>"),
    ],
)
def test_a_block_that_is_marked_in_part_keeps_its_formatting(
    show: Show, text: str, start: int, end: int, said: str
) -> None:
    view = show([answer(text)])
    listed(view).select(Selection(TextPlace(0, 1, 0, start), TextPlace(0, 1, 0, end)))
    listed(view).copy()
    assert said in html()


def test_several_messages_are_told_apart_by_who_said_them(show: Show) -> None:
    view = show([prompt("Why?"), answer("**So.**")])
    QTest.keyClick(listed(view), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    listed(view).copy()
    assert "<p><b>You</b></p>" in html()
    assert "<strong>So.</strong>" in html()


def test_code_is_copied_in_its_colors(show: Show) -> None:
    view = show([answer(TEXT)])
    segment = next(each for slab in view.rows[0].parts.body for each in slab.segments if hasattr(each, "language"))
    listed(view).copy_code(view.rows[0], segment)  # pyright: ignore[reportArgumentType]
    assert QGuiApplication.clipboard().text() == CODE
    assert '<span style="color: #6d1f90">def</span>' in html()


class FakeClipboard:
    """Holds what it is given, or, where another program has it, never does."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.held: list[tuple[str, str]] = []
        self.selected = ""
        self._refuses = refuses

    def setMimeData(self, mime: QMimeData) -> None:  # noqa: N802 - Qt's own
        if not self._refuses:
            self.held.append((mime.text(), mime.html()))

    def setText(self, text: str, mode: QClipboard.Mode) -> None:  # noqa: N802 - Qt's own
        assert mode is QClipboard.Mode.Selection
        self.selected = text

    def text(self) -> str:
        return self.held[-1][0] if self.held else "of another program"

    def ownsClipboard(self) -> bool:  # noqa: N802 - Qt's own
        return bool(self.held)

    def supportsSelection(self) -> bool:  # noqa: N802 - Qt's own
        return True


def test_what_the_system_refuses_is_said_to_be_not_copied(show: Show) -> None:
    view = show([answer("So.")])
    listed(view).copies._clipboard = lambda: FakeClipboard(refuses=True)  # pyright: ignore[reportAttributeAccessIssue]
    listed(view).copy(view.rows[0])
    (note,) = view.findChildren(CopiedNote)
    assert note.text() == "Not copied: another program is using the clipboard. Try again."
    listed(view).copies._clipboard = QGuiApplication.clipboard
    listed(view).copy(view.rows[0])
    assert note.text() == "Copied"


def test_what_is_marked_by_the_mouse_is_there_for_the_middle_button(show: Show) -> None:
    view = show([answer("Canberra is the capital.")])
    clipboard = FakeClipboard()
    listed(view).copies._clipboard = lambda: clipboard  # pyright: ignore[reportAttributeAccessIssue]
    viewport, start = listed(view).viewport(), point_in(view, 0)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, start + QPoint(120, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(120, 0))
    assert clipboard.selected == listed(view).selected_text != ""
    assert clipboard.held == []


class Later(Drawings):
    """Colors that come when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[Request, Reply] = {}
        self.come: Callable[[], None] = lambda: None

    def coloured(self, request: CodeRequest) -> CodeReply | None:
        reply = self.known.get(request)
        return reply if isinstance(reply, CodeReply) else None

    def is_settled(self, request: Request) -> bool:
        return request in self.known

    def want(self, wish: Wish) -> None:
        def come() -> None:
            while isinstance(request := wish.request(), CodeRequest):
                self.known[request] = coloured(request)
                wish.take(request, self.known[request])

        self.come = come


@pytest.mark.parametrize("taken", [False, True])
def test_colors_that_come_late_are_put_in_unless_something_else_was_copied(taken: bool, qapp: QObject) -> None:
    drawings, clipboard = Later(), FakeClipboard()
    copies = ClipboardCopies(drawings, qapp, lambda: clipboard)  # pyright: ignore[reportArgumentType]
    copies.put(CODE, [CopiedMessage("", (CopiedPiece(CopiedKind.CODE, CODE, "python"),))])
    assert "color:" not in clipboard.held[0][1]
    if taken:
        clipboard.held.append(("of another program", ""))
    drawings.come()
    assert ("color: #6d1f90" in clipboard.held[-1][1]) is not taken
