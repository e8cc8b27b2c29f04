"""How the window ends, is killed, and is started twice."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.program import Program
from tests.e2e.test_interrupts import messages
from tests.e2e.window.atspi import ACTIVE, wait
from tests.e2e.window.window import Desk, Window

pytestmark = pytest.mark.slow


def streaming(desk: Desk) -> Window:
    """A window in which an answer streams."""
    window = desk.open()
    window.type_into("Message", "a long one")
    desk.keys.press("Return")
    window.said("word9")
    return window


@pytest.mark.parametrize("how", ["signal", "keys"])
def test_a_window_that_is_closed_while_an_answer_streams_ends_at_once_and_keeps_the_text(
    lab_desk: Desk, how: str
) -> None:
    window = streaming(lab_desk)
    if how == "signal":
        window.process.send_signal(signal.SIGTERM)
    else:
        lab_desk.keys.press("Control_L", "q")
        window.find("push button", "Stop and quit").press()
    assert window.ended() < 2
    _, answer = messages(lab_desk.program)
    assert answer["status"] == "interrupted"
    assert "word9" in str(answer["parts"])


def test_an_answer_whose_program_was_killed_is_shown_as_interrupted_at_the_next_start(lab_desk: Desk) -> None:
    window = streaming(lab_desk)
    shown = window.said("word80 ")  # what is shown is remembered a second after it came
    window.process.kill()
    window.process.communicate()

    window = lab_desk.open()
    kept = window.said("word40 ")
    assert len(kept) >= len(shown) - 40 * len("word80 ")  # half a second of forty words, and as much for a slow machine
    assert window.find("filler", "Figures").description == "interrupted"
    assert messages(lab_desk.program)[1]["status"] == "interrupted"


@pytest.mark.long
def test_a_second_start_brings_the_first_window_to_the_front(desk: Desk, elsewhere: Program) -> None:
    first = desk.open()
    other = desk.open(elsewhere)
    wait(lambda: other.frame.has(ACTIVE), "the other window in front")
    second = desk.start()
    assert second.communicate(timeout=200) == ("", "")
    assert second.returncode == 0
    wait(lambda: first.frame.has(ACTIVE), "the first window in front")
    wait(lambda: not other.frame.has(ACTIVE), "the other window behind")
