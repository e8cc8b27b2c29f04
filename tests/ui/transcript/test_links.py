from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.transcript.links import FORBIDDEN, ask_and_open, target_of


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x"),
        *(
            "file:///etc/passwd",
            "file://host/share",
            "//host/share",
            "\\\\host\\share",
            "data:text/html,x",
            "about:blank",
        ),
        *(
            "ftp://example.org",
            "ssh://example.org",
            "x-app:do",
            "docs/page",
            "#top",
            "",
            " ",
            "http://",
            "https:///path",
        ),
        *("http://[::1", "http://example.org:port/", "http://example.org:99999/", "http:example.org", "mailto"),
        *("https://exam\nple.org", "https://example.org/\x00", "https://example.org/a\x1bb", "https://a b.org/"),
        *("https://example.org\\@evil.org/", "https://exam\u202eple.org/", "mailto:a@b.org\nBcc: c@d.org", "mailto:"),
    ],
)
def test_what_may_do_harm_or_leads_nowhere_is_not_opened(url: str) -> None:
    assert target_of(url) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b#c", "example.org"),
        ("HTTPS://EXAMPLE.org", "example.org"),
        ("https://example.org:8443/", "example.org:8443"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("https://[::1]/", "[::1]"),
        ("mailto:ann@example.org?subject=Hi", "ann@example.org"),
        (" https://example.org ", "example.org"),
    ],
)
def test_a_plain_target_is_named_without_doubts(url: str, host: str) -> None:
    target = target_of(url)
    assert target is not None
    assert (target.host, target.doubts) == (host, ())


@pytest.mark.parametrize(
    ("url", "host", "doubt"),
    [
        ("https://аpple.com/", "xn--pple-43d.com", "letters"),
        ("https://xn--pple-43d.com/", "xn--pple-43d.com", "letters"),
        ("https://www.xn--pple-43d.com/", "www.xn--pple-43d.com", "letters"),
        ("https://example.org@evil.org/", "evil.org", "user name"),
        ("https://example.org:secret@evil.org/", "evil.org", "user name"),
        ("http://example.org/", "example.org", "not encrypted"),
    ],
)
def test_what_may_deceive_is_said(url: str, host: str, doubt: str) -> None:
    target = target_of(url)
    assert target is not None
    assert target.host == host
    assert any(doubt in each for each in target.doubts)


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
    assert QGuiApplication.clipboard().text() == "https://example.org/<b>x</b>"
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
