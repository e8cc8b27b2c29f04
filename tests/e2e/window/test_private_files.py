"""All that a window writes is its owner's alone, whatever the umask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.program import Program
from tests.e2e.test_private_files import names, open_to_others
from tests.e2e.window.atspi import wait
from tests.e2e.window.window import Desk

pytestmark = pytest.mark.slow


def test_what_a_window_writes(lab_desk: Desk, lab: Program) -> None:
    window = lab_desk.open(replace(lab, umask=0))
    window.type_into("Message", "Hello")
    window.find("push button", "Send").press()
    assert window.answer()
    window.type_into("Message", "A draft")
    lab_desk.keys.press("Control_L", "d")  # a pane beside it: a comparison, which the next start shows
    wait(lambda: "drafts.json" in {*names(lab.folder)}, "the draft")
    lab_desk.keys.press("Control_L", "q")
    window.ended()
    assert {"window.json", "window.lock", "drafts.json"} <= {*names(lab.folder)}
    assert open_to_others(lab.folder) == []
