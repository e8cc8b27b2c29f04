"""The bar above the panes: what has no room is in a menu of its own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import ContextRule, new_comparison
from tests.ui.transcript.makers import heard
from ui.base.theme import Themes
from ui.window.title_bar import TitleBar


@pytest.fixture
def bar(qtbot: QtBot, themes: Themes) -> Iterator[TitleBar]:
    """A bar that outlives the menus that it opened."""
    made = TitleBar()
    qtbot.addWidget(made)
    made.show()
    yield made
    QApplication.processEvents()


def opened(bar: TitleBar, button: QPushButton) -> list[QAction]:
    button.click()
    menu = bar.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]
    menu.close()
    return menu.actions()


BUTTONS = {
    *("History: Own", "Prompts only", "Figures", "Differences", "Fields", "Tool calls", "Merge answers"),
    *("Add pane", "Layout"),
}


def seen(bar: TitleBar) -> list[str]:
    """The names of the buttons that are seen, in their order."""
    return [each.accessibleName() for each in bar.findChildren(QPushButton) if each.isVisible()]


def test_three_buttons_are_seen_in_a_comparison_and_what_is_not_as_usual_is_among_them(bar: TitleBar) -> None:
    made = new_comparison(())
    bar.resize(1600, 43)
    bar.show_comparison(made)
    assert seen(bar) == ["Figures", "Differences", "Add pane", "More actions for all panes"]
    bar.show_comparison(msgspec.structs.replace(made, rule=ContextRule.SHARED))
    assert seen(bar) == ["Context rule", "Figures", "Differences", "More actions for all panes"]
    bar.show_prompts_only(True)
    assert seen(bar) == ["Context rule", "Prompts only", "Figures", "More actions for all panes"]


def test_every_button_is_seen_or_in_the_menu_of_the_rest_however_narrow_it_is(bar: TitleBar) -> None:
    bar.show_comparison(new_comparison(()))
    for width in range(1200, bar.minimumSizeHint().width(), -30):
        bar.resize(width, 43)
        shown = [each for each in bar.findChildren(QPushButton) if each.isVisible()]
        rest = {action.text() for action in opened(bar, bar.more)}
        names = {each.accessibleName() for each in shown if each is not bar.more}
        assert names | rest == BUTTONS
        assert not names & rest
        assert all(each.x() + each.width() <= width for each in shown)


def test_a_rule_of_a_longer_name_takes_no_room_of_the_title(bar: TitleBar) -> None:
    made = new_comparison(())
    bar.show_comparison(made)
    least = next(width for width in range(1200, 300, -1) if not bar.resize(width, 43) and len(seen(bar)) < 4) + 1
    bar.resize(least, 43)
    bar.show_comparison(msgspec.structs.replace(made, rule=ContextRule.SHARED))
    QApplication.processEvents()
    assert min(each.x() for each in bar.findChildren(QPushButton) if each.isVisible()) >= 16 + 120


def test_the_menu_of_the_rest_does_what_the_buttons_do(bar: TitleBar) -> None:
    bar.show_comparison(new_comparison(()))
    bar.show_prompts_only(True)
    bar.resize(bar.minimumSizeHint().width(), 43)
    rest = {action.text(): action for action in opened(bar, bar.more)}
    assert set(rest) == BUTTONS
    assert rest["Prompts only"].isChecked()
    assert not rest["Figures"].isChecked()
    told = heard(bar.merge.clicked)
    rest["Merge answers"].trigger()
    assert len(told) == 1
    layouts = rest["Layout"].menu()
    assert isinstance(layouts, QMenu)
    assert {"Grid", "Scroll together"} <= {action.text() for action in layouts.actions()}


def test_a_single_chat_has_no_more_than_it_can_do(bar: TitleBar) -> None:
    bar.resize(bar.minimumSizeHint().width(), 43)
    assert [action.text() for action in opened(bar, bar.more)] == ["Add pane"]


def test_a_single_chat_has_no_buttons_of_a_comparison(bar: TitleBar) -> None:
    bar.resize(1200, 43)
    shown = [bar.add_pane]
    hidden = [bar.rule, bar.figures, bar.differences, bar.merge, bar.layout_button, bar.prompts]
    assert [button.isVisible() for button in (*shown, *hidden)] == [True] + [False] * 6
