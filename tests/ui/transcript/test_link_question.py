"""The question before a link is opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.system.external_programs import Launch
from tests.ui.waiting import until
from ui.transcript.link_question import FORBIDDEN, ask_and_open


def plain(text: str) -> str:
    """A text without the places at which its lines may be broken."""
    return text.replace("\u200b", "")


def test_the_question_opens_nothing_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def take(address: str) -> Launch:
        opened.append(address)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/<b>x</b>", window)
    assert box is not None
    assert "example.org" in box.text()
    assert opened == []
    buttons = {button.text(): button for button in box.buttons()}
    buttons["Copy address"].click()
    assert QGuiApplication.clipboard().text() == "https://example.org/%3Cb%3Ex%3C/b%3E"
    assert "https://example.org/%3Cb%3Ex%3C/b%3E" in plain(box.informativeText())
    assert opened == []
    again = ask_and_open("https://example.org/a", window)
    assert again is not None
    next(button for button in again.buttons() if button.text() == "Open").click()
    assert opened == ["https://example.org/a"]
    assert ask_and_open("javascript:alert(1)", window) is None


def test_where_links_are_forbidden_the_question_offers_only_to_copy(qtbot: QtBot) -> None:
    window = QWidget()
    window.setProperty(FORBIDDEN, "Your organization does not allow opening links.")
    inner = QWidget(window)
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/a", inner)
    assert box is not None
    assert box.text() == "Your organization does not allow opening links."
    assert {button.text() for button in box.buttons()} == {"Copy address", "Cancel"}
    box.done(0)


def test_the_question_names_the_host_that_is_opened(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def take(address: str) -> Launch:
        opened.append(address)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://busineß.com/", window)
    assert box is not None
    next(button for button in box.buttons() if button.text() == "Open").click()
    (url,) = opened
    assert urlsplit(url).netloc in box.text()
    assert url in box.informativeText()
    assert ask_and_open("https://google.com%2eevil.com/", window) is None


def test_a_mail_is_written_and_not_opened_in_a_browser_and_names_all_who_get_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open(f"mailto:help@bank.com?body={'x' * 1_100}&bcc=evil@x.com", window)
    assert box is not None
    assert plain(box.text()) == "Write an email to help@bank.com, evil@x.com?"
    box.done(0)


def test_a_very_long_address_is_cut_where_it_is_shown(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box = ask_and_open("https://example.org/" + "a" * 5_000, window)
    assert box is not None
    assert len(plain(box.informativeText())) == 1_001
    assert plain(box.informativeText()).endswith("…")
    box.done(0)


@pytest.mark.parametrize(
    "host",
    [
        "accounts.example.com." + ".".join(letter * 60 for letter in "awm") + ".evil.example",
        "accounts.example.com-" + "a" * 40 + "." + "w" * 63 + "." + "m" * 63 + ".evil.example",
        ".".join("1" * 120) + ".evil.example",
    ],
    ids=["long labels", "hyphens", "short labels"],
)
def test_the_end_of_the_longest_host_is_seen(qtbot: QtBot, host: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    box = ask_and_open(f"https://{host}/{'x' * 300}", window)
    assert box is not None
    labels = [label for label in box.findChildren(QLabel) if host[:8] in plain(label.text())]
    assert len(labels) == 2
    for label in labels:
        room = QRect(0, 0, label.width(), 10_000)
        needed = label.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, label.text())
        assert needed.width() <= label.width()
        assert needed.height() <= label.height()
        assert host in plain(label.text())
    box.done(0)


async def test_an_address_that_no_program_opens_is_shown_to_be_copied(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text("#!/bin/sh\nexit 4\n")
    opener.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    window = QWidget()
    qtbot.addWidget(window)
    window.show()  # the opener may have failed before the click returns
    box = ask_and_open("https://example.org/a", window)
    assert box is not None
    next(button for button in box.buttons() if button.text() == "Open").click()

    def said() -> list[QMessageBox]:
        """Whichever window is the active one has it."""
        shown = QApplication.topLevelWidgets()
        return [each for each in shown if isinstance(each, QMessageBox) and "No program" in each.text()]

    await until(said)
    (failure,) = said()
    assert plain(failure.informativeText()) == "https://example.org/a"
    next(button for button in failure.buttons() if button.text() == "Copy address").click()
    assert QGuiApplication.clipboard().text() == "https://example.org/a"
