"""The question before a link is opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.transcript.link_question import FORBIDDEN, ask_and_open


def test_the_question_opens_nothing_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def take(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/<b>x</b>", window)
    assert box is not None
    assert "example.org" in box.text()
    assert opened == []
    buttons = {button.text(): button for button in box.buttons()}
    buttons["Copy address"].click()
    assert QGuiApplication.clipboard().text() == "https://example.org/%3Cb%3Ex%3C/b%3E"
    assert "https://example.org/%3Cb%3Ex%3C/b%3E" in box.informativeText()
    assert opened == []
    again = ask_and_open("https://example.org/a", window)
    assert again is not None
    next(button for button in again.buttons() if button.text() == "Open").click()
    assert opened == ["https://example.org/a"]
    assert ask_and_open("javascript:alert(1)", window) is None


def test_where_links_are_forbidden_the_question_offers_only_to_copy(qtbot: QtBot) -> None:
    window = QWidget()
    window.setProperty(FORBIDDEN, "Opening links is not allowed here.")
    inner = QWidget(window)
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/a", inner)
    assert box is not None
    assert box.text() == "Opening links is not allowed here."
    assert {button.text() for button in box.buttons()} == {"Copy address", "Cancel"}
    box.done(0)


def test_the_question_names_the_host_that_is_opened(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []

    def take(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://busineß.com/", window)
    assert box is not None
    next(button for button in box.buttons() if button.text() == "Open").click()
    (url,) = opened
    assert url.host(QUrl.ComponentFormattingOption.FullyEncoded) in box.text()
    assert bytes(url.toEncoded().data()).decode() in box.informativeText()
    assert ask_and_open("https://google.com%2eevil.com/", window) is None


def test_a_very_long_address_is_cut_where_it_is_shown(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/" + "a" * 5_000, window)
    assert box is not None
    assert len(box.informativeText()) == 1_001
    assert box.informativeText().endswith("…")
    box.done(0)
