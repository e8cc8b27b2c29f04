"""Misspelled words in prompts, through the window: typed, underlined, corrected, added, ignored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop.services import Services
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import SPELLING, SPELLING_LANGUAGES
from main import SPELLING_SWITCH, child_command
from tests.cpu_time import within
from tests.ui.waiting import until
from ui.base.commands import Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.editor import PromptEditor
from ui.window.main_window import MainWindow

_NOTHING = Qt.KeyboardModifier.NoModifier


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window whose prompts are checked in English and, where they are chosen, in other languages."""
    services.spelling_command = tuple(child_command(SPELLING_SWITCH))
    for code, word in (("de_DE", "Straße"), ("fr", "ouistiti")):
        services.paths.dictionaries.mkdir(exist_ok=True)
        (services.paths.dictionaries / f"{code}.aff").write_text("SET UTF-8\n")
        (services.paths.dictionaries / f"{code}.dic").write_text(f"1\n{word}\n", "utf-8")
    services.use(services.settings.set(SPELLING_LANGUAGES, "en_US"))
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    await made.settle_in()
    await until(made.isActiveWindow)
    made.workspace.focus_composer()
    yield made
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    made.hide()  # what is hidden is not checked any more
    await tasks.settle(2)


def field(window: MainWindow) -> PromptEditor:
    """The field in which prompts are typed."""
    return window.workspace.prompt_editor


async def menu() -> QMenu:
    """The menu that opens."""
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    return cast("QMenu", QApplication.activePopupWidget())


def offered(shown: QMenu) -> list[str]:
    """What a menu offers above the usual entries of a field."""
    texts = [each.text() for each in shown.actions()]
    return [each for each in texts[: next(n for n, text in enumerate(texts) if "Undo" in text)] if each]


def choose(shown: QMenu, text: str) -> None:
    """Click on an entry."""
    action = next(each for each in shown.actions() if each.text() == text)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, _NOTHING, shown.actionGeometry(action).center())


def languages(shown: QMenu) -> QMenu:
    """The menu with the languages."""
    return cast("QMenu", next(each for each in shown.actions() if each.text() == "Spelling").menu())


async def rest(window: MainWindow) -> None:
    """Until nothing is about to be checked, which needs the loop of the test."""
    await until(lambda: not field(window)._pause.isActive() and not window._tasks.names)


def right_click(editor: PromptEditor, word: str) -> None:
    """Open the menu on a word."""
    cursor = editor.document().find(word)
    cursor.setPosition(cursor.selectionStart() + 2)
    at = editor.cursorRect(cursor).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, editor.viewport().mapToGlobal(at))
    QApplication.sendEvent(editor.viewport(), event)


def red(editor: PromptEditor, word: str) -> int:
    """Number of pixels below a word that are reddish, as the color for what is bad is in each theme."""
    cursor = editor.document().find(word)
    end = editor.cursorRect(cursor)
    cursor.setPosition(cursor.selectionStart())
    start = editor.cursorRect(cursor)
    area = QRect(QPoint(start.left(), start.center().y()), QPoint(end.right(), end.bottom() + 2))
    image = editor.viewport().grab(area).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(each.red() - max(each.green(), each.blue()) > 40 for each in pixels)


async def test_a_misspelled_word_is_underlined_after_a_pause_once_the_cursor_has_left_it(
    window: MainWindow, themes: Themes
) -> None:
    editor = field(window)
    QTest.keyClicks(editor, "The quik `cdoe` at exmple.com is wrng")
    await until(lambda: editor.underlined == ["quik"])
    assert red(editor, "quik") > 5
    assert red(editor, "wrng") == red(editor, "cdoe") == 0
    QTest.keyClicks(editor, " ")
    assert editor.underlined == ["quik"], "while typing goes on"
    await until(lambda: editor.underlined == ["quik", "wrng"])
    themes.choose("dark")
    await until(lambda: red(editor, "wrng") > 5)


async def test_a_line_goes_when_its_word_is_edited_and_moves_with_the_text_before_it(window: MainWindow) -> None:
    editor = field(window)
    editor.insertPlainText("🎉 ")
    QTest.keyClicks(editor, "quik wrng end")
    await until(lambda: editor.underlined == ["quik", "wrng"])
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClicks(editor, "so ")
    assert editor.underlined == ["quik", "wrng"]
    cursor = editor.document().find("qui")
    editor.setTextCursor(cursor)
    cursor.setPosition(cursor.selectionEnd())
    editor.setTextCursor(cursor)
    QTest.keyClicks(editor, "c")
    assert editor.underlined == ["wrng"]
    editor.moveCursor(QTextCursor.MoveOperation.End)
    await until(lambda: not editor._pause.isActive())
    assert editor.underlined == ["wrng"]
    await rest(window)


async def test_words_are_checked_where_a_long_prompt_is_scrolled_to(window: MainWindow) -> None:
    editor = field(window)
    editor.insertPlainText("\n".join(f"quik wrd{'abcdefghij'[n % 10] * 2}" for n in range(500)))
    editor.verticalScrollBar().setValue(0)
    await until(lambda: editor.underlined)
    before = editor.underlined
    assert len(before) < 100, "only what is visible"
    editor.verticalScrollBar().setValue(3)
    QApplication.processEvents()
    assert editor._pause.isActive(), "after a pause"
    await until(lambda: editor.underlined not in ([], before))


async def test_keys_cost_little_in_a_prompt_of_5000_words(window: MainWindow) -> None:
    editor = field(window)
    editor.insertPlainText("\n".join(["The quick brwn fox jumps ovr the lazy dog tody"] * 500))
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    await until(lambda: len(editor.underlined) > 10)
    for attempt in within(0.1):  # 2 ms a key
        with attempt:
            for letter in "It is wrtten below, with many more words on it, ok":
                QTest.keyClicks(editor, letter)
                QApplication.processEvents()
    await rest(window)


async def test_a_right_click_offers_corrections_which_can_be_undone(window: MainWindow) -> None:
    editor = field(window)
    QTest.keyClicks(editor, "A defniton of it")
    right_click(editor, "defniton")
    shown = await menu()
    assert shown.accessibleName() == "“defniton” is misspelled"
    words = offered(shown)
    assert words[0] == "definition"
    assert 3 <= len(words) <= 7
    assert words[-2:] == ["Add to dictionary", "Ignore word"]
    choose(shown, "definition")
    assert editor.toPlainText() == "A definition of it"
    assert editor.textCursor().atEnd(), "where the user goes on typing"
    editor.undo()
    assert editor.toPlainText() == "A defniton of it"
    await rest(window)


async def test_a_right_click_on_a_right_word_offers_what_every_field_does(window: MainWindow) -> None:
    editor = field(window)
    QTest.keyClicks(editor, "A definition of it")
    right_click(editor, "definition")
    assert offered(await menu()) == []
    await rest(window)


async def test_a_key_goes_from_one_misspelled_word_to_the_next_and_around(window: MainWindow) -> None:
    editor = field(window)
    heard: list[str] = []
    QTest.keyClicks(editor, "Teh quick fox is wrng.")
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    for word, key in (("Teh", Qt.Key.Key_Escape), ("wrng", Qt.Key.Key_Escape), ("Teh", Qt.Key.Key_Return)):
        QTest.keyClick(window, Qt.Key.Key_F7)
        shown = await menu()
        assert editor.textCursor().selectedText() == word
        active = shown.activeAction()
        assert active is not None
        heard.append(active.text())
        QTest.keyClick(shown, key)
        await until(lambda: QApplication.activePopupWidget() is None)
        window.activateWindow()  # without a screen, no window is active after a menu
        await until(window.isActiveWindow)
    assert heard == ["The", "wring", "The"]
    assert editor.toPlainText() == "The quick fox is wrng."
    await rest(window)


async def test_the_key_says_so_if_nothing_is_misspelled(window: MainWindow) -> None:
    QTest.keyClicks(field(window), "All is well.")
    QTest.keyClick(window, Qt.Key.Key_F7)
    assert offered(await menu()) == ["No misspelled words"]
    await rest(window)


async def test_added_words_are_stored_and_ignored_ones_are_not(window: MainWindow, services: Services) -> None:
    editor = field(window)
    QTest.keyClicks(editor, "qasync apsww end")
    await until(lambda: editor.underlined == ["qasync", "apsww"])
    right_click(editor, "qasync")
    choose(await menu(), "Add to dictionary")
    await until(lambda: editor.underlined == ["apsww"])
    right_click(editor, "apsww")
    choose(await menu(), "Ignore word")
    await until(lambda: editor.underlined == [])
    assert services.paths.words_file.read_text("utf-8") == "qasync\n"
    await rest(window)


async def test_languages_are_chosen_in_the_menu_and_count_together(window: MainWindow, services: Services) -> None:
    editor = field(window)
    QTest.keyClicks(editor, "Straße and ouistiti end")
    await until(lambda: editor.underlined == ["Straße", "ouistiti"])
    right_click(editor, "end")
    shown = languages(await menu())
    boxes = {each.text(): each.isChecked() for each in shown.actions() if each.text()}
    german = "Deutsch (de_DE)"
    mine = {"Check spelling": True, german: False, "français (fr)": False, "American English (en_US)": True}
    assert boxes == {**boxes, **mine}, "besides those of the system"
    next(each for each in shown.actions() if each.text() == german).trigger()
    await until(lambda: editor.underlined == ["ouistiti"])
    assert services.settings.get(SPELLING_LANGUAGES) == "de_DE, en_US"


async def test_without_the_setting_nothing_is_checked_until_it_is_turned_on(
    window: MainWindow, services: Services
) -> None:
    services.use(services.settings.set(SPELLING, value=False))
    editor = field(window)
    QTest.keyClicks(editor, "quik end")
    QTest.keyClick(window, Qt.Key.Key_F7)
    shown = await menu()
    assert offered(shown) == ["Spelling is not checked"]
    assert services.speller.pid == 0
    languages(shown).actions()[0].trigger()
    shown.close()
    await until(lambda: editor.underlined == ["quik"])


async def test_what_a_policy_sets_cannot_be_chosen(window: MainWindow, services: Services) -> None:
    fixed = {
        option.key: Fixed(name=option.key, value=value, locked=True, source="test")
        for option, value in ((SPELLING, True), (SPELLING_LANGUAGES, "en_US"))
    }
    services.use(replace(services.settings, policy=Policy(options=fixed)))
    QTest.keyClicks(field(window), "quik end")
    right_click(field(window), "end")
    entries = [each for each in languages(await menu()).actions() if each.text()]
    assert len(entries) >= 4
    assert not any(each.isEnabled() for each in entries)
    await rest(window)


async def test_a_comparison_and_a_blind_round_are_checked_too(window: MainWindow) -> None:
    window._actions[Command.NEW_COMPARISON].trigger()
    await until(lambda: window.workspace.comparison is not None)
    QTest.keyClicks(field(window), "quik end")
    await until(lambda: field(window).underlined == ["quik"])
    window._actions[Command.BLIND_ROUND].trigger()
    await until(lambda: isinstance(QApplication.focusWidget(), PromptEditor))
    blind = cast("PromptEditor", QApplication.focusWidget())
    assert blind is not field(window)
    QTest.keyClicks(blind, "wrng end")
    await until(lambda: blind.underlined == ["wrng"])


async def test_without_any_dictionary_nothing_is_underlined(window: MainWindow, services: Services) -> None:
    services.use(services.settings.set(SPELLING_LANGUAGES, "xx"))
    editor = field(window)
    QTest.keyClicks(editor, "quik end")
    QTest.keyClick(window, Qt.Key.Key_F7)
    assert offered(await menu()) == ["No misspelled words"]
    assert editor.underlined == []
    await rest(window)
