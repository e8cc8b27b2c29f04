"""Tests of what opens from the header, and that the keyboard and screen readers reach all of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListView, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import ModelRef, Parameters
from desktop.errors import ConnectFailed
from desktop.providers.provider import ModelInfo
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.theme import Themes
from ui.pane.pane import Pane
from ui.pane.prompt_forms import ParametersForm, SystemPromptForm

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QListView, QPlainTextEdit)


def names(pane: Pane) -> list[str]:
    return [f"{each.ref}" if each.ref else f"{each.name}: {each.detail}" for each in pane._controls.picker.offers]


async def test_the_embedded_model_is_offered_at_once_and_the_rest_when_they_answer(
    pane: Pane, provider: ScriptedProvider
) -> None:
    provider.infos = [ModelInfo(name="gpt-4.1"), ModelInfo(name="mine")]
    pane._controls.open_models()
    assert names(pane) == ["embedded/smollm2", "lab: loading models…"]
    await until(lambda: "lab/mine" in names(pane))
    assert "lab/gpt-4.1" in names(pane)


async def test_a_connection_that_fails_says_why_in_its_place(pane: Pane, provider: ScriptedProvider) -> None:
    async def fail() -> list[ModelInfo]:
        raise ConnectFailed(english("Nobody answers."))

    provider.models = fail
    pane._controls.open_models()
    await until(lambda: any("lab: Nobody answers." in each for each in names(pane)))
    assert "embedded/smollm2" in names(pane)


async def test_a_typed_name_is_chosen_by_keyboard(pane: Pane, qtbot: QtBot) -> None:
    picker = pane._controls.picker
    pane._controls.open_models()
    QTest.keyClicks(picker.search, "lab/mine")
    told = heard(picker.chosen)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert told == [(ModelRef(connection="lab", name="mine"),)]
    assert pane.conversation.model.name == "mine"
    assert not picker.isVisible()


async def test_arrows_go_through_the_models(pane: Pane, provider: ScriptedProvider, qtbot: QtBot) -> None:
    provider.infos = [ModelInfo(name="a"), ModelInfo(name="b")]
    picker = pane._controls.picker
    pane._controls.open_models()
    await until(lambda: "lab/b" in names(pane))
    for _ in range(9):
        QTest.keyClick(picker.search, Qt.Key.Key_Down)
    told = heard(picker.chosen)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert told == [(ModelRef(connection="lab", name="b"),)]


def test_only_parameters_that_the_model_takes_are_asked_and_slips_are_said(qtbot: QtBot, themes: Themes) -> None:
    entry = Entry(id="m", parameters=("temperature", "reasoning_effort"), efforts=("low", "high"))
    parent = QWidget()
    qtbot.addWidget(parent)
    form = ParametersForm(entry, Parameters(values={"temperature": 0.7}), parent)
    got = list[Parameters]()
    form.changed.connect(got.append)
    assert list(form.fields) == ["temperature", "reasoning_effort"]
    field = form.fields["temperature"]
    assert isinstance(field, QLineEdit)
    assert field.text() == "0.7"
    field.setText("")
    field.textEdited.emit("")
    assert got[-1].values == {}
    field.textEdited.emit("3")
    assert "from 0 to 2" in form.said
    assert len(got) == 1
    effort = form.fields["reasoning_effort"]
    assert isinstance(effort, QComboBox)
    effort.setCurrentText("high")
    assert got[-1].values == {"reasoning_effort": "high"}


def test_the_system_prompt_is_told_a_little_after_typing(qtbot: QtBot, themes: Themes) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    form = SystemPromptForm("", parent)
    told = heard(form.changed)
    form.editor.setPlainText("Be brief. ")
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("Be brief.",)]


async def test_every_control_has_a_name_and_can_be_focused(pane: Pane) -> None:
    pane._controls.open_parameters()
    nameless = [
        f"{type(each).__name__} in {type(each.parent()).__name__}"
        for each in pane.findChildren(QWidget)
        if isinstance(each, CONTROLS) and not (each.accessibleName())
    ]
    assert nameless == []
    dead = [
        each.accessibleName()
        for each in pane.findChildren(QAbstractButton)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus != Qt.FocusPolicy.TabFocus
    ]
    assert dead == []


async def test_the_exact_names_are_there(pane: Pane) -> None:
    found = {each.accessibleName() for each in pane.findChildren(QWidget)}
    assert {"Message", "Send", "Model", "Transcript", "Add connection"} <= found
