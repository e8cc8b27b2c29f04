"""The popover that merges answers: what is chosen in it makes the prompt that is seen and sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.metrics.merge_prompt import MergeSource, merge
from tests.desktop.metrics.test_merge_prompt import talk
from tests.ui.transcript.makers import heard
from ui.compare.merge_popover import MergePopover
from ui.compare.pane_facts import ShownPane

REFS = [ModelRef(connection="lab", name="small"), ModelRef(connection="lab", name="large")]
ROOMS = {REFS[0]: 400, REFS[1]: None}


@pytest.fixture
def popover(qtbot: QtBot) -> Iterator[MergePopover]:
    control = QPushButton("Merge")
    qtbot.addWidget(control)
    control.resize(800, 600)
    control.show()
    made = MergePopover(lambda ref: ROOMS[ref], str, control)
    panes = [
        ShownPane("grok", "#000000", tuple(talk("One?", "First of grok", "Two?", "Second of grok"))),
        ShownPane("gpt", "#000000", tuple(talk("One?", "First of gpt " * 400, "Two?", "Second of gpt"))),
        ShownPane("mute", "#000000", tuple(talk("One?", ""))),
    ]
    made.choose(control, panes, REFS, ["small", "large"])
    yield made  # while this goes on, its window does not go
    made.hide()


def choose(popover: MergePopover, box: str, at: int) -> None:
    chosen = getattr(popover, box)
    chosen.setCurrentIndex(at)
    chosen.activated.emit(at)


def test_the_newest_turn_and_the_first_model_are_chosen(popover: MergePopover) -> None:
    assert popover.turn.currentText() == "2: Two?"
    assert "2 responses: grok, gpt" in popover.said
    assert "Second of grok" in popover.preview.toPlainText()
    told = heard(popover.wanted)
    popover.go.click()
    ((prompt, ref, question),) = told
    assert (prompt, ref, question) == (popover.preview.toPlainText(), REFS[0], "Two?")
    assert not popover.isVisible()


def test_what_has_no_room_is_said_before_it_is_sent(popover: MergePopover) -> None:
    choose(popover, "turn", 0)
    assert "Shortened to fit the model's context window: gpt by 81%" in popover.said
    choose(popover, "model", 1)
    assert "Shortened" not in popover.said
    assert popover.preview.toPlainText().count("First of gpt") == 400


def test_criteria_and_own_words_are_asked_for_where_they_count(popover: MergePopover) -> None:
    assert not popover.criteria.isVisible()
    choose(popover, "task", 1)
    assert popover.criteria.isVisible()
    popover.criteria.setText("tone, length")
    popover.criteria.returnPressed.emit()
    assert "on tone, length." in popover.preview.toPlainText()


def test_nothing_is_sent_without_an_instruction(popover: MergePopover, qtbot: QtBot) -> None:
    choose(popover, "task", 3)
    assert popover.own.isVisible()
    assert not popover.go.isEnabled()
    popover.own.setPlainText("Make a poem of it.")
    qtbot.waitUntil(popover.go.isEnabled)
    assert popover.preview.toPlainText().startswith("Make a poem of it.")


def test_one_answer_alone_is_not_merged(popover: MergePopover) -> None:
    panes = [ShownPane("grok", "#000000", tuple(talk("One?", "Yes"))), ShownPane("gpt", "#000000", ())]
    popover.choose(popover.go, panes, REFS, ["small", "large"])
    assert not popover.go.isEnabled()
    assert "Merging needs two responses" in popover.said


@pytest.mark.parametrize(("count", "height"), [(2, 380), (6, 500)])
def test_its_button_lies_over_nothing_where_names_wrap(popover: MergePopover, count: int, height: int) -> None:
    spoken = tuple(talk("One?", "Yes " * 3000))
    panes = [ShownPane(f"a-model-with-a-long-name-{number}", "#000000", spoken) for number in range(count)]
    popover.window().resize(800, height)
    popover.choose(popover.go.window(), panes, REFS, ["small", "large"])
    popover.fold.click()
    for task in range(4):
        choose(popover, "task", task)
        QApplication.processEvents()
        button = popover.go.geometry()
        assert not button.intersects(popover.preview.geometry())
        assert popover.preview.geometry().top() > popover.model.geometry().bottom()
        assert popover.rect().contains(button)


def test_our_own_words_in_the_prompt_are_the_users() -> None:
    made = merge([MergeSource(name="grok", question="Why?", answer="So.")], "Do it.", say=lambda said: said.upper())
    assert "QUESTION:" in made.prompt
    assert "ANSWER 1, FROM GROK:" in made.prompt
    assert "ANSWER IN THE LANGUAGE OF THE QUESTION." in made.prompt
