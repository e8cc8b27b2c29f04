"""One option: each type has its control, what does not fit is said, the default is one press away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.settings.schema import IDLE_TIMEOUT, OPTIONS, PROXY, SYSTEM_PROMPT, THEME, AnyOption, Form, Option
from tests.ui.waiting import until
from ui.base.strings import tr
from ui.settings import option_row
from ui.settings.option_controls import FileControl, control_for
from ui.settings.option_row import Check, OptionRow
from ui.widgets.inputs import NumberBox, TickBox

YES = Option("a.yes", False, "Whether.", label="Yes")
WHOLE = Option("a.whole", 3, "How many.", label="Whole", minimum=0, maximum=9)
FILE = Option("a.file", "", "Which file.", label="File", form=Form.FILE)


class Row(OptionRow):
    """A row that remembers what it told."""

    def __init__(self, option: AnyOption, check: Check | None, locked: str) -> None:
        super().__init__(option, control_for(option), check=check, locked=locked)
        self.told: list[object] = []
        self.changed.connect(self.told.append)
        self.show_value(option.default)
        self.show()


Make = Callable[..., Row]


def nothing_of_socks(text: str) -> str:
    return "No." if "socks" in text else ""


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def make(option: AnyOption, *, check: Check | None = None, locked: str = "") -> Row:
        row = Row(option, check, locked)
        qtbot.addWidget(row)
        return row

    return make


@pytest.mark.parametrize("option", [*OPTIONS, YES, WHOLE, FILE], ids=lambda option: option.key)
def test_every_option_has_a_control_with_its_name_that_tells_nothing_by_itself(make: Make, option: AnyOption) -> None:
    row = make(option)
    assert row.control.field.accessibleName() == option.label
    assert row.control.field.accessibleDescription() == tr(option.description)
    row.control.flush()
    assert row.told == []
    assert not row.reset.isVisible()


def test_a_tick(make: Make) -> None:
    row = make(YES)
    assert isinstance(row.control.field, TickBox)
    QTest.keyClick(row.control.field, Qt.Key.Key_Space)
    assert row.told == [True]


def test_a_choice_tells_the_value_and_not_its_label(make: Make) -> None:
    row = make(THEME)
    box = row.control.field
    assert isinstance(box, QComboBox)
    assert box.currentText() == "System"
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert row.told == ["light"]


def test_numbers_have_the_options_type(make: Make) -> None:
    for option, value in ((IDLE_TIMEOUT, 5.0), (WHOLE, 5)):
        row = make(option)
        box = row.control.field
        assert isinstance(box, NumberBox)
        box.setValue(5)
        assert row.told == [value]
        assert type(row.told[0]) is type(value)


def test_a_number_out_of_bounds_is_said_at_the_field(make: Make) -> None:
    row = make(WHOLE)
    row.control.field.setFocus()
    box = row.control.field
    assert isinstance(box, NumberBox)
    box.selectAll()
    QTest.keyClicks(box, "12")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert "a whole number from 0 to 9" in row.problem
    assert "“12”" in row.problem
    assert row.told == []


def test_a_line_is_told_once_it_is_left(make: Make) -> None:
    row = make(PROXY)
    line = row.control.field
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, " http://proxy:3128 ")
    assert row.told == []
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert row.told == ["http://proxy:3128"]


def test_text_that_will_not_do_is_said_and_stays_to_be_mended(make: Make) -> None:
    row = make(PROXY, check=nothing_of_socks)
    line = row.control.field
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "socks://x")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert row.problem == "No. The change was not saved."
    assert (line.text(), row.told) == ("socks://x", [])
    line.setText("none")
    row.control.flush()
    assert (row.problem, row.told) == ("", ["none"])


async def test_prose_is_told_a_little_after_the_last_key(make: Make) -> None:
    row = make(SYSTEM_PROMPT)
    text = row.control.field
    assert isinstance(text, QPlainTextEdit)
    QTest.keyClicks(text, "Be short.")
    assert row.told == []
    await until(lambda: row.told == ["Be short."])


def test_a_chosen_file_is_told(make: Make) -> None:
    row = make(FILE)
    assert isinstance(row.control, FileControl)
    row.control.take("/some/file.pem")
    assert row.told == ["/some/file.pem"]


def test_the_default_is_one_press_away(make: Make) -> None:
    row = make(THEME)
    row.show_value("dark")
    assert row.reset.isVisible()
    assert "System" in row.reset.toolTip()
    row.reset.click()
    assert row.told == ["system"]
    assert not row.reset.isVisible()


def test_a_locked_option_says_by_whom_and_cannot_be_set(make: Make) -> None:
    row = make(THEME, locked="Set by the policy of this computer.")
    row.show_value("dark")
    assert row.note == "Set by the policy of this computer."
    assert not row.control.field.isEnabled()
    assert not row.reset.isVisible()


def test_what_counts_later_says_so_once_it_is_kept(make: Make) -> None:
    later, now = make(IDLE_TIMEOUT), make(THEME)
    for row in (later, now):
        row.saved()
    assert (later.note, now.note) == ("Saved. Takes effect the next time Paragone starts.", "")


def test_a_row_is_found_by_all_that_it_says(make: Make) -> None:
    row = make(THEME)
    assert row.holds([])
    assert row.holds(["dark", "colors"])
    assert not row.holds(["dark", "proxy"])


def test_what_is_wrong_is_told_to_a_screen_reader(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def hear(_field: QWidget, text: str) -> None:
        said.append(text)

    monkeypatch.setattr(option_row, "announce", hear)
    row = make(WHOLE)
    row.say_problem("Must be something else.")
    row.say_problem("")
    assert said == ["Must be something else."]
