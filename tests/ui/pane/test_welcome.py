"""Tests of what stands in an empty conversation."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.transcript.makers import heard
from ui.base.model_facts import ModelFacts
from ui.base.theme import Themes
from ui.pane.welcome import Card, Welcome
from ui.widgets.paragraph import Paragraph


@pytest.fixture
def welcome(qtbot: QtBot, themes: Themes) -> Welcome:
    made = Welcome()
    qtbot.addWidget(made)
    made.show()
    return made


def sized(welcome: Welcome, width: int, height: int = 700) -> list[Card]:
    welcome.resize(width, height)
    QApplication.processEvents()
    return welcome.findChildren(Card)


def cut(within: QWidget) -> list[str]:
    """Texts that lack room."""
    texts = [each for each in within.findChildren(QLabel) if each.isVisible()]
    return [
        each.text()
        for each in texts
        if (isinstance(each, Paragraph) and each.height() < each.heightForWidth(each.width()))
        or (not isinstance(each, Paragraph) and each.width() < each.sizeHint().width())
    ]


@pytest.mark.parametrize("width", [320, 400, 560, 640, 900, 1400])
def test_no_text_is_cut_at_any_width(welcome: Welcome, width: int) -> None:
    sized(welcome, width)
    assert cut(welcome) == []
    assert welcome.horizontalScrollBar().maximum() == 0


def test_cards_stand_side_by_side_or_one_below_the_other(welcome: Welcome) -> None:
    assert len({card.y() for card in sized(welcome, 900)}) == 1
    assert len({card.height() for card in sized(welcome, 900)}) == 1
    assert len({card.x() for card in sized(welcome, 520)}) == 1


def test_in_a_low_window_all_of_it_can_be_reached(welcome: Welcome) -> None:
    sized(welcome, 400, 200)
    assert welcome.verticalScrollBar().maximum() > 0
    assert welcome.minimumSizeHint().height() < 100


def test_a_card_gives_its_prompt(welcome: Welcome) -> None:
    told = heard(welcome.example_chosen)
    sized(welcome, 900)[0].click()
    assert told == [("Explain to a ten-year-old why the sky is blue.",)]


async def test_it_says_where_prompts_go_and_that_the_embedded_model_needs_no_network(
    welcome: Welcome, services: Services
) -> None:
    facts = ModelFacts(services)
    assert "without an account or network" in welcome.said
    welcome.set_destination(facts.destination(REF), offers=False)
    assert "Prompts go to lab (127.0.0.1" in welcome.said
    assert "this computer" not in welcome.said
    welcome.set_destination(facts.destination(facts.default()), offers=True)
    assert "without an account or network" in welcome.said
