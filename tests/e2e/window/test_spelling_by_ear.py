"""A misspelled word is found, heard and corrected by the keyboard alone."""

from __future__ import annotations

import pytest

from tests.e2e.window.atspi import Reader, wait
from tests.e2e.window.window import Desk

pytestmark = pytest.mark.slow


def test_a_key_says_the_misspelled_word_and_its_corrections(desk: Desk, reader: Reader) -> None:
    window = desk.open()
    window.type_into("Message", "a defniton of it ")
    with reader.hearing() as hearing:
        window.keys.press("F7")
        wait(lambda: any("“defniton” is misspelled, " in each for each in hearing.said), "the word")
        wait(lambda: [each.name for each in hearing.focused[-1:]] == ["definition"], "the first correction")
        window.keys.press("Return")
    field = window.find("text", "Message")
    wait(lambda: field.text == "a definition of it ", "the correction")
    desk.keys.press("Control_L", "q")
    assert window.ended() < 5
