"""Showing a message opens no file and no socket, whatever it holds; only our writer feeds documents."""

from __future__ import annotations

import ast
import os
import re
import socket
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.caret_reader import CaretReader

ROOM = Path(__file__).resolve().parents[3] / "ui" / "transcript"

HOSTILE = (
    "![a]({path}) ![b](file://{path}) ![c][ref] <img src='{path}'> ![d](data:image/svg+xml;base64,PHN2Zy8+)\n\n"
    "![e](//127.0.0.1:9/share/x.png) ![f](http://127.0.0.1:9/x.png) <http://127.0.0.1:9/> http://127.0.0.1:9/y\n\n"
    "<link rel=stylesheet href='{path}'><iframe src='{path}'></iframe>\n\n[ref]: {path}\n\n"
    "| ![t]({path}) | b |\n|---|---|\n| <img src={path}> | c |\n\n- ![l]({path})\n\n> ![q](file://{path})\n\n"
    "$\\includegraphics{{{path}}}$ $\\href{{{path}}}{{x}}$ $\\input{{{path}}}$\n\n```html\n<img src='{path}'>\n```\n"
)

_seen: list[str] = []
_watching = [False]


def _audit(
    event: str, arguments: tuple[object, ...], watching: list[bool] = _watching, seen: list[str] = _seen
) -> None:
    """Both lists are its own: it is still called when Python ends and the names of this module have gone."""
    if watching[0] and (event == "open" or event.startswith(("socket.", "subprocess.", "os.exec", "os.system"))):
        seen.append(f"{event} {arguments[0] if arguments else ''}")


sys.addaudithook(_audit)  # for good: there is no way to take one away, but it is silent


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A picture whose time of last reading tells whether anybody opened it."""
    made = tmp_path / "canary.png"
    made.write_bytes(b"\x89PNG\r\n\x1a\n")
    os.utime(made, (1, made.stat().st_mtime))
    return made


def test_showing_a_message_opens_nothing_that_it_names(show: Show, canary: Path) -> None:
    text = HOSTILE.format(path=canary)
    view = show([prompt("warm"), answer("# a\n\n$x$\n\n```html\n<a>\n```\n\n| a |\n|---|\n| b |\n")])
    QApplication.processEvents()
    _seen.clear()
    _watching[0] = True
    try:
        view.show_messages([prompt(text), answer(text, reasoning=text)])
        view.handling._fold(view.rows[1])
        view.begin(prompt(text), "live", text)
        for at in range(0, len(text), 40):
            view._growing._grow(text[at : at + 40], "")
            QApplication.processEvents()
        view.end(answer(text))
        view.handling._read(view.rows[-1])
        view._reader().grab()
        view._reader().close_reader()
        listed(view).scroll_by(-10_000)
        view.grab()
        QApplication.processEvents()
    finally:
        _watching[0] = False
    ours = tuple(f"open {folder}" for folder in (ROOM.parents[1], sys.prefix, sys.base_prefix))
    assert [each for each in _seen if not each.startswith(ours) or "canary" in each] == []
    assert canary.stat().st_atime == 1


def test_the_watch_over_what_is_opened_sees_files_and_sockets(canary: Path) -> None:
    _seen.clear()
    _watching[0] = True
    try:
        canary.read_bytes()
        socket.socket().close()
    finally:
        _watching[0] = False
    assert [each.partition(" ")[0] for each in _seen] == ["open", "socket.__new__"]


def test_every_label_and_tip_of_the_window_takes_plain_text_alone() -> None:
    """A label guesses at its format, and what looks like markup opens the pictures that it names."""
    makers: dict[str, set[str]] = {}
    formats: set[str] = set()
    tips: set[str] = set()
    for path in ROOM.parent.rglob("*.py"):
        name = path.relative_to(ROOM.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=("QLabel" | "QMessageBox" | "QErrorMessage" | "QTextEdit") as made)):
                    makers.setdefault(made, set()).add(name)
                case ast.Call(func=ast.Attribute(attr="setTextFormat"), args=[given]):
                    formats.add(ast.unparse(given))
                case ast.Call(func=ast.Attribute(attr=("setToolTip" | "setWhatsThis")), args=[given]):
                    tips.add(f"{name}: {ast.unparse(given)}")
                case _:
                    pass
    assert makers == {
        "QLabel": {"widgets/labels.py", "app/window_selftest.py"},
        "QMessageBox": {
            "transcript/link_question.py",
            "widgets/save_dialog.py",
            "window/quit_question.py",
            "base/link_opener.py",
            "app/application.py",
            "sidebar/sidebar.py",
        },
    }
    assert formats == {"Qt.TextFormat.PlainText"}
    assert len(tips) > 20
    loose = {each for each in tips if not re.search(r": (plain_tip\(|trn?\('[^{}]*'|trn\(|'[A-Za-z]*'$)", each)}
    assert loose == KNOWN_TIPS


KNOWN_TIPS = {
    "compare/panel_frame.py: close",
    "pane/pane_header.py: name",
    "pane/prompt_forms.py: tr(spec.description)",
    "composer/composer.py: close",
    "transcript/action_bar.py: f'{text} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})'",
    "transcript/find_bar.py: name",
    "window/title_bar.py: meaning",
}
"""Tips made of names of commands and the like: none of a server's words."""


def test_copying_code_gives_its_exact_characters(show: Show) -> None:
    code = "x = 'a\u202eb\u200bc\U000e0061\ufe0f'\n\tend\n"
    view = show([answer(f"```python\n{code}```")])
    (segment,) = view.rows[0].parts.body[0].segments
    assert "⟦RLO⟧" in segment.text
    assert view.rows[0].parts.code_at(0) == code
    listed(view).copy(view.rows[0])
    assert QGuiApplication.clipboard().text() == code.rstrip("\n")


def test_what_keeps_code_from_being_turned_round_is_not_copied(show: Show) -> None:
    view = show([answer("הרץ את `--help` \u2066x\u2069 עכשיו\n\n| א | ב |\n|---|---|\n| `C++` | ג |")])
    first, table = view.rows[0].parts.body[0].segments
    assert first.laid.copied(0, first.laid.length) == "הרץ את --help \u2066x\u2069 עכשיו"
    assert "C++" in table.laid.copied(0, table.laid.length)
    assert "\u2066" not in table.laid.copied(0, table.laid.length)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_message_of_five_megabytes_holds_nothing_up(show: Show) -> None:
    text = ("Some *text* with `code` that goes on.\n\n- a\n- b\n\n" * 40 + "```py\nx = 1\n```\n\n") * 2_400
    assert len(text) > 5_000_000 / 1.1
    longest, before = 0.0, time.process_time()
    view = show([prompt("?"), answer(text)])
    for _ in range(150):
        QApplication.processEvents()
        listed(view).scroll_by(-700)
        longest, before = max(longest, time.process_time() - before), time.process_time()
    assert longest < 0.5, "a tenth of a second, with room for slow machines"


def test_a_formulas_source_is_no_markup_in_its_tooltip(show: Show) -> None:
    view = show([answer("See $x^2 < y$.")])
    (segment,) = view.rows[0].parts.body[0].segments
    formats = [each.toCharFormat() for each in segment.laid.document.allFormats() if each.isCharFormat()]
    tips = [each.toolTip() for each in formats if each.toolTip()]
    assert tips == ["<p style='white-space: pre-wrap'>x^2 &lt; y</p>"]


def test_the_reader_loads_nothing_but_what_was_written(show: Show, canary: Path) -> None:
    view = show([answer("A $x^2$ here")])
    view.handling._read(view.rows[0])
    reader = view._reader()
    for name in (str(canary), f"file://{canary}", "http://127.0.0.1:9/", "//host/share", "qrc:/x"):
        assert (reader.loadResource(2, name).width(), reader.loadResource(2, name).height()) == (1, 1)
    assert canary.stat().st_atime == 1


def test_pictures_that_would_be_read_from_files_are_plain_descriptions(show: Show) -> None:
    view = show([answer("![a](/etc/passwd) ![](data:image/png;base64,AAAA) ![c](https://x.org/v.png)")])
    (segment,) = view.rows[0].parts.body[0].segments
    assert segment.text == "a image c"
    document = segment.laid.document
    assert [document.find(word).charFormat().anchorHref() for word in ("a", "image", "c")] == [
        *("", "", "https://x.org/v.png"),
    ]


def test_no_document_is_ever_given_markup() -> None:
    forbidden = {"setHtml", "insertHtml", "setMarkdown", "insertMarkdown", "fromHtml", "fromMarkdown", "setSource"}
    found: list[str] = []
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in forbidden:
                found.append(f"{path.name}: {node.attr}")  # noqa: PERF401
    assert found == []


def test_a_press_on_a_link_asks_and_one_on_a_script_does_nothing(show: Show) -> None:
    view = show([answer("[go](https://example.org/a) now")])
    messages = listed(view)
    asked: list[str] = []
    messages.link_wanted.disconnect()
    messages.link_wanted.connect(asked.append)
    left, width = messages.column
    each = next(each for each in messages.placed if each.slab in view.rows[0].parts.body)
    y = each.top + each.slab.segment_top(0, width) + 10
    QTest.mouseClick(messages.viewport(), Qt.MouseButton.LeftButton, pos=messages.viewport().rect().topLeft())
    QTest.mouseClick(messages.viewport(), Qt.MouseButton.LeftButton, pos=_point(left + 6, y))
    QTest.mouseClick(messages.viewport(), Qt.MouseButton.LeftButton, pos=_point(left + 60, y))
    assert asked == ["https://example.org/a"]


def test_a_reader_asks_too(show: Show) -> None:
    view = show([answer("text")])
    assert isinstance(view._reader(), CaretReader)
    assert not view._reader().openLinks()
    assert not view._reader().openExternalLinks()


def _point(x: int, y: int) -> QPoint:
    return QPoint(x, y)
