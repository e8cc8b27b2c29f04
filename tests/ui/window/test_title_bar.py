"""The bar above the panes: what has no room is in the menu of layouts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop.comparison import new_comparison
from tests.ui.transcript.makers import heard
from ui.theme import Themes
from ui.window.title_bar import TitleBar


@pytest.fixture
def bar(qtbot: QtBot, themes: Themes) -> Iterator[TitleBar]:
    """A bar that outlives the menus that it opened."""
    made = TitleBar()
    qtbot.addWidget(made)
    made.show()
    yield made
    QApplication.processEvents()


def texts(bar: TitleBar) -> list[str]:
    bar.layout_button.click()
    menu = bar.findChildren(QMenu)[-1]
    found = [action.text() for action in menu.actions()]
    menu.close()
    return found


def test_a_narrow_bar_keeps_the_menu_in_which_the_rest_is(bar: TitleBar) -> None:
    bar.show_comparison(new_comparison(()))
    bar.resize(1200, 43)
    assert bar.merge.isVisible()
    assert "Merge answers" not in texts(bar)
    bar.resize(420, 43)
    assert not bar.merge.isVisible()
    assert bar.layout_button.isVisible()
    assert {"Merge answers", "Prompts only", "Read in step"} <= set(texts(bar))
    told = heard(bar.merge.clicked)
    bar.layout_button.click()
    menu = bar.findChildren(QMenu)[-1]
    merge = next(each for each in menu.actions() if each.text() == "Merge answers")
    menu.close()
    merge.trigger()
    assert len(told) == 1


def test_a_single_chat_has_no_buttons_of_a_comparison(bar: TitleBar) -> None:
    bar.resize(1200, 43)
    shown = [bar.add_pane]
    hidden = [bar.rule, bar.figures, bar.differences, bar.merge, bar.layout_button, bar.prompts]
    assert [button.isVisible() for button in (*shown, *hidden)] == [True] + [False] * 6
