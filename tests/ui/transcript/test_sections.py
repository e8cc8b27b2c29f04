"""Sections that models write as `<details>`: folded and unfolded, found in, copied, read and streamed."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.transcript_view import TranscriptView

ANSWER = """Before.

<details>
<summary>The <b>long</b> way</summary>

Hidden *words* first.

```python
print("hidden")
```

| a | b |
|---|---|
| 1 | 2 |
</details>

After.
"""
NESTED = """<details open>
<summary>Outer</summary>

Outer words.

<details>
<summary>Inner</summary>

Inner words.

</details>
</details>

After.
"""

_SIGNS = re.compile("[\ufdd0\ufdd1]+")
"""Around the cells of a table."""


def seen(view: TranscriptView) -> list[str]:
    """The texts of the last message that can be seen, from top to bottom."""
    found: list[str] = []
    for slab in view.rows[-1].slabs:
        if isinstance(slab, BodySlab):
            slab.height(listed(view).column[1])
            shown = (each for place, each in enumerate(slab.segments) if not slab.is_folded(place))
            found += filter(None, (_SIGNS.sub(" ", each.text).strip() for each in shown))
    return found


def press(view: TranscriptView, text: str) -> None:
    """Click the line of a section's summary."""
    messages = listed(view)
    left, width = messages.column
    for each in messages.placed:
        for place, segment in enumerate(each.slab.segments):
            if segment.text == text and not each.slab.is_folded(place):
                at = QPoint(left + 60, each.top + each.slab.segment_top(place, width) + 8)
                QTest.mouseClick(messages.viewport(), Qt.MouseButton.LeftButton, pos=at)
                return
    raise AssertionError(f"no {text} in view")


def test_a_section_is_folded_at_first_and_a_click_on_its_summary_unfolds_and_folds_it(show: Show) -> None:
    view = show([prompt("How?"), answer(ANSWER)])
    assert seen(view) == ["Before.", "The long way", "After."]
    press(view, "The long way")
    assert seen(view) == ["Before.", "The long way", "Hidden words first.", 'print("hidden")', "a b 1 2", "After."]
    press(view, "The long way")
    assert seen(view) == ["Before.", "The long way", "After."]


def test_what_follows_a_folded_section_is_as_high_up_as_if_nothing_were_in_it(show: Show) -> None:
    view = show([prompt("How?"), answer(ANSWER)])
    folded = view.rows[-1].slabs[1].height(600)
    press(view, "The long way")
    assert view.rows[-1].slabs[1].height(600) > folded + 100


def test_left_and_right_fold_and_unfold_the_sections_of_the_message_with_the_focus(show: Show) -> None:
    view = show([prompt("How?"), answer(NESTED)])
    messages = listed(view)
    messages.setFocus()
    messages.setCurrentIndex(messages.model().index(1, 0))
    assert seen(view) == ["Outer", "Outer words.", "Inner", "After."]
    QTest.keyClick(messages, Qt.Key.Key_Right)
    assert seen(view) == ["Outer", "Outer words.", "Inner", "Inner words.", "After."]
    QTest.keyClick(messages, Qt.Key.Key_Left)
    assert seen(view) == ["Outer", "After."]


def test_find_unfolds_the_sections_around_a_hit(show: Show) -> None:
    view = show([prompt("How?"), answer(NESTED)])
    view.mark(view.rows[-1].id, "Inner words")
    assert "Inner words." in seen(view)


def test_a_copy_as_markdown_holds_a_folded_section_as_it_was_written(show: Show) -> None:
    view = show([prompt("How?"), answer(ANSWER)])
    listed(view).copy_markdown(view.rows[-1])
    assert QGuiApplication.clipboard().text() == ANSWER


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<details>\n<summary>Unclosed</summary>\n\nWords.\n", ["Unclosed", "Words."]),
        ("<details>\nNo summary.\n</details>\nAfter.", ["Details", "After."]),
        ("Before.\n\n</details>\n\nAfter.", ["Before.", "After."]),
        ("- a\n\n  <details><summary>In a list</summary>\n\n  Words.\n\n  </details>", ["•\ta\nIn a list\nWords."]),
    ],
)
def test_a_section_that_is_not_as_it_should_be_is_readable(show: Show, text: str, shown: list[str]) -> None:
    assert seen(show([prompt("How?"), answer(text)])) == shown


def test_a_long_message_hides_all_of_a_section_whatever_was_laid_out_before(show: Show) -> None:
    words = "Hidden words, and many of them. " * 20
    text = f"<details>\n<summary>Long</summary>\n\n{f'{words}{chr(10)}{chr(10)}' * 20}</details>\n\nAfter."
    view = show([prompt("How?"), answer(text)])
    view.rows[-1].parts.unroll(10)
    assert seen(view) == ["Long", "After."]
    listed(view).fold_sections(view.rows[-1], on=False)
    assert len(seen(view)) == 22


def test_a_section_that_streams_is_folded_until_it_is_unfolded_and_grows_then(show: Show) -> None:
    view = show([])
    view.begin(prompt("How?"), "live", "scripted")
    view.text("Before.\n\n<details>\n<summary>Way</summary>\n\nHidden w")
    view._growing.draw_gathered()
    assert seen(view) == ["Before.", "Way"]
    press(view, "Way")
    view.text("ords.\n\nMore")
    view._growing.draw_gathered()
    assert seen(view) == ["Before.", "Way", "Hidden words.", "More"]
