"""The folded part of a connection's form: what is typed is kept, what will not do is said, secrets stay hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.domain.conversation_types import Connection, Kind
from desktop.errors import UsageError
from desktop.net.headers import without_keys
from desktop.settings.schema import IDLE_TIMEOUT, RETENTION, RETENTION_DAYS
from desktop.settings.values import Settings
from tests.ui import finding
from ui.base.theme import Themes
from ui.connections.reach_form import LEAST_S, MOST_S, ReachForm

BARE = Connection(name="lab", kind=Kind.OPENAI_V1, url="https://lab.example/v1")
FULL = msgspec.structs.replace(
    BARE,
    headers={"X-Team": "blue", "X-Gateway-Key": "gateway-secret"},
    keep_days=7,
    connect_timeout_s=2.5,
    idle_timeout_s=120.0,
)
MOVED = msgspec.structs.replace(FULL, url="https://new.example/v1")


@pytest.fixture
def form(qapp: QApplication, themes: Themes) -> Iterator[ReachForm]:
    made = ReachForm(Settings())
    made.show()
    made.activateWindow()
    yield made
    made.close()


@pytest.fixture
def full(qapp: QApplication, themes: Themes) -> Iterator[ReachForm]:
    made = ReachForm(Settings(), FULL)
    made.show()
    yield made
    made.close()


def add(form: ReachForm, name: str, value: str) -> None:
    form.add.click()
    assert QApplication.focusWidget() is form.headers[-1].name
    QTest.keyClicks(form.headers[-1].name, name)
    QTest.keyClicks(form.headers[-1].value, value)


def test_nothing_typed_changes_nothing_and_the_settings_are_shown(qapp: QApplication, themes: Themes) -> None:
    settings = Settings().set(IDLE_TIMEOUT, 90.5).set(RETENTION, "days").set(RETENTION_DAYS, 30)
    form = ReachForm(settings)
    assert form.apply(BARE) == BARE
    assert [each.placeholderText() for each in form.times.values()] == ["10", "300", "90.5"]
    assert "30 days" in form.keep.placeholderText()


def test_it_is_folded_until_it_is_wanted_or_holds_something(form: ReachForm, full: ReachForm) -> None:
    grown: list[bool] = []
    form.grown.connect(lambda: grown.append(True))
    assert not form.keep.isVisible()
    form.fold.setFocus()
    QTest.keyClick(form.fold, Qt.Key.Key_Space)
    assert form.keep.isVisible()
    assert grown
    assert full.keep.isVisible()


def test_what_is_there_is_shown_and_given_back_as_it_was(full: ReachForm) -> None:
    assert [each.text() for each in full.times.values()] == ["2.5", "", "120"]
    assert full.keep.text() == "7"
    assert full.apply(FULL) == FULL


def test_what_is_typed_is_kept(form: ReachForm) -> None:
    edited: list[bool] = []
    form.edited.connect(lambda: edited.append(True))
    form.fold.click()
    QTest.keyClicks(form.times["first_token_timeout_s"], "900")
    QTest.keyClicks(form.keep, "0")
    add(form, "X-Team", " blue ")
    add(form, "", "")
    assert edited
    found = form.apply(BARE)
    assert found == msgspec.structs.replace(BARE, first_token_timeout_s=900.0, keep_days=0, headers={"X-Team": "blue"})


def test_emptied_fields_are_the_settings_again(full: ReachForm) -> None:
    for each in (*full.times.values(), full.keep):
        each.clear()
    full.headers[0].remove.click()
    full.headers[0].remove.click()
    assert full.apply(FULL) == BARE


@pytest.mark.parametrize("text", ["0", "3600.1", "-1", "soon", "1e9", "nan", "inf"])
def test_seconds_that_will_not_do_are_said(form: ReachForm, text: str) -> None:
    form.times["connect_timeout_s"].setText(text)
    with pytest.raises(UsageError) as raised:
        form.apply(BARE)
    assert raised.value.message == "“Connection timeout” must be between 0.1 and 3600 seconds, or empty."
    assert form.said == raised.value.message
    assert form.keep.isVisible()  # unfolded, so that it can be read
    QTest.keyClicks(form.times["connect_timeout_s"], "0")
    assert form.said == ""


@pytest.mark.parametrize("seconds", [LEAST_S, MOST_S])
def test_the_bounds_are_those_of_a_connection(form: ReachForm, seconds: float) -> None:
    form.times["connect_timeout_s"].setText(f"{seconds:g}")
    found = msgspec.to_builtins(form.apply(BARE))
    assert msgspec.convert(found, Connection).connect_timeout_s == seconds
    beyond = seconds * (2 if seconds > 1 else 0.5)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**found, "connect_timeout_s": beyond}, Connection)


@pytest.mark.parametrize("text", ["-1", "1.5", "36501", "for ever", "nan", "inf"])
def test_days_that_will_not_do_are_said(form: ReachForm, text: str) -> None:
    form.keep.setText(text)
    with pytest.raises(UsageError, match="whole number of days, 36500 at most"):
        form.apply(BARE)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ((("", "blue"),), "A header has a value but no name."),
        ((("X-Team", "blue"), ("x-team", "red")), "The header x-team is defined twice."),
        ((("X Team", "blue"),), "contains characters that are not allowed in headers"),
        ((("X-Team", "blü"),), "contains characters that are not allowed in headers"),
    ],
)
def test_headers_that_will_not_do_are_said(form: ReachForm, headers: tuple[tuple[str, str], ...], message: str) -> None:
    for name, value in headers:
        form.add.click()
        form.headers[-1].name.setText(name)
        form.headers[-1].value.setText(value)
    with pytest.raises(UsageError) as raised:
        form.apply(BARE)
    assert message in raised.value.message
    assert message in form.said


def test_a_value_that_looks_secret_is_not_shown(form: ReachForm, full: ReachForm) -> None:
    modes = QLineEdit.EchoMode
    assert [each.value.echoMode() for each in full.headers] == [modes.Normal, modes.Password]
    form.add.click()
    assert form.headers[0].value.echoMode() is modes.Normal
    QTest.keyClicks(form.headers[0].name, "Authorization")
    assert form.headers[0].value.echoMode() is modes.Password


def test_a_secret_header_does_not_follow_to_another_server(full: ReachForm) -> None:
    with pytest.raises(UsageError, match="X-Gateway-Key was entered for another server"):
        full.apply(MOVED)
    secret = full.headers[1].value
    secret.selectAll()
    QTest.keyClicks(secret, "another")
    assert full.apply(MOVED).headers == {"X-Team": "blue", "X-Gateway-Key": "another"}


def test_another_path_of_the_same_server_keeps_it(full: ReachForm) -> None:
    same = msgspec.structs.replace(FULL, url="https://LAB.example/other/v1")
    assert full.apply(same).headers == FULL.headers


def test_all_is_named_and_reached_in_order_by_keyboard(full: ReachForm) -> None:
    full.add.click()
    assert finding.unreachable(full) == []
    full.activateWindow()
    full.fold.setFocus()
    passed: list[str] = []
    for _ in range(15):
        focused = QApplication.focusWidget()
        assert focused is not None
        passed.append(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert passed == [
        "More: timeouts and headers",
        *("Connection timeout", "TTFT timeout", "Idle timeout", "Days to keep conversations"),
        *("Name of header 1", "Value of header 1", "Remove header 1"),
        *("Name of header 2", "Value of header 2", "Remove header 2"),
        *("Name of header 3", "Value of header 3", "Remove header 3"),
        "Add header",
    ]


def test_removing_one_leaves_the_focus_near_and_numbers_anew(full: ReachForm) -> None:
    full.activateWindow()
    full.headers[0].remove.click()
    assert QApplication.focusWidget() is full.headers[0].remove
    assert full.headers[0].name.accessibleName() == "Name of header 1"
    full.headers[0].remove.click()
    assert QApplication.focusWidget() is full.add


def test_numbers_are_read_as_the_language_writes_them(qapp: QApplication, themes: Themes) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        form = ReachForm(Settings(), FULL)
        assert form.times["connect_timeout_s"].text() == "2,5"
        assert form.apply(FULL) == FULL
        form.times["connect_timeout_s"].setText("0.5")
        assert form.apply(FULL).connect_timeout_s == 0.5
    finally:
        QLocale.setDefault(before)


def test_a_value_that_is_in_the_keyring_is_not_shown_and_stays_until_another_is_typed(
    qapp: QApplication, themes: Themes
) -> None:
    kept = msgspec.structs.replace(BARE, secret_headers=("X-Gateway-Key",))
    form = ReachForm(Settings(), kept)
    (row,) = form.headers
    assert (row.value.text(), row.value.echoMode()) == ("", QLineEdit.EchoMode.Password)
    assert "Leave empty" in row.value.placeholderText()
    assert form.apply(kept) == kept
    with pytest.raises(UsageError, match="X-Gateway-Key was entered for another server"):
        form.apply(msgspec.structs.replace(kept, url="https://new.example/v1"))
    QTest.keyClicks(row.value, "another")
    changed = form.apply(kept)
    assert (changed.headers, changed.secret_headers) == ({"X-Gateway-Key": "another"}, ("X-Gateway-Key",))
    row.remove.click()
    assert form.apply(kept) == BARE
    form.close()


def test_what_is_typed_over_a_value_in_the_keyring_goes_there_too(qapp: QApplication, themes: Themes) -> None:
    kept = msgspec.structs.replace(BARE, secret_headers=("X-Team",))  # its value looked like a key once
    form = ReachForm(Settings(), kept)
    QTest.keyClicks(form.headers[0].value, "blue")
    stored, values = without_keys(form.apply(kept))
    assert (stored.headers, stored.secret_headers, values) == ({}, ("X-Team",), {"X-Team": "blue"})
    form.close()


def _retype(line: QLineEdit) -> None:
    QTest.keyClicks(line, "x")
    QTest.keyClick(line, Qt.Key.Key_Backspace)


def _retype_within(line: QLineEdit) -> None:
    line.setCursorPosition(3)
    _retype(line)


@pytest.mark.parametrize("touch", [_retype, _retype_within])
@pytest.mark.parametrize("renamed", [False, True])
def test_a_key_whose_field_was_only_touched_goes_to_no_other_server(
    qapp: QApplication, themes: Themes, touch: Callable[[QLineEdit], None], renamed: bool
) -> None:
    there = msgspec.structs.replace(BARE, headers={"X-Api-Key": "0123456789abcdef"})  # without a keyring
    form = ReachForm(Settings(), there)
    (row,) = form.headers
    touch(row.value)
    if renamed:
        row.name.selectAll()
        QTest.keyClicks(row.name, "X-Team")
    moved = msgspec.structs.replace(there, url="https://new.example/v1")
    with pytest.raises(UsageError, match="was entered for another server"):
        form.apply(moved)
    row.value.selectAll()
    QTest.keyClicks(row.value, "another-0123456789")
    assert [*form.apply(moved).headers.values()] == ["another-0123456789"]
    form.close()
