"""Tests of the card that says what went wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Figures, Problem
from desktop.text.phrases import LONGEST
from ui.base.theme import Themes
from ui.transcript.error_card import ErrorCard, countdown, divided
from ui.widgets.notice_bar import NoticeBar


def test_retry_counts_down_and_asks_by_itself_only_when_pressed(qtbot: QtBot, themes: Themes) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    problem = Problem(code="rate_limited", message="Too many.", retry_after_s=0.6)
    card.show_problem(problem, None, may_continue=False)
    assert card._retry.text() == "Retry in 1 s"
    assert card._retry.accessibleName() == "Retry in 1 s"
    with qtbot.waitSignal(card.retry):
        card._retry.click()
        assert card._retry.text() == "Retrying in 1 s"
    assert card._retry.text() == "Retry"


def test_without_a_press_the_countdown_ends_in_a_plain_retry(qtbot: QtBot, themes: Themes) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    asked = list[int]()
    card.retry.connect(lambda: asked.append(1))
    card.show_problem(Problem(code="x", message="Too many.", retry_after_s=0.3), None, may_continue=False)
    qtbot.waitUntil(lambda: card._retry.text() == "Retry")
    assert asked == []


def test_a_servers_markup_is_plain_text(qtbot: QtBot, themes: Themes) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    evil = "<b>no</b><img src='file:///etc/passwd'>"
    figures = Figures(request_id=evil, server_model=evil, region=evil)
    card.show_problem(Problem(code=evil, message=f"{evil}: {evil}", hint=evil), figures, may_continue=True)
    card._more.setChecked(True)
    card.show()
    labels = [each for each in card.findChildren(QLabel) if each.text()]
    assert len(labels) == 4
    assert [each.text().count(evil) for each in labels] == [1, 1, 1, 6]
    assert {each.textFormat() for each in labels} == {Qt.TextFormat.PlainText}
    assert all("<b>no</b><img" in each.toPlainText() for each in card.findChildren(QTextDocument) if each.toPlainText())


def test_one_word_of_megabytes_is_cut_where_it_is_shown(qtbot: QtBot, themes: Themes) -> None:
    """Laid out whole, one of 1 MB froze the window for a minute."""
    word = "x" * 1_000_000
    card = ErrorCard()
    qtbot.addWidget(card)
    figures = Figures(request_id=word, server_model=word, region=word)
    card.show_problem(Problem(code=word, message=word, hint=word), figures, may_continue=True)
    shown = [len(line) for each in card.findChildren(QLabel) for line in each.text().split("\n") if line]
    assert set(shown) == {LONGEST}
    bar = NoticeBar(word)
    qtbot.addWidget(bar)
    assert [len(each.text()) for each in bar.findChildren(QLabel) if each.text()] == [LONGEST]


@pytest.mark.parametrize(
    ("message", "title", "words"),
    [
        ("lab:80 rejected the key (401): Access denied.", "lab:80 rejected the key", "Access denied."),
        ("lab returned an error (500).", "lab returned an error", ""),
        (
            "lab is not reachable: nothing is listening on this port.",
            "lab is not reachable",
            "Nothing is listening on this port.",
        ),
        ("lab refused it: gpt-4o is not known.", "lab refused it", "gpt-4o is not known."),
        ("The answer broke off.", "The answer broke off", ""),
        ("Line one\nand: two", "Line one\nand: two", ""),
        (": ", ": ", ""),
    ],
)
def test_the_first_clause_is_the_title_and_the_servers_words_stand_below(message: str, title: str, words: str) -> None:
    assert divided(message) == (title, words)


def test_nothing_of_the_message_is_lost(qtbot: QtBot, themes: Themes) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    message = "lab rejected the key (401): Access denied."
    card.show_problem(Problem(code="authentication_failed", message=message), None, may_continue=False)
    assert (card._message.text(), card._words.text()) == ("lab rejected the key", "Access denied.")
    card._more.click()
    assert card._details.text() == f"{message}\nCode: authentication_failed"
    card.show_problem(Problem(code="x", message="No."), None, may_continue=False)
    assert card._words.isHidden()


@pytest.mark.parametrize(
    ("code", "words"), [("sign_in_required", "Sign in"), ("key_unset", "Show connection"), ("stalled", "")]
)
def test_what_the_connection_cures_leads_to_it(qtbot: QtBot, themes: Themes, code: str, words: str) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    card.show_problem(Problem(code=code, message="It failed."), None, may_continue=False)
    assert (card._cure.text(), card._cure.isHidden()) == (words, not words)
    with qtbot.waitSignal(card.connection_wanted):
        card._cure.click()


@pytest.mark.parametrize(
    ("code", "may_continue", "roles"),
    [
        ("interrupted", True, ("error-card", "tinted", "")),
        ("stopped_by_quitting", True, ("card", "tinted", "")),
        ("interrupted", False, ("error-card", "tinted", "tinted")),
        ("key_unset", True, ("error-card", "", "")),
    ],
)
def test_going_on_comes_before_asking_again(
    qtbot: QtBot, themes: Themes, *, code: str, may_continue: bool, roles: tuple[str, ...]
) -> None:
    card = ErrorCard()
    qtbot.addWidget(card)
    card.show_problem(Problem(code=code, message="It ended."), None, may_continue=may_continue)
    assert tuple(each.property("role") for each in (card, card._continue, card._retry)) == roles


def test_a_long_wait_is_told_in_hours() -> None:
    assert countdown(3, armed=False) == "Retry in 3 s"
    assert countdown(600, armed=False) == "Retry in 10 min"
    assert countdown(86_400, armed=False) == "Retry in 24 h"
